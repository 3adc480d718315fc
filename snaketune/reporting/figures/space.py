"""Figures of the space: where each search looked, and the score against the hyperparameters."""

import math
import textwrap
from typing import NamedTuple

import pandas as pd
import seaborn as sns
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure
from matplotlib.gridspec import GridSpec

from snaketune.base.modes import sign
from snaketune.base.words import join, number, shown
from snaketune.comparing.cube import ABOVE, unit_cube
from snaketune.comparing.findings import Comparison
from snaketune.comparing.trials import NULL, configurations, leading, varied
from snaketune.reporting.axes import (
    ABSENT,
    Axis,
    ScoreAxis,
    beyond,
    limit_scores,
    scores_of,
    worst_shown,
)
from snaketune.reporting.colours import ScoreColours, score_colours
from snaketune.reporting.figures.cells import Levels, best_cells, inches, plot_cells
from snaketune.reporting.figures.marks import (
    best_tenth,
    design_counts,
    drawn_columns,
    plot_projection,
    plot_trials,
    point_area,
)
from snaketune.reporting.greys import GREY, INK, PAPER
from snaketune.reporting.limits import shown_hyperparameters
from snaketune.reporting.style import (
    COLUMNS,
    Style,
    better,
    finish,
    make_panels,
    styles,
    trial_labels,
    wrapped,
)
from snaketune.reporting.svg import Drawing, hover, nothing
from snaketune.reporting.texts import tick

_TITLE = 44  # characters in a line of a panel's title
_MAX_LINES = 300  # lines of the parallel coordinates,
_BEST_LINES = 50  # so many of them for the best configurations
MISSING = -0.12  # the height of a hyperparameter that a configuration does not have
_MAX_MARKS = 12  # categories of a coordinate that are named


class _Panel(NamedTuple):
    """The parts of one search's design: the plane, and the projections above and beside it."""

    plane: Axes
    top: Axes
    right: Axes


def draw_designs(table: pd.DataFrame, comparison: Comparison) -> Drawing:
    """Where each search looked: two hyperparameters, the score as colour, projections outside.

    After Figure 1 of Bergstra & Bengio (2012). Of more than two hyperparameters that vary, the
    two that matter most are shown (`comparing.trials.leading`); with one, the trials lie on a line.
    """
    x, y = [*leading(table, comparison), None, None][:2]
    names = [name for name in (x, y) if name]
    across, up = Axis(table, comparison, x), Axis(table, comparison, y)
    colours = score_colours(table, comparison)
    figure, grid = _design_grid(len(comparison["searches"]))
    panel, titles = None, []
    for place, (search, style) in enumerate(styles(comparison).items()):
        trials = table[table["search"] == search]
        titles.append(f"{search}: {design_counts(trials, names)}")
        panel = _add_panel(figure, grid, place, panel)
        _plot_design(panel.plane, across, up, trials, comparison, style, colours)
        across.dress(panel.plane.xaxis)
        up.dress(panel.plane.yaxis)
        plot_projection(panel.top, across, trials, vertical=False)
        plot_projection(panel.right, up, trials, vertical=True)
        panel.top.set_title(textwrap.fill(titles[-1], _TITLE), fontsize="medium")
    colours.add_bar(figure, cax=figure.add_subplot(grid[1::2, -1]))
    shows = f"Where the trials lie in {join(names or ['the space'])}. {'; '.join(titles)}."
    return Drawing(figure, drawn_columns(table, comparison, names), shows)


def _design_grid(number_of_searches: int) -> tuple[Figure, GridSpec]:
    """A figure and its grid: two rows and columns for each search, and one for the colour bar."""
    columns = min(number_of_searches, COLUMNS)
    rows = math.ceil(number_of_searches / columns)
    figure = plt.figure(figsize=(3.6 * columns + 0.8, 4.1 * rows), layout="constrained")
    grid = figure.add_gridspec(
        2 * rows,
        2 * columns + 1,
        width_ratios=[8, 1] * columns + [0.4],
        height_ratios=[1, 8] * rows,
    )
    return figure, grid


