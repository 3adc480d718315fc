"""Figures of how well the searches did: against trials and seconds, and in experiments."""

import math
from collections.abc import Iterator
from typing import Any, Literal

import numpy as np
import pandas as pd
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from snaketune.base.modes import sign
from snaketune.base.words import number
from snaketune.comparing.efficiency import is_box
from snaketune.comparing.findings import Comparison
from snaketune.comparing.per_search import Experiment, NoisyBest
from snaketune.reporting.axes import beyond, limit_scores, scores_of, worst_shown
from snaketune.reporting.greys import INK
from snaketune.reporting.style import Colour, Style, better, box_style, finish, judged, styles
from snaketune.reporting.svg import Drawing, hover
from snaketune.reporting.texts import plain

_HOLLOW: dict[str, Any] = {"facecolor": "none", "clip_on": False}  # a point at the edge


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
    by_trials.set(ylabel=f"best {plain(comparison['metric'])} so far")
    by_trials.xaxis.get_major_locator().set_params(integer=True)
    kind = "CPU seconds" if comparison["seconds"] == "cpu_seconds" else "seconds"
    by_seconds.set(xlabel=f"{kind} of training, added up")
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
    spent = comparison["seconds"]
    seconds = trials[spent].where(~trials["trial_id"].duplicated(), 0)
    curve = pd.DataFrame(
        {
            "search": trials["search"],
            "repeat": trials["repeat"],
            "trials": range(1, len(best) + 1),
            spent: seconds.cumsum(),
            f"best_{comparison['metric']}": best,
        }
    )
    return curve[(best != best.shift()) & best.notna() | (curve["trials"] == len(best))]


def _plot_steps(
    panels: tuple[Axes, Axes], curve: pd.DataFrame, look: dict[str, Any], text: str
) -> None:
    """Plot the curve of one repetition by trials and by seconds."""
    *_, trials, seconds, best = curve.columns
    for axes, column in zip(panels, (trials, seconds), strict=True):
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


def draw_experiments(table: pd.DataFrame, comparison: Comparison) -> Drawing:
    """Random experiment efficiency curves, after Bergstra & Bengio (2012), Figures 5 and 6.

    For experiments of 1, 2, 4, … random trials the scores of what they chose: a box for ten
    experiments or more, points for fewer. In a box, experiments without a score rank last. The
    other designs are lines, marked at their own size; a bar is the interval of the best trial for a
    noisy validation score.
    """
    comparison = judged(comparison)
    figure, axes = plt.subplots(figsize=(6.4, 3.9), layout="constrained")
    looks, random, choices = (
        styles(comparison),
        _random_experiments(comparison),
        _choices(comparison),
    )
    data = _experiments_table(comparison)
    worst, edge = _worse_than(data["score"], comparison), _Edge(data["score"], comparison)
    for place, (name, experiments) in enumerate(random.items()):
        shift = 2 ** (0.35 * (place - (len(random) - 1) / 2))  # several searches side by side
        for experiment in experiments:
            _plot_box(axes, experiment, worst, looks[name]["color"], shift)
            _plot_points(axes, name, experiment, edge, looks[name]["color"], shift)
        axes.plot([], [], "s", color=looks[name]["color"], label=f"experiments of {name}")
    for name, search in comparison["searches"].items():
        size = comparison["coverage"][name]["configurations"]
        if name in choices:
            _plot_choice(axes, name, size, choices[name], looks[name], edge)
        if search["best"] and (noisy := search["noisy_interval"]):
            side = size * (1.5 if name in random else 1.7)
            _plot_interval(axes, side, noisy, looks[name]["color"])
    _dress_experiments(axes, comparison, data["score"].dropna())
    note = "; hollow points are worse than shown" if edge.beyond(data["score"]).any() else ""
    finish(figure, axes, f"Experiments of random trials ({better(comparison)}{note})")
    return Drawing(figure, data, f"{'; '.join(_sentences(comparison))}.")


def _experiments_table(comparison: Comparison) -> pd.DataFrame:
    """What the figure of experiments draws: a row for each score, and each missing score."""
    choices, rows = _choices(comparison), []
    for name, experiments in _random_experiments(comparison).items():
        for experiment in experiments:
            scores = [*experiment["scores"], *[math.nan] * experiment["failed"]]
            rows += [(name, "experiment", experiment["size"], score) for score in scores]
    for name, search in comparison["searches"].items():
        size = comparison["coverage"][name]["configurations"]
        if name in choices:
            rows.append((name, "best", size, choices[name]))
        if search["best"] and (noisy := search["noisy_interval"]):
            ends = zip(("noisy_low", "noisy_high"), noisy["interval"], strict=True)
            rows += [(name, end, size, score) for end, score in ends]
    return pd.DataFrame(rows, columns=["search", "what", "size", "score"])


