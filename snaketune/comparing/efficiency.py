"""What a search would have found with another budget, and how many trials match another search.

A run is one repetition of a search: the frame of its configurations' scores, in the order of the
search. Its first column is the metric, its second, where there are test scores, the test metric;
NaN where a configuration has no score.
"""

from collections.abc import Iterable, Sequence

import numpy as np
import pandas as pd

from snaketune.base.modes import Mode, sign
from snaketune.comparing.estimators import (
    best_in_order,
    best_of,
    best_of_weights,
    bootstrap_best_of,
    experiments,
    noisy_best,
)
from snaketune.comparing.findings import Curve, Efficiency, Experiment, Matching, NoisyBest

_EVERY = 50  # up to so many configurations the curve has a point at each number,
_FURTHER = 70  # and beyond at most so many more, evenly spaced on a log scale
_DRAWS = 500  # of a bootstrap
_BOX = 10  # experiments that make a box


def sizes(budget: int) -> list[int]:
    """The numbers of configurations at which curves are computed, the budget the last.

    >>> sizes(4)
    [1, 2, 3, 4]
    """
    further = np.geomspace(min(_EVERY, budget), budget, _FURTHER).round()
    return sorted({*range(1, min(_EVERY, budget) + 1), *map(int, further)})


def efficiency(runs: list[pd.DataFrame], mode: Mode, independent: bool) -> Efficiency | None:
    """What a random n of a search's configurations would have found, for n up to all of them.

    The expected best validation score, and the expected test score of the configuration with the
    best validation score (`estimators.best_of`), as means over the repetitions; None where nothing
    is complete.

    `low` and `high` are a 95 % interval, from a bootstrap of the repetitions. A single repetition
    whose configurations are `independent` draws has one from a bootstrap of the configurations, for
    n up to half of them: beyond that no draw is better than the best that was found, and the
    interval too short (benchmarks/coverage.py). A search whose configurations are not independent
    also has `in_order`: what the first n configurations of its first repetition found.
    """
    if not _any_score(runs):
        return None
    validation, *test = (_curve(runs, column, mode, independent) for column in runs[0].columns)
    found: Efficiency = {
        "sizes": sizes(len(runs[0])),
        "repeats": len(runs),
        "validation": validation,
    }
    if test:
        found["test"] = test[0]
    return found


def _curve(runs: list[pd.DataFrame], column: str, mode: Mode, independent: bool) -> Curve:
    """The expected `column` of the best of n, with its interval where there is one."""
    curve: Curve = {"mean": _numbers(np.nanmean(_expected(runs, column, mode), axis=0))}
    places = np.array(sizes(len(runs[0])))
    if len(runs) > 1 or independent:
        low, high = np.nanquantile(_bootstrap(runs, column, mode), [0.025, 0.975], axis=0)
        if len(runs) == 1:
            beyond = places > len(runs[0]) / 2
            low[beyond] = high[beyond] = np.nan
        curve["low"], curve["high"] = _numbers(low), _numbers(high)
    if not independent:
        curve["in_order"] = _numbers(best_in_order(*_arrays(runs[0], column, mode))[places - 1])
    return curve


def matching(runs: list[pd.DataFrame], others: list[pd.DataFrame], mode: Mode) -> Matching | None:
    """How many of a random search's trials are expected to match another search.

    `runs` are those of the random search. `target` is the score of what the other search chose, on
    test data where there are test scores, as the mean over its repetitions. `size` is the least n
    for which the expected score of the best of n random trials reaches the target. `interval` holds
    95 % of the sizes from a bootstrap: of the repetitions where the random search has several, else
    of its trials. None stands for more trials than the search has. Without a score on either side
    the result is None.
    """
    if not (_any_score(runs) and _any_score(others)):
        return None
    column = runs[0].columns[-1]
    chosen = np.array([best_in_order(*_arrays(run, column, mode))[-1] for run in others])
    chosen = chosen[~np.isnan(chosen)]
    target = np.asarray(chosen.mean())
    places = np.array([*sizes(len(runs[0])), np.inf])

    def least(curves: np.ndarray, targets: np.ndarray) -> np.ndarray:
        """The first of `places` at which each curve reaches its target."""
        above = sign(mode) * curves >= sign(mode) * targets[..., None] - 1e-12
        return places[np.where(above.any(axis=-1), above.argmax(axis=-1), -1)]

    drawn = _bootstrap(runs, column, mode)
    random = np.random.default_rng(1)
    targets = chosen[random.integers(len(chosen), size=(len(drawn), len(chosen)))].mean(axis=1)
    drawn_sizes = least(drawn, targets)
    low = np.quantile(drawn_sizes, 0.025, method="lower")
    high = np.quantile(drawn_sizes, 0.975, method="higher")
    return {
        "target": float(target),
        "of": len(runs[0]),
        "size": _finite(float(least(np.nanmean(_expected(runs, column, mode), axis=0), target))),
        "interval": [_finite(low), _finite(high)],
    }


