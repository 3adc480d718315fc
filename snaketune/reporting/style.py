"""What the figures have in common: their look, axes for hyperparameters and scores, their files.

Colours are seaborn's colour-blind palette and cividis; searches also differ by marker and dash, so
that a black-and-white print tells them apart. The greys are those of no other thing, so that a
page can exchange them for its own.
"""

import math
import textwrap

import pandas as pd
import seaborn as sns
from matplotlib import pyplot as plt
from matplotlib.figure import Figure

from snaketune.base.words import shown

INK, GREY, FAINT, PAPER = "#252627", "#7f8081", "#e6e7e8", "#fdfdfe"
COLUMNS = 3  # panels side by side; more searches go to further rows
MANY = 1000  # so many points and more are drawn as pixels: as shapes they would be megabytes

_MARKERS = "osD^vPX*"
_DASHES = [(), (4, 1.5), (1, 1), (3, 1, 1, 1), (5, 1, 1, 1, 1, 1), (2, 2), (6, 2), (1, 2)]


def set_theme():
    """The look of all figures."""
    greys = {
        **dict.fromkeys(("text.color", "axes.labelcolor", "axes.edgecolor"), INK),
        **dict.fromkeys(("xtick.color", "ytick.color"), INK),
        **dict.fromkeys(("figure.facecolor", "axes.facecolor"), PAPER),
        **dict.fromkeys(("grid.color", "legend.edgecolor"), FAINT),
    }
    sns.set_theme(context="paper", style="ticks", palette="colorblind", rc=greys)


def told(trials: pd.DataFrame, comparison: dict, names: list[str]) -> list[str]:
    """A line about each trial: its search, the values of these hyperparameters, its scores."""
    columns = [*names, comparison["metric"], comparison["test_metric"]]
    columns = [name for name in columns if name in trials.columns]
    rows = trials[["search", *columns]].to_dict("records")
    return [
        ", ".join(
            [
                row["search"],
                *(f"{name} {shown(row[name])}" for name in columns if row[name] == row[name]),
            ]
        )
        for row in rows
    ]


def make_panels(number: int, comparison: dict, most: int, size: tuple[float, float], sharex: bool):
    """A figure with `number` panels that share a score axis, at most `most` in a row.

    `size` is that of one panel in inches. Returns the figure and an array of rows of axes, of
    which those that are not needed are hidden.
    """
    columns = min(number, most)
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
        row[0].set_ylabel(comparison["metric"])
    return figure, panels


def wrapped(figure: Figure, text: str) -> str:
    """`text` in lines that the figure's width has room for, at about 11 letters an inch."""
    return textwrap.fill(text, int(11 * figure.get_figwidth()))


def finish(figure: Figure, axes, title: str):
    """Give a figure its title, and a legend of the searches outside the panels."""
    figure.suptitle(wrapped(figure, title))
    handles, labels = axes.get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=len(labels), frameon=False)


def styles(comparison: dict) -> dict[str, dict]:
    """One look per search: colour, marker, dashes."""
    palette = sns.color_palette("colorblind", max(len(comparison["searches"]), 1))
    return {
        name: {
            "color": palette[i],
            "marker": _MARKERS[i % len(_MARKERS)],
            "dashes": _DASHES[i % len(_DASHES)],
        }
        for i, name in enumerate(comparison["searches"])
    }


def better(comparison: dict) -> str:
    return "higher is better" if comparison["mode"] == "max" else "lower is better"


def colour_map(comparison: dict) -> str:
    """The colour map of scores: bright is better."""
    return "cividis" if comparison["mode"] == "max" else "cividis_r"
