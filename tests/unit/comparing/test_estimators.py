"""The estimators of the best of n against closed forms, enumeration and simulation."""

import itertools
from math import comb

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from snaketune.comparing.estimators import (
    best_in_order,
    best_of_weights,
    chosen_chances,
    expected_best,
    experiments,
    median_best,
    median_best_limits,
    repeated_mean,
)

NAN = float("nan")
few_scores = st.lists(
    st.tuples(st.sampled_from([0.1, 0.2, 0.3, NAN]), st.sampled_from([0.0, 0.4, 0.7, NAN])),
    min_size=1,
    max_size=7,
)


def chances(selection, sizes=None):
    """The chances to be chosen; of the best of 1, 2, … all unless given."""
    return chosen_chances(
        selection, best_of_weights(len(selection), sizes or range(1, len(selection) + 1))
    )


def every_subset(scores, n):
    """Of each subset of n the outcomes of its best, and their weights: None where it has none."""
    for subset in itertools.combinations(scores, n):
        done = [(s, o) for s, o in subset if s == s]
        top = max((s for s, _ in done), default=None)
        best = [o if o == o else None for s, o in done if s == top] or [None]
        yield from ((outcome, 1 / len(best)) for outcome in best)


def test_expected_best_of_one_to_twenty_in_closed_form():
    scores, sizes = np.arange(1.0, 21), range(1, 21)
    part, chance = expected_best(chances(scores), scores)
    assert part == pytest.approx([21 * n / (n + 1) for n in sizes])
    assert chance == pytest.approx(np.ones(20))


@given(scores=few_scores)
def test_mean_and_median_against_every_subset(scores):
    """Ties are chosen among evenly; a subset without an outcome is worse than any."""
    selection, outcome = np.array(scores).T
    part, chance = expected_best(chances(selection), outcome)
    medians = median_best(chances(selection), outcome)
    for n in range(1, len(scores) + 1):
        found = list(every_subset(scores, n))
        total = sum(w for _, w in found)
        some = [(o, w) for o, w in found if o is not None]
        assert part[n - 1] == pytest.approx(sum(o * w for o, w in some) / total)
        assert chance[n - 1] == pytest.approx(sum(w for _, w in some) / total)
        ranked = sorted((-np.inf if o is None else o, w) for o, w in found)
        below = np.cumsum([w for _, w in ranked]) / total
        median = ranked[int((below >= 0.5 - 1e-9).argmax())][0]
        assert medians[n - 1] == pytest.approx(median if median > -np.inf else NAN, nan_ok=True)


