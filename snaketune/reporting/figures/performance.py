"""."""

import pandas as pd
from matplotlib import pyplot as plt
from matplotlib.ticker import MaxNLocator

from snaketune.base.words import number
from snaketune.comparing.efficiency import is_box
from snaketune.reporting.axes import limit_scores, scores_of
from snaketune.reporting.style import INK, better, finish, styles
from snaketune.reporting.svg import Drawing, hover


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
