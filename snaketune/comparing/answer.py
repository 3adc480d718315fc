"""The answer of a comparison in a few sentences, which claim no more than its numbers show."""

from collections.abc import Iterable
from statistics import median

from snaketune.base.modes import sign
from snaketune.base.words import join, number, percent, plural, shown
from snaketune.comparing.findings import (
    Best,
    Comparison,
    Importance,
    Match,
    SearchFindings,
    Verdict,
    Winner,
)

Searches = dict[str, SearchFindings]

# Repetitions that the power analysis of Bouthillier et al. (MLSys 2021) asks for.
_ENOUGH = 29


def answer(comparison: Comparison) -> str:
    """Which search did better, as `comparison.compare` found it, in words for everyone."""
    searches, winner = comparison["searches"], comparison["winner"]
    if winner is None:
        return _nothing_complete(comparison)
    if any("interval" in verdict for verdict in comparison["verdicts"]):
        return " ".join([*_verdict_sentences(comparison["verdicts"]), _means(comparison)])
    bests = {name: search["best"] for name, search in searches.items() if search["best"]}
    sentences = [
        _first_sentence(comparison, winner, bests),
        _test_sentence(comparison, winner, bests),
        _caution(searches),
    ]
    return " ".join(filter(None, sentences))


def match_sentence(match: Match) -> str:
    """How many random trials match another search: an entry of `comparison["matches"]`."""
    random, other, budget = match["random"], match["other"], f"{match['of']:,}"
    if match["size"] is None:
        start = f"Not even all {budget} configurations of {random} are expected to match {other}"
    else:
        count = "One configuration" if match["size"] == 1 else f"{match['size']:,} configurations"
        start = f"{count} of {random} can be expected to match {other}"
    low, high = match["interval"]
    if low is None:
        interval = f"more than {budget}"
    else:
        interval = f"{low:,} to {f'{high:,}' if high is not None else f'more than {budget}'}"
    return (
        f"{start}, whose choice scores {number(match['target'])} (95 % interval: {interval} "
        f"configurations)."
    )


def runner_up_sentence(name: str, search: SearchFindings) -> str:
    """Whether the best configuration of a search is better than the second by more than noise.

    Empty where the search has no runner-up.
    """
    second = search["runner_up"]
    if second is None:
        return ""
    low, high = second["interval"]
    if low > 0:
        verdict = "which is more than the noise of training seeds and folds"
    else:
        verdict = "which may be the noise of training seeds and folds: either may be the better"
    config = ", ".join(f"{key} = {shown(value)}" for key, value in second["config"].items())
    return (
        f"The best configuration of {name} is ahead of the second ({config}) by "
        f"{number(second['difference'])} in the mean over {second['pairs']} pairs of trials (95 % "
        f"interval: {number(low)} to {number(high)}), {verdict}."
    )


def importance_sentence(importance: Importance) -> str:
    """How many hyperparameters matter, and which matter most."""
    dimensions = importance["effective_dimension"]
    shares = {name: median(values) for name, values in importance["fanova"].items()}
    order = sorted(shares, key=lambda name: -shares[name])
    low, high = min(dimensions), max(dimensions)
    spread = "" if low == high else f" ({low} to {high} over the refits)"
    return (
        f"Of the variance that single hyperparameters explain among {importance['trials']:,} "
        f"configurations of {importance['search']}, 90 % lies in {round(median(dimensions))} of "
        f"{len(order)}{spread}: the effective dimension. In order of their median share: "
        f"{join([f'{name} {percent(shares[name])}' for name in order])}."
    )


def _nothing_complete(comparison: Comparison) -> str:
    failed = sum(search["failed"] for search in comparison["searches"].values())
    diverged = sum(search["diverged"] for search in comparison["searches"].values())
    error = comparison["most_frequent_error"]
    return (
        f"Nothing can be compared: no trial is complete ({failed} failed, {diverged} diverged)."
        + (f" The most frequent error is {error}." if error else "")
    )


def _first_sentence(comparison: Comparison, winner: Winner, bests: dict[str, Best]) -> str:
    """Which search found the best validation score, by a single run of each."""
    searches, metric, first = comparison["searches"], comparison["metric"], winner["searches"]
    top = number(bests[first[0]]["validation"])
    others = [
        f"{number(best['validation'])} for {n}" for n, best in bests.items() if n not in first
    ]
    if len(searches) == 1:
        return f"The best of {_trials(searches, first)} reaches a {metric} of {top}."
    if not others and len(first) > 1:
        budgets = _budgets(searches)
        return f"{join(first)} tie: the best of each reaches a {metric} of {top} ({budgets})."
    if not others:
        return f"Only {first[0]} has a complete trial; its best reaches a {metric} of {top}."
    if len(searches) == 2:
        verb = "found the better configuration"
    elif len(first) == 1:
        verb = "found the best configuration"
    else:
        verb = "tie for the best configuration"
    return f"{join(first)} {verb}: {metric} {top} against {join(others)} ({_budgets(searches)})."


