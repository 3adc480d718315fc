"""The report's figures: each a function from the table of trials to a matplotlib figure.

All take `table` (trials.csv, see `comparison.read_trials`) and `comparison` (comparison.json).
Colours are seaborn's colour-blind palette and cividis; searches also differ by marker and dash, so
that a black-and-white print tells them apart.
"""

import math
import textwrap
from collections.abc import Callable

import matplotlib

matplotlib.use("svg")

import pandas as pd
import seaborn as sns
from matplotlib import pyplot as plt
from matplotlib.colors import LogNorm, Normalize
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, MaxNLocator, NullFormatter, NullLocator

from snaketune.comparison import varied

_MARKERS = "osD^vPX*"
_DASHES = [(), (4, 1.5), (1, 1), (3, 1, 1, 1), (5, 1, 1, 1, 1, 1), (2, 2), (6, 2), (1, 2)]
_COLUMNS = 3  # panels side by side; more searches go to further rows
_TITLE = 44  # letters in a line of a panel's title
_MAX_CURVES = 100  # learning curves drawn per search


def save(figure: Figure, path):
    """Write the figure as SVG, the same bytes for the same content, and close it."""
    with plt.rc_context({"svg.hashsalt": "snaketune", "svg.fonttype": "path"}):
        figure.savefig(path, metadata={"Date": None, "Creator": None})
    plt.close(figure)


def designs(table: pd.DataFrame, comparison: dict) -> Figure:
    """Where each search looked: two hyperparameters, the score as colour, projections outside.

    After Figure 1 of Bergstra & Bengio (2012). With more than two hyperparameters that vary, the
    first two of the study are shown; with one, the trials lie on a line.
    """
    names = list(comparison["searches"])
    x, y = [*varied(table, comparison), None, None][:2]
    axes_x, axes_y = _Axis(table, comparison, x), _Axis(table, comparison, y)
    norm = _score_norm(table, comparison)
    columns = min(len(names), _COLUMNS)
    rows = math.ceil(len(names) / columns)
    figure = plt.figure(figsize=(3.6 * columns + 0.8, 4.1 * rows), layout="constrained")
    grid = figure.add_gridspec(
        2 * rows,
        2 * columns + 1,
        width_ratios=[8, 1] * columns + [0.4],
        height_ratios=[1, 8] * rows,
    )
    main = None
    for i, name in enumerate(names):
        trials = table[table["search"] == name]
        row, column = divmod(i, columns)
        # The same axes for all searches: sharing with the one before shares with all.
        main = figure.add_subplot(grid[2 * row + 1, 2 * column], sharex=main, sharey=main)
        top = figure.add_subplot(grid[2 * row, 2 * column], sharex=main)
        right = figure.add_subplot(grid[2 * row + 1, 2 * column + 1], sharey=main)
        main.set_axisbelow(True)
        main.grid(color="0.92")
        done = trials["status"] == "complete"
        main.scatter(
            axes_x.place(trials[done]),
            axes_y.place(trials[done]),
            c=_scores(trials[done], comparison),
            norm=norm,
            cmap=_colours(comparison),
            s=60,
            edgecolor="black",
            linewidth=0.6,
            marker=_MARKERS[i % len(_MARKERS)],
        )
        main.scatter(
            axes_x.place(trials[~done]), axes_y.place(trials[~done]), marker="x", color="0.4"
        )
        axes_x.dress(main.xaxis)
        axes_y.dress(main.yaxis)
        _projection(top, axes_x, trials, vertical=False)
        _projection(right, axes_y, trials, vertical=True)
        title = f"{name}: {_counts(trials, [x, y])}"
        top.set_title(textwrap.fill(title, _TITLE), fontsize="medium")
    figure.colorbar(
        matplotlib.cm.ScalarMappable(norm, _colours(comparison)),
        cax=figure.add_subplot(grid[1::2, -1]),
        label=f"{comparison['metric']} ({_better(comparison)})",
        extend=norm.extend,
    )
    return figure


