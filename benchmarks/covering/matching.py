"""How many random trials match another search.

In each world the other search chooses one of its cells by noisy validation scores. The truth is the
number of random trials of which one reaches, with an even chance, the score that this choice has in
the mean over very many validation and test data.
"""

from collections.abc import Callable, Iterator
from functools import partial
from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy import stats

from covering import Table, shares
from snaketune.comparing.matching import matching, trials_for

Scores = Callable[[np.random.Generator, int], np.ndarray]
CELLS = np.random.default_rng(5)


class World(NamedTuple):
    """Accuracies of a grid's cells and of random trials, and on how many rows they are measured."""

    cells: np.ndarray
    drawn: Scores
    validation: int
    test: int
    failing: float = 0.0


def skewed(random, number: int) -> np.ndarray:
    """Most trials far from the best, a few close to it."""
    return 0.9 - 0.3 * random.beta(0.6, 2, number)


def alike(random, number: int) -> np.ndarray:
    """Trials that differ by less than validation can tell."""
    return random.normal(0.88, 0.006, number)


def spread(random, number: int) -> np.ndarray:
    """Trials that are spread evenly."""
    return 0.9 - 0.4 * random.beta(1, 2, number)


GRID = skewed(CELLS, 96)
WORLDS = {
    "96 cells, most far from the best": World(GRID, skewed, 200, 50_000),
    "the same, half of the random trials fail": World(GRID, skewed, 200, 50_000, 0.5),
    "the same, 90 % of the random trials fail": World(GRID, skewed, 200, 50_000, 0.9),
    "96 cells that are alike": World(alike(CELLS, 96), alike, 1000, 2000),
    "9 cells, 360 rows": World(spread(CELLS, 9), spread, 360, 360),
    "9 cells, 20 test rows": World(spread(CELLS, 9), spread, 100, 20),
    "one cell": World(np.array([0.87]), spread, 200, 360),
    "one cell, reached by few": World(np.array([0.8996]), spread, 200, 50_000),
}
OUTLINE = {"metric": "val", "mode": "max", "test_metric": "test", "test_mode": "max"}
OUTLINE |= {"metric_kind": "accuracy"}
LOSSES = OUTLINE | {"metric_kind": None, "mode": "min", "test_mode": "min"}


def tables(runs: int) -> Iterator[Table]:
    """By numbers of random trials, and by numbers of repetitions."""
    yield Table(
        "How many random trials match a grid that ran once, by test accuracy",
        ("world", "B", "the number", "in the interval", "if the choice is taken as exact"),
        (
            (name, budget, trials_for(truth), *shares(partial(holds, world, truth, budget), runs))
            for name, world in WORLDS.items()
            for truth in [true_share(world)]
            for budget in (9, 20, 64, 200)
        ),
    )
    yield Table(
        "How many random trials match a repeated grid, by lognormal losses of 20 trials each",
        ("repetitions", "the number", "in the interval"),
        (
            (repeats, trials_for(truth), *shares(partial(losses_hold, truth, repeats), runs))
            for truth in [true_share_of_losses()]
            for repeats in (2, 5, 10, 30)
        ),
    )


def measured(random, accuracies: np.ndarray, world: World) -> pd.DataFrame:
    """The shares of validation and test rows that are predicted correctly."""
    rows = {"val": world.validation, "test": world.test}
    return pd.DataFrame({key: random.binomial(n, accuracies) / n for key, n in rows.items()})


def true_share(world: World) -> float:
    """The share of random trials that reach the mean accuracy of what the grid chooses."""
    random = np.random.default_rng(1)
    validation = random.binomial(world.validation, world.cells, size=(5000, len(world.cells)))
    chosen = (validation + random.random(validation.shape) / 2).argmax(axis=1)
    tests = random.binomial(world.test, world.drawn(random, 200_000)) / world.test
    reaching = np.mean(tests >= world.cells[chosen].mean() - 1e-12)
    return float(reaching * (1 - world.failing))


def holds(world: World, truth: float, budget: int, random) -> list[bool]:
    """Whether the interval has the true number, and whether it would if the choice were exact."""
    found = measured(random, world.drawn(random, budget), world)
    found[random.random(budget) < world.failing] = np.nan
    grid = measured(random, world.cells, world)
    rows = {"validation": world.validation, "test": world.test}
    return [inside(found, grid, known, truth) for known in (rows, None)]


def inside(found: pd.DataFrame, grid: pd.DataFrame, rows, truth: float) -> bool:
    """Whether the interval of a single run of each search has the true number."""
    return contains(matching([found], [grid], OUTLINE, rows), truth)


def contains(match, truth: float) -> bool:
    """Whether the interval has the true number; where nothing is said, nothing is wrong."""
    if match is None:
        return True
    low, high = (np.inf if end is None else end for end in match["interval"])
    return low <= (trials_for(truth) or np.inf) <= high


def losses(random, means: np.ndarray) -> pd.DataFrame:
    """Validation and test losses of trials with these means on a log scale."""
    both = np.exp(means[:, None] + random.normal(0, 0.2, (len(means), 2)))
    return pd.DataFrame(both, columns=["val", "test"])


def true_share_of_losses() -> float:
    """The share of random trials that reach the mean test loss of what the grid chooses."""
    random = np.random.default_rng(1)
    grids = (losses(random, np.linspace(-1, 1, 9)) for _ in range(5000))
    target = np.mean([grid["test"][grid["val"].argmin()] for grid in grids])
    deviation = np.hypot(0.7, 0.2)  # of the random trials, and of their test losses
    return float(stats.norm.cdf(np.log(target) / deviation))


def losses_hold(truth: float, repeats: int, random) -> bool:
    """The same for repeated searches whose scores are losses."""
    found = [losses(random, random.normal(0, 0.7, 20)) for _ in range(repeats)]
    grids = [losses(random, np.linspace(-1, 1, 9)) for _ in range(repeats)]
    return contains(matching(found, grids, LOSSES, None), truth)
