"""."""

import math

import numpy as np
import pandas as pd
from matplotlib.colors import LogNorm, Normalize
from matplotlib.ticker import FixedLocator, NullFormatter, NullLocator

from snaketune.comparing.cube import categorical


class Axis:
    """Where the values of one hyperparameter lie on an axis; None is an axis without one."""

    def __init__(self, table: pd.DataFrame, comparison: dict, name: str | None):
        self.name = name
        scales = {name: comparison["hyperparameters"][name]} if name else {}
        self.scale = scales.get(name, "linear")
        if categorical(table, scales):
            self.scale = "category"
            self.values = list(dict.fromkeys(table[name].dropna().astype(str)))
            return
        self.values = sorted(table[name].dropna().unique()) if name else []
        if self.scale == "log" and self.values and self.values[0] <= 0:
            # "No weight decay, or log-uniform": nought has its place left of the log axis.
            above = any(value > 0 for value in self.values)
            self.scale = "symlog" if self.values[0] == 0 and above else "linear"

    def place(self, trials: pd.DataFrame) -> pd.Series:
        """The positions of the trials' values, NaN where a trial has none."""
        if self.name is None:
            return pd.Series(0.0, index=trials.index)
        if self.scale == "category":
            codes = {value: i for i, value in enumerate(self.values)}
            return trials[self.name].astype("object").map(lambda v: codes.get(str(v), math.nan))
        return trials[self.name].astype(float)

    def marks(self, most: int = 60) -> tuple[list, list]:
        """Places along the axis, from end to end, and the values that they stand for."""
        if self.scale == "category":
            return list(range(len(self.values))), self.values
        if self.scale == "linear":
            places = list(np.linspace(self.values[0], self.values[-1], most))
        else:
            above = [value for value in self.values if value > 0]
            nought = [0.0] if self.scale == "symlog" else []
            places = nought + list(np.geomspace(above[0], above[-1], most))
        return places, places

    def dress(self, axis):
        """Give a matplotlib axis this scale, these ticks and this name."""
        if self.name is None:
            axis.set_visible(False)
            return
        if self.scale == "log":
            axis.axes.set(**{f"{axis.axis_name}scale": "log"})
        if self.scale == "symlog":
            least = next(value for value in self.values if value > 0)
            set_scale = getattr(axis.axes, f"set_{axis.axis_name}scale")
            set_scale("symlog", linthresh=least, linscale=0.5)
            limits = (-0.3 * least, 1.5 * self.values[-1])
            axis.axes.set(**{f"{axis.axis_name}lim": limits})
        elif self.scale != "category" and len(self.values) > 1:
            # From the values, not the points: a failed trial has a place but no point.
            limits = _padded(self.values, self.scale)
            axis.axes.set(**{f"{axis.axis_name}lim": limits})
        if self.scale == "category":
            axis.set_ticks(range(len(self.values)), self.values)
        elif len(self.values) <= 8 and all(float(v).is_integer() for v in self.values):
            axis.set_major_locator(FixedLocator(self.values))
            axis.set_minor_locator(NullLocator())
            axis.set_major_formatter(lambda value, _: f"{value:g}")
        axis.set_minor_formatter(NullFormatter())
        axis.axes.set(**{f"{axis.axis_name}label": self.name})


def _padded(values, scale: str) -> tuple[float, float]:
    """The range of the values with 6 % more on either side, on a linear or log scale."""
    there, back = (math.log10, lambda v: 10**v) if scale == "log" else (float, float)
    low, high = there(values[0]), there(values[-1])
    margin = 0.06 * (high - low)
    return back(low - margin), back(high + margin)


def scores_of(trials: pd.DataFrame, comparison: dict) -> pd.Series:
    """The validation scores, NaN for trials that have none."""
    if comparison["metric"] not in trials.columns:
        return pd.Series(math.nan, index=trials.index)
    return trials[comparison["metric"]].where(trials["status"] == "complete")


def worst_shown(scores: pd.Series, comparison: dict) -> float:
    """Where an axis of scores is cut: a few trials that failed to learn must not flatten the rest.

    It reaches three times as far as from the best to the median, or to the worst. A log axis
    needs no cut.
    """
    sign = 1 if comparison["mode"] == "max" else -1
    ordered = (sign * scores).dropna()
    if score_scale(scores) == "log":
        return sign * ordered.min()
    best, middle = ordered.max(), ordered.median()
    return sign * (max(ordered.min(), 3 * middle - 2 * best) if middle < best else ordered.min())


def score_scale(scores: pd.Series) -> str:
    """Log for positive scores that span more than a factor of 20, as losses do, else linear."""
    low, high = scores.min(), scores.max()
    return "log" if low > 0 and high > 20 * low else "linear"


def score_norm(table: pd.DataFrame, comparison: dict) -> Normalize:
    """Colours for scores, cut like the axes; `extend` says on which side."""
    scores = scores_of(table, comparison).dropna()
    if scores.empty:
        norm = Normalize(0, 1)
        norm.extend = "neither"
        return norm
    larger = comparison["mode"] == "max"
    worst = worst_shown(scores, comparison)
    norm_of = LogNorm if score_scale(scores) == "log" else Normalize
    norm = norm_of(worst, scores.max()) if larger else norm_of(scores.min(), worst)
    cut = (scores < worst).any() if larger else (scores > worst).any()
    norm.extend = ("min" if larger else "max") if cut else "neither"
    return norm


def limit_scores(axes, scores: pd.Series, comparison: dict) -> int:
    """Cut a score axis at `worst_shown`; returns how many of the scores lie outside."""
    scores = scores.dropna()
    if scores.empty or scores.min() == scores.max():
        return 0
    worst = worst_shown(scores, comparison)
    larger = comparison["mode"] == "max"
    scale = score_scale(scores)
    axes.set_yscale(scale)
    axes.set_ylim(*_padded(sorted((worst, scores.max() if larger else scores.min())), scale))
    return int((scores < worst).sum() if larger else (scores > worst).sum())
