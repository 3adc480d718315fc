"""What another budget would have found, and experiments."""

import itertools

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from snaketune.comparing.efficiency import efficiency, is_box, random_experiments, sizes

NAN = float("nan")
MAX = {"validation": "max", "test": "max"}
MIN = {"validation": "min", "test": "min"}


def run(validation, test=None) -> pd.DataFrame:
    columns = {"val": validation} if test is None else {"val": validation, "test": test}
    return pd.DataFrame(columns, dtype=float)


@given(budget=st.integers(1, 30_000))
def test_the_curve_has_every_small_number_and_ends_at_the_budget(budget):
    found = sizes(budget)
    assert found[: min(50, budget)] == list(range(1, min(50, budget) + 1))
    assert found[-1] == budget
    assert len(found) <= 120
    assert all(b <= 1.12 * a + 1 for a, b in itertools.pairwise(found))


def test_a_single_random_search_has_medians_with_exact_limits():
    found = efficiency([run(range(1, 21), range(101, 121))], MAX, "random")
    assert (found["order"], found["statistic"], found["repeats"]) == ("random", "median", 1)
    curve = found["validation"]
    assert curve["chance"] == [1.0] * 20
    assert [curve["score"][n - 1] for n in (1, 2, 20)] == [10, 15, 20]
    assert (curve["low"][0], curve["high"][0]) == (6, 15)
    # Beyond a fifth of the trials no score is an upper limit; a lower one goes on to the end.
    limited = [high is not None for high in curve["high"]]
    assert limited == sorted(limited, reverse=True)
    assert 3 <= sum(limited) <= 4
    assert curve["low"][19] == 17
    assert "in_order" not in curve
    # The choice is by validation, so the limits do not hold for test scores.
    assert found["test"]["score"] == [100 + score for score in curve["score"]]
    assert "low" not in found["test"]


def test_smaller_may_be_better():
    larger = efficiency([run(range(1, 21))], MAX, "random")["validation"]
    smaller = efficiency([run(-np.arange(1.0, 21))], MIN, "random")["validation"]
    for key, other in (("score", "score"), ("low", "high"), ("high", "low")):
        assert smaller[key] == [None if v is None else -v for v in larger[other]]


def test_failed_trials_are_not_conditioned_away():
    """Where nine of ten fail, one trial finds nothing more often than not."""
    found = efficiency([run([NAN] * 9 + [0.9])], MAX, "random")["validation"]
    assert found["chance"] == pytest.approx([n / 10 for n in range(1, 11)])
    assert found["score"] == [None] * 5 + [0.9] * 5
    assert found["low"] == [None] * 10
    mean = efficiency([run([NAN] * 9 + [0.9]), run([NAN] * 9 + [0.7])], MAX, "random")
    assert mean["statistic"] == "mean"
    assert mean["validation"]["chance"] == found["chance"]
    assert mean["validation"]["score"][:5] == [None] * 5
    assert mean["validation"]["score"][5:] == pytest.approx([0.8] * 5)


def test_repetitions_have_the_mean_with_students_interval():
    found = efficiency([run([1, 2, 3]), run([2, 3, 7])], MAX, "random")
    curve = found["validation"]
    assert curve["score"] == pytest.approx([3, (8 / 3 + 17 / 3) / 2, 5])
    margin = 12.706 * 2 * 2**0.5 / 2**0.5  # the second is 4 above the first in the last place
    assert curve["low"][2] == pytest.approx(5 - margin, rel=1e-3)
    assert curve["high"][2] == pytest.approx(5 + margin, rel=1e-3)


def test_a_grid_has_cells_in_random_order_and_its_own():
    found = efficiency([run([1, 3, 2])], MAX, "grid")
    assert (found["order"], found["statistic"]) == ("random", "median")
    assert found["validation"]["score"] == [2, 3, 3]
    assert found["validation"]["in_order"] == [1, 3, 3]
    assert "low" not in found["validation"]


@pytest.mark.parametrize("sampler", ["sobol", "halton"])
def test_a_sequence_has_its_own_order_only(sampler):
    one = efficiency([run([NAN, 1, 3, 2])], MAX, sampler)
    assert (one["order"], one["statistic"]) == ("own", "score")
    assert one["validation"] == {"chance": [0, 1, 1, 1], "score": [None, 1, 3, 3]}
    several = efficiency([run([NAN, 1, 3, 2]), run([5, 5, 5, 6])], MAX, sampler)["validation"]
    assert several["chance"] == [0.5, 1, 1, 1]
    assert several["score"] == [None, 3, 4, 4.5]
    assert several["low"][2] < 4 < several["high"][2]


def test_a_latin_hypercube_has_its_whole_only():
    found = efficiency([run([1, 3, 2]), run([4, 3, 2])], MAX, "lhs")
    assert (found["sizes"], found["order"]) == ([3], "whole")
    assert found["validation"]["score"] == [3.5]


def test_nothing_complete_finds_nothing():
    assert efficiency([run([NAN, NAN])], MAX, "random") is None
    assert "test" not in efficiency([run([1, 2], [NAN, NAN])], MAX, "random")


def test_experiments_take_the_repetitions_in_order():
    found = random_experiments(
        [run([1, 2, 3], [10, 20, 30]), run([6, 5, np.nan], [60, 50, 0])], MAX
    )
    assert found == [
        {"size": 1, "scores": [10, 20, 30, 60, 50], "failed": 1},
        {"size": 2, "scores": [20, 60, 50], "failed": 0},
    ]
    assert random_experiments([run([1, 2])], MIN)[0]["scores"] == [1, 2]
    assert not is_box(found[0])
    assert is_box({"size": 1, "scores": [0.0] * 5, "failed": 5})
