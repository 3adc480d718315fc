"""P(A > B) of two searches, and how often one of two equal searches is called better."""

from collections.abc import Callable, Iterator
from functools import partial
from typing import NamedTuple

import numpy as np
from scipy import stats

from covering import Table, shares
from snaketune.comparing.superiority import probability_better_interval

REPETITIONS = (2, 3, 5, 10, 20, 30)

Scores = Callable[[np.random.Generator, int], np.ndarray]


class World(NamedTuple):
    """The scores of so many runs of two searches, and P(A > B)."""

    a: Scores
    b: Scores
    truth: float
    more: int = 1
    """How many times as many runs B has."""


def normal(mean: float, deviation: float) -> Scores:
    """Normal scores."""
    return lambda random, runs: random.normal(mean, deviation, runs)


def accuracies(chance: float) -> Scores:
    """The share of 20 rows that are predicted correctly: few values, many ties."""
    return lambda random, runs: random.binomial(20, chance, runs) / 20


def bimodal(random: np.random.Generator, runs: int) -> np.ndarray:
    """Half of the runs far below, half far above."""
    return random.normal(3 * random.integers(2, size=runs), 0.3)


def ahead_of_ties() -> float:
    """P(A > B) of the discrete accuracies."""
    a, b = (stats.binom.pmf(np.arange(21), 20, chance) for chance in (0.9, 0.8))
    pairs = np.outer(a, b)
    return float(np.tril(pairs, -1).sum() + np.trace(pairs) / 2)


WORLDS = {
    "equal normals": World(normal(0, 1), normal(0, 1), 0.5),
    "normals, P = 0.92": World(normal(stats.norm.ppf(0.92), 0.6), normal(0, 0.8), 0.92),
    "normals, deviations 1 and 5": World(normal(0, 1), normal(0, 5), 0.5),
    "exponential, P = 0.75": World(
        lambda random, runs: random.exponential(3, runs),
        lambda random, runs: random.exponential(1, runs),
        0.75,
    ),
    "accuracies of 20 rows": World(accuracies(0.9), accuracies(0.8), ahead_of_ties()),
    "bimodal against normal": World(bimodal, normal(1.5, 0.3), 0.5),
    "three times as many runs of B": World(normal(1, 2), normal(0, 1), stats.norm.cdf(5**-0.5), 3),
}


def tables(runs: int) -> Iterator[Table]:
    """How often the interval holds, and how often it is wrong to call a search better."""
    columns = [f"{repeats} repetitions" for repeats in REPETITIONS]
    held = ((name, *_cells(holds, world, runs)) for name, world in WORLDS.items())
    yield Table("P(A > B), the interval contains it", ("scores", *columns), held)
    equal = {name: world for name, world in WORLDS.items() if world.truth == 0.5}
    wrong = ((name, *_cells(called_better, world, runs)) for name, world in equal.items())
    yield Table("Of equal searches, one is called better", ("scores", *columns), wrong)
    yield Table(
        "Of two searches, the better is called so",
        ("scores", *columns),
        ((name, *_cells(called_better, WORLDS[name], runs)) for name in ("normals, P = 0.92",)),
    )


def _cells(
    happens: Callable[[np.random.Generator, World, int], bool], world: World, runs: int
) -> Iterator[str]:
    for repeats in REPETITIONS:
        yield from shares(partial(happens, world=world, repeats=repeats), runs)


def interval(random: np.random.Generator, world: World, repeats: int) -> tuple[float, float]:
    """The interval from so many runs of A."""
    return probability_better_interval(
        world.a(random, repeats), world.b(random, world.more * repeats)
    )


def holds(random: np.random.Generator, world: World, repeats: int) -> bool:
    """Whether the interval contains the truth."""
    low, high = interval(random, world, repeats)
    return low <= world.truth <= high


def called_better(random: np.random.Generator, world: World, repeats: int) -> bool:
    """Whether one of the two is called better."""
    low, high = interval(random, world, repeats)
    return low > 0.5 or high < 0.5
