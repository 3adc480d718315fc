"""The report's figures: each a function from the table of trials to a `Drawing`.

All take `table` (trials.csv, see `comparison.read_trials`) and `comparison` (comparison.json).
"""

import itertools
import math
import textwrap
from collections.abc import Callable
from statistics import median

import matplotlib
import pandas as pd
import seaborn as sns
from matplotlib import pyplot as plt
from matplotlib.collections import LineCollection
from matplotlib.ticker import MaxNLocator

from snaketune.answer import join, number, shown
from snaketune.comparison import configurations, leading, varied
from snaketune.drawing import (
    GREY,
    INK,
    MANY,
    PAPER,
    Axis,
    Drawing,
    better,
    colour_map,
    finish,
    hover,
    limit_scores,
    make_panels,
    nothing,
    score_norm,
    scores_of,
    styles,
    told,
    worst_shown,
    wrapped,
)
from snaketune.efficiency import is_box
from snaketune.importance import MINIMUM, unit_cube
from snaketune.surface import surface

_COLUMNS = 3  # panels side by side; more searches go to further rows
_TITLE = 44  # letters in a line of a panel's title
_MAX_CURVES = 100  # learning curves drawn per search
_MAX_LINES = 300  # lines of the parallel coordinates
_TOO_FEW = f"Importance takes {MINIMUM} complete random trials, two hyperparameters that vary."


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
    columns = min(len(names), _COLUMNS)
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
        look = {"marker": style["marker"], "s": _size(60, trials), "edgecolor": INK}
        look["linewidth"] = 0.6
        colours = {"norm": norm, "cmap": colour_map(comparison)}
        _points(main, axes_x, axes_y, trials[done], comparison, **look, **colours)
        _points(main, axes_x, axes_y, trials[~done], comparison, marker="x", color=GREY)
        axes_x.dress(main.xaxis)
        axes_y.dress(main.yaxis)
        _projection(top, axes_x, trials, vertical=False)
        _projection(right, axes_y, trials, vertical=True)
        titles.append(f"{name}: {_counts(trials, shown)}")
        main_title = textwrap.fill(titles[-1], _TITLE)
        top.set_title(main_title, fontsize="medium")
    figure.colorbar(
        matplotlib.cm.ScalarMappable(norm, colour_map(comparison)),
        cax=figure.add_subplot(grid[1::2, -1]),
        label=f"{comparison['metric']} ({better(comparison)})",
        extend=norm.extend,
    )
    shows = f"Where the trials lie in {join(shown or ['the space'])}. {'; '.join(titles)}."
    return Drawing(figure, _scored(table, comparison, shown), shows)


def best_so_far(table: pd.DataFrame, comparison: dict) -> Drawing:
    """The best validation score after each trial, and after the seconds of training it took."""
    metric, larger = comparison["metric"], comparison["mode"] == "max"
    figure, (by_trials, by_seconds) = plt.subplots(
        1, 2, figsize=(7.6, 3.4), sharey=True, layout="constrained"
    )
    looks, steps = styles(comparison), []
    for (name, repeat), trials in table.groupby(["search", "repeat"], sort=False):
        scores = scores_of(trials, comparison)
        # A configuration that a search drew twice was trained once.
        seconds = trials["train_seconds"].where(~trials["trial_id"].duplicated(), 0)
        best = (scores.cummax() if larger else scores.cummin()).ffill()
        curve = pd.DataFrame(
            {
                "search": name,
                "repeat": repeat,
                "trials": range(1, len(best) + 1),
                "train_seconds": seconds.cumsum(),
                f"best_{metric}": best,
            }
        )
        # Only where it becomes better, and the end.
        curve = curve[(best != best.shift()) & best.notna() | (curve["trials"] == len(best))]
        steps.append(curve)
        look = {"drawstyle": "steps-post", "markersize": 4, **looks[name]}
        # Repetitions after the first are thin lines behind it.
        look |= {"label": name} if not repeat else {"marker": "", "alpha": 0.4, "linewidth": 0.8}
        for axes, column in ((by_trials, "trials"), (by_seconds, "train_seconds")):
            (line,) = axes.plot(curve[column], curve[f"best_{metric}"], **look)
            hover(line, [f"{name}, repetition {repeat}" if repeat else name])
    by_trials.set(xlabel="trials, in the order of the search", ylabel=f"best {metric} so far")
    by_trials.xaxis.get_major_locator().set_params(integer=True)
    by_seconds.set(xlabel="seconds of training, added up")
    by_seconds.xaxis.set_major_locator(MaxNLocator(5))
    limit_scores(by_trials, scores_of(table, comparison), comparison)
    by_trials.set_title("by trials", fontsize="medium")
    by_seconds.set_title("by cost", fontsize="medium")
    finish(figure, by_trials, f"How fast each search improves ({better(comparison)})")
    data = pd.concat(steps)
    parts = []
    for name, curve in data[data["repeat"] == 0].groupby("search", sort=False):
        reached = curve[curve[f"best_{metric}"] == curve[f"best_{metric}"].iloc[-1]]
        if len(reached):
            at = reached.iloc[0]
            parts.append(
                f"{name} has its best {metric} of {number(at[f'best_{metric}'])} at trial "
                f"{number(at['trials'])} of {number(curve['trials'].iloc[-1])}"
            )
    shows = f"The best score so far, by trials and by seconds. {'; '.join(parts)}."
    return Drawing(figure, data, shows)


