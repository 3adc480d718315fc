"""Preparing a data set: read, checked, split once, and written for all trials.

The prepared file is an NPZ with `x`, `y`, `part` (for each row: its fold or TRAIN, VALIDATION;
TEST), `task`, `class_names` and `feature_names`.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from snaketune.base.errors import StudyError, suggest
from snaketune.base.wholefile import whole
from snaketune.data.description import BUILT_IN, describe, in_full
from snaketune.data.prepared import TEST, TRAIN, VALIDATION
from snaketune.usercode import entrypoint

_TOLD = 20  # columns named in an error
PARTS = {"train": TRAIN, "validation": VALIDATION, "test": TEST}


@dataclass
class Table:
    """Rows before the split: `x` float32 of shape (rows, …), `y` any labels or numbers of (rows,).

    `part` is given where the source is already split, `class_names` where it has numbered them.
    """

    x: np.ndarray
    y: np.ndarray
    feature_names: list[str]
    part: np.ndarray | None = None
    class_names: list[str] | None = None


def prepare(given: str | dict, data: dict, output: Path):
    """Write the prepared file of a data set.

    `given` is what the study has under `data`, `data` its full description. Raises `StudyError`
    for data that can't be trained on: no such target, numbers that are not finite, too few rows
    of a class; and for data that is no longer as described.
    """
    given = in_full(given)
    table = _read(given)
    _check_finite(table)
    task = data.get("task") or BUILT_IN.get(given.get("name", "")) or _task(table.y)
    y, class_names = _labels(table) if task == "classification" else (_numbers(table.y), [])
    if table.part is None:
        part = _split(y, data, class_names)
    elif key := next((key for key in ("folds", "split") if key in given), None):
        raise StudyError("this data comes already split", "Remove it", (key,))
    else:
        part = table.part
    _check_parts(part, data)
    if describe(given) != data:
        raise StudyError("it has changed since this run began", "Run again")
    with whole(output) as stream:
        np.savez(
            stream,
            x=table.x,
            y=y,
            part=part,
            task=task,
            class_names=np.array(class_names, dtype=str),
            feature_names=np.array(table.feature_names, dtype=str),
        )


def _check_finite(table: Table):
    bad = ~np.isfinite(table.x.reshape(len(table.x), -1))
    if not bad.any():
        return
    counts = {
        table.feature_names[column] if table.feature_names else f"feature {column}": bad[:, column]
        for column in np.flatnonzero(bad.any(axis=0))
    }
    told = [
        f"'{name}' in {rows.sum()} row{'s' if rows.sum() > 1 else ''} (row {rows.argmax()})"
        for name, rows in list(counts.items())[:_TOLD]
    ]
    raise StudyError(
        f"there are values that are missing or not finite, rows counted from 0: {', '.join(told)}",
        "Fill in what is missing, or leave out the row or the column (drop)",
    )


def _read(given: dict) -> Table:
    if "name" in given:
        from sklearn import datasets

        arguments = {"scaled": False} if given["name"] == "diabetes" else {}
        bunch = getattr(datasets, f"load_{given['name']}")(**arguments)
        names = getattr(bunch, "target_names", None)
        return Table(
            _floats(bunch.data),
            bunch.target,
            list(bunch.feature_names),
            class_names=None if names is None else [str(name) for name in names],
        )
    if "function" in given:
        try:
            return _from_function(entrypoint.load(given["function"])())
        except StudyError as error:
            raise error.inside("function") from None
    path = Path(given["file"])
    if path.suffix == ".npz":
        with np.load(path) as arrays:
            return _from_arrays({name: arrays[name] for name in arrays.files}, given)
    return _from_frame(_frame(path), given)


def _frame(path: Path) -> pd.DataFrame:
    try:
        return pd.read_csv(path) if path.suffix == ".csv" else pd.read_parquet(path)
    except ImportError:
        raise StudyError(
            "reading Parquet needs pyarrow",
            "Install it: pip install 'snaketune[parquet]'",
            ("file",),
        ) from None
    except ValueError as error:
        raise StudyError(f"{path} can't be read: {error}", "Mend the file", ("file",)) from None


def _from_frame(frame: pd.DataFrame, given: dict) -> Table:
    file, target, drop = given["file"], given["target"], given.get("drop", [])
    for path, column in [(("target",), target), *((("drop", i), c) for i, c in enumerate(drop))]:
        if column not in frame.columns:
            names = [str(name) for name in frame.columns]
            remedy = suggest(column, names, f"Its columns are {', '.join(names[:_TOLD])}")
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
        shown = [f"'{name}' (row 0 has {x[name].iloc[0]!r})" for name in texts[:_TOLD]]
        raise StudyError(
            f"{file} has columns that are no numbers: {', '.join(shown)}",
            f"Leave them out with 'drop: [{', '.join(texts[:_TOLD])}]', or encode them in a "
            "function of your own",
            ("file",),
        )
    if x.shape[1] == 0:
        raise StudyError(f"{file} has no column beside the target", "Add the features", ("file",))
    return Table(_floats(x.to_numpy(dtype="float64")), y.to_numpy(), [str(n) for n in x.columns])


def _from_arrays(arrays: dict[str, np.ndarray], given: dict) -> Table:
    """The table in an NPZ file: `x` and `y`, or `train_x`, `train_y`, `validation_x` and so on."""
    if set(arrays) == {f"{part}_{name}" for part in PARTS for name in "xy"}:
        return _from_parts({part: (arrays[f"{part}_x"], arrays[f"{part}_y"]) for part in PARTS})
    target = given.get("target", "y")
    if target not in arrays or "x" not in arrays:
        raise StudyError(
            f"{given['file']} has the arrays {', '.join(arrays)}",
            f"It needs x and {target}, or train_x, train_y, validation_x and so on",
            ("target",) if "target" in given else ("file",),
        )
    return _from_pair((arrays["x"], arrays[target]))


def _from_function(returned) -> Table:
    if isinstance(returned, dict) and set(returned) == set(PARTS):
        return _from_parts(returned)
    if isinstance(returned, tuple) and len(returned) == 2:
        return _from_pair(returned)
    raise StudyError(
        f"the function returned {type(returned).__name__}",
        "Return (x, y), or a dict of such pairs for train, validation and test",
    )


def _from_pair(pair) -> Table:
    x, y = pair
    if len(x) != len(y):
        raise StudyError(f"x has {len(x)} rows and y {len(y)}", "Give a target for each row")
    if isinstance(x, pd.DataFrame):
        return Table(_floats(x.to_numpy(dtype="float64")), np.asarray(y), [*map(str, x.columns)])
    return Table(_floats(np.asarray(x)), np.asarray(y), [])


def _from_parts(pairs: dict) -> Table:
    tables = {name: _from_pair(pairs[name]) for name in PARTS}
    return Table(
        np.concatenate([table.x for table in tables.values()]),
        np.concatenate([table.y for table in tables.values()]),
        tables["train"].feature_names,
        np.repeat(list(PARTS.values()), [len(table.y) for table in tables.values()]),
    )


def _floats(x: np.ndarray) -> np.ndarray:
    with np.errstate(over="ignore"):  # infinite in float32 is told like infinite in the file
        return x.astype("float32")


def _task(y: np.ndarray) -> str:
    """Classification, unless the target has numbers that are not whole."""
    if y.dtype.kind == "f" and not np.equal(np.mod(y, 1), 0).all():
        return "regression"
    return "classification"


def _labels(table: Table) -> tuple[np.ndarray, list[str]]:
    """Classes as int64 from 0, and their names in order."""
    if table.class_names is not None:
        return table.y.astype("int64"), table.class_names
    names, labels = np.unique(table.y, return_inverse=True)
    return labels.astype("int64"), [str(name) for name in names.tolist()]


def _numbers(y: np.ndarray) -> np.ndarray:
    try:
        numbers = y.astype("float32")
    except ValueError:
        raise StudyError(
            f"the target has {y[0]!r}, which is no number",
            "Write 'task: classification'",
            ("task",),
        ) from None
    if not np.isfinite(numbers).all():
        row = int(np.argmin(np.isfinite(numbers)))
        raise StudyError(
            f"the target is {numbers[row]} in row {row}, counted from 0",
            "Fill it in, or leave out the row",
            ("target",),
        )
    return numbers


def _split(y: np.ndarray, data: dict, class_names: list[str]) -> np.ndarray:
    """The part of each row: drawn with the split's seed, and stratified by class."""
    from sklearn.model_selection import KFold, StratifiedKFold, train_test_split

    folds, seed = data.get("folds"), data["seed"]
    _check_classes(y, class_names, folds + 1 if folds else len(PARTS))
    rows, part = np.arange(len(y)), np.full(len(y), TRAIN)
    *_, test = data["split"]
    try:
        rest, held_out = train_test_split(
            rows, test_size=test, stratify=y if class_names else None, random_state=seed
        )
        part[held_out] = TEST
        if folds:
            splitter = (StratifiedKFold if class_names else KFold)(
                folds, shuffle=True, random_state=seed
            )
            for number, (_, validation) in enumerate(splitter.split(rest, y[rest])):
                part[rest[validation]] = number
        else:
            _, validation = train_test_split(
                rest,
                test_size=data["split"][1] / (1 - test),
                stratify=y[rest] if class_names else None,
                random_state=seed,
            )
            part[validation] = VALIDATION
    except ValueError as error:
        raise StudyError(
            f"{len(y)} rows can't be split so: {error}",
            "Take other shares, or more rows",
            ("split",),
        ) from None
    return part


def _check_classes(y: np.ndarray, class_names: list[str], needed: int):
    if not class_names:
        return
    if len(class_names) == 1:
        raise StudyError(
            f"the target has one class only, '{class_names[0]}'", "Name another target", ("target",)
        )
    counts = np.bincount(y)
    if counts.min() < needed:
        rare = int(counts.argmin())
        raise StudyError(
            f"the class '{class_names[rare]}' has {counts[rare]} "
            f"row{'s' if counts[rare] > 1 else ''}; to be in every part of the split it needs "
            f"{needed}",
            "Leave the class out or join it with another, or, if the target is a number to be "
            "predicted, write 'task: regression'",
            ("target",),
        )


def _check_parts(part: np.ndarray, data: dict):
    if "folds" in data:
        names = {TEST: "test", **{fold: f"fold {fold}" for fold in range(data["folds"])}}
    else:
        names = {number: name for name, number in PARTS.items()}
    for number, name in names.items():
        if not (part == number).any():
            raise StudyError(f"no row is left for {name}", "Take other shares", ("split",))
