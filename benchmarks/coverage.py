"""How often the report's 95 % intervals contain the truth, where the truth is known.

    python benchmarks/coverage.py [runs]

Each line is a made-up world that is searched many times (400 unless given); the share of the runs
whose interval contains the true value should be 95 %. The last lines count how often a difference
is claimed where none exists, which should be rare.
"""

import math
import sys

import numpy as np
import pandas as pd
from scipy import stats

from snaketune.comparing.efficiency import efficiency, matching
from snaketune.comparing.estimators import noisy_best, probability_better_interval

RUNS = 400


def within(interval, truth: float) -> bool:
    """Whether the interval contains the truth."""
    low, high = interval
    return low <= truth <= high


def curve_holds(random, budget: int, n: int, runs: int) -> bool:
    """The efficiency curve at n: the best of n uniform scores is n / (n + 1) on average."""
    found = [pd.DataFrame({"val": random.random(budget)}) for _ in range(runs)]
    curves = efficiency(found, "max", independent=True)
    curve, at = curves["validation"], curves["sizes"].index(n)
    return within((curve["low"][at], curve["high"][at]), n / (n + 1))


def match_holds(random, budget: int, n: int, runs: int) -> bool:
    """How many trials match: n uniform scores are expected to reach a target of n / (n + 1)."""
    found = [pd.DataFrame({"val": random.random(budget)}) for _ in range(runs)]
    match = matching(found, [pd.DataFrame({"val": [n / (n + 1)]})], "max")
    return within((math.inf if end is None else end for end in match["interval"]), n)


def probability_holds(random, repeats: int, shift: float) -> bool:
    """P(A > B) of two normals, one of them shifted."""
    a, b = random.normal(shift, 1, repeats), random.normal(0, 1, repeats)
    interval = probability_better_interval(a, b, draws=500, seed=random.integers(1 << 32))
    return within(interval, stats.norm.cdf(shift / math.sqrt(2)))


def noisy_best_holds(random, trials: int, rows: int) -> bool:
    """The true accuracy of the truly best trial, all scored on the same number of rows."""
    true = 0.95 - 0.2 * random.random(trials) ** 2
    validation, test = random.binomial(rows, true) / rows, random.binomial(rows, true) / rows
    mean, deviation = noisy_best(validation, test, rows, rows, seed=random.integers(1 << 32))
    return within((mean - 1.96 * deviation, mean + 1.96 * deviation), true.max())


def claimed_better(random, repeats: int) -> bool:
    """Whether "A is better" or "B is better" is said of two equal searches."""
    low, high = probability_better_interval(
        random.normal(size=repeats),
        random.normal(size=repeats),
        draws=500,
        seed=random.integers(1 << 32),
    )
    return low > 0.5 or high < 0.5


def claimed_ahead(random, configurations: int, seeds: int) -> bool:
    """Whether the best of equal configurations is said to be ahead by more than noise."""
    scores = random.normal(size=(configurations, seeds))
    second, best = scores[scores.mean(axis=1).argsort()[-2:]]
    return stats.ttest_rel(best, second).confidence_interval().low > 0


def main(runs: int):
    print(f"of {runs} runs each")
    for title, world, cases in (
        (
            "efficiency curve: trials, at n, repetitions",
            curve_holds,
            [(9, 2, 1), (9, 4, 1), (32, 8, 1), (32, 16, 1), (256, 16, 1), (9, 4, 30), (9, 9, 30)],
        ),
        (
            "trials that match: trials, truth, repetitions",
            match_holds,
            [(9, 4, 1), (32, 8, 1), (256, 16, 1), (9, 4, 30)],
        ),
        (
            "P(A > B): repetitions, shift",
            probability_holds,
            [(5, 0.5), (10, 0.5), (29, 0.5), (29, 2.0)],
        ),
        (
            "best under noise: trials, rows",
            noisy_best_holds,
            [(9, 360), (64, 360), (256, 360), (64, 10_000)],
        ),
        ("claimed better of equals: repetitions", claimed_better, [(5,), (10,), (29,)]),
        (
            "claimed ahead of equals: configurations, seeds",
            claimed_ahead,
            [(9, 3), (9, 5), (100, 3), (100, 5)],
        ),
    ):
        print(f"\n{title}")
        for case in cases:
            random = np.random.default_rng(0)
            held = np.mean([world(random, *case) for _ in range(runs)])
            print(f"  {', '.join(map(str, case)):<20}{100 * held:>6.1f} %", flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else RUNS)
