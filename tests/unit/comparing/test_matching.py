"""How many random trials match another search."""

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from snaketune.comparing.matching import matching, share_limits, trials_for

NAN = float("nan")
OUTLINE = {"metric": "val", "test_metric": "test", "metric_kind": None, "mode": "max"}
OUTLINE |= {"test_mode": "max"}
ACCURACY = OUTLINE | {"metric_kind": "accuracy"}


def run(validation, test=None) -> pd.DataFrame:
    columns = {"val": validation} if test is None else {"val": validation, "test": test}
    return pd.DataFrame(columns, dtype=float)


def least(share: float) -> int:
    """The least n with an even chance, counted."""
    return next(n for n in range(1, 10_000) if 1 - (1 - share) ** n >= 0.5 - 1e-12)


@given(reached=st.integers(1, 60))
def test_the_number_is_the_least_with_an_even_chance(reached):
    assert trials_for(reached / 60) == least(reached / 60)


@pytest.mark.parametrize(("target", "reached"), [(10, 11), (14, 7), (20, 1), (21, 0)])
def test_a_single_score_has_the_limits_of_clopper_and_pearson(target, reached):
    found = matching([run(range(1, 21))], [run([1, target])], OUTLINE, None)
    peer = stats.binomtest(reached, 20).proportion_ci()
    assert found == {
        "judged_by": "validation",
        "target": target,
        "target_interval": None,
        "of": 20,
        "reached": reached,
        "size": least(reached / 20) if reached else None,
        "interval": [least(peer.high), least(peer.low) if reached else None],
    }


def test_failed_trials_do_not_reach_anything():
    """90 % fail and the rest score as the grid: seven trials, and not one."""
    found = matching([run([NAN] * 9 + [0.9])], [run([0.9])], OUTLINE, None)
    assert (found["of"], found["reached"], found["size"]) == (10, 1, 7)


def test_matching_is_by_test_scores_which_select_nothing():
    """The target is the test score of the best on validation; any trial may reach it."""
    random = run([1, 2, 3], [0.9, 0.8, 0.1])
    found = matching([random], [run([5, 4], [0.6, 0.99])], OUTLINE, None)
    assert (found["judged_by"], found["target"], found["reached"]) == ("test", 0.6, 2)


def test_without_test_scores_on_one_side_validation_judges():
    found = matching([run([1, 2], [0.9, 0.8])], [run([2, 1], [NAN, NAN])], OUTLINE, None)
    assert (found["judged_by"], found["target"], found["reached"]) == ("validation", 2, 1)
    chosen = matching([run([1, 2], [0.9, 0.8])], [run([2, 1], [NAN, 0.7])], OUTLINE, None)
    assert chosen == found


def test_smaller_may_be_better():
    outline = OUTLINE | {"mode": "min", "test_mode": "min"}
    found = matching([run([1, 2, 3, 4])], [run([2, 9])], outline, None)
    assert (found["target"], found["reached"], found["size"]) == (2, 2, 1)


def test_nothing_complete_matches_nothing():
    nothing = run([NAN, NAN])
    assert matching([nothing], [run([1])], OUTLINE, None) is None
    assert matching([run([1])], [nothing], OUTLINE, None) is None


def test_repetitions_vary_the_target():
    """The mean of the choices with Student's t; all random trials count."""
    random = [run(range(1, 21)) for _ in range(4)]
    found = matching(random, [run([16]), run([18]), run([NAN])], OUTLINE, None)
    assert (found["target"], found["of"], found["reached"]) == (17, 80, 16)
    low, high = found["target_interval"]
    assert low < 16 < 18 < high
    fixed = matching(random, [run([17])], OUTLINE, None)
    assert found["size"] == fixed["size"]
    assert found["interval"][0] < fixed["interval"][0]
    assert found["interval"][1] is None  # the target may be above all


def test_a_choice_by_few_rows_is_one_noisy_draw():
    """Two cells that validation can't tell apart: either may be the one that is to be matched."""
    random = np.random.default_rng(0).random(200)
    grid = run([0.90, 0.89], [0.9, 0.7])
    rows = {"validation": 50, "test": 100_000}
    found = matching([run(random, random)], [grid], ACCURACY, rows)
    assert found["target"] == pytest.approx(0.8, abs=0.03)
    assert found["target_interval"] == pytest.approx([0.7, 0.9], abs=0.01)
    exact = [matching([run(random, random)], [run([1], [t])], OUTLINE, None) for t in (0.7, 0.9)]
    assert found["interval"][0] <= exact[0]["size"] <= exact[1]["size"] <= found["interval"][1]
    apart = matching([run(random, random)], [grid], ACCURACY, rows | {"validation": 10**7})
    assert apart["target"] == pytest.approx(0.9)


@given(k=st.integers(0, 30))
def test_one_target_gives_the_limits_of_its_count(k):
    peer = stats.binomtest(k, 30).proportion_ci()
    found = share_limits(np.array([k, k]), np.array([0.5, 0.5]), 30)
    assert found == pytest.approx((peer.low, peer.high), abs=1e-9)


def test_several_targets_give_limits_between_those_of_each():
    one, other = (share_limits(np.array([k]), np.ones(1), 30) for k in (3, 12))
    low, high = share_limits(np.array([3, 12]), np.array([0.5, 0.5]), 30)
    assert one[0] < low < other[0]
    assert one[1] < high < other[1]


def test_how_often_the_interval_holds():
    """A target that every fifth trial reaches: by one score, and by repetitions of it."""
    random, held = np.random.default_rng(7), np.zeros(2)
    for _ in range(200):
        trials = [run(random.random(40))]
        choices = [run([score]) for score in random.normal(0.8, 0.05, 5)]
        for place, others in enumerate(([run([0.8])], choices)):
            low, high = matching(trials, others, OUTLINE, None)["interval"]
            held[place] += low <= trials_for(0.2) <= (high or math.inf)
    assert (held / 200 > 0.95 - 3 * math.sqrt(0.95 * 0.05 / 200)).all()
