"""Which hyperparameters mattered, and how evenly a search covered the space: functions of frames.

Trials have positions in the unit cube (`unit_cube`): a row per trial and a column per
hyperparameter, by the logarithm where it was drawn on a log scale.
"""

import warnings
from collections.abc import Callable, Collection
from contextlib import contextmanager

import numpy as np
import pandas as pd
from scipy.linalg import cholesky
from scipy.linalg.lapack import dpotri
from scipy.optimize import minimize

MINIMUM = 20  # fewer trials tell nothing about importance

# Of more trials a random subset of so many is used, for the cost: 256 as the paper had.
_MOST = {"fanova": 256, "ped_anova": 500, "relevance": 256}
_FORESTS = 10  # refits of fANOVA at most: each takes half a second
_TREES = 16  # in each forest
_PART = 0.8  # of the trials in each refit
_ABSENT = -0.2  # the position of a value that is not there

# Of the Gaussian process: noise variance and relevance to begin with, and the bounds of the
# logarithms of the variances of signal and noise and the relevance. A few hundred trials do not
# show what is finer than a tenth of the range; without that bound noise gets a relevance of 100.
_STARTS = [(0.5, 1.0), (0.5, 0.3), (0.1, 3.0)]
_BOUNDS = np.log([(1e-2, 1e1), (1e-4, 1e1), (1e-2, 1e1)])

Fit = Callable[[np.ndarray], np.ndarray]  # from the rows to use to a number per hyperparameter


def importance(
    cube: pd.DataFrame,
    scores: np.ndarray,
    categories: Collection[str] = (),
    refits: int = 50,
    seed: int = 0,
) -> dict | None:
    """How much each hyperparameter mattered in i.i.d. random trials, in three ways.

    `cube` has the positions of n configurations (`unit_cube`), `scores` their n scores, larger is
    better; `categories` are the columns without an order (`categorical`). Each way is fitted again
    and again to a random 80 % of the trials, for the spread. Returns lists of a number per refit:
    under "fanova", "ped_anova" and "relevance" one for each hyperparameter that varies, and as
    "effective_dimension" the smallest number of hyperparameters whose fANOVA shares add up to at
    least 90 %. "trials" is n without those that have no finite score; "used" and "refits" have for
    each way the number of trials of which the 80 % are drawn, and of refits. None where there are
    fewer than `MINIMUM` trials, fewer than two hyperparameters vary, or all scores are equal.

    - "fanova": the share of the variance of a random forest's predictions that each explains by
      itself (Hutter et al., ICML 2014). The shares add up to 1: interactions are left out.
    - "ped_anova": the Pearson divergence of the best 10 % of the trials (at least 5) from all
      (Watanabe et al., IJCAI 2023), as shares that add up to 1. Where some trials lack a value,
      it is the divergence among those that have one, weighted by how many these are.
    - "relevance": 1/l of a Gaussian process with the kernel Π exp(−((a − b)/l)²) and noise, by
      maximum likelihood, from 0.01 to 10 (Bergstra & Bengio, JMLR 2012, section 3). Two categories
      are at a distance of 1, whichever they are.

    Shares are of what can be told from the scores; where that is only noise, noise is shared out.
    For the first and third way a missing value is a category of its own, or at −0.2: such trials
    count as well, and of hyperparameters that are missing together any may be told to matter where
    that matters. A score worse than three times as far from the best as the median counts as just
    that, so that a few trials that diverged do not decide everything.
    """
    scores = np.asarray(scores, dtype=float)
    finite = np.isfinite(scores)
    cube, scores = cube[finite], scores[finite]
    cube = cube.loc[:, cube.nunique(dropna=False) > 1]
    total, names = cube.shape[0], list(cube.columns)
    if total < MINIMUM or len(names) < 2:
        return None
    order = np.random.default_rng(seed).permutation(total)
    scores = _without_outliers(scores)
    if np.ptp(scores[order[: min(_MOST.values())]]) == 0:
        return None
    scores = (scores - scores.min()) / np.ptp(scores)

    unordered = np.array([name in categories for name in names])
    told = {"trials": total, "used": {}, "refits": {}}
    methods = {"fanova": _fanova, "ped_anova": _ped_anova, "relevance": _relevance}
    with _quiet():
        for kind, method in methods.items():
            random, used = np.random.default_rng(seed), order[: _MOST[kind]]
            times = min(refits, _FORESTS) if kind == "fanova" else refits
            fit = method(cube.iloc[used], scores[used], unordered)
            size = round(_PART * len(used))
            found = [fit(random.choice(len(used), size, replace=False)) for _ in range(times)]
            told["used"][kind], told["refits"][kind] = len(used), times
            told[kind] = dict(zip(names, np.transpose(found).tolist(), strict=True))
    shares = np.sort(list(told["fanova"].values()), axis=0)[::-1]
    reached = np.cumsum(shares, axis=0) >= 0.9 - 1e-9
    return {**told, "effective_dimension": (reached.argmax(axis=0) + 1).tolist()}


@contextmanager
def _quiet():
    """Without Optuna's messages, and in one thread, best for small matrices; then as before."""
    import optuna
    from threadpoolctl import threadpool_limits

    verbosity = optuna.logging.get_verbosity()
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    try:
        with threadpool_limits(1, "blas"), warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # too few to tell: the spread shows it
            yield
    finally:
        optuna.logging.set_verbosity(verbosity)


