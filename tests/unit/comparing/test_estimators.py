"""The estimators against closed forms, brute force, simulation and peers."""

import itertools
from math import comb

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy import stats

from snaketune.comparing.estimators import (
    best_of,
    best_of_weights,
    bootstrap_best_of,
    experiments,
    noisy_best,
    probability_better,
    probability_better_interval,
)


def test_expected_best_of_one_to_twenty_in_closed_form():
    scores = np.arange(1.0, 21)
    sizes = range(1, 21)
    assert best_of(scores, scores, sizes) == pytest.approx([21 * n / (n + 1) for n in sizes])


@given(
    scores=st.lists(
        st.tuples(st.sampled_from([0.1, 0.2, 0.3, float("nan")]), st.floats(0, 1)),
        min_size=1,
        max_size=7,
    )
)
def test_best_of_against_every_subset(scores):
    """Ties are chosen among evenly; subsets in which everything failed are left out."""
    selection, outcome = np.array(scores).T
    expected = best_of(selection, outcome, range(1, len(scores) + 1))
    for n, value in enumerate(expected, start=1):
        found = []
        for subset in itertools.combinations(scores, n):
            done = [(s, o) for s, o in subset if s == s]
            if done:
                top = max(s for s, _ in done)
                found.append(np.mean([o for s, o in done if s == top]))
        assert value == pytest.approx(np.mean(found)) if found else np.isnan(value)


@pytest.mark.parametrize(("total", "n"), [(9, 4), (300, 7), (27270, 500), (27270, 27000)])
def test_the_weights_are_exact_where_binomials_overflow(total, n):
    (weights,) = best_of_weights(total, [n])
    assert weights.sum() == pytest.approx(1, abs=1e-8)
    for rank in (n, n + (total - n) // 2, total - 1, total):
        exact = comb(rank - 1, n - 1) * 10**30 // comb(total, n) / 10**30
        assert weights[rank - 1] == pytest.approx(exact, rel=1e-6, abs=1e-25)


def test_best_of_is_unbiased():
    """The mean over many searches is the true expectation: of uniforms, n / (n + 1)."""
    random = np.random.default_rng(0)
    sizes = [1, 3, 10]
    means = [best_of(s, s, sizes) for s in random.random((4000, 15))]
    assert np.mean(means, axis=0) == pytest.approx([0.5, 0.75, 10 / 11], abs=0.005)


def test_the_bootstrap_is_best_of_what_it_draws():
    random = np.random.default_rng(1)
    scores, sizes = random.random(40), [1, 5, 20]
    drawn = bootstrap_best_of(scores, -scores, sizes, draws=300)
    assert drawn.shape == (300, 3)
    # The mean of one is the bootstrap of a mean, whose standard deviation is known.
    assert drawn[:, 0].std() == pytest.approx(scores.std() / np.sqrt(40), rel=0.15)
    assert np.array_equal(drawn, bootstrap_best_of(scores, -scores, sizes, draws=300))


def test_experiments_as_written_out():
    selection = np.array([0.1, 0.3, np.nan, 0.2, np.nan, np.nan, 0.9])
    outcome = np.arange(7.0)
    assert experiments(selection, outcome, 1)[[0, 1, 6]].tolist() == [0, 1, 6]
    assert np.isnan(experiments(selection, outcome, 1)[2])
    np.testing.assert_equal(experiments(selection, outcome, 2), [1, 3, np.nan])
    np.testing.assert_equal(experiments(selection, outcome, 3), [1, 3])
    assert experiments(selection, outcome, 8).size == 0


def test_one_noisy_trial_has_its_own_test_score():
    mean, deviation = noisy_best(np.array([0.9, np.nan]), np.array([0.8, 0.1]), 100, 401)
    assert mean == pytest.approx(0.8)
    assert deviation == pytest.approx(np.sqrt(0.8 * 0.2 / 400))


def test_two_noisy_trials_in_closed_form():
    """P(Z_1 > Z_2) of two normals is known, and with it the mean and the variance."""
    psi, mu, rows = np.array([0.90, 0.88]), np.array([0.85, 0.95]), 200
    first = stats.norm.cdf((psi[0] - psi[1]) / np.sqrt((psi * (1 - psi)).sum() / (rows - 1)))
    w = np.array([first, 1 - first])
    mean, deviation = noisy_best(psi, mu, rows, 1000, draws=200_000)
    assert mean == pytest.approx(w @ mu, abs=1e-3)
    variance = w @ (mu**2 + mu * (1 - mu) / 999) - (w @ mu) ** 2
    assert deviation == pytest.approx(np.sqrt(variance), rel=0.01)


scores = arrays(float, st.integers(1, 12), elements=st.sampled_from([0.0, 0.5, 1.0, 2.0]))


@given(a=scores, b=scores)
def test_probability_better_is_mann_whitneys(a, b):
    u = stats.mannwhitneyu(a, b).statistic
    assert probability_better(a, b) == pytest.approx(u / (len(a) * len(b)))
    assert probability_better(a, b) + probability_better(b, a) == pytest.approx(1)


def test_the_interval_is_a_bootstrap_of_the_repeats():
    random = np.random.default_rng(2)
    a, b = random.normal(0.5, 1, 30), random.normal(0, 1, 25)
    peer = stats.bootstrap(
        (a, b), probability_better, n_resamples=4000, method="percentile", rng=3
    ).confidence_interval
    assert probability_better_interval(a, b) == pytest.approx(tuple(peer), abs=0.02)
    assert probability_better_interval([1, 1], [0, 0]) == (1, 1)


def test_how_often_the_interval_has_the_truth():
    """29 repeats of each, as Bouthillier et al. ask for: 95 % nominal, a little less in truth."""
    random = np.random.default_rng(4)
    truth = stats.norm.cdf(0.5 / np.sqrt(2))
    held = 0
    for run in range(400):
        a, b = random.normal(0.5, 1, 29), random.normal(0, 1, 29)
        low, high = probability_better_interval(a, b, draws=500, seed=run)
        held += low <= truth <= high
    assert 0.90 <= held / 400 <= 0.98
