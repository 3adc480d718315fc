"""The figure of what a part of each search's configurations would have found."""

from collections.abc import Iterator
from typing import Any

import pandas as pd
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from snaketune.base.words import number, percent
from snaketune.comparing.findings import Comparison
from snaketune.comparing.per_search import Efficiency
from snaketune.reporting.style import Colour, Style, better_on_both, finish, styles
from snaketune.reporting.svg import Drawing, hover
from snaketune.reporting.texts import plain

_LOG_FROM = 30  # with more configurations the cost axes are logarithmic: curves change early
_POINTS = 15  # markers on a curve
_CERTAIN = 0.95  # a mean is faint where a result is less likely

# What a configuration costs, and its name on the axes.
_COSTS = {
    "configurations": "configurations",
    "epochs": "epochs",
    "train_seconds": "seconds of training",
    "cpu_seconds": "CPU seconds of training",
}


def draw_efficiency(table: pd.DataFrame, comparison: Comparison) -> Drawing:
    """What a part of each search would have found, by configurations, epochs and seconds.

    Above the best validation score, below the test score of what is chosen by it, where there are
    test scores. A dotted line is what a grid found in its own order.
    """
    rows = {"validation": f"best {plain(comparison['metric'])}"}
    if comparison["test_metric"]:
        rows["test"] = f"{plain(comparison['test_metric'])} of that"
    costs = [
        "configurations",
        *(["epochs"] if table["epochs"].any() else []),
        comparison["seconds"],
    ]
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
        curves = data[data["data"] == kind]
        _limit(row[0], curves)
        for panel, cost in zip(row, costs, strict=True):
            for search, curve in curves.groupby("search", sort=False):
                _plot_curve(panel, curve, _COSTS[cost], looks[search])
            _dress_cost(panel, cost, data["configurations"].max())
        row[0].set_ylabel(label)
    finish(figure, panels[0, 0], f"What a part of each search finds ({better_on_both(comparison)})")
    return Drawing(figure, data, f"The scores of the best of n. {'; '.join(_ends(data))}.")


def _efficiency_table(comparison: Comparison) -> pd.DataFrame:
    """The curves of all searches, a row for each kind of data and number of configurations."""
    costs = {key: _COSTS[key] for key in ("configurations", "epochs", comparison["seconds"])}
    parts = []
    for name, search in comparison["searches"].items():
        found = search["efficiency"]
        if found is None:
            continue
        sizes = pd.Series(found["sizes"])
        each: dict[str, Any] = {"configurations": 1, **search["per_configuration"]}
        start = {"search": name, "statistic": _statistic(found)}
        spent = {label: sizes * each[key] for key, label in costs.items()}
        curves = {"validation": found["validation"]}
        if "test" in found:
            curves["test"] = found["test"]
        for kind, curve in curves.items():
            parts.append(pd.DataFrame({**start, "data": kind, **spent, **curve}))
    scores = ["score", "low", "high", "in_order", "chance"]
    table = pd.concat(parts) if parts else pd.DataFrame()
    table = table.reindex(columns=["search", "statistic", "data", *costs.values(), *scores])
    return table.astype(dict.fromkeys(scores, float))


def _statistic(found: Efficiency) -> str:
    """What the scores of a search are."""
    words = {"median": "median", "mean": f"mean of {found['repeats']}", "score": "one run"}
    return words[found["statistic"]]


def _limit(panel: Axes, curves: pd.DataFrame) -> None:
    """Cut the axis of scores, so that a wide interval does not flatten the curves."""
    lines = curves[["score", "in_order"]]
    least, most = lines.min(axis=None), lines.max(axis=None)
    if pd.isna(least):
        return
    span = (most - least) or abs(most) / 10 or 1
    low = max(least - span, min(least, curves["low"].min()))
    high = min(most + span, max(most, curves["high"].max()))
    panel.set_ylim(low - 0.06 * span, high + 0.06 * span)


def _plot_curve(panel: Axes, curve: pd.DataFrame, cost: str, style: Style) -> None:
    """Plot what one search finds, and what a grid found in its own order."""
    search, color, score = curve["search"].iloc[0], style["color"], curve["score"]
    label = f"{search} ({curve['statistic'].iloc[0]})"
    look: dict[str, Any] = {"markersize": 3, "markevery": max(len(curve) // _POINTS, 1), **style}
    faint = curve["statistic"].str.startswith("mean") & (curve["chance"] < _CERTAIN)
    (line,) = panel.plot(curve[cost], score.mask(faint), label=label, **look)
    shown = score.dropna()
    ends = f"{number(shown.iloc[0])} to {number(shown.iloc[-1])}" if len(shown) else "no result"
    hover(line, [f"{label}: {ends}"])
    if faint.any():
        joined = faint | faint.shift(fill_value=False)  # up to the next point
        panel.plot(curve[cost], score.where(joined), alpha=0.35, **look)
    _plot_limits(panel, curve, cost, color)
    if curve["in_order"].notna().any():
        look = {"linestyle": ":", "drawstyle": "steps-post", "color": color}
        label = f"{search} in its own order"
        (line,) = panel.plot(curve[cost], curve["in_order"], label=label, **look)
        hover(line, [label])


def _plot_limits(panel: Axes, curve: pd.DataFrame, cost: str, color: Colour) -> None:
    """Plot the interval as a band, of a single point as a bar, and one limit alone as a line."""
    both = curve[["low", "high"]].notna().all(axis=1)
    if len(curve) == 1 and both.all():
        panel.vlines(curve[cost], curve["low"], curve["high"], color=color, alpha=0.5)
    band = curve[both]
    panel.fill_between(band[cost], band["low"], band["high"], color=color, alpha=0.2, linewidth=0)
    for limit in ("low", "high"):
        alone = curve[limit].where(~both)
        panel.plot(curve[cost], alone, color=color, alpha=0.5, linewidth=0.8)


def _dress_cost(panel: Axes, cost: str, configurations: int) -> None:
    """Give a panel its axis of costs."""
    panel.grid()
    panel.set_xlabel(_COSTS[cost])
    if configurations > _LOG_FROM:
        panel.set_xscale("log")
    else:
        whole = cost in ("configurations", "epochs")
        panel.xaxis.set_major_locator(MaxNLocator(4, integer=whole))


def _ends(data: pd.DataFrame) -> Iterator[str]:
    """Of each curve its first and its last score."""
    for (search, kind), curve in data.groupby(["search", "data"], sort=False):
        start = f"{search}, {kind}, {curve['statistic'].iloc[0]}"
        shown = curve[curve["score"].notna()]
        if shown.empty:
            yield f"{start}: no result is as likely as one"
            continue
        ends = shown.iloc[[0, -1]].drop_duplicates("configurations").to_dict("records")
        scores = [f"{number(end['score'])} for {number(end['configurations'])}" for end in ends]
        first = curve.iloc[0]
        unsure = f"; for {number(first['configurations'])} the chance of a result is "
        chance = f"{unsure}{percent(first['chance'])}" if first["chance"] < 1 else ""
        yield f"{start}: {', '.join(scores)}{chance}"