def best_so_far(table: pd.DataFrame, comparison: dict) -> Figure:
    """The best validation score after each trial, and after the seconds of training it took."""
    metric, larger = comparison["metric"], comparison["mode"] == "max"
    figure, (by_trials, by_seconds) = plt.subplots(
        1, 2, figsize=(7.6, 3.4), sharey=True, layout="constrained"
    )
    for name, style in _styles(comparison).items():
        for repeat, trials in table[table["search"] == name].groupby("repeat"):
            scores = _scores(trials, comparison)
            best = (scores.cummax() if larger else scores.cummin()).ffill()
            look = {"drawstyle": "steps-post", "markersize": 4, **style}
            # Repetitions after the first are thin lines behind it.
            look |= (
                {"label": name} if not repeat else {"marker": "", "alpha": 0.4, "linewidth": 0.8}
            )
            by_trials.plot(range(1, len(best) + 1), best, **look)
            # A configuration that a search drew twice was trained once.
            seconds = trials["train_seconds"].where(~trials["trial_id"].duplicated(), 0)
            by_seconds.plot(seconds.cumsum(), best, **look)
    by_trials.set(xlabel="trials, in the order of the search", ylabel=f"best {metric} so far")
    by_trials.xaxis.get_major_locator().set_params(integer=True)
    by_seconds.set(xlabel="seconds of training, added up")
    by_seconds.xaxis.set_major_locator(MaxNLocator(5))
    _limit_scores(by_trials, _scores(table, comparison), comparison)
    by_trials.set_title("by trials", fontsize="medium")
    by_seconds.set_title("by cost", fontsize="medium")
    _finish(figure, by_trials, f"How fast each search improves ({_better(comparison)})")
    return figure


def efficiency(table: pd.DataFrame, comparison: dict) -> Figure:
    """What a random part of each search would have found: by configurations, and by seconds.

    Above the expected best validation score, below the expected test score of what is chosen by
    it, where there are test scores. `table` is not needed: it is all in `comparison`.
    """
    rows = [("validation", f"expected best {comparison['metric']}")]
    if comparison["test_metric"]:
        rows.append(("test", f"expected {comparison['test_metric']} of that"))
    figure, panels = plt.subplots(
        len(rows),
        2,
        figsize=(7.6, 3.2 * len(rows)),
        sharey="row",
        squeeze=False,
        layout="constrained",
    )
    for row, (kind, label) in zip(panels, rows, strict=True):
        for panel, seconds in zip(row, (False, True), strict=True):
            for name, style in _styles(comparison).items():
                search = comparison["searches"][name]
                found = search["efficiency"]
                if found is None:
                    continue
                cost = search["seconds_per_configuration"] if seconds else 1
                places = [size * cost for size in found["sizes"]]
                curve = {key: pd.Series(found[kind][key], dtype=float) for key in found[kind]}
                panel.plot(places, curve["mean"], label=name, markersize=3, **style)
                if "low" in curve:
                    band = {"color": style["color"], "alpha": 0.2, "linewidth": 0}
                    panel.fill_between(places, curve["low"], curve["high"], **band)
            panel.grid(color="0.92")
            panel.set_xlabel("seconds of training" if seconds else "configurations")
            panel.xaxis.set_major_locator(MaxNLocator(5, integer=not seconds))
        row[0].set_ylabel(label)
    _finish(figure, panels[0, 0], f"A random part of each search ({_better(comparison)})")
    return figure


