"""Reading the source of a data set: a built-in set, a file or a function makes a table."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np
import pandas as pd

from snaketune.base.errors import StudyError, inside, suggest
from snaketune.data.prepared import PARTS
from snaketune.usercode import entrypoint

_NAMED = 20  # columns that an error names
_SPLITS = (tuple(PARTS), ("train", "validation"))  # what a source may be split into


@dataclass
class Table:
    """Rows before the split: `x` float32 of shape (rows, …), `y` any labels or numbers of (rows,).

    `feature_names` is empty where the source has none. `part`, of shape (rows,), is given where the
    source is already split, `class_names` where it has numbered the classes itself.
    """

    x: np.ndarray
    y: np.ndarray
    feature_names: list[str]
    part: np.ndarray | None = None
    class_names: list[str] | None = None


def read_table(given: Mapping[str, Any]) -> Table:
    """The table of what a study has under `data`, in full.

    Raises `StudyError` where it can't be read or lacks a column that `given` names. What a
    function raises is not caught.
    """
    if "name" in given:
        return _built_in(given["name"])
    if "function" in given:
        with inside("function"):
            return _from_function(entrypoint.load(given["function"])())
    path = Path(given["file"])
    if path.suffix == ".npz":
        return _from_arrays(_arrays(path), given)
    return _from_frame(_frame(path), given)


def _built_in(name: str) -> Table:
    from sklearn import datasets

    arguments = {"scaled": False} if name == "diabetes" else {}
    bunch = getattr(datasets, f"load_{name}")(**arguments)
    names = getattr(bunch, "target_names", None)
    return Table(
        _floats(bunch.data),
        bunch.target,
        list(bunch.feature_names),
        class_names=None if names is None else [str(name) for name in names],
    )


def _frame(path: Path) -> pd.DataFrame:
    try:
        return _csv(path) if path.suffix == ".csv" else pd.read_parquet(path)
    except ImportError:
        raise StudyError(
            "reading Parquet needs pyarrow", "Install it: pip install pyarrow", ("file",)
        ) from None
    except ValueError as error:
        raise StudyError(f"{path} can't be read: {error}", "Mend the file", ("file",)) from None


def _arrays(path: Path) -> dict[str, np.ndarray]:
    try:
        with np.load(path) as arrays:
            return dict(arrays)
    except (BadZipFile, EOFError, OSError, TypeError, ValueError) as error:
        raise StudyError(f"{path} can't be read: {error}", "Mend the file", ("file",)) from None


def _csv(path: Path) -> pd.DataFrame:
    """The table in a CSV file. Raises `ValueError` where rows don't fit the header."""
    # Read as two rows: of a row that exceeds the header, pandas would else make a name of the row
    # and shift all columns; and of two columns with one name it would rename one.
    header, *_ = pd.read_csv(
        path, header=None, nrows=2, dtype=str, keep_default_na=False
    ).to_numpy()
    if twice := _twice(name for name in header if name):
        raise ValueError(f"two columns are called '{twice}'")
    return pd.read_csv(path)


def _twice(names: Iterable[Any]) -> Any:
    """The first name that is there twice; None where all are different."""
    seen = set()
    for name in names:
        if name in seen:
            return name
        seen.add(name)
    return None


def _from_frame(frame: pd.DataFrame, given: Mapping[str, Any]) -> Table:
    file, target, drop = given["file"], given["target"], given.get("drop", [])
    for path, column in [(("target",), target), *((("drop", i), c) for i, c in enumerate(drop))]:
        if column not in frame.columns:
            names = [str(name) for name in frame.columns]
            remedy = suggest(column, names, f"Its columns are {', '.join(names[:_NAMED])}")
            raise StudyError(f"{file} has no column '{column}'", remedy, path)
    y, x = frame[target], frame.drop(columns=[target, *drop])
    if y.isna().any():
        raise StudyError(
            f"the target is missing in row {int(y.isna().argmax())} of {file}, counted from 0",
            "Fill it in, or leave out the row",
            ("target",),
        )
    texts = [name for name in x.columns if not pd.api.types.is_numeric_dtype(x[name])]
    if texts:
        shown = [f"'{name}' (row 0 has {x[name].iloc[0]!r})" for name in texts[:_NAMED]]
        raise StudyError(
            f"{file} has columns that are not numbers: {', '.join(shown)}",
            f"Leave them out with 'drop: [{', '.join(texts[:_NAMED])}]', or encode them in a "
            "function of your own",
            ("file",),
        )
    if x.shape[1] == 0:
        raise StudyError(f"{file} has only the target column", "Add the features", ("file",))
    return Table(_floats(x.to_numpy(dtype="float64")), y.to_numpy(), [str(n) for n in x.columns])


def _from_arrays(arrays: dict[str, np.ndarray], given: Mapping[str, Any]) -> Table:
    """The table in an NPZ file: `x` and `y`, or `train_x`, `train_y`, `validation_x` and so on."""
    for parts in _SPLITS:
        if set(arrays) == {f"{part}_{name}" for part in parts for name in "xy"}:
            return _from_parts({part: (arrays[f"{part}_x"], arrays[f"{part}_y"]) for part in parts})
    target = given.get("target", "y")
    if target not in arrays or "x" not in arrays:
        raise StudyError(
            f"{given['file']} has the arrays {', '.join(arrays)}",
            f"It needs x and {target}, or train_x, train_y, validation_x and so on",
            ("target",) if "target" in given else ("file",),
        )
    return _from_pair((arrays["x"], arrays[target]))


def _from_function(returned: object) -> Table:
    if isinstance(returned, dict) and set(returned) in map(set, _SPLITS):
        return _from_parts({part: returned[part] for part in PARTS if part in returned})
    if isinstance(returned, tuple) and len(returned) == 2:
        return _from_pair(returned)
    raise StudyError(
        f"the function returned {type(returned).__name__}",
        "Return (x, y), or a dict of such pairs for train, validation and, if there is one, test",
    )


def _from_pair(pair: tuple[Any, Any]) -> Table:
    x, y = pair
    if len(x) != len(y):
        raise StudyError(f"x has {len(x)} rows and y {len(y)}", "Give a target for each row")
    if isinstance(x, pd.DataFrame):
        if (twice := _twice(x.columns)) is not None:
            raise StudyError(f"x has two columns '{twice}'", "Rename one of them")
        return Table(_floats(x.to_numpy(dtype="float64")), np.asarray(y), [*map(str, x.columns)])
    return Table(_floats(np.asarray(x)), np.asarray(y), [])


def _from_parts(pairs: Mapping[str, tuple[Any, Any]]) -> Table:
    tables = {name: _from_pair(pair) for name, pair in pairs.items()}
    return Table(
        np.concatenate([table.x for table in tables.values()]),
        np.concatenate([table.y for table in tables.values()]),
        tables["train"].feature_names,
        np.repeat([PARTS[name] for name in tables], [len(table.y) for table in tables.values()]),
    )


def _floats(x: np.ndarray) -> np.ndarray:
    # What is too large for float32 becomes infinite, which `preparation` reports; no warning.
    with np.errstate(over="ignore"):
        return x.astype("float32")
