"""The table of trials as a frame, and what can be asked of it.

A column of a hyperparameter has numbers, and the word `NULL` where the value is null; or text,
where any value is something else: each value as its cell of trials.csv spells it, so that the text
"1", the number 1 and true differ. A trial that lacks the hyperparameter has NaN.
"""

import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from snaketune.base.words import cell, read_cell
from snaketune.comparing.findings import Comparison

_TEXT = ("search", "sampler", "trial_id", "status", "error")

NULL = cell(None)


def read_trials(path: str | Path) -> pd.DataFrame:
    """trials.csv as a frame: one row per search and trial, in plan order.

    Only an empty cell is a missing value.
    """
    cells = read_cells(path)
    columns = [_typed(column, name in _TEXT) for name, column in cells.items()]
    return pd.concat(columns, axis=1)


def read_cells(path: str | Path) -> pd.DataFrame:
    """trials.csv as a frame of its cells: text as it is in the file."""
    # Without a header: of two equal names pandas would rename one.
    rows = pd.read_csv(path, header=None, dtype="object", na_filter=False)
    return rows.iloc[1:].reset_index(drop=True).set_axis(rows.iloc[0].tolist(), axis=1)


def _typed(cells: pd.Series, text: bool) -> pd.Series:
    """The cells of one column: numbers and nulls where there is nothing else, or text."""
    present = cells[cells != ""]
    others = present[present != NULL]
    if text or not all(map(_is_number, others)) or (others.empty and len(present)):
        return present.reindex(cells.index)
    values = others.map(read_cell)
    if len(others) < len(present):
        return values.astype("object").reindex(cells.index).where(cells != NULL, NULL)
    whole = all(isinstance(value, int) and abs(value) < 2**63 for value in values)
    return values.astype("int64" if whole else "float64").reindex(cells.index)


def _is_number(text: str) -> bool:
    """Whether a cell holds a number, and one that a float can hold."""
    return type(read_cell(text)) in (int, float) and math.isfinite(float(text))


def ordered(values: pd.Series) -> bool:
    """Whether the values of a hyperparameter are numbers, or numbers and nulls."""
    if pd.api.types.is_numeric_dtype(values):
        return not pd.api.types.is_bool_dtype(values)
    others = values[(values != NULL) & values.notna()]
    return len(others) > 0 and all(pd.api.types.is_number(v) for v in others)


def numbers(values: pd.Series) -> pd.Series:
    """The numbers among `ordered` values, NaN for null and where a trial has none."""
    return values.where(values != NULL).astype(float)


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
