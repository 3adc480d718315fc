"""comparison.json: what the comparison of a study's searches found, and how it is kept."""

import json
from pathlib import Path
from typing import Literal, NotRequired, TypedDict

from snaketune.base.errors import StudyError
from snaketune.base.modes import Mode
from snaketune.base.wholefile import write_whole
from snaketune.comparing.per_search import Interval, SearchFindings
from snaketune.records.summary import MetricKind, Scale

FORMAT = 3

Part = Literal["test", "validation"]  # of the data, by which searches are compared
Seconds = Literal["cpu_seconds", "train_seconds"]


class Outline(TypedDict):
    """What the comparison needs to know of a study."""

    study: str
    """The study's name."""
    metric: str
    """The metric that selects configurations."""
    mode: Mode
    """Whether a larger or a smaller metric is better."""
    test_metric: str | None
    """The metric that is reported of what was selected; null where no trial reports it."""
    test_mode: Mode
    """Whether a larger or a smaller test metric is better."""
    metric_kind: MetricKind | None
    """Which share of rows both metrics are; null where they are none."""
    split_seeds: int | None
    """How many different splits of the data the repetitions have; null where the study describes no
    data."""
    hyperparameters: dict[str, Scale]
    """The scale of each hyperparameter, by its column in trials.csv, in the study file's order."""


class Winner(TypedDict):
    """Which search did best, by a single run of each: the first repetitions."""

    judged_by: Part
    """The scores that are compared: those on test data, where every search has one."""
    searches: list[str]
    """The searches with the best score: several in a tie."""
    margin: float | None
    """How far the best of the others is behind; null without others."""
    rows: int | None
    """Rows of the data that the scores are of; null where they are not known, or where the scores
    are no shares of rows."""
    close: list[str]
    """The other searches that are behind by no more than the choice of the `rows` explains."""


class Verdict(TypedDict):
    """How one run of search `a` compares with one run of search `b`."""

    a: str
    """A search."""
    b: str
    """Another search."""
    judged_by: Part
    """The score by which a run is judged: on test data, where both searches have any."""
    repeats: list[int]
    """Repetitions of `a` and of `b` that are judged."""
    failed: list[int]
    """How many of these have no complete trial, and lose against all others."""
    without_test: list[int]
    """Further repetitions of `a` and of `b` that are left out, as they have no test score."""
    probability: float
    """The share of pairs of runs in which that of `a` is better, a tie counting one half."""
    ties: float
    """The share of pairs of runs that are equally good."""
    ahead: float | None
    """How much better `a` is in the mean over the repetitions that did not fail; null where there
    are none."""
    interval: NotRequired[Interval]
    """The interval of the probability, where both have several repetitions; those of all pairs of
    searches hold together with 95 %."""


class Matching(TypedDict):
    """How many trials of a random search reach the score of another search with an even chance."""

    judged_by: Part
    """The scores that are compared: those on test data, where both searches have any."""
    target: float
    """The score of what the other search chooses: the mean over its repetitions, or over the trials
    that a single run may choose by noisy validation scores."""
    target_interval: Interval | None
    """The 95 % interval of the target; null where a single choice is taken as exact."""
    of: int
    """Configurations of all repetitions of the random search."""
    reached: int
    """How many of them reach the target, each by its own score."""
    size: int | None
    """The least number of random trials of which one or more reach the target with an even chance;
    null where none was seen to reach it."""
    interval: list[int | None]
    """The 95 % interval of that number; null for more than can be determined."""


class Match(Matching):
    """Which searches a `Matching` is of."""

    random: str
    """The random search."""
    other: str
    """The other search."""


class Coverage(TypedDict):
    """How evenly the first repetition of a search covers the box that all trials span."""

    configurations: int
    """Configurations of the first repetition."""
    values: dict[str, int]
    """The number of distinct values of each hyperparameter that varies."""
    discrepancy: float | None
    """The squared centred L2 discrepancy, smaller is more even; null where no hyperparameter that
    varies has a value in every configuration."""


class Measures(TypedDict):
    """How much each hyperparameter mattered: a list with a number for each refit."""

    trials: int
    """Configurations with a finite score."""
    used: dict[str, int]
    """Configurations that each way used."""
    refits: dict[str, int]
    """Refits of each way, each to a random 80 % of the configurations used."""
    explained: float
    """The share of the variance of the scores that a random forest explains, in trials that it has
    not learned from (R², out of bag)."""
    fanova: dict[str, list[float]]
    """The share of the variance of a random forest that each hyperparameter explains by itself. The
    rest, up to 1, is what they explain only together."""
    ped_anova: dict[str, list[float]]
    """The divergence of the best 10 % of the configurations from all, as shares."""
    relevance: dict[str, list[float]]
    """The inverse length scale 1/l of a Gaussian process."""
    effective_dimension: list[int]
    """The smallest number of hyperparameters whose fANOVA shares add up to 90 % of all shares."""


IMPORTANCE_MINIMUM = 20  # fewer trials say nothing of importance

NoImportance = Literal["too few", "noise"]


class Importance(Measures):
    """Which search the `Measures` are of."""

    search: str
    """The random search with the most configurations."""


class Comparison(Outline):
    """All that comparison.json holds."""

    format: int
    """The version of this layout."""
    searches: dict[str, SearchFindings]
    """What each search found and spent, in the order of the study file."""
    winner: Winner | None
    """Which search found the best score; null where nothing is complete."""
    verdicts: list[Verdict]
    """One for each pair of searches."""
    matches: list[Match]
    """One for each random search and each search with another sampler."""
    coverage: dict[str, Coverage]
    """How evenly each search covers the space."""
    importance: Importance | None
    """Which hyperparameters mattered; null where the random trials do not show it."""
    no_importance: NoImportance | None
    """Why `importance` is null."""
    seconds: Seconds
    """What is compared as the cost of a trial: CPU time, or wall time where trials ran on a GPU."""
    most_frequent_error: str | None
    """In one line; null where no trial failed."""
    answer: str
    """Which search did better, in sentences."""


def read_comparison(path: str | Path) -> Comparison:
    """The comparison in `path`. Raises `StudyError` where it is of another format."""
    comparison: Comparison = json.loads(Path(path).read_text(encoding="utf-8"))
    if comparison.get("format") != FORMAT:
        raise StudyError(
            f"the format is {comparison.get('format')}, not {FORMAT}",
            "Delete it and run again: nothing is trained for it",
            file=str(path),
        )
    return comparison


def write_comparison(path: Path, comparison: Comparison) -> None:
    """Write the comparison to `path`. Raises `ValueError` where a number is not finite."""
    write_whole(path, json.dumps(comparison, indent=1, allow_nan=False) + "\n")
