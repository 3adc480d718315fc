"""Which of several searches did better."""

from itertools import combinations

import numpy as np

from snaketune.base.modes import Mode, sign
from snaketune.comparing.estimators import probability_better, probability_better_interval
from snaketune.comparing.findings import SearchFindings, Verdict, Winner


def best_search(searches: dict[str, SearchFindings], mode: Mode) -> Winner | None:
    """The search with the best validation score in its first repetition, or several in a tie.

    None where nothing is complete.
    """
    scores = {name: s["best"]["validation"] for name, s in searches.items() if s["best"]}
    if not scores:
        return None
    top = max(scores.values(), key=lambda score: sign(mode) * score)
    first = [name for name, score in scores.items() if score == top]
    others = [abs(top - score) for name, score in scores.items() if name not in first]
    return {"searches": first, "margin": min(others) if others else None}


def pairwise_verdicts(searches: dict[str, SearchFindings], mode: Mode) -> list[Verdict]:
    """For each pair of searches, the probability that one run of the first beats one of the second.

    A run is judged by the test score of the configuration that it chose; without test scores, by
    its validation score. A verdict has an interval where both searches were repeated. With several
    pairs the intervals are wider, for all of them to hold together with 95 % (Bonferroni).
    """
    runs = [best for search in searches.values() for best in search["repeats"] if best]
    by_test = bool(runs) and all(best["test"] is not None for best in runs)
    scores = {name: _run_scores(search, mode, by_test) for name, search in searches.items()}
    pairs = list(combinations(searches, 2))
    verdicts = []
    for a, b in pairs:
        verdict: Verdict = {
            "a": a,
            "b": b,
            "repeats": [len(scores[a]), len(scores[b])],
            "judged_by": "test" if by_test else "validation",
            "probability": probability_better(scores[a], scores[b]),
        }
        if min(verdict["repeats"]) > 1:
            confidence = 1 - 0.05 / len(pairs)
            interval = probability_better_interval(scores[a], scores[b], confidence)
            verdict["interval"] = list(interval)
        verdicts.append(verdict)
    return verdicts


def _run_scores(search: SearchFindings, mode: Mode, by_test: bool) -> list[float]:
    """The scores of a search's repetitions, larger being better.

    A run in which nothing was complete has -inf: it loses against any other.
    """
    scores = []
    for best in search["repeats"]:
        score = best and best["test" if by_test else "validation"]
        scores.append(-np.inf if score is None else sign(mode) * score)
    return scores
