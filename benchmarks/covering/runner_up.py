"""How often the best of equal configurations is said to be ahead by more than noise."""

from collections.abc import Iterator
from functools import partial

from scipy import stats

from covering import Table, shares


def tables(runs: int) -> Iterator[Table]:
    """One row for each number of configurations and of training seeds."""
    cases = [(9, 3), (9, 5), (100, 3), (100, 5)]
    rows = (
        (number, seeds, *shares(partial(ahead, number=number, seeds=seeds), runs))
        for number, seeds in cases
    )
    columns = ("configurations", "training seeds", "best called ahead of the second")
    yield Table("Configurations that are all equal", columns, rows)


def ahead(random, number: int, seeds: int) -> bool:
    """Whether the best of equal configurations is said to be ahead by more than noise."""
    scores = random.normal(size=(number, seeds))
    second, best = scores[scores.mean(axis=1).argsort()[-2:]]
    return stats.ttest_rel(best, second).confidence_interval().low > 0
