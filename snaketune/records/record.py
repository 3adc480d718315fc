"""The JSON file that a trial leaves: written whole or not at all, and checked when it is read."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Literal, NotRequired, TypedDict, cast

from snaketune.base.errors import StudyError
from snaketune.base.identity import canonical, digest
from snaketune.base.wholefile import write_whole
from snaketune.base.words import cut, legible
from snaketune.records.jsonfile import check_shape, read_json

FORMAT = 2
_WITHOUT_DIGEST = 1  # the format of 0.1.0, which is still read
SPEC_KEYS = ("config", "data", "objective", "seed", "settings")
NOT_FINITE = "NotFinite"  # the error type of a trial whose metric is not a finite number

Metrics = dict[str, float | int | None]
Config = dict[str, Any]


class Error(TypedDict):
    """Why a trial has no score."""

    type: str
    """The exception's class, or one of NotFinite, MetricMissing, Exit, Killed, TimeLimit,
    MemoryLimit and Garbled (the trial wrote into the pipe through which it reports)."""
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
    """The most that all processes took together, in MiB; what they share counts once. Of one that
    took less than a second: the largest resident memory of a process."""


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
    digest: NotRequired[str]
    """In a file always: the digest of the canonical JSON of everything else in it."""


def write_record(path: Path, record: Record) -> None:
    """Write a record, with a digest. Raises `ValueError` for a number that JSON can't hold."""
    content = {key: value for key, value in record.items() if key != "digest"} | {"format": FORMAT}
    stored = {**content, "digest": digest(canonical(content))}
    write_whole(path, json.dumps(stored, indent=1, allow_nan=False) + "\n")


def read_record(path: Path, trial_id: str) -> Record:
    """The record in `path`, after checking that it is that of trial `trial_id`, as it was written.

    Raises `StudyError` where it is not: for what is no JSON, is of another format, lacks a part,
    has been changed, or belongs to another trial; and `OSError` where it can't be read.
    """
    try:
        content = read_json(path)
        _check(content, trial_id)
    except ValueError as error:
        fault = f"this is not a record as a trial leaves it: {error}"
        remedy = f"Delete {path.parent} and run again: just this trial is trained"
        raise StudyError(fault, remedy, file=str(path)) from None
    content.pop("digest", None)
    return cast(Record, content)


def _check(content: Any, trial_id: str) -> None:
    """Raise `ValueError` unless `content` is the record of the trial."""
    written = content.get("format") if isinstance(content, dict) else None
    if written not in (FORMAT, _WITHOUT_DIGEST):
        raise ValueError(f"the format is {written!r}, not {FORMAT}")
    check_shape(content, Record)
    rest = {key: value for key, value in content.items() if key != "digest"}
    # Of a number that is too large for a float, JSON makes an infinity, which `canonical` refuses.
    whole = digest(canonical(rest))
    if written == FORMAT and content.get("digest") != whole:
        raise ValueError("it has been changed since, as its digest says")
    found = digest(canonical({key: content[key] for key in SPEC_KEYS}))
    if not found == content["trial_id"] == trial_id:
        raise ValueError(f"it is that of trial {found}, and says {content['trial_id']}")


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
    """The error of a record in one line, as a table can hold it; the record has all of it."""
    first, *_ = error["message"].splitlines() or [""]
    return legible(cut(f"{error['type']}: {first}"))


def metric_missing(metric: str, metrics: Iterable[str]) -> StudyError:
    """The error for an objective that does not report the study's metric."""
    return StudyError(
        f"the objective reports no '{metric}'",
        f"Name one that it returns: {', '.join(metrics) or '(it returned none)'}",
        ("objective", "metric"),
    )
