"""What several figures of the space share: marks of trials, and sentences and tables about them."""

import math
from typing import Any

import pandas as pd
from matplotlib.axes import Axes

from snaketune.base.modes import sign
from snaketune.base.words import join, number
from snaketune.comparing.findings import Comparison
from snaketune.comparing.trials import NULL, numbers
from snaketune.reporting.axes import Axis, ScoreAxis, scores_of
from snaketune.reporting.greys import INK
from snaketune.reporting.style import MANY, trial_labels
from snaketune.reporting.svg import hover
from snaketune.reporting.texts import shortened

_SMALLEST = 6.0  # area of a point in square points


def plot_trials(
    axes: Axes,
    x: Axis,
    y: Axis | ScoreAxis,
    trials: pd.DataFrame,
    comparison: Comparison,
    **look: Any,
) -> None:
    """Plot the trials that have a place on both axes; each shows its values under the pointer.

    With a colour map among the looks, the colours are the scores.
    """
    places = pd.DataFrame({"x": x.place(trials), "y": y.place(trials)}).dropna()
    placed = trials.loc[places.index]
    if "cmap" in look:
        look["c"] = scores_of(placed, comparison)
    points = axes.scatter(places["x"], places["y"], rasterized=len(places) > MANY, **look)
    names = [axis.name for axis in (x, y) if axis.name]
    if 0 < len(places) <= MANY:
        hover(points, trial_labels(placed, comparison, names))


def point_area(most: float, trials: pd.DataFrame) -> float:
    """The area of a point in square points: `most`, or less for more than a hundred trials."""
    return max(min(most, 100 * most / max(len(trials), 1)), _SMALLEST)


def plot_projection(axes: Axes, axis: Axis, trials: pd.DataFrame, vertical: bool) -> None:
    """Plot each distinct value of a hyperparameter as a tick at the edge of a design."""
    axes.set_axis_off()
    if axis.name is None:
        return
    places = axis.place(trials).dropna().unique()
    plot = axes.hlines if vertical else axes.vlines
    plot(places, 0, 1, color=INK, linewidth=1.2, rasterized=len(places) > MANY)


def design_counts(trials: pd.DataFrame, names: list[str]) -> str:
    """How many trials there are, and how many distinct values of each hyperparameter.

    >>> trials = pd.DataFrame({"trial_id": ["a", "b"], "lr": [0.1, 0.01], "hidden": [32, 32]})
    >>> design_counts(trials, ["lr", "hidden"])
    '2 trials, 2 values of lr, 1 of hidden'
    """
    parts = [f"{trials[name].nunique()} of {name}" for name in names]
    if parts:
        parts[0] = parts[0].replace(" of ", " values of ", 1)
    return ", ".join([f"{trials['trial_id'].nunique()} trials", *parts])


def best_tenth(table: pd.DataFrame, comparison: Comparison, names: list[str]) -> str:
    """Which values the hyperparameters `names` have in the best tenth of the trials: a sentence."""
    ranked = scores_of(table, comparison).dropna()
    ranked = ranked.sort_values(ascending=sign(comparison["mode"]) < 0, kind="stable")
    best = table.loc[ranked.index[: math.ceil(len(ranked) / 10)]]
    if best.empty:
        return "No trial has a score."
    ranges = join(f"{name} {_range(best[name], Axis(table, comparison, name))}" for name in names)
    if len(best) == 1:
        return f"The best of {len(ranked)} trials has {ranges}."
    return f"The best {len(best)} of {len(ranked)} trials have {ranges}."


def _range(values: pd.Series, axis: Axis) -> str:
    """The values of a category, or from which number to which."""
    if axis.scale == "category":
        distinct = [shortened(str(value)) for value in values.dropna().unique()]
        return join(distinct) if distinct else "–"
    known = numbers(values).dropna()
    parts = [NULL] if (values == NULL).any() else []
    if len(known):
        low, high = number(known.min()), number(known.max())
        parts.append(low if low == high else f"from {low} to {high}")
    return " or ".join(parts) or "–"


def drawn_columns(trials: pd.DataFrame, comparison: Comparison, names: list[str]) -> pd.DataFrame:
    """The columns of trials.csv that a figure of the hyperparameters `names` draws."""
    both = dict.fromkeys((comparison["metric"], comparison["test_metric"]))
    metrics = [name for name in both if name in trials.columns]
    return trials[["search", "repeat", "index", "trial_id", "status", *names, *metrics]]
