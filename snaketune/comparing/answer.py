"""The answer of a comparison in a few sentences, which claim no more than its numbers show."""

from statistics import median

from snaketune.base.words import join, number, numbers, percent, plural, shown
from snaketune.comparing.findings import (
    IMPORTANCE_MINIMUM,
    Comparison,
    Importance,
    Match,
    NoImportance,
)
from snaketune.comparing.per_search import SearchFindings
from snaketune.comparing.repeated_runs import repeated_run_sentences
from snaketune.comparing.scores import rounded
from snaketune.comparing.single_runs import single_run_sentences

# Below this share of the variance, single hyperparameters are not what matters.
_MOST = 0.5


def answer(comparison: Comparison) -> str:
    """Which search did better, as `comparison.compare` found it, in words for everyone."""
    searches, winner = comparison["searches"].values(), comparison["winner"]
    if not any(best for search in searches for best in search["repeats"]):
        return _nothing_complete(comparison)
    if winner is None or any(len(search["repeats"]) > 1 for search in searches):
        return " ".join(repeated_run_sentences(comparison))
    return " ".join(single_run_sentences(comparison, winner))


def _nothing_complete(comparison: Comparison) -> str:
    searches, error = comparison["searches"].values(), comparison["most_frequent_error"]
    failed = sum(search["failed"] for search in searches)
    diverged = sum(search["diverged"] for search in searches)
    what = "configuration" if any(search["complete"] for search in searches) else "trial"
    counts = f"{failed:,} failed, {diverged:,} diverged"
    frequent = f" The most frequent error is {error.rstrip('.')}." if error else ""
    return f"Nothing can be compared: no {what} is complete ({counts}).{frequent}"


def match_sentence(match: Match) -> str:
    """How many random trials match another search: an entry of `comparison["matches"]`."""
    random, known = match["random"], match["target_interval"]
    ends = f" ({number(known[0])} to {number(known[1])})" if known else ""
    target = f"the {match['judged_by']} score of {match['other']}'s choice"
    target += f", {number(match['target'])}{ends}"
    fewest, most = match["interval"]
    if fewest == most:
        interval = plural(most or 1, "trial")
    else:
        interval = f"{fewest:,} {f'to {most:,} trials' if most else 'trials or more'}"
    exact = "" if known else ", if that score is taken as exact"
    if match["size"] is None:
        start = f"None of {plural(match['of'], 'trial')} of {random} reaches {target}."
    else:
        chance = "has" if match["size"] == 1 else "together have"
        does = "does" if match["reached"] == 1 else "do"
        start = (
            f"{plural(match['size'], 'trial')} of {random} {chance} an even chance or better to "
            f"reach {target}: {match['reached']:,} of {match['of']:,} {does}."
        )
    return f"{start} The 95 % interval for an even chance is {interval}{exact}."


def runner_up_sentence(name: str, search: SearchFindings) -> str:
    """Whether the best configuration of a search is better than the second by more than noise.

    Empty where the search has no runner-up.
    """
    best, second = search["best"], search["runner_up"]
    if best is None or second is None:
        return ""
    config = ", ".join(f"{key} = {shown(value)}" for key, value in second["config"].items())
    by, *ends = numbers([second["difference"], *second["interval"]])
    pairs = f"{second['pairs']} pairs of trials"
    if rounded(best["validation"]) == rounded(second["validation"]):
        return (
            f"The best configuration of {name} and the second ({config}) have the same mean over "
            f"{pairs}: either may be the better."
        )
    ahead = f"The best configuration of {name} is ahead of the second ({config}) by {by}"
    if ends[0] == ends[1]:
        return f"{ahead} in each of {pairs}: training seeds and folds make no difference to that."
    if second["interval"][0] > 0:
        verdict = "which is more than the noise of training seeds and folds"
    else:
        verdict = "which may be the noise of training seeds and folds: either may be the better"
    return f"{ahead} in the mean over {pairs} (95 % interval: {ends[0]} to {ends[1]}), {verdict}."


def importance_sentence(importance: Importance) -> str:
    """How much the hyperparameters explain, how many of them matter, and which matter most."""
    shares = {name: median(values) for name, values in importance["fanova"].items()}
    order = sorted(shares, key=lambda name: -shares[name])
    together = sum(shares.values())
    sentences = [
        f"A random forest that learns from some of the {importance['trials']:,} configurations of "
        f"{importance['search']} explains {percent(importance['explained'])} of the variance of "
        f"the scores of the others. Of what it explains, single hyperparameters have "
        f"{percent(together)}: {join(f'{name} {percent(shares[name])}' for name in order)}."
    ]
    if together < _MOST:
        sentences.append("The rest is in their interactions: no hyperparameter matters by itself.")
    else:
        sentences.append(_dimension_sentence(importance["effective_dimension"], len(order)))
    return " ".join(sentences)


def no_importance_sentence(reason: NoImportance) -> str:
    """Why nothing is said of which hyperparameters matter."""
    if reason == "noise":
        return (
            "These trials do not show which hyperparameters matter: a random forest that learns "
            "from some of the random trials predicts the scores of the others no better than their "
            "mean does."
        )
    return (
        "Too few complete random trials to tell: importance needs at least "
        f"{IMPORTANCE_MINIMUM} of them, two hyperparameters that vary, and scores that differ."
    )


def _dimension_sentence(dimensions: list[int], of: int) -> str:
    """In how many hyperparameters nearly all is that single ones explain."""
    low, high = min(dimensions), max(dimensions)
    spread = "" if low == high else f" ({low} to {high} over the refits)"
    return (
        f"The effective dimension, the number of hyperparameters with 90 % of these shares, is "
        f"{round(median(dimensions))} of {of}{spread}."
    )
