"""The report's figures: each a function from the table of trials to a `Drawing`.

All take `table` (trials.csv, see `comparison.read_trials`) and `comparison` (comparison.json).
"""

import math
import textwrap

import matplotlib
import pandas as pd
import seaborn as sns
from matplotlib import pyplot as plt
from matplotlib.collections import LineCollection

from snaketune.base.words import join, number, shown
from snaketune.comparing.cube import unit_cube
from snaketune.comparing.trials import configurations, leading, varied
from snaketune.reporting.axes import Axis, limit_scores, score_norm, scores_of, worst_shown
from snaketune.reporting.figures.marks import (
    ScoreAxis,
    design_counts,
    draw_projection,
    draw_trials,
    drawn_columns,
    point_area,
)
from snaketune.reporting.style import (
    COLUMNS,
    GREY,
    INK,
    MANY,
    PAPER,
    better,
    colour_map,
    finish,
    make_panels,
    styles,
    told,
    wrapped,
)
from snaketune.reporting.svg import Drawing, hover, nothing

_TITLE = 44  # letters in a line of a panel's title
_MAX_LINES = 300  # lines of the parallel coordinates


def designs(table: pd.DataFrame, comparison: dict) -> Drawing:
    """Where each search looked: two hyperparameters, the score as colour, projections outside.

    After Figure 1 of Bergstra & Bengio (2012). Of more than two hyperparameters that vary, the
    two that matter most are shown (`comparison.leading`); with one, the trials lie on a line.
    """
    names = list(comparison["searches"])
    x, y = [*leading(table, comparison), None, None][:2]
    shown = [name for name in (x, y) if name]
    axes_x, axes_y = Axis(table, comparison, x), Axis(table, comparison, y)
    norm = score_norm(table, comparison)
    columns = min(len(names), COLUMNS)
    rows = math.ceil(len(names) / columns)
    figure = plt.figure(figsize=(3.6 * columns + 0.8, 4.1 * rows), layout="constrained")
    grid = figure.add_gridspec(
        2 * rows,
        2 * columns + 1,
        width_ratios=[8, 1] * columns + [0.4],
        height_ratios=[1, 8] * rows,
    )
    main, titles = None, []
    for i, (name, style) in enumerate(styles(comparison).items()):
        trials = table[table["search"] == name]
        row, column = divmod(i, columns)
        # The same axes for all searches: sharing with the one before shares with all.
        main = figure.add_subplot(grid[2 * row + 1, 2 * column], sharex=main, sharey=main)
        top = figure.add_subplot(grid[2 * row, 2 * column], sharex=main)
        right = figure.add_subplot(grid[2 * row + 1, 2 * column + 1], sharey=main)
        main.set_axisbelow(True)
        main.grid()
        done = trials["status"] == "complete"
        look = {"marker": style["marker"], "s": point_area(60, trials), "edgecolor": INK}
        look["linewidth"] = 0.6
        colours = {"norm": norm, "cmap": colour_map(comparison)}
        draw_trials(main, axes_x, axes_y, trials[done], comparison, **look, **colours)
        draw_trials(main, axes_x, axes_y, trials[~done], comparison, marker="x", color=GREY)
        axes_x.dress(main.xaxis)
        axes_y.dress(main.yaxis)
        draw_projection(top, axes_x, trials, vertical=False)
        draw_projection(right, axes_y, trials, vertical=True)
        titles.append(f"{name}: {design_counts(trials, shown)}")
        main_title = textwrap.fill(titles[-1], _TITLE)
        top.set_title(main_title, fontsize="medium")
    figure.colorbar(
        matplotlib.cm.ScalarMappable(norm, colour_map(comparison)),
        cax=figure.add_subplot(grid[1::2, -1]),
        label=f"{comparison['metric']} ({better(comparison)})",
        extend=norm.extend,
    )
    shows = f"Where the trials lie in {join(shown or ['the space'])}. {'; '.join(titles)}."
    return Drawing(figure, drawn_columns(table, comparison, shown), shows)