def _without_outliers(scores: np.ndarray) -> np.ndarray:
    """The scores, the worst of them raised to where the linear axes of `figures` are cut."""
    best, middle = scores.max(), np.median(scores)
    return scores.clip(min=best - 3 * (best - middle)) if middle < best else scores


def _filled(cube: pd.DataFrame, unordered: np.ndarray) -> np.ndarray:
    """The positions as an array without gaps, those of categories as numbers from 0."""
    places = cube.fillna(_ABSENT).to_numpy(copy=True)
    for column in np.flatnonzero(unordered):
        places[:, column] = np.unique(places[:, column], return_inverse=True)[1]
    return places


def _fanova(cube: pd.DataFrame, scores: np.ndarray, unordered: np.ndarray) -> Fit:
    """fANOVA of Optuna, for which categories become positions.

    They stand in equal cells in the order of their mean score, in which a tree finds the best
    split into any two sets of them (Breiman et al. 1984, section 4.2.2). One-hot columns, which
    Optuna would make of them, weigh every category as half of the range: with eight of which one
    is different, its share is 0.7 instead of 0.5.
    """
    from optuna.distributions import FloatDistribution
    from optuna.importance import FanovaImportanceEvaluator

    places = _filled(cube, unordered)
    lows = np.where(cube.isna().any() & ~unordered, 1.5 * _ABSENT, 0.0)  # "not there" has a cell
    space = [FloatDistribution(low, 1) for low in lows]

    def fit(rows):
        chosen, target = places[rows], scores[rows]
        for column in np.flatnonzero(unordered):
            codes = chosen[:, column].astype(int)
            counts = np.bincount(codes)
            rank = (np.bincount(codes, target) / np.maximum(counts, 1)).argsort().argsort()
            chosen[:, column] = (rank[codes] + 0.5) / len(counts)
        evaluator = FanovaImportanceEvaluator(n_trees=_TREES, max_depth=64, seed=0)
        return _shares(chosen, space, target, evaluator)

    return fit


def _ped_anova(cube: pd.DataFrame, scores: np.ndarray, unordered: np.ndarray) -> Fit:
    """PED-ANOVA of Optuna, in which a trial may lack a hyperparameter."""
    from optuna.distributions import CategoricalDistribution, FloatDistribution
    from optuna.importance import PedAnovaImportanceEvaluator

    places = cube.to_numpy()
    space = [
        CategoricalDistribution(sorted(cube[name].dropna().unique().tolist()))
        if category
        else FloatDistribution(0, 1)
        for name, category in zip(cube, unordered, strict=True)
    ]

    def fit(rows):
        evaluator = PedAnovaImportanceEvaluator(
            target_quantile=max(0.1, 5 / len(rows)), region_quantile=1.0, evaluate_on_local=True
        )
        return _shares(places[rows], space, scores[rows], evaluator)

    return fit


def _shares(places: np.ndarray, space: list, scores: np.ndarray, evaluator) -> np.ndarray:
    """What an evaluator of Optuna says of trials, adding up to 1; all the same where it is nothing.

    `places` has a row per trial and NaN where it has no such value, `space` the columns'
    distributions. For Optuna the columns are called by their numbers.
    """
    import optuna

    space = {f"{i:04}": distribution for i, distribution in enumerate(space)}
    study = optuna.create_study(direction="maximize")
    for row, score in zip(places.tolist(), scores.tolist(), strict=True):
        params = {n: place for n, place in zip(space, row, strict=True) if place == place}
        ranges = {n: space[n] for n in params}
        study.add_trial(optuna.create_trial(params=params, distributions=ranges, value=score))
    try:
        found = optuna.importance.get_param_importances(study, evaluator=evaluator)
    except RuntimeError:  # fANOVA: no tree found anything to split
        return np.full(len(space), 1 / len(space))
    return np.array([found.get(name, 0.0) for name in space])


def _relevance(cube: pd.DataFrame, scores: np.ndarray, unordered: np.ndarray) -> Fit:
    """The Gaussian process; scikit-learn's has no kernel for categories."""
    places = _filled(cube, unordered).T
    apart = places[:, :, None] - places[:, None, :]
    squares = np.where(unordered[:, None, None], apart != 0, apart**2)
    target = (scores - scores.mean()) / scores.std()
    bounds = _BOUNDS[[0, 1] + [2] * len(places)]
    starts = [np.log([1, noise] + [relevance] * len(places)) for noise, relevance in _STARTS]

    def best(rows, starts):
        chosen = (squares[:, rows][:, :, rows], target[rows])
        settings = {"method": "L-BFGS-B", "jac": True, "bounds": bounds, "options": {"ftol": 1e-7}}
        found = [minimize(_unlikelihood, start, chosen, **settings) for start in starts]
        return min(found, key=lambda result: result.fun).x

    # From the optimum for all trials it is not far to that for most of them.
    near = best(np.arange(len(target)), starts)
    return lambda rows: np.exp(best(rows, [near, starts[0]])[2:])


def _unlikelihood(theta: np.ndarray, squares: np.ndarray, target: np.ndarray):
    """The negative log marginal likelihood of a Gaussian process, and its gradient.

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
