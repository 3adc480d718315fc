"""comparison.json: what the comparison of a study's searches found, and how it is kept."""

import json
from pathlib import Path
from typing import Literal, NotRequired, TypedDict

from snaketune.base.errors import StudyError
from snaketune.base.modes import Mode
from snaketune.base.wholefile import write_whole
from snaketune.records.record import Config
from snaketune.records.summary import Scale

FORMAT = 1

Interval = list[float]  # the lower and the upper end


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
    hyperparameters: dict[str, Scale]
    """The scale of each hyperparameter, in the order of the study file."""


class Spent(TypedDict):
    """What training cost."""

    epochs: float
    """Reports of the objective."""
    train_seconds: float
    """Wall time of the objective."""
    cpu_seconds: float
    """CPU time of the objective."""


class Best(TypedDict):
    """The configuration with the best mean validation score of one repetition of a search."""

    index: int
    """Its place in the search, from 0."""
    trial_id: str
    """Its first trial."""
    trial_ids: list[str]
    """Its trials: one for each training seed and fold."""
    config: Config
    """The values of its hyperparameters."""
    validation: float
    """The mean validation score over its trials."""
    validation_sd: float | None
    """The standard deviation of the validation score over its trials; null for a single trial."""
    test: float | None
    """The mean test score over its trials; null where there are no test scores."""
    test_sd: float | None
    """The standard deviation of the test score over its trials; null for a single trial."""
    ties: int
    """How many other configurations have the same validation score."""


class RunnerUp(TypedDict):
    """The second best configuration, and by how much the best is ahead of it."""

    trial_id: str
    """Its first trial."""
    config: Config
    """The values of its hyperparameters."""
    validation: float
    """The mean validation score over its trials."""
    validation_sd: float | None
    """The standard deviation of the validation score over its trials."""
    difference: float
    """The mean over the pairs of trials of how much better the best did."""
    interval: Interval
    """The 95 % interval of the difference, by Student's t."""
    pairs: int
    """Pairs of trials with the same training seed in the same fold."""


class Curve(TypedDict):
    """Scores at each of the sizes of an `Efficiency`; null where there is none."""

    mean: list[float | None]
    """The expected score of the best of n configurations, as the mean over the repetitions."""
    low: NotRequired[list[float | None]]
    """The lower end of its 95 % interval."""
    high: NotRequired[list[float | None]]
    """The upper end of its 95 % interval."""
    in_order: NotRequired[list[float | None]]
    """The score of the best of the first n configurations of the first repetition."""


class Efficiency(TypedDict):
    """What a random n of a search's configurations would have found."""

    sizes: list[int]
    """The numbers n of configurations."""
    repeats: int
    """Repetitions of the search."""
    validation: Curve
    """The validation score of the configuration with the best validation score."""
    test: NotRequired[Curve]
    """The test score of the configuration with the best validation score."""


class Experiment(TypedDict):
    """The configurations of a random search, cut into disjoint experiments of one size."""

    size: int
    """Configurations of each experiment."""
    scores: list[float]
    """The score of the configuration that each experiment chose, without those in which every
    trial failed."""


class NoisyBest(TypedDict):
    """The test score of a run's best trial, given that validation scores are noisy."""

    mean: float
    """Its expected value."""
    interval: Interval
    """Its 95 % interval."""


class SearchFindings(TypedDict):
    """What one search found and spent."""

    sampler: str
    """The search's sampler."""
    trials: int
    """Trials of all repetitions, with all training seeds and folds."""
    budget: int
    """Trials of the first repetition."""
    distinct: int
    """Trials without duplicates: each of them was trained once."""
    complete: int
    """Trials with a score."""
    failed: int
    """Trials that ended with an error."""
    diverged: int
    """Trials whose metric is not a finite number."""
    cost: Spent
    """What the distinct trials cost."""
    per_configuration: Spent
    """The cost divided by the number of configurations of all repetitions."""
    best: Best | None
    """The best configuration of the first repetition; null where nothing is complete."""
    repeats: list[Best | None]
    """The best configuration of each repetition."""
    runner_up: RunnerUp | None
    """The second best configuration of the first repetition; null where each configuration was
    trained once, or only one is complete."""
    efficiency: Efficiency | None
    """What fewer configurations would have found; null where nothing is complete."""
    experiments: list[Experiment] | None
    """Experiments of 1, 2, 4, … configurations; null for another sampler than random."""
    noisy_interval: NoisyBest | None
    """The first repetition's best under noisy validation; null where the scores are not
    accuracies, or the numbers of rows are not known."""


class Winner(TypedDict):
    """Which search found the best validation score, by the first repetitions."""

    searches: list[str]
    """The searches with the best score: several in a tie."""
    margin: float | None
    """How far the best of the others is behind; null without others."""


class Verdict(TypedDict):
    """How one run of search `a` compares with one run of search `b`."""

    a: str
    """A search."""
    b: str
    """Another search."""
    repeats: list[int]
    """Repetitions of `a` and of `b`."""
    judged_by: Literal["test", "validation"]
    """The score by which a run is judged."""
    probability: float
    """The share of pairs of runs in which that of `a` is better, a tie counting one half."""
    interval: NotRequired[Interval]
    """The interval of the probability, where both were repeated; those of all pairs of searches
    hold together with 95 %."""


class Matching(TypedDict):
    """How many configurations of a random search are expected to match another search."""

    target: float
    """The score of what the other search chose, as the mean over its repetitions."""
    of: int
    """Configurations of the random search."""
    size: int | None
    """The least number whose expected best score reaches the target; null for more than `of`."""
    interval: list[int | None]
    """The 95 % interval of that number; null for more than `of`."""


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
    fanova: dict[str, list[float]]
    """The share of the variance that each hyperparameter explains by itself."""
    ped_anova: dict[str, list[float]]
    """The divergence of the best 10 % of the configurations from all, as shares."""
    relevance: dict[str, list[float]]
    """The inverse length scale 1/l of a Gaussian process."""
    effective_dimension: list[int]
    """The smallest number of hyperparameters whose fANOVA shares add up to at least 90 %."""


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
    """Which hyperparameters mattered; null without a random search that is large enough."""
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
    """Write the comparison to `path`, whole or not at all."""
    write_whole(path, json.dumps(comparison, indent=1) + "\n")
