"""The JSON file that a trial leaves: written whole or not at all, and checked when it is read."""

import json
from pathlib import Path

from snaketune.base.errors import StudyError
from snaketune.base.identity import canonical, digest
from snaketune.base.wholefile import write_whole

FORMAT = 1
SPEC_KEYS = ("config", "data", "objective", "seed", "settings")


def write_record(path: Path, record: dict):
    """Write a record. Raises `ValueError` where it holds a number that JSON can't."""
    write_whole(path, json.dumps(record, indent=1, allow_nan=False) + "\n")


def read_record(path: Path, trial_id: str) -> dict:
    """The record in `path`, after checking that it is that of trial `trial_id`.

    Raises `StudyError` where it is not JSON or its content belongs to another trial.
    """
    remedy = f"Delete {path.parent} and run again: just this trial is trained"
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
        found = digest(canonical({key: record[key] for key in SPEC_KEYS}))
    except (ValueError, KeyError, TypeError) as error:
        raise StudyError(f"this is no record ({error!r})", remedy, file=path) from None
    if found != trial_id:
        raise StudyError(f"the content is that of trial {found}", remedy, file=path)
    return record


def error_line(error: dict) -> str:
    """The error of a record in one line; the record has all of it."""
    first, *_ = error["message"].splitlines() or [""]
    return f"{error['type']}: {first}"


def metric_known(metric: str, folder: Path) -> bool:
    """Whether any record in `folder` has the metric: then its name in the study is no slip."""
    for path in folder.glob("*/record.json"):
        try:
            if metric in json.loads(path.read_text(encoding="utf-8"))["metrics"]:
                return True
        except (OSError, ValueError, KeyError):
            continue
    return False


def metric_missing(metric: str, metrics: dict) -> StudyError:
    """The error for an objective that does not report the study's metric."""
    return StudyError(
        f"the objective reports no '{metric}'",
        f"Name one that it returns: {', '.join(metrics) or '(it returned none)'}",
        ("objective", "metric"),
    )
