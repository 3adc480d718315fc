"""A Gaussian process with a relevance for each hyperparameter; scikit-learn's lacks categories."""

from collections.abc import Callable

import numpy as np
import pandas as pd
from scipy.linalg import cholesky
from scipy.linalg.lapack import dpotri
from scipy.optimize import minimize

from snaketune.comparing.cube import filled

# Noise variances and relevances from which the likelihood is maximized.
_STARTS = [(0.5, 1.0), (0.5, 0.3), (0.1, 3.0)]

# Bounds of the logarithms of signal variance, noise variance and relevance. A few hundred trials
# do not show what is finer than a tenth of the range. Without the last bound, noise gets a
# relevance of 100.
_BOUNDS = np.log([(1e-2, 1e1), (1e-4, 1e1), (1e-2, 1e1)])


def relevance(
    cube: pd.DataFrame, scores: np.ndarray, unordered: np.ndarray
) -> Callable[[np.ndarray], np.ndarray]:
    """The function from the rows of some trials to the relevance 1/l of each hyperparameter.

    `cube` has the positions (trials, hyperparameters), `scores` a number per trial, `unordered` is
    true for the columns that are categories. Any two categories are at a distance of 1.
    """
    places = filled(cube, unordered).T
    apart = places[:, :, None] - places[:, None, :]
    squares = np.where(unordered[:, None, None], apart != 0, apart**2)
    target = (scores - scores.mean()) / scores.std()
    bounds = _BOUNDS[[0, 1] + [2] * len(places)]
    starts = [np.log([1, noise] + [each] * len(places)) for noise, each in _STARTS]

    def best(rows: np.ndarray, guesses: list[np.ndarray]) -> np.ndarray:
        chosen = (squares[:, rows][:, :, rows], target[rows])
        settings = {"method": "L-BFGS-B", "jac": True, "bounds": bounds, "options": {"ftol": 1e-7}}
        found = [minimize(negative_log_likelihood, guess, chosen, **settings) for guess in guesses]
        theta: np.ndarray = min(found, key=lambda result: result.fun).x
        return theta

    # The optimum for all trials is close to that for most of them.
    near = best(np.arange(len(target)), starts)
    return lambda rows: np.exp(best(rows, [near, starts[0]])[2:])


def negative_log_likelihood(
    theta: np.ndarray, squares: np.ndarray, target: np.ndarray
) -> tuple[float, np.ndarray]:
    """The negative log marginal likelihood of a Gaussian process, and its gradient by `theta`.

    `theta` has the logarithms of the variances of signal and noise and of the d relevances,
    `squares` (d, n, n) the squared distances, `target` the n values (Rasmussen & Williams 2006,
    equations 5.8 and 5.9).
    """
    n, (signal, noise), weights = len(target), np.exp(theta[:2]), np.exp(2 * theta[2:])
    kernel = signal * np.exp(-np.tensordot(weights, squares, 1))
    factor = cholesky(kernel + noise * np.eye(n), lower=True)
    half = dpotri(factor, lower=True)[0]  # the lower triangle of the inverse
    inverse = half + np.tril(half, -1).T
    solved = inverse @ target
    likelihood = -target @ solved / 2 - np.log(np.diag(factor)).sum() - n * np.log(2 * np.pi) / 2
    inner = np.outer(solved, solved) - inverse
    change = inner * kernel
    by_relevance = -2 * weights * np.tensordot(squares, change, 2)
    return -likelihood, -np.r_[change.sum(), noise * np.trace(inner), by_relevance] / 2
