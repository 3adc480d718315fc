"""The table of trials as a frame, and what can be asked of it."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from snaketune.comparing.findings import Comparison

_TEXT = ("search", "sampler", "trial_id", "status", "error")


def read_trials(path: str | Path) -> pd.DataFrame:
    """trials.csv as a frame: one row per search and trial, in plan order.

    Only empty cells are missing values, so that a hyperparameter may be the text ``None``.
    """
    return pd.read_csv(
        path,
        dtype=dict.fromkeys(_TEXT, "object"),
        keep_default_na=False,
        na_values=[""],
    )


def varied(table: pd.DataFrame, comparison: Comparison) -> list[str]:
    """The hyperparameters that take more than one value in the table, in the study's order.

    Those that every trial has come before those that some trials lack.
    """
    names = [name for name in comparison["hyperparameters"] if table[name].nunique() > 1]
    return sorted(names, key=lambda name: bool(table[name].isna().any()))


def leading(table: pd.DataFrame, comparison: Comparison) -> list[str]:
    """The hyperparameters that vary, those with the largest median fANOVA share first.

    Where importance is not known, the order is that of `varied`.
    """
    importance = comparison["importance"]
    shares = importance["fanova"] if importance else {}
    return sorted(varied(table, comparison), key=lambda n: -float(np.median(shares.get(n, [0.0]))))


def configuration_scores(trials: pd.DataFrame, columns: Sequence[str]) -> pd.DataFrame:
    """The configurations of one repetition by their index, with the means over seeds and folds.

    A configuration with a run that failed or diverged has no score: the mean of the rest would
    favour configurations that only sometimes train. Nor has one whose mean is too
    large for a float.

    >>> trials = pd.DataFrame(
    ...     {
    ...         "index": [0, 0, 1, 1],
    ...         "status": ["complete", "complete", "complete", "failed"],
    ...         "val": [0.5, 0.75, 1.0, None],
    ...     }
    ... )
    >>> configuration_scores(trials, ["val"])["val"].to_dict()
    {0: 0.625}
    """
    complete = (trials["status"] == "complete").groupby(trials["index"]).transform("all")
    # Where nothing is complete the table may lack the metrics' columns.
    scored = trials[complete].reindex(columns=["index", *columns])
    return scored.groupby("index").mean().replace([np.inf, -np.inf], np.nan)


def configurations(trials: pd.DataFrame) -> pd.DataFrame:
    """One row per repetition and configuration, in the order of the search."""
    return trials.drop_duplicates(["search", "repeat", "index"])