def _worse_than(scores: pd.Series, comparison: Comparison) -> float:
    """A score so much worse than these that it lies outside the axis."""
    larger = sign(comparison["mode"])
    span = scores.max() - scores.min()
    return float(larger * ((larger * scores).min() - 100 * (span or 1)))


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


class _Edge:
    """Where the axis of these scores is cut: what is worse is a hollow point there."""

    def __init__(self, scores: pd.Series, comparison: Comparison):
        self._comparison = comparison
        self._worst = worst_shown(scores.dropna(), comparison)

    def beyond(self, scores: pd.Series) -> pd.Series:
        """Which of the scores lie beyond the edge."""
        return beyond(scores, self._worst, self._comparison)

    def place(self, scores: pd.Series) -> pd.Series:
        """Where the scores are shown."""
        return scores.mask(self.beyond(scores), self._worst)


def _plot_box(
    axes: Axes, experiment: Experiment, worst: float, color: Colour, shift: float
) -> None:
    """Plot the scores of many experiments of one size as a box, at `shift` times this size.

    Experiments without a score have the score `worst`, so that a box or a whisker that reaches down
    to them leaves the axis.
    """
    size, scores = experiment["size"], experiment["scores"]
    if is_box(experiment) and scores:
        look = box_style(color, median={"color": INK})
        ranked = [*scores, *[worst] * experiment["failed"]]
        axes.boxplot(ranked, positions=[size * shift], widths=[0.25 * size], **look)


def _plot_points(
    axes: Axes, search: str, experiment: Experiment, edge: _Edge, color: Colour, shift: float
) -> None:
    """Plot the scores of few experiments of one size as points, at `shift` times this size."""
    size, scores = experiment["size"], pd.Series(experiment["scores"], dtype=float)
    outside = edge.beyond(scores)
    for some, look in ((scores[~outside], {}), (scores[outside], _HOLLOW)):
        if is_box(experiment) or some.empty:
            continue
        at = [size * shift] * len(some)
        points = axes.scatter(at, edge.place(some), color=color, s=22, alpha=0.8, **look)
        hover(points, [f"{search}, one of {size}: {number(score)}" for score in some])


def _plot_choice(
    axes: Axes, search: str, size: int, score: float, style: Style, edge: _Edge
) -> None:
    """Plot the score of what a search chose as a line, marked at its number of trials."""
    line = axes.axhline(score, color=style["color"], dashes=(4, 1.5), linewidth=1)
    hover(line, [f"{search}: {number(score)}"])
    place, outside = edge.place(pd.Series([score])), edge.beyond(pd.Series([score])).any()
    look: dict[str, Any] = {"fillstyle": "none", "clip_on": False} if outside else {}
    axes.plot([size], place, style["marker"], color=style["color"], label=search, **look)


def _plot_interval(axes: Axes, place: float, noisy: NoisyBest, color: Colour) -> None:
    """Plot the interval of the best trial for a noisy validation score as a bar."""
    low, high = noisy["interval"]
    arms = [[noisy["mean"] - low], [high - noisy["mean"]]]
    axes.errorbar(place, noisy["mean"], yerr=arms, color=color, marker="_", capsize=3)


def _dress_experiments(axes: Axes, comparison: Comparison, scores: pd.Series) -> None:
    """Give the figure of experiments its axes."""
    axes.set_xscale("log", base=2)
    axes.xaxis.set_major_formatter(lambda size, _: f"{size:g}")
    axes.set_xlabel("trials in an experiment")
    axes.set_ylabel(plain(comparison["test_metric"] or comparison["metric"]))
    axes.grid(axis="y")
    if scores.nunique() == 1:
        margin = abs(scores.iloc[0]) / 20 or 1
        axes.set_ylim(scores.iloc[0] - margin, scores.iloc[0] + margin)
    limit_scores(axes, scores, comparison)


def _sentences(comparison: Comparison) -> Iterator[str]:
    """Of each random search the medians of its experiments, of each other what it chose."""
    for name, experiments in _random_experiments(comparison).items():
        medians = [f"{_median(e, comparison)} of {e['size']}" for e in experiments]
        kind = f"median {_judge(comparison)} score of the best"
        yield f"{name}, {kind}: {', '.join(medians)} trials"
    for name, score in _choices(comparison).items():
        size = comparison["coverage"][name]["configurations"]
        yield f"{name}: {number(score)} of {size}"


def _median(experiment: Experiment, comparison: Comparison) -> str:
    """The median score of experiments, those without a score being the worst."""
    worst = -sign(comparison["mode"]) * math.inf
    median = np.median([*experiment["scores"], *[worst] * experiment["failed"]])
    return number(float(median)) if math.isfinite(median) else "no result"