def hyperparameters(table: pd.DataFrame, comparison: dict) -> Figure:
    """The score of every trial against each hyperparameter that varies."""
    names = varied(table, comparison) or list(comparison["hyperparameters"])[:1]
    figure, panels = _panels(len(names), comparison, most=4, size=(3.2, 3.1), sharex=False)
    larger = comparison["mode"] == "max"
    worst = _worst_shown(_scores(table, comparison), comparison)
    for panel, name in zip(panels.flat, names, strict=False):
        axis = _Axis(table, comparison, name)
        for search, style in _styles(comparison).items():
            trials = table[table["search"] == search]
            places, scores = axis.place(trials), _scores(trials, comparison)
            look = {"color": style["color"], "marker": style["marker"], "s": 36, "alpha": 0.8}
            panel.scatter(places, scores, label=search, **look)
            # What the frame cuts off stands at its edge, hollow.
            cut = scores < worst if larger else scores > worst
            edge = pd.Series(worst, index=scores.index)[cut]
            panel.scatter(places[cut], edge, **{**look, "facecolor": "none"}, clip_on=False)
        axis.dress(panel.xaxis)
        panel.grid(color="0.92")
    outside = _limit_scores(panels.flat[0], _scores(table, comparison), comparison)
    note = f"; the {outside} hollow points are worse than shown" if outside else ""
    title = f"Score against each hyperparameter ({_better(comparison)}{note})"
    _finish(figure, panels.flat[0], title)
    return figure


def learning_curves(table: pd.DataFrame, comparison: dict, read: Callable[[str], dict]) -> Figure:
    """The metric after every epoch of every trial, the best trial of each search on top.

    `read` gives the record of a trial id; at most 100 are read per search, and those without a
    history of the metric leave no curve.
    """
    metric = comparison["metric"]
    names = list(comparison["searches"])
    figure, panels = _panels(len(names), comparison, most=_COLUMNS, size=(3.7, 3.2), sharex=True)
    values = []
    for panel, (name, style) in zip(panels.flat, _styles(comparison).items(), strict=False):
        best = comparison["searches"][name]["best"]
        best_id = best["trial_id"] if best else None
        ids = table.loc[table["search"] == name, "trial_id"].drop_duplicates()
        others = [i for i in ids if i != best_id][: _MAX_CURVES - 1]
        for trial_id in [*others, best_id] if best else others:
            record = read(trial_id)
            epochs, scores = curve(record, metric)
            values += scores
            chosen = trial_id == best_id
            panel.plot(
                epochs,
                scores,
                color=style["color"] if chosen else "0.6",
                linewidth=2.4 if chosen else 0.8,
                marker="o" if len(epochs) == 1 else "",
                label="the best trial" if chosen else None,
            )
            if chosen and epochs:
                at = record["metrics"].get("best_epoch")
                if at in epochs:
                    panel.plot(
                        at,
                        scores[epochs.index(at)],
                        "*",
                        color="black",
                        markersize=11,
                        label="the epoch that counts",
                    )
        panel.set_title(name, fontsize="medium")
        panel.set_xlabel("epoch")
        panel.xaxis.set_major_locator(MaxNLocator(5, integer=True))
        panel.grid(color="0.92")
        if panel.get_legend_handles_labels()[0]:
            panel.legend(loc="lower right" if comparison["mode"] == "max" else "upper right")
    figure.suptitle(f"Learning curves ({_better(comparison)})")
    _limit_scores(panels.flat[0], pd.Series(values, dtype=float), comparison)
    return figure


def heatmap(table: pd.DataFrame, comparison: dict, search: str) -> Figure:
    """A grid's cells as a map of two hyperparameters, the best over all others in each cell."""
    trials = table[table["search"] == search]
    y, x = varied(trials, comparison)[:2]
    scored = trials.assign(score=_scores(trials, comparison))
    cells = scored.pivot_table(
        values="score",
        index=y,
        columns=x,
        aggfunc="max" if comparison["mode"] == "max" else "min",
        dropna=False,
    )
    cells = cells.sort_index(ascending=False)
    norm = _score_norm(trials, comparison)
    figure, axes = plt.subplots(
        figsize=(1.1 * max(cells.shape[1], 3) + 2.2, 0.7 * max(cells.shape[0], 3) + 1.2),
        layout="constrained",
    )
    sns.heatmap(
        cells,
        annot=cells.size <= 100,
        fmt=".3g",
        cmap=_colours(comparison),
        norm=norm,
        linewidths=1,
        cbar_kws={
            "label": f"{comparison['metric']} ({_better(comparison)})",
            "extend": norm.extend,
        },
        ax=axes,
    )
    axes.set_xticklabels([_tick(value) for value in cells.columns])
    axes.set_yticklabels([_tick(value) for value in cells.index], rotation=0)
    others = len(varied(trials, comparison)) - 2
    note = ", each the best over the other hyperparameters" if others > 0 else ""
    axes.set_title(_wrap(figure, f"The cells of {search}{note}"), fontsize="medium")
    return figure


