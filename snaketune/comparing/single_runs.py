"""What a single run of each search shows, in sentences."""

from collections.abc import Iterator

from snaketune.base.words import join, number, numbers, plural
from snaketune.comparing.findings import Comparison, Winner
from snaketune.comparing.per_search import Best
from snaketune.comparing.phrases import budgets, budgets_differ, have, metric_of, scored
from snaketune.comparing.scores import score_of

Bests = dict[str, Best]  # what each search chose, without those in which nothing is complete


def single_run_sentences(comparison: Comparison, winner: Winner) -> Iterator[str]:
    """Sentences about searches that were all run once."""
    searches = comparison["searches"]
    bests = {name: search["best"] for name, search in searches.items() if search["best"]}
    if len(searches) == 1:
        ((name, best),) = bests.items()
        trials = plural(searches[name]["budget"], "trial")
        yield f"The best of {trials} reaches {_reached(comparison, best)}."
        return
    if len(bests) == 1:
        ((name, best),) = bests.items()
        reached = _reached(comparison, best)
        yield f"Only {name} has a complete trial; its best reaches {reached}."
        return
    yield _first_sentence(comparison, winner, bests)
    yield from _on_the_other_part(comparison, winner, bests)
    if len(bests) < len(searches):
        yield f"{have((n for n in searches if n not in bests), 'no complete trial')}."
    if budgets_differ(searches):
        yield "The budgets differ."
    yield "One run of each search cannot tell which of them is better in general."


def _reached(comparison: Comparison, best: Best) -> str:
    """The scores of a choice: ``a val_score of 0.9 and a test_score of 0.8``."""
    scores = {comparison["metric"]: best["validation"], comparison["test_metric"]: best["test"]}
    return join(
        f"a {name} of {number(score)}"
        for name, score in scores.items()
        if name is not None and score is not None
    )


def _first_sentence(comparison: Comparison, winner: Winner, bests: Bests) -> str:
    """Which search did better, where the rows of the data can tell; else only the scores."""
    part, first = winner["judged_by"], winner["searches"]
    metric, trials = metric_of(comparison, part), budgets(comparison["searches"])
    scores = {name: score_of(best, part) for name, best in bests.items()}
    level = [name for name in bests if name in (*first, *winner["close"])]
    if len(first) == len(bests):
        return (
            f"{join(first)} tie on {part} data: each chose a configuration with a {metric} of "
            f"{number(scores[first[0]])} ({trials})."
        )
    if winner["rows"] is None:
        return (
            f"On {part} data the {metric} of what each search chose is {scored(scores)} ({trials})."
        )
    rows = f"the {winner['rows']:,} rows of {part} data"
    if len(level) == len(bests):
        return (
            f"{join(level)} did about the same: {metric} {scored(scores)} ({trials}), "
            f"{'a difference' if len(scores) == 2 else 'differences'} that {rows} cannot tell from "
            f"chance."
        )
    return f"{_ahead(scores, level, part, metric)} ({trials})." + (
        f" Which of {join(level)} is better, {rows} cannot tell." if winner["close"] else ""
    )


def _ahead(scores: dict[str, float], level: list[str], part: str, metric: str) -> str:
    """``random did better on test data: test_accuracy 0.913 against 0.881 for grid``."""
    texts = dict(zip(scores, numbers(list(scores.values())), strict=True))
    behind = join(f"{text} for {name}" for name, text in texts.items() if name not in level)
    own = {texts[name] for name in level}
    if len(own) == 1:
        ahead = own.pop() + (" each" if len(level) > 1 else "")
    else:
        ahead = join(f"{texts[name]} for {name}" for name in level)
    how = "better" if len(scores) == 2 else "best"
    return f"{join(level)} did {how} on {part} data: {metric} {ahead} against {behind}"


def _on_the_other_part(comparison: Comparison, winner: Winner, bests: Bests) -> Iterator[str]:
    """The scores that do not decide, and why they do not."""
    if winner["judged_by"] == "test":
        scores = scored({name: score_of(best, "validation") for name, best in bests.items()})
        yield (
            f"On validation data, by which each search chose its configuration, the "
            f"{comparison['metric']} is {scores}."
        )
        return
    tests = {name: best["test"] for name, best in bests.items()}
    known = {name: score for name, score in tests.items() if score is not None}
    if known:
        without = have((name for name in tests if name not in known), "no test score")
        yield f"{without}; the {comparison['test_metric']} is {scored(known)}."
    yield "Validation scores are optimistic, since each search chose its configuration by them."
