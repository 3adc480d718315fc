"""fANOVA and PED-ANOVA of Optuna, of trials with positions in the unit cube.

Optuna and scikit-learn are imported where they are used: a study too small for importance does not
pay for them. All functions take the positions (trials, hyperparameters), the scores, larger being
better, and a flag per hyperparameter that is true for categories. Both ANOVAs return the function
that is fitted to some of the trials: from their row numbers to a share for each hyperparameter.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from snaketune.comparing.cube import ABSENT, filled

if TYPE_CHECKING:
    from optuna.distributions import BaseDistribution
    from optuna.importance import BaseImportanceEvaluator

_TREES = 16  # in each forest of fANOVA
_JUDGES = 64  # trees of the forest that judges whether there is anything to explain
_SCORE = "\0score"  # a column that no hyperparameter is named as


def explained(cube: pd.DataFrame, scores: np.ndarray, unordered: np.ndarray) -> float:
    """The share of the variance of the scores that a random forest explains, R² out of bag.

    Each trial is predicted by the trees that have not learned from it. Without any relation the
    result is below zero: the mean of all scores is a better prediction. A configuration that was
    drawn several times counts once, with its mean score: else the forest would know it already.
    """
    from sklearn.ensemble import RandomForestRegressor

    names = list(cube)
    once = cube.assign(**{_SCORE: scores}).groupby(names, dropna=False, sort=False)[_SCORE].mean()
    if np.ptp(once) == 0:
        return 0.0
    places = once.index.to_frame(index=False)
    coded = pd.get_dummies(places.fillna(ABSENT), columns=[*cube.columns[unordered]])
    forest = RandomForestRegressor(_JUDGES, oob_score=True, random_state=0)
    forest.fit(coded.to_numpy(dtype=float), once.to_numpy())
    return float(forest.oob_score_)


def fanova(
    cube: pd.DataFrame, scores: np.ndarray, unordered: np.ndarray
) -> Callable[[np.ndarray], np.ndarray]:
    """fANOVA, for which categories become positions.

    They stand in equal cells in the order of their mean score, in which a tree finds the best
    split into any two sets of them (Breiman et al. 1984, section 4.2.2). One-hot columns, which
    Optuna would make of them, weigh every category as half of the range: of eight categories of
    which one is different, the share would be 0.7 instead of 0.5.

    The shares are those of the forest's whole variance. What they lack to 1 is explained by several
    hyperparameters together only.
    """
    from optuna.distributions import FloatDistribution
    from optuna.importance import FanovaImportanceEvaluator

    places = filled(cube, unordered)
    lows = np.where(cube.isna().any() & ~unordered, 1.5 * ABSENT, 0.0)  # a cell for missing values
    space: list[BaseDistribution] = [FloatDistribution(low, 1) for low in lows]

    def fit(rows: np.ndarray) -> np.ndarray:
        chosen, target = places[rows], scores[rows]
        for column in np.flatnonzero(unordered):
            codes = chosen[:, column].astype(int)
            counts = np.bincount(codes)
            rank = (np.bincount(codes, target) / np.maximum(counts, 1)).argsort().argsort()
            chosen[:, column] = (rank[codes] + 0.5) / len(counts)
        evaluator = FanovaImportanceEvaluator(n_trees=_TREES, max_depth=64, seed=0)
        return _shares(chosen, space, target, evaluator)

    return fit


def ped_anova(
    cube: pd.DataFrame, scores: np.ndarray, unordered: np.ndarray
) -> Callable[[np.ndarray], np.ndarray]:
    """PED-ANOVA, in which a trial may lack a hyperparameter."""
    from optuna.distributions import CategoricalDistribution, FloatDistribution
    from optuna.importance import PedAnovaImportanceEvaluator

    places = cube.to_numpy()
    space: list[BaseDistribution] = [
        CategoricalDistribution(sorted(cube[name].dropna().unique().tolist()))
        if category
        else FloatDistribution(0, 1)
        for name, category in zip(cube, unordered, strict=True)
    ]

    def fit(rows: np.ndarray) -> np.ndarray:
        evaluator = PedAnovaImportanceEvaluator(
            target_quantile=max(0.1, 5 / len(rows)), region_quantile=1.0, evaluate_on_local=True
        )
        found = _shares(places[rows], space, scores[rows], evaluator)
        return found / found.sum() if found.any() else np.full(len(found), 1 / len(found))

    return fit


def _shares(
    places: np.ndarray,
    space: "list[BaseDistribution]",
    scores: np.ndarray,
    evaluator: "BaseImportanceEvaluator",
) -> np.ndarray:
    """The importances that an evaluator of Optuna finds, as it finds them.

    `places` has a row per trial and NaN where it lacks a value, `space` the columns' distributions.
    Where a forest finds nothing to split, all importances are zero. Optuna knows the columns by
    their numbers, as their names may be anything.
    """
    import optuna

    named = {f"{i:04}": distribution for i, distribution in enumerate(space)}
    study = optuna.create_study(direction="maximize")
    for row, score in zip(places.tolist(), scores.tolist(), strict=True):
        params = {n: place for n, place in zip(named, row, strict=True) if place == place}
        ranges = {n: named[n] for n in params}
        study.add_trial(optuna.create_trial(params=params, distributions=ranges, value=score))
    try:
        found = evaluator.evaluate(study)
    except RuntimeError:  # fANOVA: no tree found anything to split
        return np.zeros(len(named))
    return np.array([found.get(name, 0.0) for name in named])
