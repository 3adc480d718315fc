"""Axes of hyperparameters and of scores: where values lie, on which scale, from where to where."""

import math
from collections.abc import Sequence
from typing import Any, Literal

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.axis import XAxis, YAxis
from matplotlib.ticker import FixedLocator, NullFormatter, NullLocator

from snaketune.base.modes import sign
from snaketune.base.words import shown
from snaketune.comparing.cube import categorical
from snaketune.comparing.findings import Comparison
from snaketune.comparing.trials import NULL, numbers
from snaketune.records.summary import Scale
from snaketune.reporting.texts import plain, tick

Ruler = XAxis | YAxis  # of matplotlib

ABSENT = "none"  # the label of a place for trials that lack a hyperparameter

_FEW = 8  # so many whole numbers at most are all ticks of their axis


class Axis:
    """Where the values of one hyperparameter lie; an axis without a `name` has a single place.

    `scale` is "linear", "log", "category", or "symlog": a log axis with a place for zero at its
    left end, as "no weight decay, or log-uniform" needs it. `values` are the distinct values, in
    order; those of a category as text, in order of first appearance. A null among numbers is not
    one of them: it has a place of its own, `null`, to the left of all.
    """

    def __init__(self, table: pd.DataFrame, comparison: Comparison, name: str | None):
        self.name = name
        self.scale: Scale | Literal["symlog"] = "linear"
        self.values: list[Any] = []
        self.null: float | None = None
        if name is None:
            return
        self.scale = comparison["hyperparameters"][name]
        if categorical(table, {name: self.scale}):
            self.scale = "category"
            self.values = list(dict.fromkeys(table[name].dropna().astype(str)))
            return
        self.values = sorted(v for v in table[name].dropna().unique().tolist() if v != NULL)
        if self.scale == "log" and not (self.values and self.values[0] > 0):
            from_zero = self.values[:1] == [0] and self._positive
            self.scale = "symlog" if from_zero else "linear"
        if (table[name] == NULL).any():
            self.null = self._left_of_all()

    @property
    def _positive(self) -> list[float]:
        return [value for value in self.values if value > 0]

    def _left_of_all(self) -> float:
        if self.scale == "symlog":
            return -self._positive[0]
        low, high = _padded(self.values, self.scale, 0.12)
        if low < high:
            return low
        return low / 2 if self.scale == "log" else low - (abs(low) or 1)

    @property
    def places(self) -> list[float]:
        """The places of the distinct values, from left to right."""
        known = range(len(self.values)) if self.scale == "category" else self.values
        return [*([] if self.null is None else [self.null]), *map(float, known)]

    @property
    def labels(self) -> list[str]:
        """The distinct values as text, for each of the `places`."""
        return [*([] if self.null is None else [NULL]), *map(shown, self.values)]

    @property
    def texts(self) -> list[str]:
        """The distinct values in full, for each of the `places`."""
        return [*([] if self.null is None else [NULL]), *map(str, self.values)]

    def place(self, trials: pd.DataFrame) -> pd.Series:
        """The positions of the trials' values, NaN where a trial has none."""
        if self.name is None:
            return pd.Series(0.0, index=trials.index)
        values = trials[self.name]
        if self.scale == "category":
            codes = {value: float(i) for i, value in enumerate(self.values)}
            return values.astype("object").map(lambda v: codes.get(str(v), math.nan)).astype(float)
        places = numbers(values)
        return places if self.null is None else places.mask(values == NULL, self.null)

    def marks(self, most: int = 60) -> tuple[list[float], list[Any]]:
        """Positions along the axis, from end to end, and the values that lie there.

        One for each category, else `most` that are evenly spaced on the axis, and null.
        """
        if self.scale == "category":
            return self.places, self.values
        ends = (self._positive or self.values)[0], self.values[-1]
        if ends[0] == ends[1]:
            spread = [ends[0]]
        else:
            spread = list((np.linspace if self.scale == "linear" else np.geomspace)(*ends, most))
        zero = [0.0] if self.scale == "symlog" else []
        null = [] if self.null is None else [self.null]
        return null + zero + spread, [NULL] * len(null) + zero + spread

    def dress(self, ruler: Ruler) -> None:
        """Give an axis of matplotlib this scale, these ticks and this name."""
        if self.name is None:
            ruler.set_visible(False)
            return
        self._set_scale(ruler)
        self._set_ticks(ruler)
        _set(ruler, "label", plain(self.name))

    def _set_scale(self, ruler: Ruler) -> None:
        """Set scale and limits: by the values, since a failed trial has a value but no point."""
        if self.scale == "log":
            _set(ruler, "scale", "log")
        if self.scale == "symlog":
            least = self._positive[0]
            set_scale = getattr(ruler.axes, f"set_{ruler.axis_name}scale")
            set_scale("symlog", linthresh=least, linscale=0.5)
            left = -0.3 * least if self.null is None else 1.3 * self.null
            _set(ruler, "lim", (left, 1.5 * self.values[-1]))
        elif self.scale != "category" and len(self.places) > 1:
            _set(ruler, "lim", _padded(self.places, self.scale))

    def _set_ticks(self, ruler: Ruler) -> None:
        if self.scale == "category":
            ruler.set_ticks(self.places, [tick(label) for label in self.labels])
        elif len(self.values) <= _FEW and all(float(v).is_integer() for v in self.values):
            ruler.set_major_locator(FixedLocator(self.values))
            ruler.set_minor_locator(NullLocator())
            ruler.set_major_formatter(lambda value, _: f"{value:g}")
        if self.null is not None:
            self._add_null(ruler)
        ruler.set_minor_formatter(NullFormatter())

    def _add_null(self, ruler: Ruler) -> None:
        """Keep the ticks as they are now, without those to the left of the numbers; add null."""
        low, high = self.values[0], max(ruler.get_view_interval())
        ticks = [tick for tick in ruler.get_majorticklocs() if low <= tick <= high]
        texts = ruler.get_major_formatter().format_ticks(ticks)
        ruler.set_minor_locator(NullLocator())
        ruler.set_ticks([self.null, *ticks], [NULL, *texts])


