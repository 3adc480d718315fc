"""What a search would have found with another budget.

A run is one repetition of a search: the frame of its configurations' scores, in the order of the
search. Its first column is the metric, its second, where there are test scores, the test metric;
NaN where a configuration has no score.
"""

import numpy as np
import pandas as pd

from snaketune.comparing.estimators import (
    best_in_order,
    best_of_weights,
    chosen_chances,
    expected_best,
    experiments,
    median_best,
    median_best_limits,
    repeated_mean,
)
from snaketune.comparing.per_search import Curve, Efficiency, Experiment, Order
from snaketune.comparing.scores import Modes, larger_in

_EVERY = 50  # up to so many configurations the curve has a point at each number,
_FURTHER = 70  # and beyond at most so many more, evenly spaced on a log scale
_BOX = 10  # experiments that make a box

Pair = tuple[np.ndarray, np.ndarray]
# At each number of configurations the chance of a result, the score, and its lower and upper limit.
Found = tuple[np.ndarray, np.ndarray, Pair | None]

# The first n configurations of a sequence fill the space on purpose: a random n of them, which
# would do worse, is nobody's search. The points of a latin hypercube fill it only together.
_ORDERS: dict[str, Order] = {"sobol": "own", "halton": "own", "lhs": "whole"}


def sizes(budget: int) -> list[int]:
    """The numbers of configurations at which curves are computed, the budget the last.

    >>> sizes(4)
    [1, 2, 3, 4]
    """
    further = np.geomspace(min(_EVERY, budget), budget, _FURTHER).round()
    return sorted({*range(1, min(_EVERY, budget) + 1), *map(int, further)})


def efficiency(runs: list[pd.DataFrame], modes: Modes, sampler: str) -> Efficiency | None:
    """What n of a search's configurations would have found, for n up to all of them.

    The best validation score, and the test score of the configuration with the best validation
    score; None where nothing is complete. `runs` are the repetitions of the search.

    For a random search and a grid, n configurations are a random n of a repetition's: of a grid,
    some of its cells in random order. For a sequence they are its first n, and of a latin hypercube
    there are only all. A grid also has `in_order`: what the first n cells found in its own order.

    A single repetition has the median (`estimators.median_best`), in which failed configurations
    rank last. If it is a random search's, the median validation score has exact limits
    (`median_best_limits`). Several repetitions have the mean of those draws that have any result,
    with the interval of Student's t over the repetitions (`repeated_mean`). Where no result is as
    likely as one, there is no score.
    """
    order = _ORDERS.get(sampler, "random")
    metric, *test = runs[0].columns
    if not _any_score(runs, metric):
        return None
    places = [len(runs[0])] if order == "whole" else sizes(len(runs[0]))
    found: Efficiency = {
        "sizes": places,
        "repeats": len(runs),
        "order": order,
        "statistic": "mean" if len(runs) > 1 else "median" if order == "random" else "score",
        "validation": _curve(runs, metric, modes, sampler, places),
    }
    if test and _any_score(runs, test[0]):
        found["test"] = _curve(runs, test[0], modes, sampler, places)
    return found


def _curve(
    runs: list[pd.DataFrame], column: str, modes: Modes, sampler: str, places: list[int]
) -> Curve:
    """The `column` of the best of n, for the numbers n in `places`."""
    pairs = [_arrays(run, column, modes) for run in runs]
    if sampler in _ORDERS:
        chance, score, limits = _of_the_first(pairs, places)
    else:
        limited = sampler == "random" and column == runs[0].columns[0]
        chance, score, limits = _of_any(pairs, places, limited)
    larger, some = larger_in(column, runs[0].columns[0], modes), chance > 0.5
    curve: Curve = {
        "chance": [round(float(share), 6) for share in chance],
        "score": _numbers(larger * score, some),
    }
    if limits:
        low, high = limits[::larger]
        curve["low"], curve["high"] = _numbers(larger * low, some), _numbers(larger * high, some)
    if sampler == "grid":
        first = larger * best_in_order(*pairs[0])[np.array(places) - 1]
        curve["in_order"] = _numbers(first, ~np.isnan(first))
    return curve


def _of_any(pairs: list[Pair], places: list[int], limited: bool) -> Found:
    """What a random n of the configurations found: of a single run with limits, if `limited`."""
    weights = best_of_weights(len(pairs[0][0]), places)
    chosen = (chosen_chances(selection, weights) for selection, _ in pairs)
    if len(pairs) > 1:
        found = [expected_best(c, o) for c, (_, o) in zip(chosen, pairs, strict=True)]
        return _mean(*map(np.array, zip(*found, strict=True)))
    ((selection, outcome),), chances = pairs, next(chosen)
    limits = median_best_limits(selection, places) if limited else None
    return expected_best(chances, outcome)[1], median_best(chances, outcome), limits


def _of_the_first(pairs: list[Pair], places: list[int]) -> Found:
    """What the first n configurations found."""
    scores = np.array([best_in_order(*pair)[np.array(places) - 1] for pair in pairs])
    parts, chances = np.nan_to_num(scores), (~np.isnan(scores)).astype(float)
    return _mean(parts, chances) if len(pairs) > 1 else (chances[0], scores[0], None)


def _mean(parts: np.ndarray, chances: np.ndarray) -> Found:
    """The mean over the repetitions with its interval."""
    mean, margin = repeated_mean(parts, chances)
    return chances.mean(axis=0), mean, (mean - margin, mean + margin)


def random_experiments(runs: list[pd.DataFrame], modes: Modes) -> list[Experiment]:
    """Bergstra & Bengio's random experiment efficiency curve (JMLR 2012, section 2.2).

    The configurations of all repetitions, in the order drawn, are cut into disjoint experiments of
    1, 2, 4, … as long as there are two: for each `size` the `scores` of their chosen
    configurations, on test data where there are test scores, and how many experiments have none.
    """
    drawn = pd.concat(runs)
    judge = drawn.columns[-1]
    selection, outcome = _arrays(drawn, judge, modes)
    larger = larger_in(judge, drawn.columns[0], modes)
    found: list[Experiment] = []
    size = 1
    while 2 * size <= len(drawn):
        scores = larger * experiments(selection, outcome, size)
        done = ~np.isnan(scores)
        found.append({"size": size, "scores": scores[done].tolist(), "failed": int((~done).sum())})
        size *= 2
    return found


def is_box(experiment: Experiment) -> bool:
    """Whether there are enough experiments to draw a box instead of points."""
    return len(experiment["scores"]) + experiment["failed"] >= _BOX


def _arrays(run: pd.DataFrame, column: str, modes: Modes) -> Pair:
    """What selects, and what is reported of the selected configuration; larger is better."""
    metric = run.columns[0]
    selection = larger_in(metric, metric, modes) * run[metric].to_numpy()
    return selection, larger_in(column, metric, modes) * run[column].to_numpy()


def _any_score(runs: list[pd.DataFrame], column: str) -> bool:
    return any(run[column].notna().any() for run in runs)


def _numbers(values: np.ndarray, shown: np.ndarray) -> list[float | None]:
    """The values as JSON has them: null where they are not `shown`, or NaN."""
    shown = shown & np.isfinite(values)
    return [float(v) if there else None for v, there in zip(values, shown, strict=True)]
