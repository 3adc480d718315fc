"""."""

import numpy as np
import pandas as pd

_TEXT = ("search", "sampler", "trial_id", "status", "error")


def read_trials(path) -> pd.DataFrame:
    """trials.csv as a frame: one row per search and trial, in plan order.

    Only empty cells are missing values, so that a hyperparameter may be the text ``None``.
    """
    return pd.read_csv(
        path,
        dtype=dict.fromkeys(_TEXT, "object"),
        keep_default_na=False,
        na_values=[""],
    )


def varied(table: pd.DataFrame, comparison: dict) -> list[str]:
    """The hyperparameters that take more than one value in the table, in the study's order.

    Those that every trial has come before those that some trials lack.
    """
    names = [name for name in comparison["hyperparameters"] if table[name].nunique() > 1]
    return sorted(names, key=lambda name: table[name].isna().any())


def leading(table: pd.DataFrame, comparison: dict) -> list[str]:
    """The hyperparameters that vary; where it is known, those that matter most by fANOVA first."""
    found = comparison["importance"]
    shares = found["fanova"] if found else {}
    return sorted(varied(table, comparison), key=lambda n: -float(np.median(shares.get(n, 0))))


def configuration_scores(trials: pd.DataFrame, columns: list[str]) -> pd.DataFrame:
    """The configurations of one repetition by their index, with the means over seeds and folds.

    A configuration with a run that failed or diverged has no score: the mean of the rest would
    favour configurations that only sometimes train.
    """
    complete = (trials["status"] == "complete").groupby(trials["index"]).transform("all")
    scored = trials[complete].reindex(columns=["index", *columns])  # nothing complete, no metrics
    return scored.groupby("index").mean()


def configurations(trials: pd.DataFrame) -> pd.DataFrame:
    """One row per repetition and configuration, in the order of the search."""
    return trials.drop_duplicates(["search", "repeat", "index"])
