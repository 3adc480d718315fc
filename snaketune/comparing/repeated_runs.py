"""What the repetitions of searches show, in sentences."""

from collections.abc import Iterator

from snaketune.base.words import number, percents, plural
from snaketune.comparing.findings import Comparison, Part, Verdict
from snaketune.comparing.per_search import Best, SearchFindings
from snaketune.comparing.phrases import budgets, budgets_differ, metric_of, scored
from snaketune.comparing.scores import mean, score_of

# Above this probability a difference is one that matters (Bouthillier et al., MLSys 2021).
_MATTERS = 0.75


def repeated_run_sentences(comparison: Comparison) -> Iterator[str]:
    """Sentences about searches of which some were repeated."""
    searches, verdicts = comparison["searches"], comparison["verdicts"]
    if len(searches) == 1:
        ((name, search),) = searches.items()
        trials = plural(search["budget"], "trial")
        yield f"{name} was run {len(search['repeats'])} times, with {trials} each time."
    yield from (_verdict_sentence(comparison, verdict) for verdict in verdicts)
    repeated = [verdict for verdict in verdicts if "interval" in verdict]
    if len(repeated) > 1:
        yield "All of these intervals hold together with 95 %."
    yield _means(comparison)
    for name, search in searches.items():
        yield from _left_out(name, search, comparison)
    if budgets_differ(searches):
        yield f"The budgets differ: {budgets(searches)} in each repetition."
    if comparison["split_seeds"] == 1:
        yield "All repetitions use one split of the data: on another the result may differ."
    elif comparison["split_seeds"]:
        yield f"The repetitions use {comparison['split_seeds']} different splits of the data."


def _verdict_sentence(comparison: Comparison, verdict: Verdict) -> str:
    """What the repetitions say of a pair of searches."""
    a, b, (runs_a, runs_b) = verdict["a"], verdict["b"], verdict["repeats"]
    if runs_a == runs_b == 1:
        return f"One run of {a} and one of {b} cannot tell which of them is better."
    if verdict["ties"] == 1:
        return _all_equal(comparison, verdict)
    if "interval" in verdict:
        return _probability_sentence(comparison, verdict)
    return _against_one_run(verdict)


def _against_one_run(verdict: Verdict) -> str:
    """How many runs of one search are better than the only one of the other."""
    a, b, runs = verdict["a"], verdict["b"], max(verdict["repeats"])
    wins, ties = verdict["probability"] - verdict["ties"] / 2, verdict["ties"]
    if verdict["repeats"][0] == 1:
        a, b, wins = b, a, 1 - wins - ties
    equal = f", and equalled by {round(ties * runs)}" if ties else ""
    return (
        f"The one run of {b} is beaten by {round(wins * runs) or 'none'} of {runs} runs of {a} on "
        f"{verdict['judged_by']} data{equal}; one run of {b} cannot tell which of them is better."
    )


def _all_equal(comparison: Comparison, verdict: Verdict) -> str:
    """That all runs of two searches came to the same."""
    a, b, part = verdict["a"], verdict["b"], verdict["judged_by"]
    if verdict["failed"] == verdict["repeats"]:
        return f"Neither {a} nor {b} has a complete trial in any run."
    score = next(score_of(best, part) for best in _found(comparison["searches"][a]))
    return (
        f"All {sum(verdict['repeats'])} runs of {a} and {b} have the same "
        f"{metric_of(comparison, part)} of {number(score)}: they show no difference."
    )


def _probability_sentence(comparison: Comparison, verdict: Verdict) -> str:
    """P(A > B) with its interval, and what follows.

    After Bouthillier et al. (MLSys 2021): better where the lower end is above one half, and by
    enough to matter where the upper end reaches three quarters.
    """
    a, b, ahead = verdict["a"], verdict["b"], verdict["ahead"]
    probability, (low, high) = verdict["probability"], verdict["interval"]
    undecided = f"Whether {a} or {b} is better, these repetitions cannot tell"
    if probability < 0.5:
        a, b, probability, low, high = b, a, 1 - probability, 1 - high, 1 - low
        ahead = None if ahead is None else -ahead
    if low <= 0.5:
        start = undecided
    else:
        matters = "" if high >= _MATTERS else ", but not by enough to matter"
        size = _size(ahead, metric_of(comparison, verdict["judged_by"]))
        start = f"{a} is better than {b}{matters}{size}"
    runs = " and ".join(map(str, verdict["repeats"]))
    texts = percents([probability, low, high, 0.5])
    return (
        f"{start}: one run of {a} beats one of {b} on {verdict['judged_by']} data with a "
        f"probability of {texts[0]} ({texts[1]} to {texts[2]}, from {runs} repetitions)."
    )


def _size(ahead: float | None, metric: str) -> str:
    """By how much a search that is better is ahead in the mean; empty where it is not known."""
    if ahead is None:
        return ""
    if ahead <= 0:
        return f", though not in the mean {metric}"
    return f" (mean {metric} better by {number(ahead)})"


def _means(comparison: Comparison) -> str:
    """The mean scores over the repetitions of what each search chose."""
    clauses = []
    parts: tuple[Part, Part] = ("validation", "test")
    for part in parts:
        means = {}
        for name, search in comparison["searches"].items():
            scores = [score_of(best, part) for best in _found(search) if best[part] is not None]
            if scores:
                means[name + (" (one run)" if len(scores) == 1 else "")] = mean(scores)
        if means:
            clauses.append(f"{metric_of(comparison, part)} {scored(means)}")
    return f"Means over the repetitions: {'; '.join(clauses)}."


def _left_out(name: str, search: SearchFindings, comparison: Comparison) -> Iterator[str]:
    """The repetitions of a search that are missing in the means or in the verdicts."""
    runs, found = len(search["repeats"]), _found(search)
    if failed := runs - len(found):
        have, lost = (
            ("has", "it counts as lost and is")
            if failed == 1
            else ("have", "they count as lost and are")
        )
        lost = lost if len(comparison["searches"]) > 1 else lost.replace("counts as lost and ", "")
        yield (
            f"{failed} of {plural(runs, 'run')} of {name} {have} no complete trial: {lost} missing "
            "from the means."
        )
    untested = sum(best["test"] is None for best in found)
    if comparison["test_metric"] and untested == len(found) > 0:
        yield f"{name} has no test score, so that it is compared by validation data."
    elif comparison["test_metric"] and untested:
        have = "has no test score and is" if untested == 1 else "have no test score and are"
        yield f"{untested} of {plural(runs, 'run')} of {name} {have} left out on test data."


def _found(search: SearchFindings) -> list[Best]:
    """What the repetitions of a search chose, without those in which nothing was complete."""
    return [best for best in search["repeats"] if best]
