"""The best trial under noisy scores, and what the rows of the data can tell apart."""

from collections.abc import Iterator
from functools import partial

import numpy as np

from covering import Table, shares
from snaketune.base.modes import Mode
from snaketune.comparing.noise import noisy_best, told_apart


def tables(runs: int) -> Iterator[Table]:
    """The interval of the best trial, and false alarms of two models that are equally good."""
    yield Table(
        "Test score of the best trial under noisy validation, the interval contains it",
        ("scores", "trials", "9 rows", "360 rows", "10,000 rows"),
        (
            (name, trials, *_cells(top, mode, trials, runs))
            for name, top, mode in (
                ("accuracies up to 0.95", 0.95, "max"),
                ("accuracies up to 1", 1.0, "max"),
                ("errors from 0.05", 0.95, "min"),
            )
            for trials in (1, 9, 64)
        ),
    )
    yield Table(
        "Two models that are equally good are said to differ on test data",
        ("accuracy", "errors", "20 rows", "360 rows", "10,000 rows"),
        (
            (accuracy, name, *_alarms(accuracy, shared, runs))
            for accuracy in (0.7, 0.95, 0.999)
            for name, shared in (("of their own", 0.0), ("half of them shared", 0.5))
        ),
    )


def _cells(top: float, mode: Mode, trials: int, runs: int) -> Iterator[str]:
    for rows in (9, 360, 10_000):
        yield from shares(partial(best_holds, top=top, mode=mode, trials=trials, rows=rows), runs)


def best_holds(random: np.random.Generator, top: float, mode: Mode, trials: int, rows: int) -> bool:
    """Whether the interval contains the true score of the trial that is truly best."""
    true = top - 0.2 * random.random(trials) ** 2
    true = true if mode == "max" else 1 - true
    validation, test = random.binomial(rows, true) / rows, random.binomial(rows, true) / rows
    counts, seed = {"validation": rows, "test": rows}, int(random.integers(1 << 32))
    low, high = noisy_best(validation, test, counts, mode, draws=300, seed=seed)["interval"]
    return bool(low <= (true.max() if mode == "max" else true.min()) <= high)


def _alarms(accuracy: float, shared: float, runs: int) -> Iterator[str]:
    for rows in (20, 360, 10_000):
        yield from shares(partial(alarm, accuracy=accuracy, shared=shared, rows=rows), runs)


def alarm(random: np.random.Generator, accuracy: float, shared: float, rows: int) -> bool:
    """Whether two models differ by more than the choice of the rows explains."""
    both = random.random(rows) < shared * (1 - accuracy)
    own = (1 - shared) * (1 - accuracy) / (1 - shared * (1 - accuracy))
    first, second = (1 - (both | (random.random(rows) < own)).mean() for _ in range(2))
    return told_apart(first, second, rows)
