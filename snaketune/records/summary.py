"""study.json: what analysis and report have to know of a study, written when its run begins."""

from pathlib import Path
from typing import Any, Literal, TypedDict, cast

from snaketune.base.errors import StudyError
from snaketune.base.modes import Mode
from snaketune.records.jsonfile import check_shape, read_json

FORMAT = 3

Scale = Literal["linear", "log", "category"]
MetricKind = Literal["accuracy", "error"]
"""The share of rows predicted correctly, or wrongly: a count of rows, divided by all of them."""


class SearchSummary(TypedDict):
    """One search of a study."""

    name: str
    sampler: str
    seed: int | None
    """The sampler's seed; null for a grid."""
    trials: int
    """Configurations of one repetition."""
    repeats: int
    notes: list[str]
    """What a person should know of how the configurations came."""


class StudySummary(TypedDict):
    """A study, without its space and its objective."""

    format: int
    study: str
    file: str
    """The study file, as seen from the folder where Snakemake runs."""
    overrides: dict[str, Any]
    """What ``--config`` laid over the file."""
    metric: str
    mode: Mode
    test_metric: str | None
    test_mode: Mode
    metric_kind: MetricKind | None
    """What `metric` and `test_metric` are; null for whatever is no share of rows."""
    hyperparameters: dict[str, Scale]
    """The scale of each hyperparameter, by its column in trials.csv, in the study file's order."""
    seeds: list[int]
    """Training seeds of the first repetition."""
    folds: int
    """Folds of cross-validation; 0 without."""
    split_seeds: int
    """How many different splits of the data the repetitions have; 1 where all have the same."""
    searches: list[SearchSummary]
    data: dict[str, Any] | None
    """The data set as the study describes it, in full."""


def read_summary(path: str | Path) -> StudySummary:
    """The summary in `path`.

    Raises `StudyError` where it is of another format or has been damaged.
    """
    try:
        summary = read_json(Path(path))
        written = summary.get("format") if isinstance(summary, dict) else None
        if written != FORMAT:
            raise ValueError(f"the format is {written}, not {FORMAT}")
        check_shape(summary, StudySummary)
    except ValueError as error:
        remedy = "Delete it and run again: nothing is trained for it"
        raise StudyError(str(error), remedy, file=str(path)) from None
    return cast(StudySummary, summary)
