"""What comparison.json holds of one search: the types of its entries under `searches`."""

from typing import Literal, NotRequired, TypedDict

from snaketune.records.record import Config

Order = Literal["random", "own", "whole"]  # of the configurations that a curve takes
Interval = list[float]  # the lower and the upper end


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
    """Scores of the best of n configurations, at each of the sizes n of an `Efficiency`."""

    chance: list[float]
    """The probability that n configurations have any result."""
    score: list[float | None]
    """The statistic of the `Efficiency`; null where the chance is not above one half."""
    low: NotRequired[list[float | None]]
    """The lower end of its 95 % interval at this size; null where there is none."""
    high: NotRequired[list[float | None]]
    """The upper end of its 95 % interval at this size; null where there is none."""
    in_order: NotRequired[list[float | None]]
    """Of a grid, the score of the best of the first n cells of the first repetition."""


class Efficiency(TypedDict):
    """What a part of a search's configurations would have found."""

    sizes: list[int]
    """The numbers n of configurations."""
    repeats: int
    """Repetitions of the search."""
    order: Order
    """Which n configurations: a random n, the first n of the search's own order, or only all."""
    statistic: Literal["median", "mean", "score"]
    """What the scores are, always with the `order`. The median over all choices of n
    configurations of a single run, in which those without result rank last. The mean over
    the repetitions and the choices that have a result. Or the score of a single run."""
    validation: Curve
    """The validation score of the configuration with the best validation score."""
    test: NotRequired[Curve]
    """The test score of the configuration with the best validation score."""


class Experiment(TypedDict):
    """The configurations of a random search, cut into disjoint experiments of one size."""

    size: int
    """Configurations of each experiment."""
    scores: list[float]
    """The score of the configuration that each experiment chose, where it has one."""
    failed: int
    """Experiments without a score: they rank last."""


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
