"""The test score of the best trial, given that validation scores are noisy.

A score is the share of n rows that are predicted correctly, or that are not. Its uncertainty is
that of Wilson (Journal of the American Statistical Association 1927): unlike p (1 − p) / n it is
not zero for a share of 0 or 1.
"""

import numpy as np
import pandas as pd
from scipy.stats import norm

from snaketune.base.modes import Mode, sign
from snaketune.comparing.findings import Outline
from snaketune.comparing.per_search import NoisyBest

_Z = float(norm.ppf(0.975))  # standard deviations to either side of a 95 % interval


def wilson(shares: np.ndarray, rows: int) -> tuple[np.ndarray, np.ndarray]:
    """The centres of Wilson's 95 % intervals of some shares of `rows` rows, and their deviations.

    A deviation is that of the normal distribution with the same interval: the interval is the
    centre ± 1.96 deviations.

    >>> [part.round(4).tolist() for part in wilson(np.array([0.5, 1.0]), 100)]
    [[0.5, 0.9815], [0.0491, 0.0094]]
    """
    part = _Z**2 / rows
    deviations = np.sqrt(shares * (1 - shares) / rows + part / (4 * rows)) / (1 + part)
    return (shares + part / 2) / (1 + part), deviations


def chances_of_best(
    validation: np.ndarray, rows: int, mode: Mode, draws: int = 1000, seed: int = 0
) -> np.ndarray:
    """The probability of each of n trials to be the best, as n numbers that add up to 1.

    `validation` has the share of the `rows` rows that each trial predicts correctly (mode "max") or
    wrongly ("min"), without NaN. Bergstra & Bengio (JMLR 2012, section 2.1) draw a normally
    distributed score for each trial, again and again, and count how often each is ahead. The
    draws are independent though all trials share one set of rows, so the result is rather too even.
    """
    centres, deviations = wilson(validation, rows)
    random = np.random.default_rng(seed)
    won = np.zeros(len(centres))
    for _ in range(draws):  # one at a time: draws × trials would not fit for tens of thousands
        won[np.argmax(sign(mode) * random.normal(centres, deviations))] += 1
    return won / draws


def noisy_best(
    validation: np.ndarray,
    test: np.ndarray,
    rows: dict[str, int],
    mode: Mode,
    draws: int = 1000,
    seed: int = 0,
) -> NoisyBest:
    """The mean test score of the best trial, and its 95 % interval.

    `validation` and `test` have the shares of each trial, `rows` the numbers of rows of both. With
    w the `chances_of_best`, μ the test scores and m and σ² the centre and variance of each by
    `wilson`, the mean is Σ w μ and the interval Σ w m ± 1.96 √(Σ w (m² + σ²) − (Σ w m)²), cut to
    [0, 1] (Bergstra & Bengio 2012, section 2.1, who take μ and μ (1 − μ) / (n − 1) for m and σ² and
    call the variance a standard error).
    """
    w = chances_of_best(validation, rows["validation"], mode, draws, seed)
    centres, deviations = wilson(test, rows["test"])
    middle = w @ centres
    margin = _Z * np.sqrt(w @ (deviations**2 + (centres - middle) ** 2))
    return {
        "mean": float(w @ test),
        "interval": [max(0.0, float(middle - margin)), min(1.0, float(middle + margin))],
    }


def noisy_interval(
    run: pd.DataFrame, outline: Outline, rows: dict[str, int] | None
) -> NoisyBest | None:
    """`noisy_best` of the trials of a run that have both scores; None where it does not apply."""
    run = run.dropna()
    if rows is None or not are_shares(run, outline, rows):
        return None
    validation, test = (run[column].to_numpy() for column in run.columns)
    return noisy_best(validation, test, rows, outline["mode"])


def are_shares(run: pd.DataFrame, outline: Outline, rows: dict[str, int]) -> bool:
    """Whether the scores of a run are shares of known numbers of validation and test rows.

    They are none where the study does not say so (``metric_kind``), where one is not within 0 and
    1, and where there is no test score.
    """
    known = outline["metric_kind"] is not None and all(rows.values())
    within = bool(run.min().min() >= 0 and run.max().max() <= 1)
    return known and len(run.columns) == 2 and within


def told_apart(first: float, second: float, rows: int, confidence: float = 0.95) -> bool:
    """Whether two shares of the same rows differ by more than the choice of the rows explains.

    By the normal interval of their difference, as if each had rows of its own. Two models mostly
    fail on the same rows, so the difference has to be larger than would be necessary if it were
    known which. What is told apart is different; what is not may be different, too.

    >>> told_apart(0.92, 0.915, 200), told_apart(0.913, 0.881, 50_000)
    (False, True)
    """
    _, deviations = wilson(np.array([first, second]), rows)
    z = norm.ppf((1 + confidence) / 2)
    return bool(abs(first - second) > z * np.hypot(*deviations))
