"""The process that trains, and the one that supervises it.

The supervisor forks the trainer, receives its reports and its outcome through a pipe, enforces the
limits, and makes the record. The trainer may raise, exit, or be killed: each becomes a record.
"""

import os
import selectors
import signal
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from resource import struct_rusage
from typing import Any, ClassVar, Literal

from snaketune.base import descendants
from snaketune.base.errors import StudyError
from snaketune.base.identity import digest
from snaketune.base.signals import killed_by
from snaketune.records.record import FORMAT, NOT_FINITE, Error, Record
from snaketune.records.task import Task
from snaketune.running.machine import environment, peak_memory
from snaketune.running.memory import Memory
from snaketune.running.pipe import Garbled, Pipe
from snaketune.running.trainer import become_trainer
from snaketune.running.training import Outcome

TICK = 0.5  # seconds between two looks at the limits
_PATIENCE = 30.0  # seconds for a process that was killed to end: only a disk may hold it longer


def run(task: Task, folder: Path, keep: Path | None = None, attempt: int = 1) -> Record:
    """Train once in a process of its own and return the record.

    `folder` is the trial's own. The n-th attempt may use n times the memory. With `keep`, the
    weights that the objective hands over are stored in that folder. Raises `StudyError` for a
    fault of the study as a whole.
    """
    supervised = Supervised(task, folder, keep, attempt)
    try:
        with selectors.DefaultSelector() as selector:
            for file in supervised.files():
                selector.register(file, selectors.EVENT_READ)
            due = time.monotonic() + TICK
            while not supervised.over:
                if selector.select(max(0.0, due - time.monotonic())):
                    supervised.receive()
                if time.monotonic() >= due:
                    due = time.monotonic() + TICK
                    supervised.check()
                    if task.head is not None and not _alive(task.head):
                        sys.exit("The run that asked for this trial is gone.")
    finally:
        supervised.end()
    return supervised.record()


