"""Which of two searches is better: P(A > B) from the scores of their repetitions."""

import numpy as np
from numpy.typing import ArrayLike
from scipy import special, stats


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


def spread(a: ArrayLike, b: ArrayLike) -> tuple[float, float]:
    """The standard error of `probability_better` and its degrees of freedom.

    Both samples need two scores or more. The error is that of Brunner & Munzel (Biometrical Journal
    2000): of each score take the share of the other sample that is below it; the variances of these
    shares, each divided by its number of scores, add up. The degrees of freedom are those of
    Satterthwaite. Where neither sample has a variance both numbers are zero.

    >>> error, freedom = spread([1, 3], [0, 2])
    >>> round(error, 4), freedom
    (0.3536, 2.0)
    """
    above = _above(a, b)
    parts = np.array([above.mean(axis=1 - side).var(ddof=1) / above.shape[side] for side in (0, 1)])
    if not parts.any():
        return 0.0, 0.0
    freedom = parts.sum() ** 2 / (parts**2 / (np.array(above.shape) - 1)).sum()
    return float(np.sqrt(parts.sum())), float(freedom)


def probability_better_interval(
    a: ArrayLike, b: ArrayLike, confidence: float = 0.95
) -> tuple[float, float]:
    """The interval of `probability_better` for the repetitions of two searches.

    Both need two scores or more. Brunner & Munzel's interval by Student's t, of the logit of the
    probability, which stays between 0 and 1 and holds for few repetitions, too
    (benchmarks/covering/verdicts.py). Samples that do not overlap, and those in which all is equal,
    have no variance to go by. As each repetition of the smaller sample then came out the same, they
    have the interval of Clopper & Pearson for so many tosses of a coin.

    >>> low, high = probability_better_interval([3, 4, 5], [0, 1, 2])
    >>> round(low, 4), high
    (0.2924, 1.0)
    """
    p, (error, freedom) = probability_better(a, b), spread(a, b)
    tail = (1 - confidence) / 2
    if error == 0 or p in (0, 1):
        tosses = min(np.size(a), np.size(b))
        low = stats.beta.ppf(tail, tosses * p, tosses * (1 - p) + 1) if p > 0 else 0
        high = stats.beta.ppf(1 - tail, tosses * p + 1, tosses * (1 - p)) if p < 1 else 1
        return float(low), float(high)
    margin = stats.t.ppf(1 - tail, freedom) * error / (p * (1 - p))
    low, high = special.expit(special.logit(p) + np.array([-margin, margin]))
    return float(low), float(high)
