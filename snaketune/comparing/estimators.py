"""Estimators of what n trials would have found.

Pure functions of arrays with an element per trial. `selection` is the score that chooses, `outcome`
the score that is reported of the chosen trial: the selection itself, or the test score. Larger is
better for both (negate a loss); NaN stands for a trial that failed, which counts as the worst.
"""

from collections.abc import Sequence

import numpy as np
from scipy.special import gammaln
from scipy.stats import binom
from scipy.stats import t as student_t

_ROUNDING = 1e-7  # by so much logarithms of large binomials may be off


def best_of_weights(total: int, sizes: Sequence[int]) -> np.ndarray:
    """The chance of each rank to be the best of a random n of `total` trials.

    Returns an array of shape (len(sizes), total): for each n the weights
    C(i − 1, n − 1) / C(total, n) of the ranks i = 1 (worst) … total (Tang et al., ACL 2020,
    equation 5), computed from logarithms: the binomials themselves overflow.

    >>> best_of_weights(3, [1, 2]).round(3).tolist()
    [[0.333, 0.333, 0.333], [0.0, 0.333, 0.667]]
    """
    rank = np.arange(1, total + 1)
    n = np.asarray(sizes)[:, None]
    below = rank - n  # how many of the worse ranks are left out
    with np.errstate(invalid="ignore"):
        log = (
            gammaln(rank)
            - gammaln(np.maximum(below, 0) + 1)
            - gammaln(n)
            - (gammaln(total + 1) - gammaln(total - n + 1) - gammaln(n + 1))
        )
    return np.where(below >= 0, np.exp(log), 0.0)


