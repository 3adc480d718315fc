"""Parts of the sentences about searches."""

from collections.abc import Iterable, Mapping

from snaketune.base.words import join, numbers, plural
from snaketune.comparing.findings import Comparison, Part
from snaketune.comparing.per_search import SearchFindings

Searches = Mapping[str, SearchFindings]


def metric_of(comparison: Comparison, part: Part) -> str:
    """The name of the metric on a part of the data."""
    return (part == "test" and comparison["test_metric"]) or comparison["metric"]


def scored(scores: Mapping[str, float]) -> str:
    """The score of each search, of which there is at least one.

    >>> scored({"grid": 0.881, "random": 0.913}), scored({"grid": 0.9, "random": 0.9})
    ('0.881 for grid and 0.913 for random', '0.9 for each')
    """
    texts = numbers(list(scores.values()))
    if len(texts) > 1 and len(set(texts)) == 1:
        return f"{texts[0]} for each"
    return join(f"{text} for {name}" for text, name in zip(texts, scores, strict=True))


def have(names: Iterable[str], what: str) -> str:
    """Which searches have something.

    >>> have(["a"], "no test score"), have(["a", "b"], "no test score")
    ('a has no test score', 'a and b have no test score')
    """
    several = list(names)
    return f"{join(several)} {'has' if len(several) == 1 else 'have'} {what}"


def budgets(searches: Searches) -> str:
    """``9 trials each``, or the number of trials of every search, in one repetition."""
    trials = {name: plural(search["budget"], "trial") for name, search in searches.items()}
    if len(set(trials.values())) == 1:
        return f"{next(iter(trials.values()))} each"
    return join(f"{name} {count}" for name, count in trials.items())


def budgets_differ(searches: Searches) -> bool:
    """Whether a run of one search has more trials than one of another."""
    return len({search["budget"] for search in searches.values()}) > 1
