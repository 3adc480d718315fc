"""Figures of how well the searches did: against trials, seconds and other budgets."""

from collections.abc import Iterator
from typing import Any, Literal

import pandas as pd
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from snaketune.base.modes import sign
from snaketune.base.words import number
from snaketune.comparing.efficiency import is_box
from snaketune.comparing.findings import Comparison, Experiment, NoisyBest
from snaketune.reporting.axes import limit_scores, scores_of
from snaketune.reporting.style import INK, Colour, Style, better, box_style, finish, styles
from snaketune.reporting.svg import Drawing, hover

_LOG_FROM = 30  # with more configurations the cost axes are logarithmic: curves change early
_POINTS = 15  # markers on a curve

# What a configuration costs, and its name on the axes of the efficiency curves.
_COSTS = {
    "configurations": "configurations",
    "epochs": "epochs",
    "train_seconds": "seconds of training",
}


def draw_best_so_far(table: pd.DataFrame, comparison: Comparison) -> Drawing:
    """The best validation score after each trial, and after the seconds of training until then."""
    figure, panels = plt.subplots(1, 2, figsize=(7.6, 3.4), sharey=True, layout="constrained")
    looks, curves = styles(comparison), []
    for (search, repeat), trials in table.groupby(["search", "repeat"], sort=False):
        curves.append(_best_so_far(trials, comparison))
        look = {"drawstyle": "steps-post", "markersize": 4, **looks[search]}
        if repeat:  # repetitions after the first are thin lines behind it
            look |= {"marker": "", "alpha": 0.4, "linewidth": 0.8}
            _plot_steps(panels, curves[-1], look, f"{search}, repetition {repeat}")
        else:
            _plot_steps(panels, curves[-1], {**look, "label": search}, search)
    by_trials, by_seconds = panels
    by_trials.set(xlabel="trials, in the order of the search")
    by_trials.set(ylabel=f"best {comparison['metric']} so far")
    by_trials.xaxis.get_major_locator().set_params(integer=True)
    by_seconds.set(xlabel="seconds of training, added up")
    by_seconds.xaxis.set_major_locator(MaxNLocator(5))
    limit_scores(by_trials, scores_of(table, comparison), comparison)
    by_trials.set_title("by trials", fontsize="medium")
    by_seconds.set_title("by cost", fontsize="medium")
    finish(figure, by_trials, f"How fast each search improves ({better(comparison)})")
    data = pd.concat(curves)
    reached = "; ".join(_reached(data[data["repeat"] == 0], comparison["metric"]))
    return Drawing(figure, data, f"The best score so far, by trials and by seconds. {reached}.")


def _best_so_far(trials: pd.DataFrame, comparison: Comparison) -> pd.DataFrame:
    """The curve of one repetition: a row where it becomes better, and one at its end."""
    scores = scores_of(trials, comparison)
    best = (scores.cummax() if sign(comparison["mode"]) > 0 else scores.cummin()).ffill()
    # A configuration that a search drew twice was trained once.
    seconds = trials["train_seconds"].where(~trials["trial_id"].duplicated(), 0)
    curve = pd.DataFrame(
        {
            "search": trials["search"],
            "repeat": trials["repeat"],
            "trials": range(1, len(best) + 1),
            "train_seconds": seconds.cumsum(),
            f"best_{comparison['metric']}": best,
        }
    )
    return curve[(best != best.shift()) & best.notna() | (curve["trials"] == len(best))]


def _plot_steps(
    panels: tuple[Axes, Axes], curve: pd.DataFrame, look: dict[str, Any], text: str
) -> None:
    """Plot the curve of one repetition by trials and by seconds."""
    *_, best = curve.columns
    for axes, column in zip(panels, ("trials", "train_seconds"), strict=True):
        (line,) = axes.plot(curve[column], curve[best], **look)
        hover(line, [text])


def _reached(curves: pd.DataFrame, metric: str) -> Iterator[str]:
    """Of each search, its best score and the trial that reached it first."""
    for search, curve in curves.groupby("search", sort=False):
        best = curve[f"best_{metric}"]
        reached = curve[best == best.iloc[-1]]
        if len(reached):
            yield (
                f"{search} has its best {metric} of {number(best.iloc[-1])} at trial "
                f"{number(reached['trials'].iloc[0])} of {number(curve['trials'].iloc[-1])}"
            )


