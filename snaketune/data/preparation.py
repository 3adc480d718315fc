"""Preparing a data set: read, checked, split once, and written for all trials.

The prepared file is an NPZ with `x`, `y`, `part` (for each row TRAIN, VALIDATION or TEST, or the
number of its fold), `task`, `class_names`, `feature_names` and the `digests` of all these.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from snaketune.base.errors import StudyError
from snaketune.base.wholefile import whole
from snaketune.base.words import plural
from snaketune.data.description import BUILT_IN, describe, in_full
from snaketune.data.prepared import PARTS, TEST, TRAIN, VALIDATION, digest_of
from snaketune.data.tables import Table, read_table

_NAMED = 20  # columns that an error names
_SPLITTING = ("folds", "split", "split_seeds")  # keys that say how to split


def prepare(given: str | dict[str, Any], data: Mapping[str, Any], output: Path) -> None:
    """Write the prepared file of a data set.

    `given` is what the study has under `data`, `data` the full description of one split of it.
    Raises `StudyError` for data that can't be trained on, for example with a missing target, with
    numbers that are not finite or with too few rows of a class; and for data that is no longer as
    described.
    """
    given = in_full(given)
    table = read_table(given)
    _check_finite(table)
    task = data.get("task") or BUILT_IN.get(given.get("name", "")) or _task(table.y)
    y, class_names = _labels(table) if task == "classification" else (_numbers(table.y), [])
    if table.part is None:
        part = _split(y, data, class_names)
    elif key := next((key for key in _SPLITTING if key in given), None):
        raise StudyError("this data is already split", "Remove it", (key,))
    else:
        part = table.part
    _check_parts(part, data, tested=table.part is None and len(data["split"]) == len(PARTS))
    if {**describe(given), "seed": data["seed"]} != data:  # the seed may be a repetition's
        raise StudyError("the data has changed since this run began", "Run again")
    arrays = {
        "x": table.x,
        "y": y,
        "part": part,
        "task": np.array(task),
        "class_names": np.array(class_names, dtype=str),
        "feature_names": np.array(table.feature_names, dtype=str),
    }
    digests = np.array([digest_of(name, array) for name, array in arrays.items()])
    with whole(output) as stream:
        np.savez(stream, allow_pickle=False, **arrays, digests=digests)


def _check_finite(table: Table) -> None:
    bad = ~np.isfinite(table.x.reshape(len(table.x), -1))
    if not bad.any():
        return
    counts = {
        table.feature_names[column] if table.feature_names else f"feature {column}": bad[:, column]
        for column in np.flatnonzero(bad.any(axis=0))
    }
    found = [
        f"'{name}' in {plural(rows.sum(), 'row')} (row {rows.argmax()})"
        for name, rows in list(counts.items())[:_NAMED]
    ]
    raise StudyError(
        f"there are values that are missing or not finite, rows counted from 0: {', '.join(found)}",
        "Fill in what is missing, or leave out the row or the column (drop)",
    )


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
    """The target of a regression as float32."""
    try:
        numbers = y.astype("float32")
    except ValueError:
        raise StudyError(
            f"the target has {y[0]!r}, which is not a number",
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


def _split(y: np.ndarray, data: Mapping[str, Any], class_names: list[str]) -> np.ndarray:
    """The part of each row: drawn with the split's seed, and stratified by class.

    Where drawing by shares leaves a part without a class, each first gets a row of every class.
    """
    folds = data.get("folds")
    _check_classes(y, class_names, folds + 1 if folds else len(data["split"]))
    try:
        part = _drawn(y, data["split"], folds, data["seed"], stratified=bool(class_names))
    except ValueError as error:
        if not class_names:
            raise StudyError(
                f"{len(y)} rows can't be split into these shares: {error}",
                "Take other shares, or more rows",
                ("split",),
            ) from None
    else:
        if not class_names or _has_every_class(part, y):
            return part
    return by_class(y, _shares(data), data["seed"])


def _shares(data: Mapping[str, Any]) -> dict[int, float]:
    """The share of the rows of each part, by its number."""
    split = data["split"]
    if folds := data.get("folds"):
        return {**dict.fromkeys(range(folds), split[0] / folds), TEST: split[1]}
    return dict(zip(PARTS.values(), split, strict=False))


def _has_every_class(part: np.ndarray, y: np.ndarray) -> bool:
    pairs = np.unique(np.column_stack([part, y]), axis=0)
    return len(pairs) == len(np.unique(part)) * len(np.unique(y))


def by_class(y: np.ndarray, shares: Mapping[int, float], seed: int) -> np.ndarray:
    """The part of each row, in which every part has a row of every class.

    `y` has the classes of n rows, each class with as many rows as there are parts or more; `shares`
    has the share of each part, by its number. Of what is left of a class, each part gets its share
    by the method of largest remainders, for the class as a whole.

    >>> by_class(np.array([0, 0, 0, 1, 1]), {7: 0.9, 8: 0.1}, seed=0).tolist()
    [7, 8, 7, 8, 7]
    """
    random = np.random.default_rng(seed)
    part = np.empty(len(y), dtype=int)
    for label in np.unique(y):
        rows = random.permutation(np.flatnonzero(y == label))
        wanted = np.array(list(shares.values())) * len(rows)
        counts = np.ones(len(shares), dtype=int)
        for _ in range(len(rows) - len(shares)):
            counts[(wanted - counts).argmax()] += 1
        part[rows] = np.repeat(list(shares), counts)
    return part


def _drawn(
    y: np.ndarray, shares: list[float], folds: int | None, seed: int, stratified: bool
) -> np.ndarray:
    """`_split`, by scikit-learn, which raises `ValueError` where there are too few rows."""
    from sklearn.model_selection import KFold, StratifiedKFold, train_test_split

    part, rest, test = np.full(len(y), TRAIN), np.arange(len(y)), 0.0
    if folds or len(shares) == len(PARTS):
        *_, test = shares
        rest, held_out = train_test_split(
            rest, test_size=test, stratify=y if stratified else None, random_state=seed
        )
        part[held_out] = TEST
    if folds:
        splitter = (StratifiedKFold if stratified else KFold)(
            folds, shuffle=True, random_state=seed
        )
        for number, (_, validation) in enumerate(splitter.split(rest, y[rest])):
            part[rest[validation]] = number
    else:
        _, validation = train_test_split(
            rest,
            test_size=shares[1] / (1 - test),
            stratify=y[rest] if stratified else None,
            random_state=seed,
        )
        part[validation] = VALIDATION
    return part


def _check_classes(y: np.ndarray, class_names: list[str], needed: int) -> None:
    """Raise `StudyError` for a class with fewer rows than the split has parts."""
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
            f"the class '{class_names[rare]}' has {plural(counts[rare], 'row')}; to be in every "
            f"part of the split it needs {needed}",
            "Leave the class out or join it with another, or, if the target is a number to be "
            "predicted, write 'task: regression'",
            ("target",),
        )


def _check_parts(part: np.ndarray, data: Mapping[str, Any], tested: bool) -> None:
    """Raise `StudyError` for a part without rows; data need have none for test unless `tested`."""
    if "folds" in data:
        names = {TEST: "test", **{fold: f"fold {fold}" for fold in range(data["folds"])}}
    else:
        names = {PARTS[name]: name for name in PARTS if tested or name != "test"}
    for number, name in names.items():
        if not (part == number).any():
            raise StudyError(f"no row is left for {name}", "Take other shares", ("split",))
