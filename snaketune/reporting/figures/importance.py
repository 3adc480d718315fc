"""."""

import itertools
from statistics import median

import matplotlib
import pandas as pd
import seaborn as sns
from matplotlib import pyplot as plt

from snaketune.base.words import join, number
from snaketune.comparing.importance import MINIMUM
from snaketune.comparing.surface import surface
from snaketune.comparing.trials import leading
from snaketune.reporting.axes import Axis, score_norm, scores_of
from snaketune.reporting.figures.marks import (
    draw_trials,
    drawn_columns,
)
from snaketune.reporting.figures.space import best_tenth
from snaketune.reporting.style import (
    better,
    colour_map,
    finish,
    styles,
)
from snaketune.reporting.svg import Drawing, nothing

_TOO_FEW = f"Importance takes {MINIMUM} complete random trials, two hyperparameters that vary."


def importance(table: pd.DataFrame, comparison: dict) -> Drawing:
    """How much each hyperparameter matters, by three measures, with their spread over refits."""
    found = comparison["importance"]
    if found is None:
        return nothing(_TOO_FEW)
    measures = {
        "fanova": "fANOVA: share of variance",
        "ped_anova": "PED-ANOVA: share",
        "relevance": "Gaussian process: 1 / length scale",
    }
    order = sorted(found["fanova"], key=lambda name: median(found["fanova"][name]))
    figure, panels = plt.subplots(
        1, 3, figsize=(9.6, 0.42 * len(order) + 1.5), sharey=True, layout="constrained"
    )
    rows, parts = [], []
    for panel, (measure, label), color in zip(
        panels, measures.items(), sns.color_palette("colorblind"), strict=False
    ):
        panel.boxplot(
            [found[measure][name] for name in order],
            positions=range(len(order)),
            orientation="horizontal",
            manage_ticks=False,
            patch_artist=True,
            widths=0.6,
            boxprops={"facecolor": (*color, 0.35), "edgecolor": color},
            medianprops={"color": color, "linewidth": 2.5},
            whiskerprops={"color": color},
            capprops={"color": color},
            flierprops={"marker": ".", "markeredgecolor": color, "markersize": 4},
        )
        panel.set_xlabel(label)
        panel.set_xlim(left=0)
        panel.set_yticks(range(len(order)), order)
        panel.grid(axis="x")
        rows += [
            (measure, name, refit, v)
            for name in reversed(order)
            for refit, v in enumerate(found[measure][name])
        ]
        most = max(order, key=lambda name: median(found[measure][name]))
        parts.append(
            f"{most} by {label.partition(':')[0]} ({number(median(found[measure][most]))})"
        )
    data = pd.DataFrame(rows, columns=["measure", "hyperparameter", "refit", "value"])
    return Drawing(figure, data, f"The hyperparameter that matters most is {join(parts)}.")


def response(table: pd.DataFrame, comparison: dict) -> Drawing:
    """The score over the two hyperparameters that matter most, with the cells of the other designs.

    Learned from the random trials by a Gaussian process; what the others do is noise to it.
    """
    if comparison["importance"] is None:
        return nothing(_TOO_FEW)
    search = comparison["importance"]["search"]
    x, y = leading(table, comparison)[:2]
    axes_x, axes_y = Axis(table, comparison, x), Axis(table, comparison, y)
    norm = score_norm(table, comparison)
    random = table[(table["search"] == search) & (table["status"] == "complete")]
    places_x, values_x = axes_x.marks()
    places_y, values_y = axes_y.marks()
    at = pd.DataFrame(itertools.product(values_y, values_x), columns=[y, x])
    scales = {axis.name: axis.scale.removeprefix("sym") for axis in (axes_x, axes_y)}
    expected = surface(random, scores_of(random, comparison), at, scales)
    expected = expected.reshape(len(places_y), len(places_x))
    figure, axes = plt.subplots(figsize=(6.2, 4.4), layout="constrained")
    colours = {"norm": norm, "cmap": colour_map(comparison)}
    axes.pcolormesh(places_x, places_y, expected, **colours, shading="nearest", rasterized=True)
    for name, style in styles(comparison).items():
        trials = table[(table["search"] == name) & (table["status"] == "complete")]
        look = {"marker": style["marker"], "edgecolor": "white", "label": name, **colours}
        look |= {"s": 18, "linewidth": 0.6} if name == search else {"s": 80, "linewidth": 1.5}
        draw_trials(axes, axes_x, axes_y, trials, comparison, **look)
    axes_x.dress(axes.xaxis)
    axes_y.dress(axes.yaxis)
    figure.colorbar(
        matplotlib.cm.ScalarMappable(**colours),
        ax=axes,
        label=f"{comparison['metric']} ({better(comparison)})",
        extend=norm.extend,
    )
    finish(figure, axes, f"{comparison['metric']} over {x} and {y}, as {search} tells it")
    shows = f"A map of the score over {x} and {y}. {best_tenth(random, comparison, [x, y])}"
    return Drawing(figure, drawn_columns(table, comparison, [x, y]), shows)
