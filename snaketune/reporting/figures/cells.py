"""The cells of a grid, as a map of two hyperparameters has them."""

import math

import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes

from snaketune.base.modes import sign
from snaketune.comparing.findings import Comparison
from snaketune.reporting.axes import ABSENT, Axis, Ruler, scores_of
from snaketune.reporting.colours import ScoreColours
from snaketune.reporting.greys import PAPER
from snaketune.reporting.style import MANY
from snaketune.reporting.texts import plain, tick

_MAX_LABELLED = 100  # cells of a map that have their score written on them
_MAX_TICKS = 40  # rows or columns of a map that are named
_LONGEST = 30.0  # inches of all rows or columns of a map


class Levels:
    """The values of a hyperparameter that a map has a row or a column for.

    The last of them stands for the trials that lack it, where there are any. `texts` has the values
    in full, `labels` as people read them.
    """

    def __init__(self, trials: pd.DataFrame, comparison: Comparison, name: str):
        axis = Axis(trials, comparison, name)
        numbers = {place: float(number) for number, place in enumerate(axis.places)}
        self.name = name
        self.at = axis.place(trials).map(numbers).fillna(len(numbers)).astype(int)
        lacking = [ABSENT] if (self.at == len(numbers)).any() else []
        self.labels = [*axis.labels, *lacking]
        self.texts = [*axis.texts, *([""] if lacking else [])]

    def dress(self, ruler: Ruler, order: pd.Index) -> None:
        """Give an axis the labels, in this order, or some of them where there are many."""
        step = math.ceil(len(order) / _MAX_TICKS)
        labels = [tick(self.labels[number]) for number in order]
        ticks = [place + 0.5 for place in range(len(order))]
        ruler.set_ticks(ticks[::step], labels[::step])
        ruler.set_label_text(plain(self.name))


def inches(each: float, cells: int) -> float:
    """The length of so many cells, each so long if they are few."""
    return min(each * max(cells, 3), _LONGEST)


def best_cells(
    trials: pd.DataFrame, comparison: Comparison, rows: Levels, columns: Levels
) -> pd.DataFrame:
    """The best score in each cell, by the numbers of the levels, the greatest row first."""
    best = "max" if sign(comparison["mode"]) > 0 else "min"
    scores = scores_of(trials, comparison)
    cells = scores.groupby([rows.at.rename("y"), columns.at.rename("x")]).agg(best).unstack()
    places = range(len(rows.labels))[::-1], range(len(columns.labels))
    return cells.reindex(index=places[0], columns=places[1])


def plot_cells(axes: Axes, cells: pd.DataFrame, colours: ScoreColours) -> None:
    """Plot the cells of a grid; where there are few, with their scores."""
    sns.heatmap(
        cells,
        annot=cells.size <= _MAX_LABELLED,
        fmt=".3g",
        linewidths=1 if cells.size <= MANY else 0,
        linecolor=PAPER,
        cbar_kws={"label": colours.label, "extend": colours.extend},
        xticklabels=False,
        yticklabels=False,
        ax=axes,
        rasterized=cells.size > MANY,
        **colours.look,
    )