def hyperparameters(table: pd.DataFrame, comparison: dict) -> Drawing:
    """The score of every trial against each hyperparameter that varies."""
    names = varied(table, comparison) or list(comparison["hyperparameters"])[:1]
    figure, panels = make_panels(len(names), comparison, most=3, size=(3.2, 3.1), sharex=False)
    scores = scores_of(table, comparison)
    worst = worst_shown(scores, comparison)
    cut = table[scores < worst if comparison["mode"] == "max" else scores > worst]
    kept = table.drop(cut.index)
    size = point_area(36, table)
    for panel, name in zip(panels.flat, names, strict=False):
        axis, score = Axis(table, comparison, name), ScoreAxis(worst, comparison)
        for search, style in styles(comparison).items():
            look = {"color": style["color"], "marker": style["marker"], "s": size, "alpha": 0.8}
            inside = kept[kept["search"] == search]
            draw_trials(panel, axis, score, inside, comparison, label=search, **look)
            # What the frame cuts off stands at its edge, hollow.
            outside = cut[cut["search"] == search]
            hollow = {**look, "facecolor": "none", "clip_on": False}
            draw_trials(panel, axis, score, outside, comparison, **hollow)
        axis.dress(panel.xaxis)
        panel.grid()
    outside = limit_scores(panels.flat[0], scores, comparison)
    note = f"; the {outside} hollow points are worse than shown" if outside else ""
    title = f"Score against each hyperparameter ({better(comparison)}{note})"
    finish(figure, panels.flat[0], title)
    shows = f"Scores against {join(names)}. {best_tenth(table, comparison, names)}"
    return Drawing(figure, drawn_columns(table, comparison, names), shows)


def best_tenth(table: pd.DataFrame, comparison: dict, names: list[str]) -> str:
    """Where the best tenth of the trials lies, in a sentence."""
    ranked = scores_of(table, comparison).dropna()
    ranked = ranked.sort_values(ascending=comparison["mode"] == "min", kind="stable")
    best = table.loc[ranked.index[: math.ceil(len(ranked) / 10)]]
    parts = []
    for name in names:
        values = best[name].dropna().unique()
        if Axis(table, comparison, name).scale == "category":
            parts.append(f"{name} {join([str(v) for v in values]) if len(values) else '–'}")
        else:
            low, high = shown(best[name].min()), shown(best[name].max())
            parts.append(f"{name} {low if low == high else f'from {low} to {high}'}")
    if best.empty:
        return "No trial has a score."
    start = f"best {len(best)} of" if len(best) > 1 else "best of"
    return f"The {start} {len(ranked)} trials {'have' if len(best) > 1 else 'has'} {join(parts)}."


def parallel(table: pd.DataFrame, comparison: dict) -> Drawing:
    """Parallel coordinates: each trial a line through its hyperparameters to its score."""
    names = varied(table, comparison)
    if len(names) < 3 or not (table["status"] == "complete").any():
        return nothing("For this it takes complete trials and three hyperparameters that vary.")
    done = configurations(table[table["status"] == "complete"])
    cube = unit_cube(table, comparison["hyperparameters"]).loc[done.index].reindex(columns=names)
    scores = scores_of(done, comparison)
    ranked = scores.sort_values(ascending=comparison["mode"] == "max", kind="stable").index
    if len(ranked) > _MAX_LINES:  # the best, and evenly from the rest
        step = len(ranked) / (_MAX_LINES - 50)
        some = {int(i * step) for i in range(_MAX_LINES - 50)}
        ranked = ranked[sorted(some | set(range(len(ranked) - 50, len(ranked))))]
    norm = score_norm(table, comparison)
    figure, axes = plt.subplots(figsize=(max(1.5 * len(names) + 2, 5), 3.8), layout="constrained")
    cube = cube.loc[ranked].fillna(_NOT_THERE)
    lines = LineCollection(
        [list(enumerate(row)) for row in cube.to_numpy()],
        norm=norm,
        cmap=colour_map(comparison),
        linewidth=1.1,
        alpha=0.8,
    )
    lines.set_array(scores[ranked])
    hover(lines, told(done.loc[ranked], comparison, names))
    axes.add_collection(lines)
    for place, name in enumerate(names):
        axes.axvline(place, color=INK, linewidth=1)
        marks = _ends(table, comparison, name)
        if cube[name].eq(_NOT_THERE).any():
            marks.append((_NOT_THERE, "none"))
        for height, label in marks:
            axes.annotate(
                label,
                (place, height),
                (5, 0),
                textcoords="offset points",
                fontsize="small",
                va="center",
                bbox={"facecolor": PAPER, "edgecolor": "none", "alpha": 0.8, "pad": 1},
            )
    axes.set(xlim=(-0.1, len(names) - 0.6), ylim=(_NOT_THERE - 0.05, 1.06), yticks=[])
    axes.set_xticks(range(len(names)), names)
    sns.despine(figure, left=True, bottom=True)
    axes.tick_params(bottom=False)
    figure.colorbar(
        matplotlib.cm.ScalarMappable(norm, colour_map(comparison)),
        ax=axes,
        label=f"{comparison['metric']} ({better(comparison)})",
        extend=norm.extend,
    )
    shows = f"Lines through {join(names)}. {best_tenth(table, comparison, names)}"
    return Drawing(figure, drawn_columns(done.loc[ranked], comparison, names), shows)


