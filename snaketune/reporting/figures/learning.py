"""The figure of how the trials learned."""

from collections.abc import Callable
from pathlib import Path
from typing import cast

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from snaketune.base.modes import sign
from snaketune.base.words import number, shown
from snaketune.comparing.findings import Comparison
from snaketune.records import paths
from snaketune.records.record import Record, read_record
from snaketune.reporting.axes import limit_scores
from snaketune.reporting.greys import GREY, INK
from snaketune.reporting.limits import shown_epochs
from snaketune.reporting.magnitudes import drawable
from snaketune.reporting.style import Colour, better, make_panels, styles
from snaketune.reporting.svg import Drawing, hover
from snaketune.reporting.texts import plain, shortened

_MAX_CURVES = 100  # learning curves drawn per search


def _read(trial_id: str) -> Record:
    return read_record(Path(paths.record(trial_id)), trial_id)


def draw_learning_curves(
    table: pd.DataFrame, comparison: Comparison, read: Callable[[str], Record] = _read
) -> Drawing:
    """The metric after every epoch of every trial, the best trial of each search on top.

    `read` returns the record of a trial id; at most 100 are read per search. A record without a
    history of the metric has no curve, and a long one has `limits.EPOCHS` points.
    """
    names, looks = list(comparison["searches"]), styles(comparison)
    figure, panels = make_panels(len(names), comparison, size=(3.7, 3.2), sharex=True)
    metric, rows, sentences = comparison["metric"], [], []
    for panel, search in zip(panels.flat, names, strict=False):
        found = comparison["searches"][search]["best"]
        best = found["trial_id"] if found else None
        for trial_id in _drawn_ids(table[table["search"] == search], best):
            record = read(trial_id)
            epochs, scores = curve(record, metric)
            if not epochs:
                continue
            points = [(epochs[i], scores[i]) for i in shown_epochs(len(epochs))]
            rows += [(search, trial_id, *point) for point in points]
            _plot_curve(panel, record, points, looks[search]["color"] if trial_id == best else None)
            if trial_id == best:
                _plot_best_epoch(panel, record, epochs, scores)
                sentences.append(
                    f"the best trial of {search} goes from {number(scores[0])} after epoch "
                    f"{epochs[0]} to {number(scores[-1])} after epoch {epochs[-1]}"
                )
        _dress(panel, search, comparison)
    figure.suptitle(f"Learning curves ({better(comparison)})")
    data = pd.DataFrame(rows, columns=["search", "trial_id", "epoch", metric])
    limit_scores(panels.flat[0], data.iloc[:, -1].astype(float), comparison)
    shows = f"{metric} after each epoch: {'; '.join(sentences) or 'no curves'}."
    return Drawing(figure, data, shows)


def _drawn_ids(trials: pd.DataFrame, best: str | None) -> list[str]:
    """The trials of a search that have a curve, the best one last, so that it lies on top."""
    others = [trial_id for trial_id in trials["trial_id"].unique() if trial_id != best]
    return [*others[: _MAX_CURVES - 1], *([best] if best else [])]


def curve(record: Record, metric: str) -> tuple[list[int], list[float]]:
    """Epochs and values of `metric` in a record's history, where it was a number.

    >>> history = [{"epoch": 1, "loss": 0.5}, {"epoch": 2, "loss": None}, {"epoch": 3, "loss": 0.2}]
    >>> curve({"history": history}, "loss")
    ([1, 3], [0.5, 0.2])
    """
    epochs, values = [], []
    for row in record["history"]:
        value = row.get(metric)
        if value is not None:
            epochs.append(cast(int, row["epoch"]))
            values.append(drawable(value))
    return epochs, values


def _plot_curve(
    panel: Axes, record: Record, points: list[tuple[int, float]], highlight: Colour | None
) -> None:
    """Plot one learning curve: thin and grey, or thick and in the colour of `highlight`."""
    epochs, scores = zip(*points, strict=True)
    (line,) = panel.plot(
        epochs,
        scores,
        color=highlight or GREY,
        linewidth=2.4 if highlight else 0.8,
        alpha=1 if highlight else 0.6,
        marker="o" if len(epochs) == 1 else "",
        label="the best trial" if highlight else None,
    )
    pairs = record["config"].items()
    config = ", ".join(f"{key} {shortened(shown(value))}" for key, value in pairs)
    hover(line, [f"{config}: {number(scores[-1])} after epoch {epochs[-1]}"])


def _plot_best_epoch(panel: Axes, record: Record, epochs: list[int], scores: list[float]) -> None:
    """Mark the epoch whose weights are scored, where the record names it."""
    best = record["metrics"].get("best_epoch")
    for epoch, score in zip(epochs, scores, strict=True):
        if epoch == best:
            label = "the epoch that counts"
            panel.plot(epoch, score, "*", color=INK, markersize=11, label=label)
            break


def _dress(panel: Axes, search: str, comparison: Comparison) -> None:
    """Give a panel its title, axis of epochs and legend."""
    panel.set_title(plain(search), fontsize="medium")
    panel.set_xlabel("epoch")
    panel.xaxis.set_major_locator(MaxNLocator(5, integer=True))
    panel.grid()
    if panel.get_legend_handles_labels()[0]:
        panel.legend(loc="lower right" if sign(comparison["mode"]) > 0 else "upper right")
