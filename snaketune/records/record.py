"""The JSON file that a trial leaves: written whole or not at all, and checked when it is read."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Literal, NotRequired, TypedDict, cast

from snaketune.base.errors import StudyError
from snaketune.base.identity import canonical, digest
from snaketune.base.wholefile import write_whole
from snaketune.base.words import cut

FORMAT = 1
SPEC_KEYS = ("config", "data", "objective", "seed", "settings")
NOT_FINITE = "NotFinite"  # the error type of a trial whose metric is not a finite number

Metrics = dict[str, float | int | None]
Config = dict[str, Any]


class Error(TypedDict):
    """Why a trial has no score."""

    type: str
    """The exception's class, or one of NotFinite, MetricMissing, Exit, Killed, TimeLimit and
    MemoryLimit."""
    message: str
    traceback: str | None


class Cost(TypedDict):
    """What a trial took, over all its attempts that a checkpoint joins."""

    epochs: int
    """Reports of the objective."""
    train_seconds: float
    """Wall time of the objective."""
    cpu_seconds: float
    """CPU time of the objective and of the processes that it started."""
    peak_memory_mib: float
    """Resident memory of the largest process, in MiB."""


class Identity(TypedDict):
    """All that decides a trial's result; the trial id is the digest of its canonical JSON."""

    config: Config
    """The configuration; an inactive hyperparameter is absent."""
    data: dict[str, Any] | None
    """The description of the data set, and the fold that is for validation."""
    objective: dict[str, Any]
    """The function or command, the fingerprint of its code, the rule of early stopping."""
    seed: int
    """The training seed."""
    settings: dict[str, Any]


class Record(Identity):
    """One trial: what it was, what came out, what it took."""

    format: int
    trial_id: str
    status: Literal["complete", "diverged", "failed"]
    metrics: Metrics
    """What the objective returned; null is a number that is not finite."""
    history: list[dict[str, float | int | None]]
    """A row for each report: the epoch and its metrics."""
    cost: Cost
    weights: bool
    """Whether the objective handed over weights."""
    environment: dict[str, Any]
    """Versions, platform, host, device and threads."""
    started: str
    """UTC, ISO 8601."""
    error: Error | None
    reproduced: NotRequired[bool]
    """Of the best trial, trained once more for its weights: whether its metrics were the same."""
    trained_on: NotRequired[str]
    """Of the best trial with ``refit: true``: the parts of the data that it was trained on."""
    refit_error: NotRequired[Error | None]
    """Of the best trial: why training it once more failed."""


def write_record(path: Path, record: Record) -> None:
    """Write a record. Raises `ValueError` where it holds a number that JSON can't."""
    write_whole(path, json.dumps(record, indent=1, allow_nan=False) + "\n")


def read_record(path: Path, trial_id: str) -> Record:
    """The record in `path`, after checking that it is that of trial `trial_id`.

    Raises `StudyError` where it is not JSON, is of another format, or its content belongs to
    another trial.
    """
    remedy = f"Delete {path.parent} and run again: just this trial is trained"
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
        found = digest(canonical({key: record[key] for key in SPEC_KEYS}))
        written = record["format"]
    except (ValueError, KeyError, TypeError) as error:
        raise StudyError(f"this is no record ({error!r})", remedy, file=str(path)) from None
    if written != FORMAT:
        raise StudyError(f"the format is {written!r}, not {FORMAT}", remedy, file=str(path))
    if found != trial_id:
        raise StudyError(f"the content is that of trial {found}", remedy, file=str(path))
    return cast(Record, record)


def status(record: Record, metric: str) -> Literal["complete", "diverged", "failed"]:
    """`failed` as recorded; else `complete` where the metric is a number, `diverged` where not.

    Raises `StudyError` where the record lacks the metric.
    """
    if record["status"] == "failed":
        return "failed"
    if metric not in record["metrics"]:
        raise metric_missing(metric, record["metrics"])
    return "diverged" if record["metrics"][metric] is None else "complete"


def error_line(error: Error) -> str:
    """The error of a record in one line that is not too long; the record has all of it."""
    first, *_ = error["message"].splitlines() or [""]
    return cut(f"{error['type']}: {first}")


def metric_missing(metric: str, metrics: Iterable[str]) -> StudyError:
    """The error for an objective that does not report the study's metric."""
    return StudyError(
        f"the objective reports no '{metric}'",
        f"Name one that it returns: {', '.join(metrics) or '(it returned none)'}",
        ("objective", "metric"),
    )