def _verdict_sentences(verdicts: list[Verdict]) -> list[str]:
    """A sentence for each pair of searches, and how far their intervals can be trusted."""
    sentences = [_verdict_sentence(verdict) for verdict in verdicts]
    repeated = [verdict for verdict in verdicts if "interval" in verdict]
    if len(repeated) > 1:
        sentences.append("All of these intervals hold together with 95 %.")
    if any(min(verdict["repeats"]) < _ENOUGH for verdict in repeated):
        sentences.append(f"An interval is rather too short with fewer than {_ENOUGH} repetitions.")
    return sentences


def _verdict_sentence(verdict: Verdict) -> str:
    """What the interval of P(A > B) says of a pair of searches.

    After Bouthillier et al. (MLSys 2021): better where the lower end is above one half, and by
    enough to matter where the upper end reaches three quarters.
    """
    a, b, probability = verdict["a"], verdict["b"], verdict["probability"]
    if "interval" not in verdict:
        return f"Between {a} and {b} one run cannot tell whether one is better."
    low, high = verdict["interval"]
    if probability < 0.5:
        a, b, probability, low, high = b, a, 1 - probability, 1 - high, 1 - low
    if low <= 0.5:
        start = f"Whether {a} or {b} is better, these repetitions cannot tell"
    elif high < 0.75:
        start = f"{a} is better than {b}, but not by enough to matter"
    else:
        start = f"{a} is better than {b}"
    runs = " and ".join(map(str, verdict["repeats"]))
    return (
        f"{start}: one run of {a} beats one of {b} on {verdict['judged_by']} data with a "
        f"probability of {percent(probability)} ({percent(low)} to {percent(high)}, "
        f"from {runs} repetitions)."
    )


def _means(comparison: Comparison) -> str:
    """The mean scores over the repetitions of what each search chose."""
    repeats = {name: _found(search) for name, search in comparison["searches"].items()}
    validation = {name: [best["validation"] for best in found] for name, found in repeats.items()}
    test = {
        name: [best["test"] for best in found if best["test"] is not None]
        for name, found in repeats.items()
    }
    clauses = []
    for metric, scores in ((comparison["metric"], validation), (comparison["test_metric"], test)):
        means = [f"{_mean(values)} for {name}" for name, values in scores.items() if values]
        if metric and means:
            clauses.append(f"the {metric} is {join(means)}")
    sentence = f"In the mean over the repetitions {' and '.join(clauses)}."
    budgets = " The budgets differ." if _budgets_differ(comparison["searches"]) else ""
    return sentence + budgets


def _found(search: SearchFindings) -> list[Best]:
    """What the repetitions of a search chose, without those in which nothing was complete."""
    return [best for best in search["repeats"] if best]


def _mean(scores: list[float]) -> str:
    return number(sum(scores) / len(scores))


def _test_sentence(comparison: Comparison, winner: Winner, bests: dict[str, Best]) -> str:
    """The test scores of what the searches chose, if all of them have one."""
    scores = {name: best["test"] for name, best in bests.items() if best["test"] is not None}
    if len(scores) < len(bests):
        return ""
    start = f"On the test data, which selected nothing, the {comparison['test_metric']} is "
    if len(scores) == 1:
        (score,) = scores.values()
        return f"{start}{number(score)}."
    start += join([f"{number(score)} for {name}" for name, score in scores.items()])
    larger = {name: sign(comparison["mode"]) * score for name, score in scores.items()}
    ahead = [name for name, score in larger.items() if score == max(larger.values())]
    if len(ahead) == len(scores):
        return f"{start}: a tie."
    if not set(ahead) & set(winner["searches"]):
        return f"{start}: there {join(ahead)} {'is' if len(ahead) == 1 else 'are'} ahead."
    return f"{start}."


def _caution(searches: Searches) -> str:
    """What the comparison does not show: different budgets, a single run."""
    if len(searches) == 1:
        return _over_repeats(searches)
    sentences = [_over_repeats(searches)]
    if _budgets_differ(searches):
        sentences.append("The budgets differ.")
    if min(len(search["repeats"]) for search in searches.values()) == 1:
        sentences.append(
            "One run of each search cannot tell whether a difference is more than luck."
        )
    return " ".join(filter(None, sentences))


def _over_repeats(searches: Searches) -> str:
    """The mean of the best scores of each search that was repeated."""
    means = []
    for name, search in searches.items():
        scores = [best["validation"] for best in _found(search)]
        if len(search["repeats"]) > 1 and scores:
            means.append(f"{_mean(scores)} for {name} ({len(scores)} times)")
    if not means:
        return ""
    return f"That is the first repetition; over all of them the mean is {join(means)}."


def _trials(searches: Searches, names: Iterable[str]) -> str:
    return plural(sum(searches[name]["budget"] for name in names), "trial")


def _budgets(searches: Searches) -> str:
    """``9 trials each``, or the number of trials of every search."""
    if _budgets_differ(searches):
        return join([f"{name} {_trials(searches, [name])}" for name in searches])
    return f"{_trials(searches, [next(iter(searches))])} each"


def _budgets_differ(searches: Searches) -> bool:
    return len({search["budget"] for search in searches.values()}) > 1
