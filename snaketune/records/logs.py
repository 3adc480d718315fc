"""The logs of steps and trials: what a step prints goes there, and so does its error."""

import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from pathlib import Path

from snaketune.base.errors import StudyError

# How the last line of a log begins that is meant for a person.
FAULT = "Error in the study."
INTERRUPTED = "Interrupted."
_RAISED = f"{StudyError.__name__}: "  # how Snakemake begins the line about one that it caught


def fault_line(error: StudyError, file: str = "") -> str:
    """The line for a fault of the study, with `file` where the error names none."""
    return f"{FAULT} {error.inside(file=error.file or file)}"


def last_line(path: str | Path) -> str:
    """The last line of a log; empty where there is none."""
    return ["", *_lines(path)][-1]


def faults_in(log: str | Path) -> list[str]:
    """The faults of the study that ended a job of a cluster, from the job's own log."""
    return [f"{FAULT} {line.partition(_RAISED)[2]}" for line in _lines(log) if _RAISED in line]


def _lines(path: str | Path) -> list[str]:
    """The lines of a log; none where there is no log."""
    try:
        return Path(path).read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return []


@contextmanager
def to_log(path: str | Path, study: str = "") -> Iterator[None]:
    """Send what the block prints to the file `path`; end the process with 1 where it raises.

    Snakemake shows the log of a failed job. Of a `StudyError` it has one line, with the file
    `study` where the error names none; of any other exception the traceback.
    """
    with open(path, "w", encoding="utf-8") as log, redirect_stdout(log), redirect_stderr(log):
        try:
            yield
        except StudyError as error:
            print(fault_line(error, study), file=log)
            sys.exit(1)
        except Exception:
            traceback.print_exc(file=log)
            sys.exit(1)
