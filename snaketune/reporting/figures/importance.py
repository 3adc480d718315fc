"""Figures of which hyperparameters matter, learned from the random trials."""

import itertools
from collections.abc import Iterator, Mapping
from statistics import median

import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib import pyplot as plt
from matplotlib.axes import Axes

from snaketune.base.words import join, number
from snaketune.comparing.answer import no_importance_sentence
from snaketune.comparing.findings import Comparison, Importance
from snaketune.comparing.surface import surface
from snaketune.comparing.trials import leading
from snaketune.records.summary import Scale
from snaketune.reporting.axes import Axis, scores_of
from snaketune.reporting.colours import ScoreColours, score_colours
from snaketune.reporting.figures.marks import best_tenth, drawn_columns, plot_trials
from snaketune.reporting.style import Colour, box_style, finish, styles
from snaketune.reporting.svg import Drawing, nothing
from snaketune.reporting.texts import plain

_MEASURES = {
    "fanova": "fANOVA: share of variance",
    "ped_anova": "PED-ANOVA: share",
    "relevance": "Gaussian process: 1 / length scale",
}


def draw_importance(table: pd.DataFrame, comparison: Comparison) -> Drawing:
    """How much each hyperparameter matters, by three measures, with their spread over refits."""
    found = comparison["importance"]
    if found is None:
        return _without_importance(comparison)
    order = sorted(found["fanova"], key=lambda name: median(found["fanova"][name]))
    figure, panels = plt.subplots(
        1, 3, figsize=(9.6, 0.42 * len(order) + 1.5), sharey=True, layout="constrained"
    )
    palette = sns.color_palette("colorblind", len(_MEASURES))
    for panel, (measure, values), color in zip(
        panels, _measures(found).items(), palette, strict=True
    ):
        _plot_measure(panel, [values[name] for name in order], color)
        panel.set_xlabel(_MEASURES[measure])
        panel.set_xlim(left=0)
        panel.set_yticks(range(len(order)), [plain(name) for name in order])
        panel.grid(axis="x")
    rows = [
        (measure, name, refit, value)
        for measure, values in _measures(found).items()
        for name in reversed(order)
        for refit, value in enumerate(values[name])
    ]
    data = pd.DataFrame(rows, columns=["measure", "hyperparameter", "refit", "value"])
    first = join(_first(found, order))
    return Drawing(figure, data, f"The hyperparameter that matters most is {first}.")


def _without_importance(comparison: Comparison) -> Drawing:
    """A drawing that says why nothing is known of importance."""
    return nothing(no_importance_sentence(comparison["no_importance"] or "too few"))


def _measures(found: Importance) -> dict[str, dict[str, list[float]]]:
    """The values of each measure: for each hyperparameter one per refit."""
    return {
        "fanova": found["fanova"],
        "ped_anova": found["ped_anova"],
        "relevance": found["relevance"],
    }


def _plot_measure(panel: Axes, values: list[list[float]], color: Colour) -> None:
    """Plot a horizontal box for each hyperparameter, from the bottom to the top."""
    panel.boxplot(
        values,
        positions=range(len(values)),
        orientation="horizontal",
        widths=0.6,
        **box_style(color, median={"color": color, "linewidth": 2.5}),
    )


def _first(found: Importance, order: list[str]) -> Iterator[str]:
    """The hyperparameter that matters most by each measure, with its median value."""
    for measure, values in _measures(found).items():
        most = max(order, key=lambda name: median(values[name]))
        yield f"{most} by {_MEASURES[measure].partition(':')[0]} ({number(median(values[most]))})"


def draw_response(table: pd.DataFrame, comparison: Comparison) -> Drawing:
    """The score over the two hyperparameters that matter most, with the trials of all searches.

    A Gaussian process learns it from the random trials; what other hyperparameters do is noise to
    it.
    """
    if comparison["importance"] is None:
        return _without_importance(comparison)
    search = comparison["importance"]["search"]
    x, y = leading(table, comparison)[:2]
    across, up = Axis(table, comparison, x), Axis(table, comparison, y)
    random = table[(table["search"] == search) & (table["status"] == "complete")]
    if random[[x, y]].isna().any(axis=1).all():
        return nothing(f"Nothing to draw: no trial of {search} has both {x} and {y}.")
    expected = _expected(random, comparison, {x: across, y: up})
    figure, axes = plt.subplots(figsize=(6.2, 4.4), layout="constrained")
    colours = score_colours(table, comparison)
    look = {"shading": "nearest", "rasterized": True, **colours.look}
    axes.pcolormesh(across.marks()[0], up.marks()[0], expected, **look)
    _plot_searches(axes, across, up, table, comparison, colours)
    across.dress(axes.xaxis)
    up.dress(axes.yaxis)
    colours.add_bar(figure, ax=axes)
    metric = plain(comparison["metric"])
    finish(figure, axes, f"{metric} over {plain(x)} and {plain(y)}, learned from {plain(search)}")
    shows = f"A map of the score over {x} and {y}. {best_tenth(random, comparison, [x, y])}"
    return Drawing(figure, drawn_columns(table, comparison, [x, y]), shows)


def _expected(random: pd.DataFrame, comparison: Comparison, axes: Mapping[str, Axis]) -> np.ndarray:
    """The expected score at the marks of two axes: an array (marks of the second, of the first)."""
    across, up = (axis.marks()[1] for axis in axes.values())
    at = pd.DataFrame(itertools.product(up, across), columns=list(axes)[::-1])
    scales: dict[str, Scale] = {
        name: "log" if axis.scale == "symlog" else axis.scale for name, axis in axes.items()
    }
    expected = surface(random, scores_of(random, comparison), at, scales)
    return expected.reshape(len(up), len(across))


def _plot_searches(
    axes: Axes,
    x: Axis,
    y: Axis,
    table: pd.DataFrame,
    comparison: Comparison,
    colours: ScoreColours,
) -> None:
    """Plot the complete trials: small where the map was learned from them, large elsewhere."""
    found = comparison["importance"]
    for name, style in styles(comparison).items():
        trials = table[(table["search"] == name) & (table["status"] == "complete")]
        learned = found is not None and name == found["search"]
        size = {"s": 18, "linewidth": 0.6} if learned else {"s": 80, "linewidth": 1.5}
        look = {"marker": style["marker"], "edgecolor": "white", "label": name}
        plot_trials(axes, x, y, trials, comparison, **look, **size, **colours.look)
