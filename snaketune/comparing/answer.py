"""A study's answer in a few sentences: what the numbers carry, and no further."""

from statistics import median

from snaketune.base.words import join, number, percent, shown

# Repetitions that the power analysis of Bouthillier et al. (MLSys 2021) asks for.
_ENOUGH = 29


def answer(comparison: dict) -> str:
    """Which search did better, as `comparison.compare` found it, in words for everyone."""
    searches, winner = comparison["searches"], comparison["winner"]
    metric = comparison["metric"]
    if winner is None:
        failed = sum(search["failed"] for search in searches.values())
        diverged = sum(search["diverged"] for search in searches.values())
        return (
            f"Nothing can be compared: no trial is complete ({failed} failed, {diverged} "
            f"diverged).{_most_frequent(comparison)}"
        )
    if any("interval" in verdict for verdict in comparison["verdicts"]):
        return " ".join([*_verdicts(comparison), _means(comparison)])
    bests = {name: search["best"] for name, search in searches.items() if search["best"]}
    first = winner["searches"]
    top = number(bests[first[0]]["validation"])
    others = [name for name in bests if name not in first]
    if len(searches) == 1:
        told = f"The best of {_trials(searches, first)} reaches a {metric} of {top}."
    elif not others and len(first) > 1:
        budgets = _budgets(searches)
        told = f"{join(first)} tie: the best of each reaches a {metric} of {top} ({budgets})."
    elif not others:
        told = f"Only {first[0]} has a complete trial; its best reaches a {metric} of {top}."
    else:
        verb = (
            "found the better configuration"
            if len(searches) == 2
            else (
                "found the best configuration"
                if len(first) == 1
                else "tie for the best configuration"
            )
        )
        rest = join([f"{number(bests[name]['validation'])} for {name}" for name in others])
        told = f"{join(first)} {verb}: {metric} {top} against {rest} ({_budgets(searches)})."
    return " ".join(filter(None, [told, _test_sentence(comparison, bests), _caution(searches)]))


def match_sentence(match: dict) -> str:
    """How many random trials match another search: an entry of `comparison["matches"]`."""
    random, other, budget = match["random"], match["other"], f"{match['of']:,}"
    if match["size"] is None:
        told = f"Not even all {budget} configurations of {random} are expected to match {other}"
    else:
        count = "one configuration" if match["size"] == 1 else f"{match['size']:,} configurations"
        told = f"{count[0].upper()}{count[1:]} of {random} can be expected to match {other}"
    low, high = match["interval"]
    if low is None:
        interval = f"more than {budget}"
    else:
        interval = f"{low:,} to {f'{high:,}' if high is not None else f'more than {budget}'}"
    return (
        f"{told}, whose choice scores {number(match['target'])} (95 % interval: {interval} "
        f"configurations)."
    )


def runner_up_sentence(name: str, search: dict) -> str:
    """Whether the best configuration of a search is better than the second by more than noise."""
    second = search["runner_up"]
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


def importance_sentence(importance: dict) -> str:
    """What the importances say together: how many hyperparameters matter, and which most."""
    sizes = importance["effective_dimension"]
    shares = {name: median(values) for name, values in importance["fanova"].items()}
    order = sorted(shares, key=lambda name: -shares[name])
    dimension = round(median(sizes))
    spread = "" if min(sizes) == max(sizes) else f" ({min(sizes)} to {max(sizes)} over the refits)"
    return (
        f"Of the variance that single hyperparameters explain among {importance['trials']:,} "
        f"configurations of {importance['search']}, 90 % lies in {dimension} of {len(order)}"
        f"{spread}: the effective dimension. In order of their median share: "
        f"{join([f'{name} {percent(shares[name])}' for name in order])}."
    )


def _most_frequent(comparison: dict) -> str:
    error = comparison["most_frequent_error"]
    return f" The most frequent error is {error}." if error else ""


