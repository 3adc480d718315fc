"""The best trial under noisy scores, against closed forms."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from snaketune.comparing.noise import (
    chances_of_best,
    noisy_best,
    noisy_interval,
    told_apart,
    wilson,
)

ROWS = {"validation": 100, "test": 401}
OUTLINE = {"metric_kind": "accuracy", "mode": "max"}


@given(right=st.integers(0, 50), wrong=st.integers(0, 50))
def test_wilsons_interval_is_scipys(right, wrong):
    rows = right + wrong + 1
    centre, deviation = wilson(np.array([right / rows]), rows)
    peer = stats.binomtest(right, rows).proportion_ci(method="wilson")
    z = stats.norm.ppf(0.975)
    ends = [centre[0] - z * deviation[0], centre[0] + z * deviation[0]]
    assert ends == pytest.approx([peer.low, peer.high])


def test_one_trial_has_wilsons_interval_of_its_own_test_score():
    found = noisy_best(np.array([0.9]), np.array([0.8]), ROWS | {"test": 400}, "max")
    peer = stats.binomtest(320, 400).proportion_ci(method="wilson")
    assert found["mean"] == pytest.approx(0.8)
    assert found["interval"] == pytest.approx([peer.low, peer.high])


def test_a_perfect_score_is_not_certain():
    low, high = noisy_best(np.ones(3), np.ones(3), ROWS, "max")["interval"]
    assert low == pytest.approx(401 / (401 + stats.norm.ppf(0.975) ** 2))
    assert high == 1


@pytest.mark.parametrize("mode", ["max", "min"])
def test_two_noisy_trials_in_closed_form(mode):
    """P(Z_1 > Z_2) of two normals is known, and with it the mean and the variance."""
    psi, mu = np.array([0.90, 0.88]), np.array([0.85, 0.95])
    (m, s), (centres, deviations) = wilson(psi, 100), wilson(mu, 401)
    first = stats.norm.cdf((m[0] - m[1]) / np.hypot(*s))
    w = np.array([first, 1 - first] if mode == "max" else [1 - first, first])
    assert chances_of_best(psi, 100, mode, draws=50_000) == pytest.approx(w, abs=0.01)
    found = noisy_best(psi, mu, ROWS, mode, draws=50_000)
    assert found["mean"] == pytest.approx(w @ mu, abs=2e-3)
    deviation = np.sqrt(w @ (centres**2 + deviations**2) - (w @ centres) ** 2)
    middle, margin = w @ centres, stats.norm.ppf(0.975) * deviation
    assert found["interval"] == pytest.approx([middle - margin, min(middle + margin, 1)], abs=2e-3)


def test_errors_are_accuracies_the_other_way_round():
    validation, test = np.array([0.1, 0.3, 0.12]), np.array([0.15, 0.2, 0.11])
    errors = noisy_best(validation, test, ROWS, "min")
    right = noisy_best(1 - validation, 1 - test, ROWS, "max", draws=1000)
    assert errors["mean"] == pytest.approx(1 - right["mean"], abs=0.01)
    assert errors["interval"] == pytest.approx(
        [1 - end for end in right["interval"][::-1]], abs=0.01
    )
    assert errors["mean"] < 0.15


def test_the_interval_is_for_shares_of_known_rows():
    run = pd.DataFrame({"val": [0.9, np.nan, 0.8], "test": [0.8, 0.1, 0.6]})
    found = noisy_interval(run, OUTLINE, ROWS)
    assert found == noisy_best(np.array([0.9, 0.8]), np.array([0.8, 0.6]), ROWS, "max")
    assert noisy_interval(run, OUTLINE, None) is None
    assert noisy_interval(run, OUTLINE, {"validation": 0, "test": 9}) is None
    assert noisy_interval(run, {**OUTLINE, "metric_kind": None}, ROWS) is None
    assert noisy_interval(run[["val"]], OUTLINE, ROWS) is None
    assert noisy_interval(run * 100, OUTLINE, ROWS) is None
    assert noisy_interval(run[1:2], OUTLINE, ROWS) is None


def test_what_the_rows_tell_apart():
    """One image of 200 is nothing, 3 % of 50,000 is sixteen standard errors."""
    assert not told_apart(0.92, 0.915, 200)
    assert told_apart(0.881, 0.913, 50_000)
    assert not told_apart(0.966, 0.9669, 360)
    assert not told_apart(1, 1, 50_000)
    assert told_apart(0.5, 0.6, 200)
    assert not told_apart(0.5, 0.6, 200, confidence=0.99)


@given(right=st.integers(0, 499), rows=st.integers(2, 500))
def test_one_row_tells_nothing(right, rows):
    right = min(right, rows - 1)
    assert not told_apart(right / rows, (right + 1) / rows, rows)
