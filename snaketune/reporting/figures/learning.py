"""."""

from collections.abc import Callable

import pandas as pd
from matplotlib.ticker import MaxNLocator

from snaketune.base.words import number, shown
from snaketune.reporting.axes import limit_scores
from snaketune.reporting.style import COLUMNS, GREY, INK, better, make_panels, styles
from snaketune.reporting.svg import Drawing, hover

_MAX_CURVES = 100  # learning curves drawn per search


def learning_curves(table: pd.DataFrame, comparison: dict, read: Callable[[str], dict]) -> Drawing:
    """The metric after every epoch of every trial, the best trial of each search on top.

    `read` gives the record of a trial id; at most 100 are read per search, and those without a
    history of the metric leave no curve.
    """
    metric = comparison["metric"]
    names = list(comparison["searches"])
    figure, panels = make_panels(len(names), comparison, most=COLUMNS, size=(3.7, 3.2), sharex=True)
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


def curve(record: dict, metric: str) -> tuple[list[int], list[float]]:
    """Epochs and values of `metric` in a record's history, where it was a number."""
    points = [(h["epoch"], h[metric]) for h in record["history"] if h.get(metric) is not None]
    return [epoch for epoch, _ in points], [value for _, value in points]
