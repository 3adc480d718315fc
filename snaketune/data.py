"""Data sets: their description in a study, their split, and the arrays that a trial gets."""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from snaketune.errors import StudyError

# scikit-learn's embedded classification tables: real data that needs no download.
BUILT_IN = ("breast_cancer", "digits", "iris", "wine")
PARTS = ("train", "validation", "test")


def parse_data(spec: str | dict) -> dict:
    """The full description of a data set: its name, the shares of its split, and its seed.

    The description is part of each trial's identity. Raises `StudyError`.
    """
    given = {"name": spec} if isinstance(spec, str) else spec
    data = {"name": given["name"], "split": given.get("split", [0.6, 0.2, 0.2])}
    data["seed"] = given.get("seed", 0)
    if data["name"] not in BUILT_IN:
        path = () if isinstance(spec, str) else ("name",)
        raise StudyError(
            f"there is no data set '{data['name']}'", f"Name one of {', '.join(BUILT_IN)}", path
        )
    if abs(sum(data["split"]) - 1) > 1e-9:
        raise StudyError(
            f"the shares {data['split']} add up to {sum(data['split']):g}",
            "Three shares [train, validation, test] add up to 1",
            ("split",),
        )
    return data


class Part(NamedTuple):
    """One part of a split: `x`, float32 of shape (rows, features), and `y`, int64 of (rows,)."""

    x: "numpy.ndarray"  # noqa: F821 - planning imports this module, and must not import numpy
    y: "numpy.ndarray"  # noqa: F821


@dataclass(frozen=True)
class Data:
    """The three parts of a data set; `test` is for scoring at the end and selects nothing."""

    train: Part
    validation: Part
    test: Part

    @property
    def features(self) -> int:
        """Number of columns of x."""
        return self.train.x.shape[1]

    @property
    def classes(self) -> int:
        """Number of classes; every part of a stratified split has them all."""
        return int(self.train.y.max()) + 1


def split_data(data: dict) -> Data:
    """Load the data set that `data` describes and split it, stratified by class."""
    from sklearn import datasets
    from sklearn.model_selection import train_test_split

    x, y = getattr(datasets, f"load_{data['name']}")(return_X_y=True)
    x, y = x.astype("float32"), y.astype("int64")
    _, validation, test = data["split"]
    x_rest, x_test, y_rest, y_test = train_test_split(
        x, y, test_size=test, stratify=y, random_state=data["seed"]
    )
    x_train, x_validation, y_train, y_validation = train_test_split(
        x_rest,
        y_rest,
        test_size=validation / (1 - test),
        stratify=y_rest,
        random_state=data["seed"],
    )
    return Data(Part(x_train, y_train), Part(x_validation, y_validation), Part(x_test, y_test))


def save_data(data: Data, path: Path):
    """Write the parts to the NPZ file `path`, whole or not at all."""
    import numpy

    arrays = {
        f"{part}_{name}": getattr(getattr(data, part), name) for part in PARTS for name in "xy"
    }
    partial = path.with_suffix(".partial.npz")
    numpy.savez(partial, **arrays)
    os.replace(partial, path)


def load_data(path: Path) -> Data:
    """The data set in an NPZ file that `save_data` wrote."""
    import numpy

    with numpy.load(path) as arrays:
        return Data(*(Part(arrays[f"{part}_x"], arrays[f"{part}_y"]) for part in PARTS))