def draw_efficiency(table: pd.DataFrame, comparison: Comparison) -> Drawing:
    """What a random part of each search would have found, by configurations, epochs and seconds.

    Above the expected best validation score, below the expected test score of what is chosen by
    it, where there are test scores. A dotted line is what a search that is not a random sample
    found in its own order.
    """
    rows = {"validation": f"expected best {comparison['metric']}"}
    if comparison["test_metric"]:
        rows["test"] = f"expected {comparison['test_metric']} of that"
    costs = [name for key, name in _COSTS.items() if key != "epochs" or table["epochs"].any()]
    figure, panels = plt.subplots(
        len(rows),
        len(costs),
        figsize=(3.3 * len(costs), 2.9 * len(rows)),
        sharey="row",
        squeeze=False,
        layout="constrained",
    )
    data, looks = _efficiency_table(comparison), styles(comparison)
    for row, (kind, label) in zip(panels, rows.items(), strict=True):
        for panel, cost in zip(row, costs, strict=True):
            for search, curve in data[data["score"] == kind].groupby("search", sort=False):
                _plot_expected(panel, curve, cost, looks[search])
            _dress_cost(panel, cost, data["configurations"].max())
        row[0].set_ylabel(label)
    finish(figure, panels[0, 0], f"A random part of each search ({better(comparison)})")
    return Drawing(figure, data, f"Expected scores of the best of n. {'; '.join(_ends(data))}.")


def _efficiency_table(comparison: Comparison) -> pd.DataFrame:
    """The efficiency curves of all searches, a row for each score and size."""
    parts = []
    for name, search in comparison["searches"].items():
        found = search["efficiency"]
        if found is None:
            continue
        sizes, each = (
            pd.Series(found["sizes"]),
            {"configurations": 1, **search["per_configuration"]},
        )
        costs = {label: sizes * each[cost] for cost, label in _COSTS.items()}
        curves = {"validation": found["validation"]}
        if "test" in found:
            curves["test"] = found["test"]
        for kind, curve in curves.items():
            parts.append(pd.DataFrame({"search": name, "score": kind, **costs, **curve}))
    scores = ["mean", "low", "high", "in_order"]
    table = pd.concat(parts) if parts else pd.DataFrame()
    table = table.reindex(columns=["search", "score", *_COSTS.values(), *scores])
    return table.astype(dict.fromkeys(scores, float))


