"""What a step of the workflow prints goes to its log file, and so does its error."""

import sys
import traceback
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from pathlib import Path

from snaketune.base.errors import StudyError

# How the last line of a log begins that ends in words for a person.
FAULT = "Error in the study."
TRY_AGAIN = "Trying again"
INTERRUPTED = "Interrupted."
_RAISED = f"{StudyError.__name__}: "  # how Snakemake begins what it tells of one


def of_attempt(log: Path, attempt: int) -> Path:
    """Where the log of a failed attempt is kept, as Snakemake removes `log` before the next one."""
    return log.with_stem(f"{log.stem}-{attempt}")


def last_line(path) -> str:
    """The last line of a log; empty where there is none."""
    return ["", *_lines(path)][-1]


def told_in_job(log) -> list[str]:
    """The faults of the study that a cluster's job has ended with, from what it printed."""
    return [f"{FAULT} {line.partition(_RAISED)[2]}" for line in _lines(log) if _RAISED in line]


def _lines(path) -> list[str]:
    """The lines of a log; none where there is no log."""
    try:
        return Path(path).read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return []


@contextmanager
def to_log(path, study: str = ""):
    """Send what the block prints to the file `path`; end the process with 1 where it raises.

    Snakemake shows the log of a failed job. A `StudyError` stands there in its own words, with the
    file `study` where it names none; any other exception with its traceback.
    """
    with open(path, "w", encoding="utf-8") as log, redirect_stdout(log), redirect_stderr(log):
        try:
            yield
        except StudyError as error:
            print(f"{FAULT} {error.inside(file=error.file or study)}", file=log)
            sys.exit(1)
        except Exception:
            traceback.print_exc(file=log)
            sys.exit(1)
