"""How an attempt at a trial ended that left no record: a small file beside its log.

The next attempt reads it to know whether to train, Snakemake's terminal to say what happened.
"""

import json
from pathlib import Path
from typing import Literal, TypedDict, cast

from snaketune.base.wholefile import write_whole
from snaketune.records.jsonfile import check_shape, read_json


class Ending(TypedDict):
    """The end of an attempt."""

    kind: Literal["fault", "again"]
    """A fault of the study, which another attempt would meet, or a failure that may pass."""
    message: str
    """What a person should know, in one line."""


def ending_file(folder: Path, attempt: int) -> Path:
    """The file of an attempt, counted from 1, in the trial's folder."""
    return folder / f"attempt-{attempt}.json"


def kept_log(folder: Path, attempt: int) -> Path:
    """The log of an attempt that failed; Snakemake removes log.txt before the next one."""
    return folder / f"log-{attempt}.txt"


def write_ending(folder: Path, attempt: int, ending: Ending) -> None:
    """Say how an attempt ended."""
    write_whole(ending_file(folder, attempt), json.dumps(ending) + "\n")


def read_ending(folder: Path, attempt: int) -> Ending | None:
    """How an attempt ended; None where it left a record, or was killed before it could say so."""
    try:
        ending = read_json(ending_file(folder, attempt))
        check_shape(ending, Ending)
    except (OSError, ValueError):  # the next attempt finds out by itself
        return None
    return cast(Ending, ending)


def forget(folder: Path, attempt: int) -> None:
    """Remove what this attempt and later ones of a run before this one have left."""
    for pattern in ("attempt-*.json", "log-*.txt"):
        for path in folder.glob(pattern):
            number = path.stem.rpartition("-")[2]
            if number.isdigit() and int(number) >= attempt:
                path.unlink(missing_ok=True)