def _plot_expected(panel: Axes, curve: pd.DataFrame, cost: str, style: Style) -> None:
    """Plot the expected score of one search with its interval, and its score in its own order."""
    search, mean, color = curve["search"].iloc[0], curve["mean"], style["color"]
    look: dict[str, Any] = {"markersize": 3, "markevery": max(len(curve) // _POINTS, 1), **style}
    (line,) = panel.plot(curve[cost], mean, label=search, **look)
    hover(line, [f"{search}: {number(mean.iloc[0])} to {number(mean.iloc[-1])}"])
    ends = (curve["low"], curve["high"])
    panel.fill_between(curve[cost], *ends, color=color, alpha=0.2, linewidth=0)
    if curve["in_order"].notna().any():
        look = {"linestyle": ":", "drawstyle": "steps-post", "color": color}
        label = f"{search} in its own order"
        (line,) = panel.plot(curve[cost], curve["in_order"], label=label, **look)
        hover(line, [label])


def _dress_cost(panel: Axes, cost: str, configurations: int) -> None:
    """Give a panel its axis of costs."""
    panel.grid()
    panel.set_xlabel(cost)
    if configurations > _LOG_FROM:
        panel.set_xscale("log")
    else:
        whole = cost != _COSTS["train_seconds"]
        panel.xaxis.set_major_locator(MaxNLocator(4, integer=whole))


def _ends(data: pd.DataFrame) -> Iterator[str]:
    """Of each curve its first and its last expected score."""
    for (search, kind), curve in data.groupby(["search", "score"], sort=False):
        first, last = curve.iloc[0], curve.iloc[-1]
        yield (
            f"{search}, {kind}: {number(first['mean'])} for one configuration, "
            f"{number(last['mean'])} for {number(last['configurations'])}"
        )


def draw_experiments(table: pd.DataFrame, comparison: Comparison) -> Drawing:
    """Random experiment efficiency curves, after Bergstra & Bengio (2012), Figures 5 and 6.

    For experiments of 1, 2, 4, … random trials the scores of what they chose: a box for ten
    experiments or more, points for fewer. The other designs are lines, marked at their own size;
    a bar is the interval of the best trial for a noisy validation score.
    """
    figure, axes = plt.subplots(figsize=(6.4, 3.9), layout="constrained")
    looks, rows = styles(comparison), []
    random = _random_experiments(comparison)
    for place, (name, experiments) in enumerate(random.items()):
        shift = 2 ** (0.35 * (place - (len(random) - 1) / 2))  # several searches side by side
        for experiment in experiments:
            _plot_experiment(axes, name, experiment, looks[name]["color"], shift)
            rows += [(name, "experiment", experiment["size"], s) for s in experiment["scores"]]
        axes.plot([], [], "s", color=looks[name]["color"], label=f"experiments of {name}")
    choices = _choices(comparison)
    for name, search in comparison["searches"].items():
        size = comparison["coverage"][name]["configurations"]
        if name in choices:
            _plot_choice(axes, name, size, choices[name], looks[name])
            rows.append((name, "best", size, choices[name]))
        if search["best"] and (noisy := search["noisy_interval"]):
            side = size * (1.5 if name in random else 1.7)
            _plot_interval(axes, side, noisy, looks[name]["color"])
            ends = zip(("noisy_low", "noisy_high"), noisy["interval"], strict=True)
            rows += [(name, end, size, score) for end, score in ends]
    _dress_experiments(axes, comparison)
    data = pd.DataFrame(rows, columns=["search", "what", "size", "score"])
    limit_scores(axes, data["score"], comparison)
    finish(figure, axes, f"Experiments of random trials ({better(comparison)})")
    return Drawing(figure, data, f"{'; '.join(_sentences(comparison))}.")


def _random_experiments(comparison: Comparison) -> dict[str, list[Experiment]]:
    """The experiments of each random search."""
    searches = comparison["searches"].items()
    return {n: s["experiments"] for n, s in searches if s["experiments"] is not None}


def _judge(comparison: Comparison) -> Literal["test", "validation"]:
    """By which score the choices are judged."""
    return "test" if comparison["test_metric"] else "validation"


def _choices(comparison: Comparison) -> dict[str, float]:
    """The score of what each search that is not random chose, where there is one."""
    choices, judge = {}, _judge(comparison)
    for name, search in comparison["searches"].items():
        score = search["best"][judge] if search["best"] else None
        if search["experiments"] is None and score is not None:
            choices[name] = score
    return choices


def _plot_experiment(
    axes: Axes, search: str, experiment: Experiment, color: Colour, shift: float
) -> None:
    """Plot the scores of the experiments of one size, at `shift` times this size."""
    size, scores = experiment["size"], experiment["scores"]
    if is_box(scores):
        look = box_style(color, median={"color": INK})
        axes.boxplot(scores, positions=[size * shift], widths=[0.25 * size], **look)
    elif scores:
        points = axes.scatter([size * shift] * len(scores), scores, color=color, s=22, alpha=0.8)
        hover(points, [f"{search}, one of {size}: {number(score)}" for score in scores])


def _plot_choice(axes: Axes, search: str, size: int, score: float, style: Style) -> None:
    """Plot the score of what a search chose as a line, marked at its number of trials."""
    line = axes.axhline(score, color=style["color"], dashes=(4, 1.5), linewidth=1)
    hover(line, [f"{search}: {number(score)}"])
    axes.plot(size, score, style["marker"], color=style["color"], label=search)


def _plot_interval(axes: Axes, place: float, noisy: NoisyBest, color: Colour) -> None:
    """Plot the interval of the best trial for a noisy validation score as a bar."""
    low, high = noisy["interval"]
    arms = [[noisy["mean"] - low], [high - noisy["mean"]]]
    axes.errorbar(place, noisy["mean"], yerr=arms, color=color, marker="_", capsize=3)


def _dress_experiments(axes: Axes, comparison: Comparison) -> None:
    """Give the figure of experiments its axes."""
    axes.set_xscale("log", base=2)
    axes.xaxis.set_major_formatter(lambda size, _: f"{size:g}")
    axes.set_xlabel("trials in an experiment")
    axes.set_ylabel(comparison["test_metric"] or comparison["metric"])
    axes.grid(axis="y")


def _sentences(comparison: Comparison) -> Iterator[str]:
    """Of each random search the medians of its experiments, of each other what it chose."""
    for name, experiments in _random_experiments(comparison).items():
        medians = [
            f"{number(pd.Series(experiment['scores']).median())} of {experiment['size']}"
            for experiment in experiments
            if experiment["scores"]
        ]
        kind = f"median {_judge(comparison)} score of the best"
        yield f"{name}, {kind}: {', '.join(medians)} trials"
    for name, score in _choices(comparison).items():
        size = comparison["coverage"][name]["configurations"]
        yield f"{name}: {number(score)} of {size}"
