"""."""

from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

# The number of a row's part in a prepared file; a fold's is its own number, from 0.
TRAIN, VALIDATION, TEST = 0, 1, -1


class Part(NamedTuple):
    """One part of a split: `x` of shape (rows, …), float32, and `y` of shape (rows,).

    `y` is int64 for classification, float32 for regression.
    """

    x: "numpy.ndarray"  # noqa: F821 - planning imports this module, and must not import numpy
    y: "numpy.ndarray"  # noqa: F821


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
        return self.train.x.shape[1]

    @property
    def classes(self) -> int:
        """Number of classes; 0 for regression. Every part of a stratified split has them all."""
        return len(self.class_names)


def load_data(path: Path, fold: int | None = None, merged: bool = False) -> Data:
    """The data set in an NPZ file that `snaketune.data.preparation` wrote.

    With `fold`, that one is for validation and the others are for training. If `merged`, the
    training rows are those of validation as well.
    """
    stored = _read(path)
    x, y, part = stored["x"], stored["y"], stored["part"]
    held_out = part == (VALIDATION if fold is None else fold)
    test = part == TEST
    train = ~test if merged else ~test & ~held_out
    return Data(
        *(Part(x[rows], y[rows]) for rows in (train, held_out, test)),
        path=path,
        **_names(stored),
    )


_kept: dict[Path, dict] = {}  # what `keep` has read


def keep(path: Path):
    """Read a prepared file for all that load it in this process, or in a fork of it, hereafter."""
    _kept[path] = _read(path)


def _read(path: Path) -> dict:
    """The arrays of a prepared file."""
    import numpy

    if path in _kept:
        return _kept[path]
    with numpy.load(path) as stored:
        return dict(stored)


def load_names(path: Path) -> dict:
    """The task, class names and feature names of a prepared file, without reading its rows."""
    import numpy

    with numpy.load(path) as stored:
        return _names(stored)


def count_rows(path: Path, folds: bool) -> dict[str, int]:
    """How many rows of a prepared file a configuration is validated and tested on.

    With `folds` every row that is no test row is held out once.
    """
    import numpy

    with numpy.load(path) as stored:
        part = stored["part"]
    validation = part != TEST if folds else part == VALIDATION
    return {"validation": int(validation.sum()), "test": int((part == TEST).sum())}


def _names(stored) -> dict:
    return {
        "task": str(stored["task"]),
        "class_names": tuple(stored["class_names"].tolist()),
        "feature_names": tuple(stored["feature_names"].tolist()),
    }
