"""Made-up worlds in which the truth is known: how often the report's intervals contain it.

Each module has a function ``tables(runs)`` that yields a `Table` for each kind of interval. A world
is searched `runs` times. `benchmarks/coverage.py` prints the tables.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

import numpy as np


class Table(NamedTuple):
    """One table: its title, the names of its columns, and its rows, made while they are printed."""

    title: str
    columns: Sequence[str]
    rows: Iterable[Sequence[object]]


def shares(holds: Callable[[np.random.Generator], object], runs: int) -> list[str]:
    """In how many of `runs` seeded runs `holds` is true, in percent.

    `holds` returns one truth value or several; there is a share for each.
    """
    random = np.random.default_rng(0)
    found = np.atleast_1d(np.mean([np.asarray(holds(random)) for _ in range(runs)], axis=0))
    return [f"{100 * part:.1f} %" for part in found]
