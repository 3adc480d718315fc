"""How many trials of a random search match what another search chose."""

import math
from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy.optimize import brentq
from scipy.special import betainc
from scipy.stats import norm
from scipy.stats import t as student_t

from snaketune.comparing.estimators import best_in_order
from snaketune.comparing.findings import Matching, Outline
from snaketune.comparing.noise import are_shares, chances_of_best, wilson
from snaketune.comparing.per_search import Interval
from snaketune.comparing.scores import larger_in, modes_of

_TAILS = (0.025, 0.975)
_POINTS = (np.arange(25) + 0.5) / 25  # of a distribution, each with the same probability


class Target(NamedTuple):
    """The score that is to be reached; larger is better."""

    score: float
    """Its estimate."""
    values: np.ndarray
    """What it may be in truth; only the estimate where nothing is known of its error."""
    weights: np.ndarray
    """The probability of each of the `values`."""


def matching(
    runs: list[pd.DataFrame],
    others: list[pd.DataFrame],
    outline: Outline,
    rows: dict[str, int] | None,
) -> Matching | None:
    """How many trials of a random search reach the score of another search with an even chance.

    `runs` are the repetitions of the random search and `others` those of the other, each as in
    `efficiency`; `rows` has the numbers of rows of the validation and test data, where they are
    known. A trial reaches the target by its own score, and a failed one never does. Scores are
    those on test data where the other search's choice and random trials have some, else those on
    validation data. None where a search has no score at all, or scores too large to add up.
    """
    columns = [c for c in runs[0].columns if pd.concat(runs)[c].notna().any()]
    columns = [c for c in columns if any(~np.isnan(_choice(run, c, outline)) for run in others)]
    if not columns:
        return None
    column = columns[-1]
    larger = _larger(column, outline)
    target = _target(others, column, outline, rows)
    if not np.isfinite([target.score, *target.values]).all():
        return None  # scores near the largest float, whose sums overflow
    scores = np.sort((larger * pd.concat(runs)[column]).fillna(-np.inf))
    reached = _reaching(scores, np.array([target.score]))[0]
    low, high = share_limits(_reaching(scores, target.values), target.weights, len(scores))
    return {
        "judged_by": "validation" if column == outline["metric"] else "test",
        "target": larger * target.score,
        "target_interval": _target_interval(target, larger),
        "of": len(scores),
        "reached": int(reached),
        "size": trials_for(reached / len(scores)),
        "interval": [trials_for(high), trials_for(low)],
    }


def trials_for(share: float) -> int | None:
    """The least n for which at least one of n trials reaches a target with an even chance.

    `share` is that of the trials that reach it: 1 − (1 − share)^n ≥ 1/2. None where it is zero.

    >>> [trials_for(share) for share in (1.0, 0.5, 0.1, 0.0)]
    [1, 1, 7, None]
    """
    if share <= 0:
        return None
    if share >= 0.5:
        return 1
    return math.ceil(math.log(0.5) / math.log1p(-share) - 1e-9)


def share_limits(reached: np.ndarray, weights: np.ndarray, total: int) -> tuple[float, float]:
    """The 95 % interval of the share of trials that reach a target which is itself uncertain.

    For each value that the target may have, `reached` has how many of `total` trials reach it, and
    `weights` its probability. The limits of Clopper and Pearson (Biometrika 1934) are quantiles of
    beta distributions. Here they are the quantiles of their weighted mixture; for a single value,
    the limits themselves.

    >>> low, high = share_limits(np.array([2]), np.array([1.0]), 20)
    >>> round(low, 4), round(high, 4)
    (0.0123, 0.317)
    """
    counts = np.bincount(reached, weights=weights, minlength=total + 1) / weights.sum()
    k = np.flatnonzero(counts)
    w = counts[k]

    def below(share: float, first: np.ndarray, second: np.ndarray) -> float:
        """The mixture's distribution function; a beta of which a parameter is 0 is a point."""
        inside = betainc(np.maximum(first, 1), np.maximum(second, 1), share)
        return float(w @ np.where(first == 0, 1.0, np.where(second == 0, 0.0, inside)))

    def quantile(tail: float, first: np.ndarray, second: np.ndarray) -> float:
        if below(0, first, second) >= tail:
            return 0.0
        if below(1, first, second) <= tail:
            return 1.0
        return float(brentq(lambda share: below(share, first, second) - tail, 0, 1))

    return quantile(_TAILS[0], k, total - k + 1), quantile(_TAILS[1], k + 1, total - k)


def _target(
    others: list[pd.DataFrame], column: str, outline: Outline, rows: dict[str, int] | None
) -> Target:
    """The score of what a search chooses: over its repetitions, or over what noise may choose.

    Where its repetitions chose differently, it is the mean of their scores with Student's t.
    Otherwise it is a single choice by noisy scores. Where these are shares of known numbers of
    rows, the choice is made again and again (`noise.chances_of_best`), and its test score has the
    error of a share. Else the target is the one score, without an error.
    """
    larger = _larger(column, outline)
    choices = [(run, _choice(run, column, outline)) for run in others]
    choices = [(run, score) for run, score in choices if not np.isnan(score)]
    chosen = np.array([score for _, score in choices])
    mean = float(chosen.mean())
    if np.ptp(chosen) > 0:
        error = chosen.std(ddof=1) / len(chosen) ** 0.5
        return _equally(mean, mean + error * student_t.ppf(_POINTS, len(chosen) - 1))
    run = choices[0][0].dropna()
    if column == outline["metric"] or rows is None or not are_shares(run, outline, rows):
        return _equally(mean, np.array([mean]))
    chances = chances_of_best(run.iloc[:, 0].to_numpy(), rows["validation"], outline["mode"])
    test = run[column].to_numpy()
    centres, deviations = wilson(test, rows["test"])
    values = centres[:, None] + deviations[:, None] * norm.ppf(_POINTS)
    weights = np.repeat(chances / len(_POINTS), len(_POINTS))
    return Target(larger * float(chances @ test), larger * values.ravel(), weights)


def _equally(score: float, values: np.ndarray) -> Target:
    return Target(score, values, np.full(len(values), 1 / len(values)))


def _choice(run: pd.DataFrame, column: str, outline: Outline) -> float:
    """The score of what a run chose, NaN where it has none; larger is better."""
    selection, outcome = (
        _larger(name, outline) * run[name].to_numpy() for name in (outline["metric"], column)
    )
    return float(best_in_order(selection, outcome)[-1])


def _larger(column: str, outline: Outline) -> int:
    """The factor that makes larger better in a column."""
    return larger_in(column, outline["metric"], modes_of(outline))


def _reaching(scores: np.ndarray, targets: np.ndarray) -> np.ndarray:
    """How many of the sorted scores reach each target, but for rounding."""
    reached: np.ndarray = len(scores) - np.searchsorted(scores, targets - 1e-12 * np.abs(targets))
    return reached


def _target_interval(target: Target, larger: int) -> Interval | None:
    """The 95 % interval of the target; None where nothing is known of its error."""
    if len(target.values) == 1:
        return None
    order = np.argsort(target.values)
    ends = np.searchsorted(target.weights[order].cumsum(), _TAILS)
    low, high = target.values[order][np.minimum(ends, len(order) - 1)]
    return sorted([larger * float(low), larger * float(high)])
