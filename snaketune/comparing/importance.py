"""How much each hyperparameter mattered in i.i.d. random trials, measured in three ways.

- "fanova": the share of the variance of a random forest's predictions that each hyperparameter
  explains by itself (Hutter et al., ICML 2014). What the shares lack to 1 is in interactions.
- "ped_anova": the Pearson divergence of the best 10 % of the trials (at least 5) from all
  (Watanabe et al., IJCAI 2023), as shares that add up to 1. Where some trials lack a value, it is
  the divergence among those that have one, weighted by how many these are.
- "relevance": 1/l of a Gaussian process with the kernel Π exp(−((a − b)/l)²) and noise, by maximum
  likelihood, from 0.01 to 10 (Bergstra & Bengio, JMLR 2012, section 3). Any two categories are at a
  distance of 1.

Trials have positions in the unit cube (`cube.unit_cube`): a row per trial and a column per
hyperparameter, by the logarithm where it was drawn on a log scale.

All three find an order in noise, too. So they are only reported where a random forest predicts the
scores of trials that it has not learned from better than their mean does (`anova.explained`).
"""

import warnings
from collections.abc import Collection, Iterator
from contextlib import contextmanager

import numpy as np
import pandas as pd

from snaketune.comparing.anova import explained, fanova, ped_anova
from snaketune.comparing.findings import IMPORTANCE_MINIMUM, Measures, NoImportance
from snaketune.comparing.gaussian_process import relevance

# Of more trials a random subset of this size is used, for the cost: 256 as the paper had.
_MOST = {"fanova": 256, "ped_anova": 500, "relevance": 256}
_WAYS = {"fanova": fanova, "ped_anova": ped_anova, "relevance": relevance}
_FORESTS = 10  # refits of fANOVA at most: each takes half a second
_PART = 0.8  # of the trials in each refit


def importance(
    cube: pd.DataFrame,
    scores: np.ndarray,
    categories: Collection[str] = (),
    refits: int = 50,
    seed: int = 0,
) -> Measures | NoImportance:
    """How much each hyperparameter that varies mattered, in the three ways of this module.

    `cube` has the positions of n configurations (`unit_cube`), `scores` their n scores, larger is
    better; `categories` are the columns without an order (`categorical`). Each way is fitted again
    and again to a random 80 % of the trials, for the spread. Trials without a finite score are left
    out. "too few" where fewer than `IMPORTANCE_MINIMUM` trials remain, fewer than two
    hyperparameters vary, or all scores are equal; "noise" where a random forest explains nothing
    of the scores.

    fANOVA and the GP treat a missing value as its own category. A score more than three times as
    far from the best as the median is raised to that limit, so that a few trials that diverged do
    not decide all.
    """
    scores = np.asarray(scores, dtype=float)
    finite = np.isfinite(scores)
    cube, scores = cube[finite], _of_any_size(scores[finite])
    cube = cube.loc[:, cube.nunique(dropna=False) > 1]
    if len(cube) < IMPORTANCE_MINIMUM or len(cube.columns) < 2:
        return "too few"
    order = np.random.default_rng(seed).permutation(len(cube))
    scores = _without_outliers(scores)
    if np.ptp(scores[order[: min(_MOST.values())]]) == 0:
        return "too few"
    scores = (scores - scores.min()) / np.ptp(scores)
    unordered, part = cube.columns.isin(categories), order[: _MOST["fanova"]]
    with _quiet():
        share = explained(cube.iloc[part], scores[part], unordered)
        if share <= 0:
            return "noise"
        return _measures(cube, scores, unordered, order, share, refits, seed)


def _measures(
    cube: pd.DataFrame,
    scores: np.ndarray,
    unordered: np.ndarray,
    order: np.ndarray,
    share: float,
    refits: int,
    seed: int,
) -> Measures:
    """All ways, each fitted to the first trials in `order`; `unordered` marks the categories.

    `share` is what a forest explains of the scores.
    """
    used = {kind: order[:most] for kind, most in _MOST.items()}
    times = {kind: min(refits, _FORESTS) if kind == "fanova" else refits for kind in _WAYS}
    found = {
        kind: _refitted(kind, cube.iloc[rows], scores[rows], unordered, times[kind], seed)
        for kind, rows in used.items()
    }
    return {
        "trials": len(cube),
        "used": {kind: len(rows) for kind, rows in used.items()},
        "refits": times,
        "explained": share,
        "fanova": found["fanova"],
        "ped_anova": found["ped_anova"],
        "relevance": found["relevance"],
        "effective_dimension": _effective_dimension(found["fanova"]),
    }


def _refitted(
    kind: str,
    cube: pd.DataFrame,
    scores: np.ndarray,
    unordered: np.ndarray,
    times: int,
    seed: int,
) -> dict[str, list[float]]:
    """One way, fitted so many times to a random part of these trials."""
    fit, random = _WAYS[kind](cube, scores, unordered), np.random.default_rng(seed)
    trials, size = len(scores), round(_PART * len(scores))
    found = [fit(random.choice(trials, size, replace=False)) for _ in range(times)]
    return dict(zip(cube, np.transpose(found).tolist(), strict=True))


def _effective_dimension(fanova_shares: dict[str, list[float]]) -> list[int]:
    """Of each refit the smallest number of hyperparameters that have 90 % of all shares."""
    shares = np.sort(list(fanova_shares.values()), axis=0)[::-1]
    reached = np.cumsum(shares, axis=0) >= 0.9 * shares.sum(axis=0) - 1e-9
    dimensions: list[int] = (reached.argmax(axis=0) + 1).tolist()
    return dimensions


@contextmanager
def _quiet() -> Iterator[None]:
    """Silence Optuna, and use one thread, which is fastest for small matrices; then as before."""
    import optuna
    from threadpoolctl import threadpool_limits

    verbosity = optuna.logging.get_verbosity()
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    try:
        with threadpool_limits(1, "blas"), warnings.catch_warnings():
            # That trials are too few for a good fit: the spread over the refits shows it.
            warnings.simplefilter("ignore", UserWarning)
            yield
    finally:
        optuna.logging.set_verbosity(verbosity)


def _of_any_size(scores: np.ndarray) -> np.ndarray:
    """The scores divided by a power of two, so that no sum of them overflows."""
    exponents = np.frexp(scores)[1]
    return np.ldexp(scores, -exponents.max()) if len(scores) else scores


def _without_outliers(scores: np.ndarray) -> np.ndarray:
    """The scores, the worst of them raised to where the report's linear axes are cut."""
    best, middle = scores.max(), np.median(scores)
    return scores.clip(min=best - 3 * (best - middle)) if middle < best else scores