def _add_panel(figure: Figure, grid: GridSpec, place: int, before: _Panel | None) -> _Panel:
    """The axes of the search at `place`; sharing with the panel `before` shares with all."""
    row, column = divmod(place, grid.ncols // 2)
    shared = before.plane if before else None
    plane = figure.add_subplot(grid[2 * row + 1, 2 * column], sharex=shared, sharey=shared)
    top = figure.add_subplot(grid[2 * row, 2 * column], sharex=plane)
    right = figure.add_subplot(grid[2 * row + 1, 2 * column + 1], sharey=plane)
    return _Panel(plane, top, right)


def _plot_design(
    axes: Axes,
    x: Axis,
    y: Axis,
    trials: pd.DataFrame,
    comparison: Comparison,
    style: Style,
    colours: ScoreColours,
) -> None:
    """Plot the trials of one search: those with a score in colour, the others as crosses."""
    axes.set_axisbelow(True)
    axes.grid()
    done = trials["status"] == "complete"
    look = {"marker": style["marker"], "s": point_area(60, trials)}
    look |= {"edgecolor": INK, "linewidth": 0.6, **colours.look}
    plot_trials(axes, x, y, trials[done], comparison, **look)
    plot_trials(axes, x, y, trials[~done], comparison, marker="x", color=GREY)


def draw_hyperparameters(table: pd.DataFrame, comparison: Comparison) -> Drawing:
    """The score of every trial against each hyperparameter that varies."""
    names = shown_hyperparameters(table, comparison) or list(comparison["hyperparameters"])[:1]
    figure, panels = make_panels(len(names), comparison, size=(3.2, 3.1), sharex=False)
    for panel, name in zip(panels.flat, names, strict=False):
        axis = Axis(table, comparison, name)
        _plot_scores(panel, axis, table, comparison)
        axis.dress(panel.xaxis)
        panel.grid()
    outside = limit_scores(panels.flat[0], scores_of(table, comparison), comparison)
    note = f"; the {outside} hollow points are worse than shown" if outside else ""
    title = f"Score against each hyperparameter ({better(comparison)}{note})"
    finish(figure, panels.flat[0], title)
    shows = f"Scores against {join(names)}. {best_tenth(table, comparison, names)}"
    return Drawing(figure, drawn_columns(table, comparison, names), shows)


def _plot_scores(panel: Axes, axis: Axis, table: pd.DataFrame, comparison: Comparison) -> None:
    """Plot the scores of all searches; those outside of the frame are hollow, at its edge."""
    scores = scores_of(table, comparison)
    worst = worst_shown(scores, comparison)
    cut = beyond(scores, worst, comparison)
    up, size = ScoreAxis(worst, comparison), point_area(36, table)
    for search, style in styles(comparison).items():
        look = {"color": style["color"], "marker": style["marker"], "s": size, "alpha": 0.8}
        inside = table[~cut & (table["search"] == search)]
        plot_trials(panel, axis, up, inside, comparison, label=search, **look)
        outside = table[cut & (table["search"] == search)]
        look |= {"facecolor": "none", "clip_on": False}
        if len(outside):
            plot_trials(panel, axis, up, outside, comparison, **look)


def draw_parallel(table: pd.DataFrame, comparison: Comparison) -> Drawing:
    """Parallel coordinates: each configuration a line through its hyperparameters."""
    names = shown_hyperparameters(table, comparison)
    if len(names) < 3 or not (table["status"] == "complete").any():
        return nothing(
            "Nothing to draw: no trial is complete, or fewer than three hyperparameters vary."
        )
    drawn = _drawn_lines(configurations(table[table["status"] == "complete"]), comparison)
    cube = unit_cube(table, comparison["hyperparameters"]).loc[drawn.index]
    cube = cube.reindex(columns=names).fillna(MISSING)
    colours = score_colours(table, comparison)
    figure, axes = plt.subplots(figsize=(max(1.5 * len(names) + 2, 5), 3.8), layout="constrained")
    points = [list(enumerate(row)) for row in cube.to_numpy()]
    lines = LineCollection(points, linewidth=1.1, alpha=0.8, **colours.look)
    lines.set_array(scores_of(drawn, comparison))
    hover(lines, trial_labels(drawn, comparison, names))
    axes.add_collection(lines)
    for place, name in enumerate(names):
        axes.axvline(place, color=INK, linewidth=1)
        missing = [(MISSING, ABSENT)] if cube[name].eq(MISSING).any() else []
        _label_coordinate(axes, place, _ends(Axis(table, comparison, name)) + missing)
    axes.set(xlim=(-0.1, len(names) - 0.6), ylim=(MISSING - 0.05, 1.06), yticks=[])
    axes.set_xticks(range(len(names)), [tick(name) for name in names])
    sns.despine(figure, left=True, bottom=True)
    axes.tick_params(bottom=False)
    colours.add_bar(figure, ax=axes)
    shows = f"Lines through {join(names)}. {best_tenth(table, comparison, names)}"
    return Drawing(figure, drawn_columns(drawn, comparison, names), shows)


def _drawn_lines(done: pd.DataFrame, comparison: Comparison) -> pd.DataFrame:
    """The configurations that have a line, the best last: all, or the best and every n-th other."""
    scores = scores_of(done, comparison)
    ranked = scores.sort_values(ascending=sign(comparison["mode"]) > 0, kind="stable").index
    if len(ranked) > _MAX_LINES:
        others = _MAX_LINES - _BEST_LINES
        step = len(ranked) / others
        chosen = {int(i * step) for i in range(others)}
        chosen |= set(range(len(ranked) - _BEST_LINES, len(ranked)))
        ranked = ranked[sorted(chosen)]
    return done.loc[ranked]


def _ends(axis: Axis) -> list[tuple[float, str]]:
    """The marks of a coordinate: its least and greatest value and null, or its categories."""
    if axis.scale == "category":
        step = math.ceil(len(axis.values) / _MAX_MARKS)
        marks = [((i + 0.5) / len(axis.values), text) for i, text in enumerate(axis.values)]
        return marks[::step]
    null = [] if axis.null is None else [(0.0, NULL)]
    low = ABOVE if null else 0.0
    least = [(low, shown(axis.values[0]))] if len(axis.values) > 1 else []
    return [*null, *least, (1.0, shown(axis.values[-1]))]


def _label_coordinate(axes: Axes, place: float, marks: list[tuple[float, str]]) -> None:
    """Write the marks of a coordinate, heights and texts, beside it."""
    for height, label in marks:
        axes.annotate(
            tick(label),
            (place, height),
            (5, 0),
            textcoords="offset points",
            fontsize="small",
            va="center",
            bbox={"facecolor": PAPER, "edgecolor": "none", "alpha": 0.8, "pad": 1},
        )


def draw_heatmap(table: pd.DataFrame, comparison: Comparison, search: str) -> Drawing:
    """A grid's cells as a map of two hyperparameters, the best over all others in each cell."""
    trials = table[table["search"] == search]
    y, x, *others = [*varied(trials, comparison), "", ""]
    if not x:
        return nothing(f"Fewer than two hyperparameters of {search} vary.")
    rows, columns = Levels(trials, comparison, y), Levels(trials, comparison, x)
    cells = best_cells(trials, comparison, rows, columns)
    if cells.isna().all(axis=None):
        return nothing(f"No cell of {search} has a score.")
    figure, axes = plt.subplots(
        figsize=(inches(1.1, cells.shape[1]) + 2.2, inches(0.7, cells.shape[0]) + 1.2),
        layout="constrained",
    )
    plot_cells(axes, cells, score_colours(trials, comparison))
    rows.dress(axes.yaxis, cells.index)
    columns.dress(axes.xaxis, cells.columns)
    note = ", each the best over the other hyperparameters" if any(others) else ""
    axes.set_title(wrapped(figure, f"The cells of {search}{note}"), fontsize="medium")
    found = cells.stack().dropna()
    places = [found.index.get_level_values(level) for level in (0, 1)]
    texts = {
        level.name: [level.texts[i] for i in at]
        for level, at in zip((rows, columns), places, strict=True)
    }
    data = pd.DataFrame({**texts, comparison["metric"]: found.to_numpy()})
    best = found.idxmax() if sign(comparison["mode"]) > 0 else found.idxmin()
    shows = (
        f"The best cell of {search} is {y} {rows.labels[best[0]]}, {x} {columns.labels[best[1]]} "
        f"with {number(found[best])}; the cells lie between {number(found.min())} and "
        f"{number(found.max())}."
    )
    return Drawing(figure, data, shows)
