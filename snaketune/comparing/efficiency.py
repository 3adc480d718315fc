"""What a search would have found with another budget, and how many trials match another search.

A run is one repetition of a search: the frame of its configurations' scores, in the order of the
search, the metric's column before that of the test metric where there is one, NaN where a
configuration has no score.
"""

from collections.abc import Iterable

import numpy as np
import pandas as pd

from snaketune.comparing.estimators import (
    best_in_order,
    best_of,
    best_of_weights,
    bootstrap_best_of,
    experiments,
    noisy_best,
)

_EVERY = 50  # up to so many configurations each number has a point on the curve,
_FURTHER = 70  # beyond at most so many more, evenly on a log scale
_DRAWS = 500  # of a bootstrap
_BOX = 10  # experiments that make a box


def sizes(budget: int) -> list[int]:
    """The numbers of configurations at which curves are computed, the budget the last."""
    further = np.geomspace(min(_EVERY, budget), budget, _FURTHER).round()
    return sorted({*range(1, min(_EVERY, budget) + 1), *map(int, further)})


def efficiency(runs: list[pd.DataFrame], mode: str, independent: bool) -> dict | None:
    """What a random n of a search's configurations would have found, for n up to all of them.

    The expected best validation score, and the expected test score of the configuration with the
    best validation score (`estimators.best_of`), as means over the repetitions. `low` and `high`
    are a 95 % interval: from a bootstrap of the repetitions where there are some, else of the
    configurations if they are `independent` draws, for n up to half of them: beyond that no draw
    is better than the best that was found, and the interval too short (benchmarks/coverage.py). Of
    a search that is not independent, `in_order` is what the first n configurations of its first
    repetition found. None where nothing is complete.
    """
    if not _any_score(runs):
        return None
    told = {"sizes": sizes(len(runs[0])), "repeats": len(runs)}
    for kind, column in zip(("validation", "test"), runs[0].columns, strict=False):
        told[kind] = {"mean": _numbers(np.nanmean(_curves(runs, column, mode), axis=0))}
        drawn = _bootstrap(runs, column, mode, independent)
        if drawn is not None:
            low, high = np.nanquantile(drawn, [0.025, 0.975], axis=0)
            if len(runs) == 1:
                beyond = np.array(told["sizes"]) > len(runs[0]) / 2
                low[beyond] = high[beyond] = np.nan
            told[kind] |= {"low": _numbers(low), "high": _numbers(high)}
        if not independent:
            found = best_in_order(*_arrays(runs[0], column, mode))
            told[kind]["in_order"] = _numbers(found[np.array(told["sizes"]) - 1])
    return told


def matching(runs: list[pd.DataFrame], others: list[pd.DataFrame], mode: str) -> dict | None:
    """How many of a random search's trials are expected to match another search.

    `runs` are those of the random search. `target` is the score of what the other search chose, on
    test data where there are test scores, as the mean over its repetitions; `size` is the least n
    for which the expected score of the best of n random trials reaches it, and `interval` holds 95
    % of the sizes from a bootstrap (of the repetitions where there are some, else of the random
    trials). None stands for more trials than the search has. Without a score on either side the
    result is None.
    """
    if not (_any_score(runs) and _any_score(others)):
        return None
    sign, column = _sign(mode), runs[0].columns[-1]
    reached = np.array([best_in_order(*_arrays(run, column, mode))[-1] for run in others])
    reached = reached[~np.isnan(reached)]
    target = reached.mean()
    places = np.array([*sizes(len(runs[0])), np.inf])

    def least(curves, targets):
        above = sign * curves >= sign * np.asarray(targets)[..., None] - 1e-12
        return places[np.where(above.any(axis=-1), above.argmax(axis=-1), -1)]

    drawn = _bootstrap(runs, column, mode, independent=True)
    random = np.random.default_rng(1)
    targets = reached[random.integers(len(reached), size=(len(drawn), len(reached)))].mean(axis=1)
    ends = [
        np.quantile(least(drawn, targets), at, method=method)
        for at, method in ((0.025, "lower"), (0.975, "higher"))
    ]
    size = least(np.nanmean(_curves(runs, column, mode), axis=0), target)
    return {
        "target": float(target),
        "of": len(runs[0]),
        "size": _finite(size),
        "interval": [_finite(end) for end in ends],
    }


def random_experiments(runs: list[pd.DataFrame], mode: str) -> list[dict]:
    """Bergstra & Bengio's random experiment efficiency curve (JMLR 2012, section 2.2).

    The configurations of all repetitions, in the order drawn, are cut into disjoint experiments of
    1, 2, 4, … as long as there are two: for each `size` the `scores` of their chosen
    configurations, on test data where there are test scores; those of which every trial failed are
    left out.
    """
    drawn = pd.concat(runs)
    selection, outcome = _arrays(drawn, drawn.columns[-1], mode)
    told, size = [], 1
    while 2 * size <= len(drawn):
        scores = experiments(selection, outcome, size)
        told.append({"size": size, "scores": _numbers(scores[~np.isnan(scores)])})
        size *= 2
    return told


def is_box(scores: list[float]) -> bool:
    """Whether these are experiments enough to draw a box instead of points."""
    return len(scores) >= _BOX


def noisy_interval(run: pd.DataFrame, rows: dict[str, int] | None) -> dict | None:
    """The test score of a run's best trial, given that validation is noisy: mean and interval.

    `estimators.noisy_best` with the numbers of `rows` in the `validation` and `test` data. It
    holds for accuracies: None where a column is not one (in [0, 1], and by its name), or where
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
    return "acc" in name.lower() and len(scores) > 0 and scores.between(0, 1).all()


def _curves(runs: list[pd.DataFrame], column: str, mode: str) -> np.ndarray:
    """Of each run the expected `column` of the best of n: an array (runs, sizes)."""
    budget = len(runs[0])
    weights = best_of_weights(budget, sizes(budget))
    return np.array([best_of(*_arrays(run, column, mode), sizes(budget), weights) for run in runs])


def _bootstrap(runs, column: str, mode: str, independent: bool) -> np.ndarray | None:
    """The curves of as many searches drawn from these: an array (draws, sizes)."""
    if len(runs) > 1:
        picked = np.random.default_rng(0).integers(len(runs), size=(_DRAWS, len(runs)))
        return np.nanmean(_curves(runs, column, mode)[picked], axis=1)
    if independent:
        return bootstrap_best_of(*_arrays(runs[0], column, mode), sizes(len(runs[0])), draws=_DRAWS)
    return None


def _arrays(run: pd.DataFrame, column: str, mode: str) -> tuple[np.ndarray, np.ndarray]:
    """What selects, larger being better, and what is told of the selected."""
    return _sign(mode) * run.iloc[:, 0].to_numpy(), run[column].to_numpy()


def _sign(mode: str) -> int:
    return 1 if mode == "max" else -1


def _any_score(runs: list[pd.DataFrame]) -> bool:
    return any(run.iloc[:, 0].notna().any() for run in runs)


def _numbers(values: Iterable[float]) -> list[float | None]:
    return [None if np.isnan(value) else float(value) for value in values]


def _finite(size: float) -> int | None:
    return int(size) if np.isfinite(size) else None