def curve(record: dict, metric: str) -> tuple[list[int], list[float]]:
    """Epochs and values of `metric` in a record's history, where it was a number."""
    points = [(h["epoch"], h[metric]) for h in record["history"] if h.get(metric) is not None]
    return [epoch for epoch, _ in points], [value for _, value in points]


def _panels(number: int, comparison: dict, most: int, size: tuple[float, float], sharex: bool):
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


def _tick(value) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def _wrap(figure: Figure, text: str) -> str:
    """`text` in lines that the figure's width has room for, at about 11 letters an inch."""
    return textwrap.fill(text, int(11 * figure.get_figwidth()))


def _finish(figure: Figure, axes, title: str):
    """Give a figure its title, and a legend of the searches outside the panels."""
    figure.suptitle(_wrap(figure, title))
    handles, labels = axes.get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=len(labels), frameon=False)


class _Axis:
    """Where the values of one hyperparameter lie on an axis; None is an axis without one."""

    def __init__(self, table: pd.DataFrame, comparison: dict, name: str | None):
        self.name = name
        self.scale = comparison["hyperparameters"].get(name, "linear")
        self.values = sorted(table[name].dropna().unique()) if name else []
        if name and self.scale != "category" and table[name].dtype == object:
            self.scale = "category"  # numbers and text mixed
        if self.scale == "category":
            self.values = list(dict.fromkeys(table[name].dropna().astype(str)))
        elif self.scale == "log" and self.values and self.values[0] <= 0:
            # "No weight decay, or log-uniform": nought has its place left of the log axis.
            above = any(value > 0 for value in self.values)
            self.scale = "symlog" if self.values[0] == 0 and above else "linear"

    def place(self, trials: pd.DataFrame) -> pd.Series:
        """The positions of the trials' values, NaN where a trial has none."""
        if self.name is None:
            return pd.Series(0.0, index=trials.index)
        if self.scale == "category":
            codes = {value: i for i, value in enumerate(self.values)}
            return trials[self.name].astype("object").map(lambda v: codes.get(str(v), math.nan))
        return trials[self.name].astype(float)

    def dress(self, axis):
        """Give a matplotlib axis this scale, these ticks and this name."""
        if self.name is None:
            axis.set_visible(False)
            return
        if self.scale == "log":
            axis.axes.set(**{f"{axis.axis_name}scale": "log"})
        if self.scale == "symlog":
            least = next(value for value in self.values if value > 0)
            set_scale = getattr(axis.axes, f"set_{axis.axis_name}scale")
            set_scale("symlog", linthresh=least, linscale=0.5)
            limits = (-0.3 * least, 1.5 * self.values[-1])
            axis.axes.set(**{f"{axis.axis_name}lim": limits})
        elif self.scale != "category" and len(self.values) > 1:
            # From the values, not the points: a failed trial has a place but no point.
            limits = _padded(self.values, self.scale)
            axis.axes.set(**{f"{axis.axis_name}lim": limits})
        if self.scale == "category":
            axis.set_ticks(range(len(self.values)), self.values)
        elif len(self.values) <= 8 and all(float(v).is_integer() for v in self.values):
            axis.set_major_locator(FixedLocator(self.values))
            axis.set_minor_locator(NullLocator())
            axis.set_major_formatter(lambda value, _: f"{value:g}")
        axis.set_minor_formatter(NullFormatter())
        axis.axes.set(**{f"{axis.axis_name}label": self.name})


