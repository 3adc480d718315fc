"""Which of several searches did better: by a single run of each, and by repetitions."""

from itertools import combinations
from math import inf

import numpy as np

from snaketune.base.modes import sign
from snaketune.comparing.findings import Outline, Part, Verdict, Winner
from snaketune.comparing.noise import told_apart
from snaketune.comparing.per_search import SearchFindings
from snaketune.comparing.scores import Modes, finite, mean, modes_of, score_of
from snaketune.comparing.superiority import probability_better, probability_better_interval

Searches = dict[str, SearchFindings]


def best_search(searches: Searches, outline: Outline, rows: dict[str, int] | None) -> Winner | None:
    """The search whose first repetition chose the best configuration, or several in a tie.

    Each search chose by validation. What they chose is compared by test scores where every search
    has one, else by validation scores. `rows` has the numbers of rows of both parts of the data,
    where they are known. None where nothing is complete.
    """
    bests = {name: search["best"] for name, search in searches.items() if search["best"]}
    if not bests:
        return None
    tested = all(best["test"] is not None for best in bests.values())
    part: Part = "test" if tested else "validation"
    scores = {name: score_of(best, part) for name, best in bests.items()}
    larger = {name: sign(modes_of(outline)[part]) * score for name, score in scores.items()}
    top = max(larger.values())
    first = [name for name, score in larger.items() if score == top]
    behind = {name: top - score for name, score in larger.items() if name not in first}
    counted = _counted_rows(scores, part, outline, rows)
    confidence = 1 - 0.05 / max(len(behind), 1)
    return {
        "judged_by": part,
        "searches": first,
        "margin": finite(min(behind.values())) if behind else None,
        "rows": counted,
        "close": [
            name
            for name in behind
            if counted and not told_apart(scores[first[0]], scores[name], counted, confidence)
        ],
    }


def _counted_rows(
    scores: dict[str, float], part: Part, outline: Outline, rows: dict[str, int] | None
) -> int | None:
    """Of how many rows the scores are shares; None where that is not known or they are none."""
    if outline["metric_kind"] is None or not rows or not rows[part]:
        return None
    return rows[part] if all(0 <= score <= 1 for score in scores.values()) else None


def pairwise_verdicts(searches: Searches, modes: Modes) -> list[Verdict]:
    """For each pair of searches, the probability that one run of the first beats one of the second.

    A run is judged by the test score of the configuration that it chose, or by its validation score
    where one of the two searches has no test score. A verdict has an interval where both searches
    were repeated. With several such pairs the intervals are wider, for all of them to hold together
    with 95 % (Bonferroni).
    """
    verdicts = [_verdict(searches, a, b, modes) for a, b in combinations(searches, 2)]
    repeated = [both for both in verdicts if min(both[0]["repeats"]) > 1]
    for verdict, runs in repeated:
        confidence = 1 - 0.05 / len(repeated)
        verdict["interval"] = list(probability_better_interval(*runs, confidence))
    return [verdict for verdict, _ in verdicts]


def _verdict(
    searches: Searches, a: str, b: str, modes: Modes
) -> tuple[Verdict, tuple[list[float], list[float]]]:
    """The verdict on two searches without its interval, and the scores of their runs.

    Larger scores are better; a run in which nothing is complete has -inf, which loses.
    """
    found = [[best for best in searches[name]["repeats"] if best] for name in (a, b)]
    tested = [[best for best in bests if best["test"] is not None] for bests in found]
    both = any(tested) and all(t or not f for f, t in zip(found, tested, strict=True))
    part: Part = "test" if both else "validation"
    judged = tested if both else found
    failed = [searches[name]["repeats"].count(None) for name in (a, b)]
    scores = [[sign(modes[part]) * score_of(best, part) for best in bests] for bests in judged]
    first, second = ([*s, *[-inf] * count] for s, count in zip(scores, failed, strict=True))
    verdict: Verdict = {
        "a": a,
        "b": b,
        "judged_by": part,
        "repeats": [len(first), len(second)],
        "failed": failed,
        "without_test": [len(f) - len(j) for f, j in zip(found, judged, strict=True)],
        "probability": probability_better(first, second),
        "ties": float(np.equal.outer(first, second).mean()),
        "ahead": finite(mean(scores[0]) - mean(scores[1])) if all(scores) else None,
    }
    return verdict, (first, second)
