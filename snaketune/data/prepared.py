"""Prepared data sets: the parts that a trial reads from the file that `preparation` wrote.

The file has a digest of each of its arrays, and what is read is checked. Planning imports this
module, so it imports numpy only where a file is read.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, TypedDict

from snaketune.base.errors import StudyError

if TYPE_CHECKING:
    import numpy as np

# The number of a row's part in a prepared file; a fold's is its own number, from 0.
TRAIN, VALIDATION, TEST = 0, 1, -1
PARTS = {"train": TRAIN, "validation": VALIDATION, "test": TEST}

ARRAYS = ("x", "y", "part", "task", "class_names", "feature_names")  # of a prepared file


class Part(NamedTuple):
    """One part of a split: `x` of shape (rows, …), float32, and `y` of shape (rows,).

    `y` is int64 for classification, float32 for regression.
    """

    x: np.ndarray
    y: np.ndarray


class Names(TypedDict):
    """What is known of a data set beside its rows, as in `Data`."""

    task: str
    class_names: tuple[str, ...]
    feature_names: tuple[str, ...]


@dataclass(frozen=True)
class Data:
    """The three parts of a data set; `test` is for scoring at the end and selects nothing.

    `path` is the prepared file, `task` classification or regression. `class_names` are the names
    of the classes 0, 1, … (empty for regression), `feature_names` those of the columns of x.
    """

    train: Part
    validation: Part
    test: Part
    path: Path
    task: str
    class_names: tuple[str, ...]
    feature_names: tuple[str, ...]

    @property
    def features(self) -> int:
        """Number of columns of x."""
        return int(self.train.x.shape[1])

    @property
    def classes(self) -> int:
        """Number of classes; 0 for regression. Every part of a stratified split has them all."""
        return len(self.class_names)


def load_data(path: Path, fold: int | None = None, merged: bool = False) -> Data:
    """The data set in an NPZ file that `snaketune.data.preparation` wrote.

    With `fold`, that one is for validation and the others are for training. If `merged`, the
    training rows are those of validation as well. Raises `StudyError` where the file can't be
    read, or is not as it was written.
    """
    stored = _read(path)
    part = stored["part"]
    held_out = part == (VALIDATION if fold is None else fold)
    test = part == TEST
    train = ~test if merged else ~test & ~held_out

    def rows(chosen: np.ndarray) -> Part:
        return Part(stored["x"][chosen], stored["y"][chosen])

    return Data(rows(train), rows(held_out), rows(test), path=path, **_names(stored))


_kept: dict[Path, dict[str, np.ndarray]] = {}  # the files that `keep` has read, by whole paths


def keep(path: Path) -> None:
    """Read a prepared file once for all that load it in this process and its forks.

    Splits of one data set differ in `part` alone, so what they share is kept once. Raises
    `StudyError` as `load_data` does.
    """
    import numpy as np

    path = path.resolve()
    if path in _kept:
        return
    stored = _read(path)
    for other in _kept.values():
        for name, array in stored.items():
            if np.array_equal(array, other[name]) and array.dtype == other[name].dtype:
                stored[name] = other[name]
    _kept[path] = stored


def check(path: Path) -> None:
    """Raise `StudyError` where a prepared file is not as it was written."""
    _read(path)


def load_names(path: Path) -> Names:
    """The task, class names and feature names of a prepared file, without reading its rows.

    Raises `StudyError` as `load_data` does.
    """
    return _names(_read(path, ("task", "class_names", "feature_names")))


def count_rows(path: Path, folds: bool) -> dict[str, int]:
    """How many rows of a prepared file a configuration is validated and tested on.

    With `folds`, each row that is not for testing is for validation in one fold. Raises
    `StudyError` as `load_data` does.
    """
    part = _read(path, ("part",))["part"]
    validation = part != TEST if folds else part == VALIDATION
    return {"validation": int(validation.sum()), "test": int((part == TEST).sum())}


def digest_of(name: str, array: np.ndarray) -> str:
    """The name of an array, and the first 16 hex digits of the SHA-256 of what it holds."""
    import numpy as np

    whole = hashlib.sha256(f"{name} {array.dtype.str} {array.shape} ".encode())
    whole.update(np.ascontiguousarray(array).reshape(-1).view(np.uint8).data)
    return f"{name} {whole.hexdigest()[:16]}"


def _read(path: Path, names: tuple[str, ...] = ARRAYS) -> dict[str, np.ndarray]:
    """Arrays of a prepared file, each of them as it was written."""
    import numpy as np

    path = path.resolve()
    if path in _kept:
        return _kept[path]
    with _damaged_unless_read(path), np.load(path) as stored:
        found = {name: stored[name] for name in names}
        written = set(stored["digests"].tolist())
        for name, array in found.items():
            if digest_of(name, array) not in written:
                raise ValueError(f"'{name}' has been changed since, as its digest says")
        return found


@contextmanager
def _damaged_unless_read(path: Path) -> Iterator[None]:
    """Make whatever a prepared file can raise that is damaged, or of 0.1.0, a `StudyError`."""
    try:
        yield
    except MemoryError:
        raise
    except Exception as error:  # zipfile, zlib and numpy have many
        raise StudyError(
            f"this is not a prepared data set as snaketune writes it: {error}",
            "Delete it and run again: it is prepared again, and nothing is trained again for it",
            file=path,
        ) from None


def _names(stored: Mapping[str, Any]) -> Names:
    return {
        "task": str(stored["task"]),
        "class_names": tuple(stored["class_names"].tolist()),
        "feature_names": tuple(stored["feature_names"].tolist()),
    }