def _set(ruler: Ruler, what: str, value: Any) -> None:
    """Set a property of the axes that has the name of the axis in it: ``xlim``, ``ylabel``."""
    ruler.axes.set(**{f"{ruler.axis_name}{what}": value})


def _padded(values: Sequence[float], scale: str, share: float = 0.06) -> tuple[float, float]:
    """The range of the sorted values with a share of it more at both ends, linear or log."""
    if scale == "log":
        low, high = _padded([math.log10(values[0]), math.log10(values[-1])], "linear", share)
        return 10**low, 10**high
    low, high = float(values[0]), float(values[-1])
    margin = share * (high - low)
    return low - margin, high + margin


class ScoreAxis:
    """Where validation scores lie; what is worse than `worst` is placed there."""

    name = None

    def __init__(self, worst: float, comparison: Comparison):
        self.worst, self.comparison = worst, comparison

    def place(self, trials: pd.DataFrame) -> pd.Series:
        """The positions of the trials' scores, NaN where a trial has none."""
        scores = scores_of(trials, self.comparison)
        if sign(self.comparison["mode"]) > 0:
            return scores.clip(lower=self.worst)
        return scores.clip(upper=self.worst)


def scores_of(trials: pd.DataFrame, comparison: Comparison) -> pd.Series:
    """The validation scores, NaN for trials that have none."""
    if comparison["metric"] not in trials.columns:
        return pd.Series(math.nan, index=trials.index)
    return trials[comparison["metric"]].where(trials["status"] == "complete")


def score_scale(scores: pd.Series) -> Literal["linear", "log"]:
    """Log for positive scores that span more than a factor of 20, as losses do, else linear.

    >>> score_scale(pd.Series([0.5, 0.9])), score_scale(pd.Series([0.01, 2.3]))
    ('linear', 'log')
    """
    low, high = scores.min(), scores.max()
    return "log" if low > 0 and high > 20 * low else "linear"


def worst_shown(scores: pd.Series, comparison: Comparison) -> float:
    """Where an axis of scores is cut, so that a few very bad trials do not flatten the rest.

    It reaches three times as far as from the best to the median, or to the worst. A log axis
    is not cut. NaN without scores.
    """
    direction = sign(comparison["mode"])
    ordered = (direction * scores).dropna()
    best, middle, worst = ordered.max(), ordered.median(), ordered.min()
    if score_scale(scores) == "linear" and middle < best:
        worst = max(worst, 3 * middle - 2 * best)
    return float(direction * worst)


def beyond(scores: pd.Series, worst: float, comparison: Comparison) -> pd.Series:
    """Which of the scores are worse than `worst`."""
    return scores < worst if sign(comparison["mode"]) > 0 else scores > worst


def limit_scores(axes: Axes, scores: pd.Series, comparison: Comparison) -> int:
    """Cut the score axis of `axes` at `worst_shown`; returns how many of the scores lie outside."""
    scores = scores.dropna()
    if scores.empty or scores.min() == scores.max():
        return 0
    worst = worst_shown(scores, comparison)
    best = scores.max() if sign(comparison["mode"]) > 0 else scores.min()
    scale = score_scale(scores)
    axes.set_yscale(scale)
    axes.set_ylim(*_padded(sorted((worst, best)), scale))
    return int(beyond(scores, worst, comparison).sum())
