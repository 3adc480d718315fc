"""What the process that trains does, to its end."""

import os
import signal
import sys
import threading
import time
import traceback
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import NoReturn

from snaketune.base import descendants
from snaketune.base.errors import StudyError
from snaketune.records.task import Task
from snaketune.running.machine import print_utf8
from snaketune.running.pipe import Pipe, Sender
from snaketune.running.training import train

_GLANCE = 0.05  # seconds between two looks at whether the supervisor is there


def become_trainer(
    task: Task,
    folder: Path,
    keep: Path | None,
    pipe: Pipe,
    lifelines: tuple[int, int],
    become: Callable[[], None],
) -> NoReturn:
    """Make this process, which has just been forked, the one that trains.

    `keep` and `become` are those of `Supervised`. The first of `lifelines` closes with the
    supervisor; the other is the supervisor's end.
    """
    code = 1
    keep = keep and keep.resolve()  # the objective may change the working directory
    supervisor = os.getppid()
    try:
        os.setsid()  # Ctrl-C reaches the supervisor, which ends this group
        signal.signal(signal.SIGINT, signal.SIG_DFL)  # an interrupt kills, whatever is running
        descendants.adopt()
        become()
        print_utf8()
        lifeline, other = lifelines
        os.close(other)
        sender = pipe.sender()
        threading.Thread(target=_die_with, args=[supervisor, lifeline], daemon=True).start()
        code = _train(task, folder, keep, sender)
    except BaseException:
        traceback.print_exc()
    finally:
        try:
            _flush()
        finally:  # whatever happens: this is no second supervisor
            os._exit(code)


def _train(task: Task, folder: Path, keep: Path | None, sender: Sender) -> int:
    """Train, and send what came of it; returns the exit code."""
    try:
        outcome = train(task, folder, sender.send, keep)
        _flush()  # before the supervisor ends this process
        sender.send("outcome", outcome)
        return 0
    except StudyError as error:
        content = {"fault": error.fault, "remedy": error.remedy}
        sender.send("fault", {**content, "path": error.path, "file": error.file})
    except BaseException as error:
        traceback.print_exc()
        content = {"type": type(error).__name__, "message": str(error)}
        sender.send("cause", {**content, "traceback": traceback.format_exc()})
    return 1


def _flush() -> None:
    """Write what has been printed. The disk may be full, and the objective may have closed it."""
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError, AttributeError):
            stream.flush()


def _die_with(supervisor: int, lifeline: int) -> None:
    """Wait for the end of the supervisor, however it ends, then kill this process and its own."""
    with suppress(OSError):  # the objective has closed it, among all files
        os.read(lifeline, 1)
    while os.getppid() == supervisor:
        time.sleep(_GLANCE)
    descendants.kill_all()
    os.killpg(0, signal.SIGKILL)
