"""What another budget would have found: matching, experiments, and the noisy best."""

import itertools

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from snaketune.comparing.efficiency import (
    efficiency,
    is_box,
    matching,
    noisy_interval,
    random_experiments,
    sizes,
)
from snaketune.comparing.estimators import best_in_order


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


@given(st.lists(st.sampled_from([0.1, 0.2, 0.3, float("nan")]), min_size=1, max_size=8))
def test_best_in_order_is_the_first_best_of_each_beginning(scores):
    found = best_in_order(np.array(scores), np.arange(len(scores)))
    for n in range(1, len(scores) + 1):
        beginning = [s for s in scores[:n] if s == s]
        expected = scores.index(max(beginning)) if beginning else None
        assert np.isnan(found[n - 1]) if expected is None else found[n - 1] == expected


@pytest.mark.parametrize(("target", "size"), [(10, 1), (14, 2), (14.1, 3), (17.5, 5), (20, 20)])
def test_how_many_trials_match_in_closed_form(target, size):
    """The best of n of the scores 1 to 20 is expected to be 21 n / (n + 1)."""
    found = matching([run(range(1, 21))], [run([1, target])], "max")
    assert (found["target"], found["of"], found["size"]) == (target, 20, size)
    low, high = found["interval"]
    assert (low or 21) <= size <= (high or 21)


def test_more_trials_than_there_are_is_none():
    found = matching([run(range(1, 21))], [run([30])], "max")
    assert (found["size"], found["interval"]) == (None, [None, None])


def test_matching_is_by_test_scores_which_select_nothing():
    """The best on validation has the worst test score: a single trial is best, and one matches."""
    random = run([1, 2, 3], [0.9, 0.8, 0.1])
    found = matching([random], [run([5, 4], [0.6, 0.99])], "max")
    assert found["target"] == 0.6
    assert found["size"] == 1  # (0.9 + 0.8 + 0.1) / 3 = 0.6
    assert matching([random], [run([5], [0.61])], "max")["size"] is None


def test_smaller_may_be_better():
    found = matching([run(-np.arange(1.0, 21))], [run([-14])], "min")
    assert found["size"] == 2


def test_nothing_complete_matches_nothing():
    nothing = run([np.nan, np.nan])
    assert matching([nothing], [run([1])], "max") is None
    assert matching([run([1])], [nothing], "max") is None
    assert efficiency([nothing], "max", independent=True) is None


def test_repetitions_vary_the_target_as_well():
    """Two grids, one easily matched and one never: the interval has both."""
    random = [run(range(1, 21)) for _ in range(4)]
    found = matching(random, [run([10])] * 2 + [run([40])] * 2, "max")
    assert found["target"] == 25
    assert found["size"] is None
    assert found["interval"] == [1, None]


def test_experiments_take_the_repetitions_in_order():
    found = random_experiments(
        [run([1, 2, 3], [10, 20, 30]), run([6, 5, np.nan], [60, 50, 0])], "max"
    )
    assert [e["size"] for e in found] == [1, 2]
    assert found[0]["scores"] == [10, 20, 30, 60, 50]
    assert found[1]["scores"] == [20, 60, 50]
    assert not is_box(found[0]["scores"])
    assert is_box([0.0] * 10)


def test_the_noisy_interval_is_for_accuracies_of_known_rows():
    accuracies = pd.DataFrame({"val_accuracy": [0.9, np.nan], "test_accuracy": [0.8, np.nan]})
    found = noisy_interval(accuracies, {"validation": 100, "test": 401})
    margin = 1.96 * (0.8 * 0.2 / 400) ** 0.5
    assert found["mean"] == pytest.approx(0.8)
    assert found["interval"] == pytest.approx([0.8 - margin, 0.8 + margin])
    rows = {"validation": 100, "test": 401}
    assert noisy_interval(accuracies, None) is None
    assert noisy_interval(accuracies[["val_accuracy"]], rows) is None
    assert noisy_interval(accuracies.rename(columns={"test_accuracy": "test_f1"}), rows) is None
    assert noisy_interval(accuracies * 100, rows) is None
    assert noisy_interval(accuracies[1:], rows) is None