def chosen_chances(selection: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """The chance of each trial to be chosen among a random n: an array like `weights`.

    `weights` are `best_of_weights(len(selection), sizes)`. Among equal selections each is as likely
    to be chosen. A failed trial is never chosen: where all of the n failed, none is.

    >>> chosen_chances(np.array([2.0, np.nan, 2.0]), best_of_weights(3, [1, 2])).round(3).tolist()
    [[0.333, 0.0, 0.333], [0.5, 0.0, 0.5]]
    """
    failed = np.isnan(selection)
    order = np.argsort(np.where(failed, -np.inf, selection), kind="stable")
    ranked = selection[order]
    starts = np.flatnonzero(np.r_[True, ranked[1:] != ranked[:-1]])
    if len(starts) < len(ranked):
        ties = np.diff(np.r_[starts, len(ranked)])
        weights = np.repeat(np.add.reduceat(weights, starts, axis=1) / ties, ties, axis=1)
    chances = np.empty_like(weights)
    chances[:, order] = weights
    chances[:, failed] = 0
    return chances


def expected_best(chances: np.ndarray, outcome: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The expected outcome of the best among a random n, and the probability that there is any.

    Returns, for each row of the `chosen_chances`, E[outcome; there is one] and P(there is one).
    Their ratio is the expectation over the draws that have an outcome. Both are unbiased for
    independent trials, and exact for a random n of just these (Tang et al. 2020).

    >>> scores = np.array([1.0, 2.0, np.nan])
    >>> part, any_result = expected_best(chosen_chances(scores, best_of_weights(3, [1, 2])), scores)
    >>> (part / any_result).round(3).tolist(), any_result.round(3).tolist()
    ([1.5, 1.667], [0.667, 1.0])
    """
    done = ~np.isnan(outcome)
    return chances[:, done] @ outcome[done], chances[:, done].sum(axis=1)


def median_best(chances: np.ndarray, outcome: np.ndarray) -> np.ndarray:
    """The median outcome of the best among a random n, draws without an outcome being the worst.

    `chances` are the `chosen_chances`. The median is the smallest outcome that at least half of the
    draws of n of these trials do not exceed: of two middle values the worse. It is NaN where at
    least half of the draws have no outcome.

    >>> scores = np.array([1.0, 2.0, 3.0, np.nan])
    >>> median_best(chosen_chances(scores, best_of_weights(4, [1, 2, 3])), scores).tolist()
    [1.0, 2.0, 3.0]
    """
    order = np.argsort(outcome, kind="stable")[: int((~np.isnan(outcome)).sum())]
    reached = chances[:, order]
    none = 1 - reached.sum(axis=1, keepdims=True)
    ends = np.hstack([none, none + reached.cumsum(axis=1)])
    ends[:, -1] = 1
    median: np.ndarray = np.r_[np.nan, outcome[order]][(ends >= 0.5 - _ROUNDING).argmax(axis=1)]
    return median


def median_best_limits(
    scores: np.ndarray, sizes: Sequence[int], confidence: float = 0.95
) -> tuple[np.ndarray, np.ndarray]:
    """The limits of the median of the best of n, of which independent trials have these scores.

    The median of the best of n is the quantile q = 0.5^(1/n) of the scores. Its limits are order
    statistics, by the binomial distribution of the number of trials below it. Each holds with a
    probability of at least (1 + confidence) / 2, whatever the distribution of the scores, ties and
    failures included. NaN where there is no limit: below, where it is a failed trial, and above,
    where the trials are too few: for more than about a fifth of them, at 95 %.

    >>> [limits.tolist() for limits in median_best_limits(np.arange(1.0, 21), [1, 3])]
    [[6.0, 12.0], [15.0, 20.0]]
    """
    total, tail = len(scores), (1 - confidence) / 2
    quantiles = 0.5 ** (1 / np.asarray(sizes, dtype=float))
    low = binom.ppf(tail, total, quantiles).astype(int)
    low += binom.cdf(low, total, quantiles) <= tail
    high = binom.ppf(1 - tail, total, quantiles).astype(int) + 1
    ranked = np.sort(np.where(np.isnan(scores), -np.inf, scores))
    ranked = np.r_[np.nan, np.where(np.isinf(ranked), np.nan, ranked), np.nan]
    return ranked[np.maximum(low, 0)], ranked[np.minimum(high, total + 1)]


def repeated_mean(
    parts: np.ndarray, chances: np.ndarray, confidence: float = 0.95
) -> tuple[np.ndarray, np.ndarray]:
    """The mean outcome over the repetitions of a search, and the margin of its interval.

    `parts` and `chances` (repetitions, sizes) are those of `expected_best`; the mean is over the
    draws that have an outcome. The interval is that of Student's t over the repetitions, where some
    chances are below 1 for the ratio of two means (Cochran, Sampling Techniques, 1977, section
    6.4). The margin is NaN where the repetitions do not differ: they cannot tell how much others
    would.

    >>> mean, margin = repeated_mean(np.array([[1.0], [2.0], [3.0]]), np.ones((3, 1)))
    >>> mean.tolist(), margin.round(3).tolist()
    ([2.0], [2.484])
    """
    repeats, chance = len(parts), chances.mean(axis=0)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = parts.mean(axis=0) / chance
        deviation = (parts - mean * chances).std(axis=0, ddof=1) / chance
    deviation[deviation <= 1e-12 * np.abs(mean)] = np.nan
    return mean, student_t.ppf((1 + confidence) / 2, repeats - 1) * deviation / repeats**0.5


def best_in_order(selection: np.ndarray, outcome: np.ndarray) -> np.ndarray:
    """The outcome of the best among the first 1, 2, … trials; NaN as long as all of them failed.

    Among equals the first is chosen.

    >>> scores = np.array([np.nan, 1.0, 3.0, 2.0])
    >>> best_in_order(scores, scores).tolist()
    [nan, 1.0, 3.0, 3.0]
    """
    ranked = np.where(np.isnan(selection), -np.inf, selection)
    above = np.r_[-np.inf, np.maximum.accumulate(ranked)[:-1]]
    chosen = np.maximum.accumulate(np.where(ranked > above, np.arange(len(ranked)), -1))
    return np.where(chosen >= 0, outcome[chosen], np.nan)


def experiments(selection: np.ndarray, outcome: np.ndarray, size: int) -> np.ndarray:
    """The outcomes of the disjoint experiments of `size` trials, in the order drawn.

    The random experiment efficiency curve of Bergstra & Bengio (JMLR 2012, section 2.2) has these
    for size 1, 2, 4, …; an experiment in which every trial failed has NaN.

    >>> scores = np.array([1.0, 4.0, 2.0, 3.0, 5.0])
    >>> experiments(scores, scores, 2).tolist()
    [4.0, 3.0]
    """
    whole = len(selection) // size
    blocks = selection[: whole * size].reshape(whole, size)
    blocks = np.where(np.isnan(blocks), -np.inf, blocks)
    chosen = blocks.argmax(axis=1)
    outcomes = outcome[: whole * size].reshape(whole, size)[np.arange(whole), chosen]
    return np.where(blocks.max(axis=1) == -np.inf, np.nan, outcomes)
