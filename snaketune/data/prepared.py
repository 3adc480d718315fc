"""Prepared data sets: the parts that a trial reads from the file that `preparation` wrote.

Planning imports this module, so it imports numpy only where a file is read.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, TypedDict

if TYPE_CHECKING:
    import numpy as np

# The number of a row's part in a prepared file; a fold's is its own number, from 0.
TRAIN, VALIDATION, TEST = 0, 1, -1
PARTS = {"train": TRAIN, "validation": VALIDATION, "test": TEST}


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
    training rows are those of validation as well. Raises `OSError` where the file can't be read.
    """
    stored = _read(path)
    part = stored["part"]
    held_out = part == (VALIDATION if fold is None else fold)
    test = part == TEST
    train = ~test if merged else ~test & ~held_out

    def rows(chosen: np.ndarray) -> Part:
        return Part(stored["x"][chosen], stored["y"][chosen])

    return Data(rows(train), rows(held_out), rows(test), path=path, **_names(stored))


_kept: dict[Path, dict[str, np.ndarray]] = {}  # the files that `keep` has read


def keep(path: Path) -> None:
    """Read a prepared file once for all that load it in this process and its forks.

    Splits of one data set differ in `part` alone, so what they share is kept once.
    """
    import numpy as np

    if path in _kept:
        return
    stored = _read(path)
    for other in _kept.values():
        for name, array in stored.items():
            if np.array_equal(array, other[name]) and array.dtype == other[name].dtype:
                stored[name] = other[name]
    _kept[path] = stored


def load_names(path: Path) -> Names:
    """The task, class names and feature names of a prepared file, without reading its rows."""
    import numpy as np

    with np.load(path) as stored:
        return _names(stored)


def count_rows(path: Path, folds: bool) -> dict[str, int]:
    """How many rows of a prepared file a configuration is validated and tested on.

    With `folds`, each row that is not for testing is for validation in one fold.
    """
    import numpy as np

    with np.load(path) as stored:
        part = stored["part"]
    validation = part != TEST if folds else part == VALIDATION
    return {"validation": int(validation.sum()), "test": int((part == TEST).sum())}


def _read(path: Path) -> dict[str, np.ndarray]:
    """The arrays of a prepared file."""
    import numpy as np

    if path in _kept:
        return _kept[path]
    with np.load(path) as stored:
        return dict(stored)


def _names(stored: Mapping[str, Any]) -> Names:
    return {
        "task": str(stored["task"]),
        "class_names": tuple(stored["class_names"].tolist()),
        "feature_names": tuple(stored["feature_names"].tolist()),
    }