def _padded(values, scale: str) -> tuple[float, float]:
    """The range of the values with 6 % more on either side, on a linear or log scale."""
    there, back = (math.log10, lambda v: 10**v) if scale == "log" else (float, float)
    low, high = there(values[0]), there(values[-1])
    margin = 0.06 * (high - low)
    return back(low - margin), back(high + margin)


def _projection(axes, axis: _Axis, trials: pd.DataFrame, vertical: bool):
    """Draw each distinct value of a hyperparameter as a tick at the edge of the design."""
    axes.set_axis_off()
    if axis.name is None:
        return
    places = axis.place(trials).dropna().unique()
    draw = axes.hlines if vertical else axes.vlines
    draw(places, 0, 1, color="black", linewidth=1.2)


def _counts(trials: pd.DataFrame, names) -> str:
    """``9 trials, 3 values of lr, 3 of hidden``."""
    parts = [f"{trials[name].nunique()} of {name}" for name in names if name]
    if parts:
        parts[0] = parts[0].replace(" of ", " values of ", 1)
    return ", ".join([f"{trials['trial_id'].nunique()} trials", *parts])


def _styles(comparison: dict) -> dict[str, dict]:
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


def _scores(trials: pd.DataFrame, comparison: dict) -> pd.Series:
    """The validation scores, NaN for trials that have none."""
    if comparison["metric"] not in trials.columns:
        return pd.Series(math.nan, index=trials.index)
    return trials[comparison["metric"]].where(trials["status"] == "complete")


def _better(comparison: dict) -> str:
    return "higher is better" if comparison["mode"] == "max" else "lower is better"


def _colours(comparison: dict) -> str:
    """The colour map of scores: bright is better."""
    return "cividis" if comparison["mode"] == "max" else "cividis_r"


def _worst_shown(scores: pd.Series, comparison: dict) -> float:
    """Where an axis of scores is cut: a few trials that failed to learn must not flatten the rest.

    It reaches three times as far as from the best to the median, or to the worst. A log axis
    needs no cut.
    """
    sign = 1 if comparison["mode"] == "max" else -1
    ordered = (sign * scores).dropna()
    if _score_scale(scores) == "log":
        return sign * ordered.min()
    best, middle = ordered.max(), ordered.median()
    return sign * (max(ordered.min(), 3 * middle - 2 * best) if middle < best else ordered.min())


def _score_scale(scores: pd.Series) -> str:
    """Log for positive scores that span more than a factor of 20, as losses do, else linear."""
    low, high = scores.min(), scores.max()
    return "log" if low > 0 and high > 20 * low else "linear"


def _score_norm(table: pd.DataFrame, comparison: dict) -> Normalize:
    """Colours for scores, cut like the axes; `extend` says on which side."""
    scores = _scores(table, comparison).dropna()
    if scores.empty:
        norm = Normalize(0, 1)
        norm.extend = "neither"
        return norm
    larger = comparison["mode"] == "max"
    worst = _worst_shown(scores, comparison)
    norm_of = LogNorm if _score_scale(scores) == "log" else Normalize
    norm = norm_of(worst, scores.max()) if larger else norm_of(scores.min(), worst)
    cut = (scores < worst).any() if larger else (scores > worst).any()
    norm.extend = ("min" if larger else "max") if cut else "neither"
    return norm


def _limit_scores(axes, scores: pd.Series, comparison: dict) -> int:
    """Cut a score axis at `_worst_shown`; returns how many of the scores lie outside."""
    scores = scores.dropna()
    if scores.empty or scores.min() == scores.max():
        return 0
    worst = _worst_shown(scores, comparison)
    larger = comparison["mode"] == "max"
    scale = _score_scale(scores)
    axes.set_yscale(scale)
    axes.set_ylim(*_padded(sorted((worst, scores.max() if larger else scores.min())), scale))
    return int((scores < worst).sum() if larger else (scores > worst).sum())
