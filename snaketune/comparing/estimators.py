"""Estimators of what n trials would have found, and of which of two searches is better.

Pure functions of arrays with an element per trial. `selection` is the score that chooses: larger is
better (negate a loss), NaN where a trial failed. `outcome` is the score that is reported of the
chosen trial: the selection itself, or the test score.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import gammaln


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


def best_of(
    selection: np.ndarray,
    outcome: np.ndarray,
    sizes: Sequence[int],
    weights: np.ndarray | None = None,
) -> np.ndarray:
    """The expected outcome of the best among a random n of the trials, for each n of `sizes`.

    Unbiased for i.i.d. trials, and exact for a random n of just these (Tang et al. 2020). Among
    equal selections each is as likely to be chosen. A failed trial counts as the worst; the
    expectation is over the draws that have a trial that did not fail. `weights` may be passed where
    `best_of_weights(len(selection), sizes)` has been computed already.

    >>> scores = np.array([1.0, 2.0, 3.0])
    >>> best_of(scores, scores, [1, 2, 3]).round(3).tolist()
    [2.0, 2.667, 3.0]
    """
    if weights is None:
        weights = best_of_weights(len(selection), sizes)
    failed = np.isnan(selection)
    order = np.argsort(np.where(failed, -np.inf, selection), kind="stable")
    kept = int((~failed).sum())
    if kept == 0:
        return np.full(len(weights), np.nan)
    ranked, scores = selection[order][-kept:], outcome[order][-kept:]
    starts = np.flatnonzero(np.r_[True, ranked[1:] != ranked[:-1]])
    if len(starts) < kept:
        sizes_of_ties = np.diff(np.r_[starts, kept])
        scores = np.repeat(np.add.reduceat(scores, starts) / sizes_of_ties, sizes_of_ties)
    reached = weights[:, -kept:]
    expected: np.ndarray = reached @ scores / reached.sum(axis=1)
    return expected


def bootstrap_best_of(
    selection: np.ndarray,
    outcome: np.ndarray,
    sizes: Sequence[int],
    draws: int = 1000,
    seed: int = 0,
) -> np.ndarray:
    """`best_of` for trials drawn with replacement from these: an array (draws, len(sizes))."""
    total = len(selection)
    weights = best_of_weights(total, sizes)
    random = np.random.default_rng(seed)
    # Ranked once, and drawn in order: what remains to sort is sorted, which is fast.
    ranks = np.argsort(np.where(np.isnan(selection), -np.inf, selection), kind="stable")
    selection, outcome = selection[ranks], outcome[ranks]
    rows = (np.sort(random.integers(total, size=total)) for _ in range(draws))
    return np.array([best_of(selection[r], outcome[r], sizes, weights) for r in rows])


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


def noisy_best(
    validation: np.ndarray,
    test: np.ndarray,
    validation_rows: int,
    test_rows: int,
    draws: int = 1000,
    seed: int = 0,
) -> tuple[float, float]:
    """Mean and standard deviation of the test accuracy of the best trial, chosen by noisy scores.

    For accuracies, in [0, 1]. A small validation set leaves it uncertain which trial is really the
    best. Trial s is the best with probability w_s = P(Z_s is the largest), Z_s ~ N(Ψ_s,
    Ψ_s (1 − Ψ_s) / (rows − 1)), with Ψ_s its validation and μ_s its test accuracy. The mean is
    Σ w_s μ_s and the variance Σ w_s (μ_s² + σ_s²) − mean² (Bergstra & Bengio 2012, section 2.1,
    where the variance is called a standard error). The draws are independent though all trials
    share one validation set, so the standard deviation is rather too large. Failed trials (NaN)
    are left out.
    """
    kept = ~np.isnan(validation) & ~np.isnan(test)
    psi, mu = validation[kept], test[kept]
    spread = np.sqrt(psi * (1 - psi) / (validation_rows - 1))
    random = np.random.default_rng(seed)
    won = np.zeros(len(psi))
    for _ in range(draws):  # one at a time: draws × trials would not fit for tens of thousands
        won[np.argmax(random.normal(psi, spread))] += 1
    w = won / draws
    mean = w @ mu
    variance = w @ (mu**2 + mu * (1 - mu) / (test_rows - 1)) - mean**2
    return float(mean), float(np.sqrt(variance))


def probability_better(a: ArrayLike, b: ArrayLike) -> float:
    """The share of pairs in which a score of `a` is above one of `b`, ties counting one half.

    A search that found nothing may have -inf. With the scores of repeated searches it is P(A > B)
    of Bouthillier et al. (MLSys 2021), the Mann-Whitney U statistic divided by the number of pairs.

    >>> probability_better([1, 2], [0, 1])
    0.875
    """
    return float(_above(a, b).mean())


def _above(a: ArrayLike, b: ArrayLike) -> np.ndarray:
    """For each pair of scores 1 where that of `a` is larger, 0 where smaller, else one half."""
    rows, columns = np.asarray(a)[:, None], np.asarray(b)[None, :]
    shares: np.ndarray = ((rows > columns) + (rows >= columns).astype(float)) / 2
    return shares


def probability_better_interval(
    a: ArrayLike, b: ArrayLike, confidence: float = 0.95, draws: int = 2000, seed: int = 0
) -> tuple[float, float]:
    """The percentile bootstrap interval of `probability_better`, over the repeats of both."""
    above, random = _above(a, b), np.random.default_rng(seed)
    in_a, in_b = (  # how often each repeat is drawn
        random.multinomial(repeats, np.full(repeats, 1 / repeats), size=draws)
        for repeats in above.shape
    )
    shares = np.einsum("di,ij,dj->d", in_a, above, in_b, optimize=True) / above.size
    tail = (1 - confidence) / 2
    low, high = np.quantile(shares, [tail, 1 - tail])
    return float(low), float(high)
