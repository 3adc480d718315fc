"""."""

import pandas as pd

from snaketune.reporting.axes import Axis, scores_of
from snaketune.reporting.style import INK, MANY, told
from snaketune.reporting.svg import hover


class ScoreAxis:
    """An axis of scores, like `Axis`; what is worse than `worst` lies there."""

    def __init__(self, worst: float, comparison: dict):
        self.worst, self.comparison = worst, comparison

    def place(self, trials: pd.DataFrame) -> pd.Series:
        scores = scores_of(trials, self.comparison)
        larger = self.comparison["mode"] == "max"
        return scores.clip(lower=self.worst) if larger else scores.clip(upper=self.worst)


def draw_trials(axes, x, y, trials: pd.DataFrame, comparison: dict, **look):
    """Draw the trials that have a place on both axes, each telling its values.

    With a colour map among the looks, the colours are the scores.
    """
    places = pd.DataFrame({"x": x.place(trials), "y": y.place(trials)}).dropna()
    shown = trials.loc[places.index]
    if "cmap" in look:
        look["c"] = scores_of(shown, comparison)
    drawn = axes.scatter(places["x"], places["y"], rasterized=len(places) > MANY, **look)
    names = [axis.name for axis in (x, y) if isinstance(axis, Axis) and axis.name]
    if len(places):
        hover(drawn, told(shown, comparison, names))


def point_area(most: float, trials: pd.DataFrame) -> float:
    """The area of a point in square points: smaller where there are more than a hundred."""
    return max(min(most, 100 * most / max(len(trials), 1)), 6)


def draw_projection(axes, axis: Axis, trials: pd.DataFrame, vertical: bool):
    """Draw each distinct value of a hyperparameter as a tick at the edge of the design."""
    axes.set_axis_off()
    if axis.name is None:
        return
    places = axis.place(trials).dropna().unique()
    draw = axes.hlines if vertical else axes.vlines
    draw(places, 0, 1, color=INK, linewidth=1.2, rasterized=len(places) > MANY)


def design_counts(trials: pd.DataFrame, names: list[str]) -> str:
    """``9 trials, 3 values of lr, 3 of hidden``."""
    parts = [f"{trials[name].nunique()} of {name}" for name in names]
    if parts:
        parts[0] = parts[0].replace(" of ", " values of ", 1)
    return ", ".join([f"{trials['trial_id'].nunique()} trials", *parts])


def drawn_columns(trials: pd.DataFrame, comparison: dict, names: list[str]) -> pd.DataFrame:
    """The columns of trials.csv that a figure of these hyperparameters draws."""
    metrics = [n for n in (comparison["metric"], comparison["test_metric"]) if n in trials.columns]
    return trials[["search", "repeat", "index", "trial_id", "status", *names, *metrics]]