_NOT_THERE = -0.12  # the height of a hyperparameter that a configuration does not have


def _ends(table: pd.DataFrame, comparison: dict, name: str) -> list[tuple[float, str]]:
    """The marks of a hyperparameter's axis: its least and greatest value, or its categories."""
    axis = Axis(table, comparison, name)
    if axis.scale == "category":
        return [((i + 0.5) / len(axis.values), text) for i, text in enumerate(axis.values)]
    return [(0, shown(axis.values[0])), (1, shown(axis.values[-1]))]


def heatmap(table: pd.DataFrame, comparison: dict, search: str) -> Drawing:
    """A grid's cells as a map of two hyperparameters, the best over all others in each cell."""
    trials = table[table["search"] == search]
    y, x = varied(trials, comparison)[:2]
    scored = trials.assign(score=scores_of(trials, comparison))
    larger = comparison["mode"] == "max"
    cells = scored.pivot_table(
        values="score", index=y, columns=x, aggfunc="max" if larger else "min", dropna=False
    )
    if cells.isna().all(axis=None):
        return nothing(f"No cell of {search} has a score.")
    cells = cells.sort_index(ascending=False)
    norm = score_norm(trials, comparison)
    figure, axes = plt.subplots(
        figsize=(1.1 * max(cells.shape[1], 3) + 2.2, 0.7 * max(cells.shape[0], 3) + 1.2),
        layout="constrained",
    )
    sns.heatmap(
        cells,
        annot=cells.size <= 100,
        fmt=".3g",
        cmap=colour_map(comparison),
        norm=norm,
        linewidths=1,
        linecolor=PAPER,
        cbar_kws={
            "label": f"{comparison['metric']} ({better(comparison)})",
            "extend": norm.extend,
        },
        ax=axes,
        rasterized=cells.size > MANY,
    )
    axes.set_xticklabels([shown(v) for v in cells.columns])
    axes.set_yticklabels([shown(v) for v in cells.index], rotation=0)
    others = len(varied(trials, comparison)) - 2
    note = ", each the best over the other hyperparameters" if others > 0 else ""
    axes.set_title(wrapped(figure, f"The cells of {search}{note}"), fontsize="medium")
    data = cells.stack().dropna().rename(comparison["metric"]).reset_index()
    scores = data[comparison["metric"]]
    best = data.loc[scores.idxmax() if larger else scores.idxmin()]
    shows = (
        f"The best cell of {search} is {y} {shown(best[y])}, {x} {shown(best[x])} with "
        f"{number(best[comparison['metric']])}; the cells lie between {number(scores.min())} "
        f"and {number(scores.max())}."
    )
    return Drawing(figure, data, shows)