@pytest.mark.parametrize(("total", "n"), [(9, 4), (300, 7), (27270, 500), (27270, 27000)])
def test_the_weights_are_exact_where_binomials_overflow(total, n):
    (weights,) = best_of_weights(total, [n])
    assert weights.sum() == pytest.approx(1, abs=1e-8)
    for rank in (n, n + (total - n) // 2, total - 1, total):
        exact = comb(rank - 1, n - 1) * 10**30 // comb(total, n) / 10**30
        assert weights[rank - 1] == pytest.approx(exact, rel=1e-6, abs=1e-25)


def test_the_mean_is_unbiased():
    """The mean over many searches is the true expectation: of uniforms, n / (n + 1)."""
    random, weights = np.random.default_rng(0), best_of_weights(15, [1, 3, 10])
    parts = [expected_best(chosen_chances(s, weights), s)[0] for s in random.random((4000, 15))]
    assert np.mean(parts, axis=0) == pytest.approx([0.5, 0.75, 10 / 11], abs=0.005)


def test_the_median_of_many_uniform_draws_in_closed_form():
    scores, sizes = (np.arange(2000) + 0.5) / 2000, [1, 2, 5, 50]
    medians = median_best(chances(scores, sizes), scores)
    assert medians == pytest.approx([0.5 ** (1 / n) for n in sizes], abs=1e-3)
    low, high = median_best_limits(scores, sizes)
    assert np.all((low < medians) & (medians < high))
    assert np.all(high - low < 0.05)


def test_a_median_that_falls_on_failures_is_none():
    """Nine of ten fail: seven trials have a result more often than not, six do not."""
    scores = np.r_[np.full(900, NAN), np.arange(100.0)]
    medians = median_best(chances(scores, [1, 6, 7]), scores)
    assert np.isnan(medians).tolist() == [True, True, False]
    assert medians[2] < 10
    low, high = median_best_limits(scores, [1, 6, 7])
    assert np.isnan(low).all()
    assert np.isnan(high).tolist() == [True, False, False]


@given(
    scores=st.lists(st.sampled_from([*range(12), NAN]), min_size=1, max_size=12),
    shift=st.integers(-5, 5),
)
def test_medians_and_limits_follow_a_monotone_transformation(scores, shift):
    scores = np.array(scores, dtype=float)

    def transformed(values):
        return np.exp(values + shift)

    sizes = range(1, len(scores) + 1)
    for function in (
        lambda s: median_best(chances(s), s),
        lambda s: median_best_limits(s, sizes)[0],
        lambda s: median_best_limits(s, sizes)[1],
    ):
        np.testing.assert_allclose(transformed(function(scores)), function(transformed(scores)))


@pytest.mark.parametrize("total", [1, 2, 9, 20, 64, 200])
def test_limits_by_the_binomial_distribution(total):
    """Each side holds with 97.5 % at least, and the next rank inwards would not."""
    scores = np.arange(1.0, total + 1)
    low, high = median_best_limits(scores, range(1, total + 1))
    for n, below, above in zip(range(1, total + 1), low, high, strict=True):
        trials = stats.binom(total, 0.5 ** (1 / n))  # how many lie below the median of the best
        if np.isnan(below):
            assert trials.cdf(0) > 0.025
        else:
            assert trials.cdf(below - 1) <= 0.025 < trials.cdf(below)
        if np.isnan(above):
            assert trials.cdf(total - 1) < 0.975
        else:
            assert trials.cdf(above - 2) < 0.975 <= trials.cdf(above - 1)


@pytest.mark.parametrize("failing", [0.0, 0.5, 0.9])
@pytest.mark.parametrize("steps", [5, None])
def test_how_often_the_limits_hold(failing, steps):
    """Each limit of uniform scores, with failures and with ties: in 97.5 % of the runs or more."""
    random, sizes = np.random.default_rng(3), [1, 3, 10, 30]
    truth = 0.5 ** (1 / np.array(sizes))
    truth = np.where(truth > failing, truth, -np.inf)
    held = np.zeros((2, 4))
    for draws in random.random((600, 30)):
        found = np.where(draws > failing, draws, NAN)
        true = truth
        if steps:
            found, true = np.ceil(found * steps) / steps, np.ceil(truth * steps) / steps
        low, high = median_best_limits(found, sizes)
        held += [np.nan_to_num(low, nan=-np.inf) <= true, true <= np.nan_to_num(high, nan=np.inf)]
    assert (held / 600 > 0.975 - 3 * np.sqrt(0.975 * 0.025 / 600)).all()


def test_the_interval_over_repetitions_is_students():
    values = np.random.default_rng(5).random((6, 3))
    mean, margin = repeated_mean(values, np.ones_like(values))
    peer = stats.ttest_1samp(values, 0).confidence_interval()
    assert mean == pytest.approx(values.mean(axis=0))
    assert mean - margin == pytest.approx(peer.low)
    assert mean + margin == pytest.approx(peer.high)


@pytest.mark.parametrize("failing", [0.0, 0.5])
def test_how_often_the_interval_over_repetitions_holds(failing):
    """Of uniforms, of which some may fail: the mean best of those draws that have a result."""
    random, weights = np.random.default_rng(6), best_of_weights(10, [1, 4])
    n = np.array([1, 4])
    # E[max; max > f] = n (1 − f^(n+1)) / (n + 1), over P(max > f) = 1 − f^n
    truth = n * (1 - failing ** (n + 1)) / (n + 1) / (1 - failing**n)
    held = np.zeros(2)
    for _ in range(1000):
        runs = random.random((5, 10))
        runs[runs < failing] = NAN
        found = [expected_best(chosen_chances(run, weights), run) for run in runs]
        mean, margin = repeated_mean(*map(np.array, zip(*found, strict=True)))
        held += np.abs(mean - truth) <= margin
    assert (held / 1000 > 0.92).all()


def test_repetitions_that_agree_have_no_margin():
    _, margin = repeated_mean(np.full((3, 1), 0.1 + 0.2), np.ones((3, 1)))
    assert np.isnan(margin).all()


@given(st.lists(st.sampled_from([0.1, 0.2, 0.3, NAN]), min_size=1, max_size=8))
def test_best_in_order_is_the_first_best_of_each_beginning(scores):
    found = best_in_order(np.array(scores), np.arange(len(scores)))
    for n in range(1, len(scores) + 1):
        beginning = [s for s in scores[:n] if s == s]
        expected = scores.index(max(beginning)) if beginning else NAN
        assert found[n - 1] == pytest.approx(expected, nan_ok=True)


def test_experiments_as_written_out():
    selection = np.array([0.1, 0.3, np.nan, 0.2, np.nan, np.nan, 0.9])
    outcome = np.arange(7.0)
    assert experiments(selection, outcome, 1)[[0, 1, 6]].tolist() == [0, 1, 6]
    assert np.isnan(experiments(selection, outcome, 1)[2])
    np.testing.assert_equal(experiments(selection, outcome, 2), [1, 3, np.nan])
    np.testing.assert_equal(experiments(selection, outcome, 3), [1, 3])
    assert experiments(selection, outcome, 8).size == 0