_LOG_FROM = 30  # with more configurations the cost axes are logarithmic: it all happens early
_COSTS = {  # of the efficiency curves: what a configuration costs, and its name
    None: "configurations",
    "epochs": "epochs",
    "train_seconds": "seconds of training",
}


def efficiency(table: pd.DataFrame, comparison: dict) -> Drawing:
    """What a random part of each search would have found, by configurations, epochs and seconds.

    Above the expected best validation score, below the expected test score of what is chosen by
    it, where there are test scores; dotted what a grid (or another design that is no random
    sample) found in its own order.
    """
    rows = [("validation", f"expected best {comparison['metric']}")]
    if comparison["test_metric"]:
        rows.append(("test", f"expected {comparison['test_metric']} of that"))
    costs = {c: name for c, name in _COSTS.items() if c != "epochs" or table["epochs"].any()}
    shape = {"sharey": "row", "squeeze": False, "layout": "constrained"}
    figure, panels = plt.subplots(
        len(rows), len(costs), figsize=(3.3 * len(costs), 2.9 * len(rows)), **shape
    )
    data = _efficiency_table(comparison)
    looks = styles(comparison)
    for row, (kind, label) in zip(panels, rows, strict=True):
        for panel, cost in zip(row, costs.values(), strict=True):
            for name, curve in data[data["score"] == kind].groupby("search", sort=False):
                color = looks[name]["color"]
                look = {"markersize": 3, "markevery": max(len(curve) // 15, 1), **looks[name]}
                (line,) = panel.plot(curve[cost], curve["mean"], label=name, **look)
                ends = f"{number(curve['mean'].iloc[0])} to {number(curve['mean'].iloc[-1])}"
                hover(line, [f"{name}: {ends}"])
                panel.fill_between(
                    curve[cost], curve["low"], curve["high"], color=color, alpha=0.2, linewidth=0
                )
                if curve["in_order"].notna().any():
                    own_order = f"{name} in its own order"
                    steps = {"linestyle": ":", "drawstyle": "steps-post", "label": own_order}
                    (line,) = panel.plot(curve[cost], curve["in_order"], color=color, **steps)
                    hover(line, [own_order])
            panel.grid()
            panel.set_xlabel(cost)
            if data["configurations"].max() > _LOG_FROM:
                panel.set_xscale("log")
            else:
                whole = cost != _COSTS["train_seconds"]
                panel.xaxis.set_major_locator(MaxNLocator(4, integer=whole))
        row[0].set_ylabel(label)
    finish(figure, panels[0, 0], f"A random part of each search ({better(comparison)})")
    parts = []
    for (name, kind), curve in data.groupby(["search", "score"], sort=False):
        first, last = curve.iloc[0], curve.iloc[-1]
        parts.append(
            f"{name}, {kind}: {number(first['mean'])} for one configuration, "
            f"{number(last['mean'])} for {number(last['configurations'])}"
        )
    return Drawing(figure, data, f"Expected scores of the best of n. {'; '.join(parts)}.")


def _efficiency_table(comparison: dict) -> pd.DataFrame:
    """The efficiency curves of all searches, a row for each score and size."""
    parts = []
    for name, search in comparison["searches"].items():
        found = search["efficiency"]
        for kind in ("validation", "test") if found else ():
            if kind in found:
                sizes = pd.Series(found["sizes"])
                costs = {
                    label: sizes * (search["per_configuration"][cost] if cost else 1)
                    for cost, label in _COSTS.items()
                }
                parts.append(pd.DataFrame({"search": name, "score": kind, **costs, **found[kind]}))
    columns = ["search", "score", *_COSTS.values(), "mean", "low", "high", "in_order"]
    curves = pd.concat(parts) if parts else pd.DataFrame()
    scores = dict.fromkeys(("mean", "low", "high", "in_order"), float)
    return curves.reindex(columns=columns).astype(scores)


def experiments(table: pd.DataFrame, comparison: dict) -> Drawing:
    """Random experiment efficiency curves, after Bergstra & Bengio (2012), Figures 5 and 6.

    For experiments of 1, 2, 4, … random trials the scores of what they chose: a box for ten
    experiments or more, points for fewer. The other designs are lines, marked at their own size;
    the bar is the interval of the best trial for a noisy validation score.
    """
    figure, axes = plt.subplots(figsize=(6.4, 3.9), layout="constrained")
    random = {n: s for n, s in comparison["searches"].items() if s["experiments"] is not None}
    looks, rows, parts = styles(comparison), [], []
    judged = "test" if comparison["test_metric"] else "validation"
    for place, (name, search) in enumerate(random.items()):
        look = looks[name]
        shift = 2 ** (0.35 * (place - (len(random) - 1) / 2))  # several searches side by side
        for experiment in search["experiments"]:
            size, scores = experiment["size"], experiment["scores"]
            rows += [(name, "experiment", size, score) for score in scores]
            if is_box(scores):
                axes.boxplot(
                    scores,
                    positions=[size * shift],
                    widths=[0.25 * size],
                    manage_ticks=False,
                    patch_artist=True,
                    boxprops={"facecolor": (*look["color"], 0.35), "edgecolor": look["color"]},
                    medianprops={"color": INK},
                    whiskerprops={"color": look["color"]},
                    capprops={"color": look["color"]},
                    flierprops={"marker": ".", "markeredgecolor": look["color"], "markersize": 4},
                )
            elif scores:
                points = axes.scatter(
                    [size * shift] * len(scores), scores, color=look["color"], s=22, alpha=0.8
                )
                hover(points, [f"{name}, one of {size}: {number(score)}" for score in scores])
        axes.plot([], [], "s", color=look["color"], label=f"experiments of {name}")
        medians = [
            f"{number(pd.Series(e['scores']).median())} of {e['size']}"
            for e in search["experiments"]
            if e["scores"]
        ]
        parts.append(f"{name}, median {judged} score of the best: {', '.join(medians)} trials")
    for name, search in comparison["searches"].items():
        best, look = search["best"], looks[name]
        if not best:
            continue
        score = best[judged]
        size = comparison["coverage"][name]["configurations"]
        if name not in random and score is not None:
            rows.append((name, "best", size, score))
            line = axes.axhline(score, color=look["color"], dashes=(4, 1.5), linewidth=1)
            hover(line, [f"{name}: {number(score)}"])
            axes.plot(size, score, look["marker"], color=look["color"], label=name)
            parts.append(f"{name}: {number(score)} of {size}")
        if noisy := search["noisy_interval"]:
            low, high = noisy["interval"]
            rows += [(name, "noisy_low", size, low), (name, "noisy_high", size, high)]
            side = size * 1.5 if name in random else size * 1.7
            axes.errorbar(
                side,
                noisy["mean"],
                yerr=[[noisy["mean"] - low], [high - noisy["mean"]]],
                color=look["color"],
                marker="_",
                capsize=3,
            )
    axes.set_xscale("log", base=2)
    axes.xaxis.set_major_formatter(lambda size, _: f"{size:g}")
    axes.set_xlabel("trials in an experiment")
    axes.set_ylabel(comparison["test_metric"] or comparison["metric"])
    axes.grid(axis="y")
    data = pd.DataFrame(rows, columns=["search", "what", "size", "score"])
    limit_scores(axes, data["score"], comparison)
    finish(figure, axes, f"Experiments of random trials ({better(comparison)})")
    return Drawing(figure, data, f"{'; '.join(parts)}.")


def hyperparameters(table: pd.DataFrame, comparison: dict) -> Drawing:
    """The score of every trial against each hyperparameter that varies."""
    names = varied(table, comparison) or list(comparison["hyperparameters"])[:1]
    figure, panels = make_panels(len(names), comparison, most=3, size=(3.2, 3.1), sharex=False)
    scores = scores_of(table, comparison)
    worst = worst_shown(scores, comparison)
    cut = table[scores < worst if comparison["mode"] == "max" else scores > worst]
    kept = table.drop(cut.index)
    size = _size(36, table)
    for panel, name in zip(panels.flat, names, strict=False):
        axis, score = Axis(table, comparison, name), _Score(worst, comparison)
        for search, style in styles(comparison).items():
            look = {"color": style["color"], "marker": style["marker"], "s": size, "alpha": 0.8}
            inside = kept[kept["search"] == search]
            _points(panel, axis, score, inside, comparison, label=search, **look)
            # What the frame cuts off stands at its edge, hollow.
            outside = cut[cut["search"] == search]
            hollow = {**look, "facecolor": "none", "clip_on": False}
            _points(panel, axis, score, outside, comparison, **hollow)
        axis.dress(panel.xaxis)
        panel.grid()
    outside = limit_scores(panels.flat[0], scores, comparison)
    note = f"; the {outside} hollow points are worse than shown" if outside else ""
    title = f"Score against each hyperparameter ({better(comparison)}{note})"
    finish(figure, panels.flat[0], title)
    shows = f"Scores against {join(names)}. {_best_tenth(table, comparison, names)}"
    return Drawing(figure, _scored(table, comparison, names), shows)


def _best_tenth(table: pd.DataFrame, comparison: dict, names: list[str]) -> str:
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
        _points(axes, axes_x, axes_y, trials, comparison, **look)
    axes_x.dress(axes.xaxis)
    axes_y.dress(axes.yaxis)
    figure.colorbar(
        matplotlib.cm.ScalarMappable(**colours),
        ax=axes,
        label=f"{comparison['metric']} ({better(comparison)})",
        extend=norm.extend,
    )
    finish(figure, axes, f"{comparison['metric']} over {x} and {y}, as {search} tells it")
    shows = f"A map of the score over {x} and {y}. {_best_tenth(random, comparison, [x, y])}"
    return Drawing(figure, _scored(table, comparison, [x, y]), shows)


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
    shows = f"Lines through {join(names)}. {_best_tenth(table, comparison, names)}"
    return Drawing(figure, _scored(done.loc[ranked], comparison, names), shows)


_NOT_THERE = -0.12  # the height of a hyperparameter that a configuration does not have


def _ends(table: pd.DataFrame, comparison: dict, name: str) -> list[tuple[float, str]]:
    """The marks of a hyperparameter's axis: its least and greatest value, or its categories."""
    axis = Axis(table, comparison, name)
    if axis.scale == "category":
        return [((i + 0.5) / len(axis.values), text) for i, text in enumerate(axis.values)]
    return [(0, shown(axis.values[0])), (1, shown(axis.values[-1]))]


def learning_curves(table: pd.DataFrame, comparison: dict, read: Callable[[str], dict]) -> Drawing:
    """The metric after every epoch of every trial, the best trial of each search on top.

    `read` gives the record of a trial id; at most 100 are read per search, and those without a
    history of the metric leave no curve.
    """
    metric = comparison["metric"]
    names = list(comparison["searches"])
    figure, panels = make_panels(
        len(names), comparison, most=_COLUMNS, size=(3.7, 3.2), sharex=True
    )
    rows, parts = [], []
    for panel, (name, style) in zip(panels.flat, styles(comparison).items(), strict=False):
        best = comparison["searches"][name]["best"]
        best_id = best["trial_id"] if best else None
        ids = table.loc[table["search"] == name, "trial_id"].drop_duplicates()
        others = [i for i in ids if i != best_id][: _MAX_CURVES - 1]
        for trial_id in [*others, best_id] if best else others:
            record = read(trial_id)
            epochs, scores = curve(record, metric)
            if not epochs:
                continue
            rows += [(name, trial_id, *point) for point in zip(epochs, scores, strict=True)]
            chosen = trial_id == best_id
            (line,) = panel.plot(
                epochs,
                scores,
                color=style["color"] if chosen else GREY,
                linewidth=2.4 if chosen else 0.8,
                alpha=1 if chosen else 0.6,
                marker="o" if len(epochs) == 1 else "",
                label="the best trial" if chosen else None,
            )
            config = ", ".join(f"{key} {shown(v)}" for key, v in record["config"].items())
            hover(line, [f"{config}: {number(scores[-1])} after epoch {epochs[-1]}"])
            at = record["metrics"].get("best_epoch")
            if chosen and at in epochs:
                label = "the epoch that counts"
                place = (at, scores[epochs.index(at)])
                panel.plot(*place, "*", color=INK, markersize=11, label=label)
            if chosen:
                parts.append(
                    f"the best trial of {name} goes from {number(scores[0])} after epoch "
                    f"{epochs[0]} to {number(scores[-1])} after epoch {epochs[-1]}"
                )
        panel.set_title(name, fontsize="medium")
        panel.set_xlabel("epoch")
        panel.xaxis.set_major_locator(MaxNLocator(5, integer=True))
        panel.grid()
        if panel.get_legend_handles_labels()[0]:
            panel.legend(loc="lower right" if comparison["mode"] == "max" else "upper right")
    figure.suptitle(f"Learning curves ({better(comparison)})")
    data = pd.DataFrame(rows, columns=["search", "trial_id", "epoch", metric])
    limit_scores(panels.flat[0], data[metric].astype(float), comparison)
    return Drawing(figure, data, f"{metric} after each epoch: {'; '.join(parts) or 'no curves'}.")


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


def curve(record: dict, metric: str) -> tuple[list[int], list[float]]:
    """Epochs and values of `metric` in a record's history, where it was a number."""
    points = [(h["epoch"], h[metric]) for h in record["history"] if h.get(metric) is not None]
    return [epoch for epoch, _ in points], [value for _, value in points]


class _Score:
    """An axis of scores, like `Axis`; what is worse than `worst` lies there."""

    def __init__(self, worst: float, comparison: dict):
        self.worst, self.comparison = worst, comparison

    def place(self, trials: pd.DataFrame) -> pd.Series:
        scores = scores_of(trials, self.comparison)
        larger = self.comparison["mode"] == "max"
        return scores.clip(lower=self.worst) if larger else scores.clip(upper=self.worst)


def _points(axes, x, y, trials: pd.DataFrame, comparison: dict, **look):
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


def _size(most: float, trials: pd.DataFrame) -> float:
    """The area of a point in square points: smaller where there are more than a hundred."""
    return max(min(most, 100 * most / max(len(trials), 1)), 6)


def _projection(axes, axis: Axis, trials: pd.DataFrame, vertical: bool):
    """Draw each distinct value of a hyperparameter as a tick at the edge of the design."""
    axes.set_axis_off()
    if axis.name is None:
        return
    places = axis.place(trials).dropna().unique()
    draw = axes.hlines if vertical else axes.vlines
    draw(places, 0, 1, color=INK, linewidth=1.2, rasterized=len(places) > MANY)


def _counts(trials: pd.DataFrame, names: list[str]) -> str:
    """``9 trials, 3 values of lr, 3 of hidden``."""
    parts = [f"{trials[name].nunique()} of {name}" for name in names]
    if parts:
        parts[0] = parts[0].replace(" of ", " values of ", 1)
    return ", ".join([f"{trials['trial_id'].nunique()} trials", *parts])


def _scored(trials: pd.DataFrame, comparison: dict, names: list[str]) -> pd.DataFrame:
    """The columns of trials.csv that a figure of these hyperparameters draws."""
    metrics = [n for n in (comparison["metric"], comparison["test_metric"]) if n in trials.columns]
    return trials[["search", "repeat", "index", "trial_id", "status", *names, *metrics]]
