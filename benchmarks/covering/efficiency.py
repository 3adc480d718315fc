"""The bands of the efficiency curve.

A world is a function of a uniform draw, whose scores therefore have known quantiles. NaN stands for
a trial that failed.
"""

import math
from collections.abc import Callable, Iterator
from functools import partial

import numpy as np
import pandas as pd
from scipy import stats

from covering import Table, shares
from snaketune.base.modes import Mode
from snaketune.comparing.efficiency import efficiency
from snaketune.comparing.scores import Modes

World = Callable[[np.ndarray], np.ndarray]
REPETITIONS = (2, 5, 10, 30)


def failing(part: float) -> World:
    """Normal scores of which a part has failed."""
    return lambda u: stats.norm.ppf(np.where(u <= part, np.nan, (u - part) / (1 - part)))


# A larger draw is better in all of them.
WORLDS: dict[str, tuple[World, Mode]] = {
    "normal": (stats.norm.ppf, "max"),
    "losses, lognormal": (lambda u: np.exp(stats.norm.ppf(1 - u)), "min"),
    "accuracies of 20 rows": (lambda u: np.ceil(20 * stats.beta.ppf(u, 4, 2)) / 20, "max"),
    "half of the trials fail": (failing(0.5), "max"),
    "90 % of the trials fail": (failing(0.9), "max"),
}


def tables(runs: int) -> Iterator[Table]:
    """Of one run and of several: at numbers of configurations, and of a band as a whole."""
    yield Table(
        "Efficiency curve of one random search: the median best of n of B trials",
        ("scores", "B", "n = 1", "n = B/5", "n = B/2", "n = B", "all n together"),
        (
            (name, budget, *shares(partial(median_holds, *world, budget), runs))
            for name, world in WORLDS.items()
            for budget in (9, 20, 64, 200)
        ),
    )
    yield Table(
        "Efficiency curve of repeated random searches: the mean best of n of 20 trials",
        ("scores", "repetitions", "n = 1", "n = 10", "n = 20", "all n together"),
        (
            (name, repeats, *shares(partial(mean_holds, *world, truth, repeats), runs))
            for name, world in WORLDS.items()
            for truth in [mean_best(world[0], 20)]
            for repeats in REPETITIONS
        ),
    )
    yield Table(
        "Other efficiency curves over repetitions, of 16 trials",
        ("scores", "repetitions", "n = 1", "n = 8", "n = 16", "all n together"),
        (
            (name, repeats, *shares(partial(made_holds, make, sampler, truth, repeats), runs))
            for name, make, sampler in (
                ("on test data, chosen by 100 rows", chosen_by_noise, "random"),
                ("Sobol' points in their own order", sobol_points, "sobol"),
            )
            for truth in [true_curve(make, sampler)]
            for repeats in REPETITIONS
        ),
    )


def both(mode: Mode) -> Modes:
    """The mode of validation and of test scores."""
    return {"validation": mode, "test": mode}


def median_holds(world: World, mode: Mode, budget: int, random) -> list[bool]:
    """Whether the band has the median of the best of n; NaN is no result, the worst."""
    found = efficiency([pd.DataFrame({"val": world(random.random(budget))})], both(mode), "random")
    if found is None:  # nothing is drawn
        return [True] * 5
    low, high = limits(found["validation"])
    truth = world(0.5 ** (1 / np.array(found["sizes"])))
    unlimited = np.isinf(low if mode == "max" else high)
    held = np.where(np.isnan(truth), unlimited, (low <= truth) & (truth <= high))
    places = np.searchsorted(found["sizes"], [1, budget // 5, budget // 2, budget])
    return [*held[places], held.all()]


def mean_best(world: World, budget: int) -> np.ndarray:
    """The mean of the best of 1 … budget draws, over those that have a result."""
    u = (np.arange(20_000) + 0.5) / 20_000
    return np.array([np.nanmean(world(u ** (1 / n))) for n in range(1, budget + 1)])


def mean_holds(world: World, mode: Mode, truth: np.ndarray, repeats: int, random) -> list[bool]:
    """Whether the band over repetitions has the true curve; without a limit it does."""
    runs = [pd.DataFrame({"val": world(random.random(len(truth)))}) for _ in range(repeats)]
    found = efficiency(runs, both(mode), "random")
    return curve_holds(found["validation"], truth) if found else [True] * 4


def made_holds(make, sampler: str, truth: np.ndarray, repeats: int, random) -> list[bool]:
    """The same for runs that are made by `make`."""
    found = efficiency([make(random) for _ in range(repeats)], both("max"), sampler)
    return curve_holds(found.get("test", found["validation"]), truth)


def true_curve(make, sampler: str) -> np.ndarray:
    """The mean over very many runs."""
    random = np.random.default_rng(1)
    found = efficiency([make(random) for _ in range(4000)], both("max"), sampler)
    return np.array(found.get("test", found["validation"])["score"])


def curve_holds(curve, truth: np.ndarray) -> list[bool]:
    """Whether a curve's band has the truth at its first, middle and last n, and at all n."""
    low, high = limits(curve)
    held = (low <= truth) & (truth <= high)
    return [held[0], held[len(truth) // 2 - 1], held[-1], held.all()]


def limits(curve) -> tuple[np.ndarray, np.ndarray]:
    """The limits of a band, infinite where there is none."""
    low = np.array([-math.inf if limit is None else limit for limit in curve["low"]])
    return low, np.array([math.inf if limit is None else limit for limit in curve["high"]])


def chosen_by_noise(random) -> pd.DataFrame:
    """Accuracies of 100 validation rows and 1,000 test rows."""
    true = 0.95 - 0.3 * random.beta(1, 2, 16)
    return pd.DataFrame(
        {"val": random.binomial(100, true) / 100, "test": random.binomial(1000, true) / 1000}
    )


def sobol_points(random) -> pd.DataFrame:
    """How close scrambled Sobol' points come to an optimum that is off the centre."""
    points = stats.qmc.Sobol(2, rng=random).random(16)
    return pd.DataFrame({"val": -np.hypot(*(points - [0.3, 0.6]).T)})
