"""How much the figures show: of more searches, hyperparameters and epochs, some are left out."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from snaketune.base.modes import sign
from snaketune.comparing.findings import Comparison
from snaketune.comparing.trials import leading, varied

SEARCHES = 12  # in one figure: more cannot be told apart by their colours and markers
HYPERPARAMETERS = 12  # that have a panel or a coordinate
EPOCHS = 500  # points of a learning curve


_OF_ONE_SEARCH = ("importance", "response", "heatmap")  # what these show is of one search


def shown_part(
    table: pd.DataFrame, comparison: Comparison, *needed: str
) -> tuple[pd.DataFrame, Comparison]:
    """The part of a study that its figures show: the searches with the best configurations.

    They keep the study's order. The searches in `needed`, and the one that importance is of, are
    among them in any case.
    """
    searches = comparison["searches"]
    if len(searches) <= SEARCHES:
        return table, comparison
    importance, larger = comparison["importance"], sign(comparison["mode"])
    scores = {
        name: larger * search["best"]["validation"] if search["best"] else -np.inf
        for name, search in searches.items()
    }
    best = sorted(scores, key=lambda name: -scores[name])[:SEARCHES]
    names = {*best, *needed, *([importance["search"]] if importance else [])}
    shown = {name: search for name, search in searches.items() if name in names}
    return table[table["search"].isin(names)], {**comparison, "searches": shown}


def shown_hyperparameters(table: pd.DataFrame, comparison: Comparison) -> list[str]:
    """Those that vary, in the order of `varied`: the ones that matter most, if importance is known.

    Else the first of them.
    """
    names = varied(table, comparison)
    if len(names) <= HYPERPARAMETERS:
        return names
    most = leading(table, comparison)[:HYPERPARAMETERS]
    return [name for name in names if name in most]


def shown_epochs(count: int) -> Sequence[int]:
    """The places of the points of a learning curve that are drawn: the ends, and evenly between.

    >>> shown_epochs(3), len(shown_epochs(100_000))
    ([0, 1, 2], 500)
    """
    places: list[int] = np.linspace(0, count - 1, min(count, EPOCHS)).round().astype(int).tolist()
    return places


def left_out(kind: str, table: pd.DataFrame, comparison: Comparison) -> list[str]:
    """Sentences about what the figure `kind` does not show of this study, and where all is."""
    sentences = []
    searches, names = len(comparison["searches"]), len(varied(table, comparison))
    if kind not in _OF_ONE_SEARCH and searches > SEARCHES:
        sentences.append(
            f"Of {searches} searches, the {SEARCHES} with the best configurations are shown; the "
            "trials of all are in trials.csv, and their curves in the records in results/trials/."
        )
    if kind in ("hyperparameters", "parallel") and names > HYPERPARAMETERS:
        which = "matter most" if comparison["importance"] else "come first in the study file"
        sentences.append(
            f"Of the {names} hyperparameters that vary, the {HYPERPARAMETERS} that {which} are "
            "shown; all are in trials.csv."
        )
    if kind == "learning_curves" and (table["epochs"] > EPOCHS).any():
        sentences.append(
            f"Of a curve with more than {EPOCHS} epochs, {EPOCHS} are drawn; all are in the "
            "records in results/trials/."
        )
    return sentences
