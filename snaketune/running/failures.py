"""Why a trial has no score: its exception, or what the supervisor saw, as a record has it."""

import errno
import traceback
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from snaketune.base.errors import StudyError
from snaketune.base.words import readable
from snaketune.records.jsonfile import read_json
from snaketune.records.record import NOT_FINITE, Error
from snaketune.usercode.command import CommandKilled

_MESSAGE, _TRACEBACK = 5_000, 20_000  # characters

# Errors that may pass with more memory, or on another machine.
_PASSING = ("Killed", "MemoryLimit", "MemoryError", "OutOfMemoryError")

# Types of errors that are not those of exceptions.
_OURS = (
    NOT_FINITE,
    "MetricMissing",
    "Exit",
    "Killed",
    "TimeLimit",
    "MemoryLimit",
    "CodeChanged",
    "Garbled",
)


def may_pass(error: Error | None) -> bool:
    """Whether another attempt may not meet the error."""
    return error is not None and error["type"] in _PASSING


def may_come_again(output: Path) -> bool:
    """Whether training for this folder of best/ failed in a way that may pass."""
    try:
        return may_pass(read_json(output / "record.json")["refit_error"])
    except (OSError, ValueError, KeyError, TypeError):  # what is damaged does not come again
        return False


def failure(raised: BaseException) -> Error:
    """The error of a trial whose objective raised an exception, however that is made.

    Whoever interrupts it, or kills its command, has stopped the trial: it has not failed.
    """
    if isinstance(raised, KeyboardInterrupt | CommandKilled):
        message = _text(lambda: str(raised), _MESSAGE) or "interrupted"
        return {"type": "Killed", "message": message, "traceback": None}
    kind = type(raised)
    # A person's own class must not be taken for what the supervisor saw.
    name = f"{kind.__module__}.{kind.__name__}" if kind.__name__ in _OURS else kind.__name__
    return {
        "type": readable(name, _MESSAGE),
        "message": _text(lambda: str(raised), _MESSAGE),
        "traceback": _text(lambda: "".join(traceback.format_exception(raised)), _TRACEBACK),
    }


def _text(make: Callable[[], str], most: int) -> str:
    try:
        return readable(make(), most)
    except BaseException as error:  # raised by the exception's own code
        return f"(its text can't be made: {type(error).__name__})"


def is_full(error: BaseException) -> bool:
    """Whether an error says that a disk, or a user's share of it, is full."""
    with suppress(Exception):  # raised by the exception's own code
        return isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT)
    return False


def full(trial: str) -> StudyError:
    """The fault of a full disk, which is no result of a trial: with room it would have gone on."""
    return StudyError(
        f"the disk is full, or your share of it (trial {trial})",
        "Make room and run again: what is complete is kept",
    )