def random_experiments(runs: list[pd.DataFrame], mode: Mode) -> list[Experiment]:
    """Bergstra & Bengio's random experiment efficiency curve (JMLR 2012, section 2.2).

    The configurations of all repetitions, in the order drawn, are cut into disjoint experiments of
    1, 2, 4, … as long as there are two: for each `size` the `scores` of their chosen
    configurations, on test data where there are test scores; those of which every trial failed are
    left out.
    """
    drawn = pd.concat(runs)
    selection, outcome = _arrays(drawn, drawn.columns[-1], mode)
    found: list[Experiment] = []
    size = 1
    while 2 * size <= len(drawn):
        scores = experiments(selection, outcome, size)
        found.append({"size": size, "scores": scores[~np.isnan(scores)].tolist()})
        size *= 2
    return found


def is_box(scores: Sequence[float]) -> bool:
    """Whether there are enough experiments to draw a box instead of points."""
    return len(scores) >= _BOX


def noisy_interval(run: pd.DataFrame, rows: dict[str, int] | None) -> NoisyBest | None:
    """The test score of a run's best trial, given that validation is noisy: mean and interval.

    `estimators.noisy_best` with the numbers of `rows` in the `validation` and `test` data. It
    holds for accuracies only: None where a column is not one (by its name, and in [0, 1]), or where
    the numbers of rows are not known.
    """
    run = run.dropna()
    if rows is None or len(run.columns) < 2 or not all(map(_is_accuracy, run.items())):
        return None
    validation, test = (run[column].to_numpy() for column in run.columns)
    mean, deviation = noisy_best(validation, test, rows["validation"], rows["test"])
    margin = 1.96 * deviation
    return {"mean": mean, "interval": [mean - margin, mean + margin]}


def _is_accuracy(column: tuple[str, pd.Series]) -> bool:
    name, scores = column
    return "acc" in name.lower() and len(scores) > 0 and bool(scores.between(0, 1).all())


def _expected(runs: list[pd.DataFrame], column: str, mode: Mode) -> np.ndarray:
    """Of each run the expected `column` of the best of n: an array (runs, sizes)."""
    budget = len(runs[0])
    weights = best_of_weights(budget, sizes(budget))
    return np.array([best_of(*_arrays(run, column, mode), sizes(budget), weights) for run in runs])


def _bootstrap(runs: list[pd.DataFrame], column: str, mode: Mode) -> np.ndarray:
    """The curves of as many searches drawn from these: an array (draws, sizes).

    Repetitions are drawn, or configurations where there is a single repetition.
    """
    if len(runs) == 1:
        return bootstrap_best_of(*_arrays(runs[0], column, mode), sizes(len(runs[0])), draws=_DRAWS)
    picked = np.random.default_rng(0).integers(len(runs), size=(_DRAWS, len(runs)))
    means: np.ndarray = np.nanmean(_expected(runs, column, mode)[picked], axis=1)
    return means


def _arrays(run: pd.DataFrame, column: str, mode: Mode) -> tuple[np.ndarray, np.ndarray]:
    """What selects, larger being better, and what is reported of the selected configuration."""
    return sign(mode) * run.iloc[:, 0].to_numpy(), run[column].to_numpy()


def _any_score(runs: list[pd.DataFrame]) -> bool:
    return any(run.iloc[:, 0].notna().any() for run in runs)


def _numbers(values: Iterable[float]) -> list[float | None]:
    return [None if np.isnan(value) else float(value) for value in values]


def _finite(size: float) -> int | None:
    return int(size) if np.isfinite(size) else None
