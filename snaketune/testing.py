"""A trial without a study, for notebooks and for unit tests of objectives.

from snaketune.testing import trial

config = {"lr": 0.1}
metrics = train(config, trial(config, data=((x, y), (x_val, y_val), (x_test, y_test))))
"""

import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from snaketune.data.prepared import Data, Part
from snaketune.records.record import Identity
from snaketune.running.trial import Trial

Pair = tuple[Any, Any]


def trial(
    config: Mapping[str, Any] | None = None,
    data: Sequence[Pair] | None = None,
    *,
    seed: int = 0,
    fold: int | None = None,
    settings: Mapping[str, Any] | None = None,
    early_stopping: Mapping[str, Any] | None = None,
    threads: int = 1,
    device: str | None = None,
    workdir: str | Path | None = None,
) -> Trial:
    """A trial as an objective gets it, which records nothing.

    `data` is a pair (x, y) for each of train, validation and test, or for the first two: arrays of
    shape (rows, …) and (rows,). Where y are floats the task is regression, else classification with
    the classes 0, 1, …. `settings` are what a study has under ``objective.settings``,
    `early_stopping` its rule in full: metric, mode, and patience or patience_factor. `workdir` is a
    new temporary folder by default. What was reported is in the trial's `history`, what was saved
    in `weights`.

    Raises `ValueError` where `data` has another number of parts, or x and y differ in length.

    >>> found = trial({"lr": 0.1}, settings={"epochs": 3})
    >>> found.report(1, val_loss=0.5)
    >>> found.config, found.settings, found.history
    ({'lr': 0.1}, {'epochs': 3}, [{'epoch': 1, 'val_loss': 0.5}])
    """
    objective = {"early_stopping": dict(early_stopping)} if early_stopping else {}
    spec: Identity = {
        "config": dict(config or {}),
        "data": None if fold is None else {"fold": fold},
        "objective": objective,
        "seed": seed,
        "settings": dict(settings or {}),
    }
    folder = Path(workdir or tempfile.mkdtemp(prefix="snaketune-"))
    made = Trial(spec, folder, threads, device=device)
    if data is not None:
        made.data = _data(data, folder)
    return made


def _data(pairs: Sequence[Pair], folder: Path) -> Data:
    if len(pairs) not in (2, 3):
        raise ValueError(f"data has {len(pairs)} parts, not (x, y) for train, validation and test")
    train, validation, *rest = (_part(*pair) for pair in pairs)
    test = rest[0] if rest else Part(train.x[:0], train.y[:0])
    y = np.concatenate([train.y, validation.y, test.y])
    regression = y.dtype.kind == "f"
    classes = () if regression else tuple(str(c) for c in range(int(y.max(initial=-1)) + 1))
    return Data(
        train,
        validation,
        test,
        path=folder / "data.npz",
        task="regression" if regression else "classification",
        class_names=classes,
        feature_names=(),
    )


def _part(x: Any, y: Any) -> Part:
    x, y = np.asarray(x, dtype="float32"), np.asarray(y)
    if len(x) != len(y):
        raise ValueError(f"x has {len(x)} rows and y {len(y)}")
    return Part(x, y.astype("float32" if y.dtype.kind == "f" else "int64"))
