"""Searches are stable under change, and draw what they say."""

import os
import subprocess
import sys

from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from sklearn.model_selection import ParameterGrid

from snaketune.samplers import draws, random_search
from snaketune.space import Space, grid_cells, grid_size

SEEDS = st.integers(0, 2**40)
SIZES = st.integers(0, 40)


@given(seed=SEEDS, small=SIZES, more=SIZES)
def test_a_larger_budget_keeps_the_earlier_draws(seed, small, more):
    assert draws(seed, "lr", small + more)[:small] == draws(seed, "lr", small)


@given(seed=SEEDS)
def test_draws_depend_on_seed_and_name(seed):
    assert draws(seed, "lr", 20) != draws(seed, "hidden", 20)
    assert draws(seed, "lr", 20) != draws(seed + 1, "lr", 20)
    assert len(set(draws(seed, "lr", 20))) == 20


def test_draws_are_uniform_and_uncorrelated():
    x, y = draws(0, "lr", 50_000), draws(0, "hidden", 50_000)
    assert min(x) >= 0
    assert max(x) < 1
    assert stats.kstest(x, "uniform").pvalue > 0.01
    assert abs(stats.pearsonr(x, y).statistic) < 0.01
    assert abs(stats.pearsonr(x[1:], x[:-1]).statistic) < 0.01


def test_adding_or_reordering_hyperparameters_leaves_the_others_draws():
    small = Space.parse({"lr": {"loguniform": [0.001, 0.1]}, "hidden": [32, 64]})
    large = Space.parse(
        {"depth": [1, 2, 3], "hidden": [32, 64], "lr": {"loguniform": [0.001, 0.1]}}
    )
    for a, b in zip(random_search(small, 30, 7), random_search(large, 30, 7), strict=True):
        assert a["lr"] == b["lr"]
        assert a["hidden"] == b["hidden"]


def test_the_same_draws_in_another_process_with_another_hash_seed():
    code = "from snaketune.samplers import draws; print(draws(3, 'lr', 11))"
    for hash_seed in ("0", "1"):
        told = subprocess.run(
            [sys.executable, "-c", code],
            env={**os.environ, "PYTHONHASHSEED": hash_seed},
            capture_output=True,
            text=True,
            check=True,
        )
        assert told.stdout.strip() == str(draws(3, "lr", 11))


def test_these_draws_will_be_the_same_in_a_year():
    """Fixed values: whoever changes the generator changes every study's trials."""
    assert draws(0, "lr", 3) == [0.023928321765557925, 0.6372812915770707, 0.27431898545291555]


VALUES = st.lists(st.integers(-9, 9), min_size=1, max_size=4, unique=True)


@given(axes=st.dictionaries(st.sampled_from("abcd"), VALUES, min_size=1))
def test_a_grid_is_scikit_learns(axes):
    cells = list(grid_cells(Space.parse(axes).axes(None)))
    assert len(cells) == grid_size(axes)

    def as_set(rows):
        return {tuple(sorted(row.items())) for row in rows}

    assert as_set(cells) == as_set(ParameterGrid(axes))


def test_a_grid_runs_row_by_row_in_the_files_order():
    axes = Space.parse({"b": [2, 1], "a": ["x", "y"]}).axes(None)
    assert [(cell["b"], cell["a"]) for cell in grid_cells(axes)] == [
        (2, "x"),
        (2, "y"),
        (1, "x"),
        (1, "y"),
    ]


def test_points_of_a_grid():
    space = Space.parse(
        {"lr": {"uniform": [0, 1]}, "n": {"randint": [0, 4]}, "m": {"uniform": [0, 8]}}
    )
    assert space.axes({"lr": 2, "m": 1})["lr"] == [0.25, 0.75]
    assert list(space.axes(2)["n"]) == [0, 1, 2, 3]  # countable: all of it
    assert space.axes(2)["m"] == [2.0, 6.0]
    assert space.axes({"lr": 1, "m": 1, "n": 2})["n"] == [1, 3]