class Supervised:
    """A trial that trains in a process of its own, as its supervisor sees it.

    Call `receive` whenever one of `files` has something to read, and `check` every `TICK` seconds,
    until the trial is `over`, or `stop` it. Then call `end`, which kills what is left, and
    `record`. Only `end` waits for the process, until it is `gone`. `become` is what it does first.

    The process holds one end of a pipe, the lifeline. Its other end closes with the supervisor,
    however that ends: then the process kills itself and all that it has started.
    """

    _running: ClassVar[set[int]] = set()  # the processes that this one supervises

    def __init__(
        self,
        task: Task,
        folder: Path,
        keep: Path | None = None,
        attempt: int = 1,
        become: Callable[[], None] = lambda: None,
    ) -> None:
        self.over = False
        self._task = task
        self._history: list[dict[str, float | int | None]] = []
        self._outcome: Outcome | None = None
        self._cause: Error | None = None  # why there is no outcome, where that is known
        self._fault: StudyError | None = None
        self._date = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        self._started = time.monotonic()
        self._before = (0.0, 0.0)  # wall and CPU seconds before a resume
        self._exitcode: int | None = None
        self._usage: struct_rusage | None = None  # of the process, after its end
        self._due: float | None = None  # when to wait no longer for the end of one that was killed

        # Where it is ignored, as by a parent of this process, the kernel forgets how a child ended.
        if signal.getsignal(signal.SIGCHLD) == signal.SIG_IGN:
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        self._pipe = Pipe()
        lifeline, self._lifeline = os.pipe()
        sys.stdout.flush()
        sys.stderr.flush()
        self._pid = os.fork()
        if self._pid == 0:
            lifelines = lifeline, self._lifeline
            become_trainer(task, folder, keep, self._pipe, lifelines, become)
        os.close(lifeline)
        self._running.add(self._pid)
        self._memory = Memory(self._pid, task.memory and task.memory * attempt)
        self._ended: int | None = None
        with suppress(AttributeError, OSError):  # there is none elsewhere than on Linux
            self._ended = os.pidfd_open(self._pid)  # which tells of the end at once

    def files(self) -> list[int]:
        """The file descriptors to watch, for as long as the trial is not over."""
        return [self._pipe.fileno(), *([] if self._ended is None else [self._ended])]

    def close(self) -> None:
        """Close the files of this trial: at its end, and in the forks for other trials."""
        os.close(self._lifeline)
        self._pipe.close()
        if self._ended is not None:
            os.close(self._ended)

    def receive(self) -> None:
        """Receive what the process has sent, or notice that it has ended."""
        ended = self._has_ended()  # first: then all that it has sent is there
        try:
            for kind, content in self._pipe.receive():
                self._take(kind, content)
        except Garbled as what:
            message = f"it wrote {what} into the pipe through which it reports"
            self._cause, self.over = _error("Garbled", message), True
        self.over = self.over or ended

    def _take(self, kind: str, content: Any) -> None:
        """Take in a message, unless it comes after the last one."""
        if self.over:
            return
        match kind:
            case "report":
                self._history.append(content)
            case "resumed":
                self._history = content["history"]
                self._before = content["wall"], content["cpu"]
            case "cause":
                self._cause = content
            case "fault":
                self._fault, self.over = StudyError(**content), True
            case "outcome":
                self._outcome, self.over = content, True

    def check(self) -> None:
        """See whether the process has ended silently, or exceeds a limit."""
        self.receive()
        if self.over:
            return
        seconds, allowed = self._task.seconds, self._memory.allowed
        if seconds is not None and time.monotonic() - self._started > seconds:
            self._cause = _error("TimeLimit", f"no result after {seconds:g} s")
            self.over = True
        elif self._memory.exceeds():
            message = f"{_mib(self._memory.used)} MiB in use, {_mib(allowed or 0)} allowed"
            self._cause = _error("MemoryLimit", message)
            self.over = True

    def stop(self) -> None:
        """Kill the process and its group."""
        if self._due is not None:
            return
        self._due = time.monotonic() + _PATIENCE
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self._pid, signal.SIGKILL)
        if not self._has_ended():
            with suppress(PermissionError):  # it has become another user
                os.kill(self._pid, signal.SIGKILL)  # or not yet the leader of its group

    @property
    def gone(self) -> bool:
        """Whether the process has ended after `stop`, or is not worth waiting for any more."""
        return self._has_ended() or (self._due is not None and time.monotonic() > self._due)

    def end(self) -> None:
        """Stop the process and all that it has started, and close its files."""
        self.stop()
        while not self.gone:
            time.sleep(0.001)
        self._running.discard(self._pid)
        descendants.kill_all(but=self._running)
        self.close()

    def _has_ended(self) -> bool:
        if self._exitcode is None:
            ended, status, usage = os.wait4(self._pid, os.WNOHANG)
            if ended:
                self._exitcode, self._usage = os.waitstatus_to_exitcode(status), usage
        return self._exitcode is not None

    def record(self) -> Record:
        """The record of the trial, after its end. Raises `StudyError` as `run` does."""
        if self._fault is not None:
            raise self._fault
        outcome = self._outcome or self._silent()
        identity = self._task.identity
        return {
            "format": FORMAT,
            "trial_id": digest(self._task.spec),
            "status": _status(outcome["error"]),
            "config": identity["config"],
            "data": identity["data"],
            "objective": identity["objective"],
            "seed": identity["seed"],
            "settings": identity["settings"],
            "metrics": outcome["metrics"],
            "history": self._history,
            "cost": {
                "epochs": len(self._history),
                "train_seconds": round(outcome["wall_seconds"], 6),
                "cpu_seconds": round(outcome["cpu_seconds"], 6),
                "peak_memory_mib": self._memory.peak(outcome["peak_memory_mib"]),
            },
            "weights": outcome["weights"],
            "environment": outcome["environment"],
            "started": self._date,
            "error": outcome["error"],
        }

    def _silent(self) -> Outcome:
        """The outcome of a process that ended without sending one."""
        wall, cpu = self._before
        usage = self._usage
        return {
            "metrics": {},
            "error": self._cause or _death(self._exitcode),
            "wall_seconds": wall + time.monotonic() - self._started,
            "cpu_seconds": cpu + (usage.ru_utime + usage.ru_stime if usage else 0),
            "peak_memory_mib": peak_memory(usage) if usage else 0,
            "weights": False,
            "environment": environment(self._task.threads),
        }


def _status(error: Error | None) -> Literal["complete", "diverged", "failed"]:
    if error is None:
        return "complete"
    return "diverged" if error["type"] == NOT_FINITE else "failed"


def _error(kind: str, message: str) -> Error:
    return {"type": kind, "message": message, "traceback": None}


def _mib(size: int) -> str:
    return f"{size / 2**20:.0f}"


def _death(exitcode: int | None) -> Error:
    """How a process ended that sent no outcome; None: it can't even be killed."""
    if exitcode is None:
        return _error("Killed", "the process was to be killed, and still waits for a disk")
    if exitcode >= 0:
        return _error("Exit", f"the process ended with exit code {exitcode} and no metrics")
    return _error("Killed", f"the process {killed_by(-exitcode)}")


def _alive(pid: int) -> bool:
    import psutil  # only a trial that takes longer than a tick pays for it

    try:
        return bool(psutil.Process(pid).status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False
