"""P(A > B) against SciPy, closed forms and simulation."""

import itertools

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy import stats

from snaketune.comparing.superiority import (
    probability_better,
    probability_better_interval,
    spread,
)

scores = arrays(float, st.integers(2, 12), elements=st.sampled_from([-np.inf, 0.0, 0.5, 1.0, 2.0]))


@given(a=scores, b=scores)
def test_probability_better_is_mann_whitneys(a, b):
    u = stats.mannwhitneyu(a, b).statistic
    assert probability_better(a, b) == pytest.approx(u / (len(a) * len(b)))
    assert probability_better(a, b) + probability_better(b, a) == pytest.approx(1)


@given(a=scores, b=scores)
def test_the_spread_is_that_of_brunner_and_munzel(a, b):
    """Their statistic is the distance from one half in standard errors; SciPy has it by ranks."""
    error, freedom = spread(a, b)
    assume(error > 0)
    peer = stats.brunnermunzel(b, a)
    distance = (probability_better(a, b) - 0.5) / error
    assert peer.statistic == pytest.approx(distance, abs=1e-12)
    assert peer.pvalue == pytest.approx(2 * stats.t.sf(abs(distance), freedom))


def test_the_spread_as_written_out():
    """Two against three: shares of b below each a 1/3 and 1, of a above each b 1, 1/2 and 1/2."""
    error, freedom = spread([2, 5], [1, 3, 4])
    parts = [2 / 9 / 2, 1 / 12 / 3]
    assert error**2 == pytest.approx(sum(parts))
    assert freedom == pytest.approx(sum(parts) ** 2 / (parts[0] ** 2 / 1 + parts[1] ** 2 / 2))


def test_the_interval_is_that_of_the_logit():
    a, b = np.array([2, 5]), np.array([1, 3, 4])
    p, (error, freedom) = 2 / 3, spread(a, b)
    margin = stats.t.ppf(0.975, freedom) * error / (p * (1 - p))
    ends = [1 / (1 + np.exp(-(np.log(2) + side * margin))) for side in (-1, 1)]
    assert probability_better_interval(a, b) == pytest.approx(ends)


@given(a=scores, b=scores)
def test_the_interval_has_a_width_and_contains_the_estimate(a, b):
    low, high = probability_better_interval(a, b)
    p = probability_better(a, b)
    assert 0 <= low <= p + 1e-12
    assert p - 1e-12 <= high <= 1
    assert low < high
    assert probability_better_interval(b, a) == pytest.approx((1 - high, 1 - low))
    wider = probability_better_interval(a, b, confidence=0.99)
    assert wider[0] <= low
    assert high <= wider[1]


@pytest.mark.parametrize(("runs", "low"), [(2, 0.1581), (3, 0.2924), (10, 0.6915), (30, 0.8843)])
def test_samples_apart_are_as_certain_as_tosses_of_a_coin(runs, low):
    """The limit of Clopper and Pearson, (α / 2)^(1/n), with the smaller number of runs."""
    many = np.zeros(50)
    assert probability_better_interval(np.ones(runs), many) == pytest.approx((low, 1), abs=1e-4)
    assert low == pytest.approx(0.025 ** (1 / runs), abs=1e-4)
    assert probability_better_interval(many, np.ones(runs)) == pytest.approx((0, 1 - low), abs=1e-4)


def test_equal_scores_tell_nothing():
    low, high = probability_better_interval(np.ones(30), np.ones(30))
    peer = stats.binomtest(15, 30).proportion_ci(method="exact")
    assert (low, high) == pytest.approx((peer.low, peer.high))


@pytest.mark.parametrize(("runs", "called"), [(2, 0), (3, 0), (5, 0), (6, 6)])
def test_of_equal_searches_hardly_any_is_called_better(runs, called):
    """Every order of so many runs of each, all equally likely: 6 of 924 with six runs."""
    orders = itertools.combinations(range(2 * runs), runs)
    intervals = (
        probability_better_interval(a, np.setdiff1d(np.arange(2 * runs), a)) for a in orders
    )
    assert sum(low > 0.5 or high < 0.5 for low, high in intervals) == called


@pytest.mark.parametrize(("runs", "shift"), [(2, 0.0), (3, 2.0), (5, 0.0), (10, 2.0), (30, 0.5)])
def test_how_often_the_interval_has_the_truth(runs, shift):
    random, truth = np.random.default_rng(4), stats.norm.cdf(shift / np.sqrt(2))
    held = 0
    for _ in range(300):
        a, b = random.normal(shift, 1, runs), random.normal(0, 1, runs)
        low, high = probability_better_interval(a, b)
        held += low <= truth <= high
    assert held / 300 >= 0.94