def _verdicts(comparison: dict) -> list[str]:
    """One sentence for each pair of searches, by the interval of P(A > B).

    After Bouthillier et al. (MLSys 2021): better where the lower end is above one half, and by
    enough to matter where the upper end reaches three quarters.
    """
    told = []
    for verdict in comparison["verdicts"]:
        a, b, probability = verdict["a"], verdict["b"], verdict["probability"]
        if "interval" not in verdict:
            told.append(f"Between {a} and {b} one run cannot tell whether one is better.")
            continue
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
        told.append(
            f"{start}: one run of {a} beats one of {b} on {verdict['judged_by']} data with a "
            f"probability of {percent(probability)} ({percent(low)} to {percent(high)}, "
            f"from {runs} repetitions)."
        )
    repeated = [verdict for verdict in comparison["verdicts"] if "interval" in verdict]
    if len(repeated) > 1:
        told.append("All of these intervals hold together with 95 %.")
    if any(min(verdict["repeats"]) < _ENOUGH for verdict in repeated):
        told.append(f"An interval is rather too short with fewer than {_ENOUGH} repetitions.")
    return told


def _means(comparison: dict) -> str:
    """The mean scores over the repetitions of what each search chose."""
    told = []
    for metric, key in ((comparison["metric"], "validation"), (comparison["test_metric"], "test")):
        means = []
        for name, search in comparison["searches"].items():
            if scores := _scores(search, key):
                means.append(f"{number(sum(scores) / len(scores))} for {name}")
        if metric and means:
            told.append(f"the {metric} is {join(means)}")
    told = f"In the mean over the repetitions {' and '.join(told)}."
    return f"{told} The budgets differ." if _budgets_differ(comparison["searches"]) else told


def _scores(search: dict, key: str) -> list[float]:
    """The `validation` or `test` scores of what the repetitions of a search chose."""
    return [best[key] for best in search["repeats"] if best and best[key] is not None]


def _test_sentence(comparison: dict, bests: dict) -> str:
    scores = {name: best["test"] for name, best in bests.items() if best["test"] is not None}
    if len(scores) < len(bests):
        return ""
    told = f"On the test data, which selected nothing, the {comparison['test_metric']} is "
    if len(scores) == 1:
        (score,) = scores.values()
        return f"{told}{number(score)}."
    told += join([f"{number(score)} for {name}" for name, score in scores.items()])
    sign = 1 if comparison["mode"] == "max" else -1
    top = max(sign * score for score in scores.values())
    ahead = [name for name, score in scores.items() if sign * score == top]
    if len(ahead) == len(scores):
        return f"{told}: a tie."
    if not set(ahead) & set(comparison["winner"]["searches"]):
        return f"{told}: there {join(ahead)} {'is' if len(ahead) == 1 else 'are'} ahead."
    return f"{told}."


def _caution(searches: dict) -> str:
    """What the comparison does not show: different budgets, a single run."""
    if len(searches) == 1:
        return _over_repeats(searches)
    told = [_over_repeats(searches)]
    if _budgets_differ(searches):
        told.append("The budgets differ.")
    if min(len(search["repeats"]) for search in searches.values()) == 1:
        told.append("One run of each search cannot tell whether a difference is more than luck.")
    return " ".join(filter(None, told))


def _over_repeats(searches: dict) -> str:
    """The mean of the best scores of each search that was repeated."""
    means = []
    for name, search in searches.items():
        scores = _scores(search, "validation")
        if len(search["repeats"]) > 1 and scores:
            means.append(f"{number(sum(scores) / len(scores))} for {name} ({len(scores)} times)")
    if not means:
        return ""
    return f"That is the first repetition; over all of them the mean is {join(means)}."


def _trials(searches: dict, names) -> str:
    count = sum(searches[name]["budget"] for name in names)
    return f"{count:,} trial{'s' if count != 1 else ''}"


def _budgets(searches: dict) -> str:
    """``9 trials each``, or the number of trials of every search."""
    if _budgets_differ(searches):
        return join([f"{name} {_trials(searches, [name])}" for name in searches])
    return f"{_trials(searches, [next(iter(searches))])} each"


def _budgets_differ(searches: dict) -> bool:
    return len({search["budget"] for search in searches.values()}) > 1
