"""The look of all figures: palette, markers, panels, titles.

Colours are seaborn's colour-blind palette and cividis; searches also differ by marker and dash, so
that a black-and-white print tells them apart.
"""

import math
import textwrap
from typing import Any, TypedDict

import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from snaketune.base.modes import sign
from snaketune.base.words import shown
from snaketune.comparing.findings import Comparison
from snaketune.reporting.greys import FAINT, INK, PAPER
from snaketune.reporting.texts import plain, shortened

COLUMNS = 3  # panels side by side; more panels go to further rows
MANY = 1000  # so many points and more are drawn as pixels: as shapes they would be megabytes

Colour = tuple[float, float, float]

_MARKERS = "osD^vPX*"
_DASHES = [(), (4, 1.5), (1, 1), (3, 1, 1, 1), (5, 1, 1, 1, 1, 1), (2, 2), (6, 2), (1, 2)]


class Style(TypedDict):
    """How the marks of one search look: the arguments of `Axes.plot`."""

    color: Colour
    marker: str
    dashes: tuple[float, ...]


def set_theme() -> None:
    """Set the look of all figures that are drawn from here on."""
    greys = {
        **dict.fromkeys(("text.color", "axes.labelcolor", "axes.edgecolor"), INK),
        **dict.fromkeys(("xtick.color", "ytick.color"), INK),
        **dict.fromkeys(("figure.facecolor", "axes.facecolor"), PAPER),
        **dict.fromkeys(("grid.color", "legend.edgecolor"), FAINT),
    }
    sns.set_theme(context="paper", style="ticks", palette="colorblind", rc=greys)


def styles(comparison: Comparison) -> dict[str, Style]:
    """One style per search."""
    palette = sns.color_palette("colorblind", max(len(comparison["searches"]), 1))
    return {
        name: {
            "color": palette[i],
            "marker": _MARKERS[i % len(_MARKERS)],
            "dashes": _DASHES[i % len(_DASHES)],
        }
        for i, name in enumerate(comparison["searches"])
    }


def box_style(color: Colour, median: dict[str, Any]) -> dict[str, Any]:
    """The arguments of `Axes.boxplot` for boxes of this colour; `median` is the look of the line
    that marks the median."""
    return {
        "patch_artist": True,
        "manage_ticks": False,
        "boxprops": {"facecolor": (*color, 0.35), "edgecolor": color},
        "medianprops": median,
        "whiskerprops": {"color": color},
        "capprops": {"color": color},
        "flierprops": {"marker": ".", "markeredgecolor": color, "markersize": 4},
    }


def make_panels(
    number: int, comparison: Comparison, size: tuple[float, float], sharex: bool
) -> tuple[Figure, np.ndarray]:
    """A figure with `number` panels that share a score axis, at most `COLUMNS` in a row.

    `size` is that of one panel in inches. Returns the figure and an array (rows, columns) of axes,
    of which those beyond `number` are hidden.
    """
    columns = min(number, COLUMNS)
    rows = math.ceil(number / columns)
    figure, panels = plt.subplots(
        rows,
        columns,
        figsize=(max(size[0] * columns, 4.5), size[1] * rows + 0.3),
        sharex=sharex,
        sharey=True,
        squeeze=False,
        layout="constrained",
    )
    for panel in panels.flat[number:]:
        panel.set_visible(False)
    for row in panels:
        row[0].set_ylabel(plain(comparison["metric"]))
    return figure, panels


def wrapped(figure: Figure, text: str) -> str:
    """`text` in lines that fit the figure's width, at about 11 characters an inch."""
    return textwrap.fill(text, int(11 * figure.get_figwidth()))


def finish(figure: Figure, axes: Axes, title: str) -> None:
    """Give a figure its title, and below the panels a legend of what is labelled in `axes`."""
    figure.suptitle(wrapped(figure, title))
    handles, labels = axes.get_legend_handles_labels()
    labels = [plain(label) for label in labels]
    width = 6 + max(map(len, labels), default=0)  # characters, those of the mark included
    columns = max(min(int(11 * figure.get_figwidth() / width), len(labels)), 1)
    figure.legend(handles, labels, loc="outside lower center", ncols=columns, frameon=False)


def better(comparison: Comparison) -> str:
    """Which scores are better, in words."""
    return "higher is better" if sign(comparison["mode"]) > 0 else "lower is better"


def judged(comparison: Comparison) -> Comparison:
    """The comparison with the mode of the scores by which what was chosen is judged."""
    mode = comparison["test_mode"] if comparison["test_metric"] else comparison["mode"]
    return {**comparison, "mode": mode}


def better_on_both(comparison: Comparison) -> str:
    """Which scores of both metrics are better, in words."""
    validation, test = better(comparison), better(judged(comparison))
    if validation == test:
        return validation
    metrics = plain(comparison["metric"]), plain(comparison["test_metric"] or "")
    return f"{metrics[0]}: {validation}; {metrics[1]}: {test}"


def trial_labels(trials: pd.DataFrame, comparison: Comparison, names: list[str]) -> list[str]:
    """A line about each trial: its search, the values of the hyperparameters `names`, its scores.

    Values that are missing are left out.
    """
    columns = [*names, comparison["metric"], comparison["test_metric"]]
    columns = [name for name in dict.fromkeys(columns) if name in trials.columns]
    return [
        ", ".join(
            [
                row["search"],
                *(f"{n} {shortened(shown(row[n]))}" for n in columns if row[n] == row[n]),
            ]
        )
        for row in trials[["search", *columns]].to_dict("records")
    ]
