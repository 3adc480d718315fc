"""The process that trains, and the one that supervises it.

The supervisor forks the trainer, receives its reports and its outcome through a pipe, enforces the
limits, and makes the record. The trainer may raise, exit, or be killed: each becomes a record.
"""

import multiprocessing
import os
import signal
import sys
import threading
import time
import traceback
from collections.abc import Callable
from contextlib import suppress
from multiprocessing.connection import Connection
from pathlib import Path
from resource import struct_rusage
from typing import Any, Literal, NoReturn

from snaketune.base.errors import StudyError
from snaketune.base.identity import digest
from snaketune.records.record import FORMAT, NOT_FINITE, Error, Record
from snaketune.records.task import Task
from snaketune.running.machine import environment, peak_memory
from snaketune.running.training import Outcome, train

TICK = 0.5  # seconds between two looks at the limits


def run(task: Task, folder: Path, keep: Path | None = None, attempt: int = 1) -> Record:
    """Train once in a process of its own and return the record.

    `folder` is the trial's own. The n-th attempt may use n times the memory. With `keep`, the
    weights that the objective hands over are stored in that folder. Raises `StudyError` for a
    fault of the study as a whole.
    """
    supervised = Supervised(task, folder, keep, attempt)
    try:
        due = time.monotonic() + TICK
        while not supervised.over:
            if supervised.connection.poll(max(0.0, due - time.monotonic())):
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

    Call `receive` whenever `connection` has something to read, and `check` every `TICK` seconds,
    until the trial is `over`; then call `end`, which kills what is left, and `record`. `end` also
    stops a trial that is not over. `become` is what the process does first.

    The process holds one end of a pipe, the lifeline. Its other end closes with the supervisor,
    however that ends: then the process kills itself and all that it has started.
    """

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
        self._memory = None if task.memory is None else task.memory * attempt
        self._history: list[dict[str, float | int | None]] = []
        self._outcome: Outcome | None = None
        self._limit: tuple[str, str] | None = None  # type and message of a limit that it exceeded
        self._fault: StudyError | None = None
        self._date = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        self._started = time.monotonic()
        self._before = (0.0, 0.0)  # wall and CPU seconds before a resume
        self._exitcode: int | None = None
        self._usage: struct_rusage | None = None  # of the process, after its end

        self.connection, theirs = multiprocessing.Pipe(duplex=False)
        lifeline, self._lifeline = os.pipe()
        sys.stdout.flush()
        sys.stderr.flush()
        self._pid = os.fork()
        if self._pid == 0:
            _train(task, folder, keep, theirs, (lifeline, *self.files()), become)
        os.close(lifeline)
        theirs.close()

    def files(self) -> tuple[int, int]:
        """The file descriptors that no other process may hold."""
        return self._lifeline, self.connection.fileno()

    def receive(self) -> None:
        """Receive the next message of the process, or notice that it has ended."""
        try:
            kind, content = self.connection.recv()
        except (EOFError, OSError):
            self._has_ended(waits=True)
            self.over = True
            return
        match kind:
            case "report":
                self._history.append(content)
            case "resumed":
                self._history = content["history"]
                self._before = content["wall"], content["cpu"]
            case "fault":
                self._fault, self.over = content, True
            case "outcome":
                self._outcome, self.over = content, True

    def check(self) -> None:
        """See whether the process has ended silently, or exceeds a limit."""
        # Something that it has started may outlive it and hold the connection open.
        if self._has_ended() and not self.connection.poll():
            self.over = True
            return
        seconds, memory = self._task.seconds, self._memory
        if seconds is not None and time.monotonic() - self._started > seconds:
            self._limit = "TimeLimit", f"no result after {seconds:g} s"
        elif memory is not None and (used := _resident(self._pid)) > memory:
            allowed = f"{memory / 2**20:.0f} allowed"
            self._limit = "MemoryLimit", f"{used / 2**20:.0f} MiB in use, {allowed}"
        self.over = self._limit is not None

    def end(self) -> None:
        """Kill the process and all that it has started."""
        with suppress(ProcessLookupError):
            os.killpg(self._pid, signal.SIGKILL)
        if not self._has_ended():
            os.kill(self._pid, signal.SIGKILL)  # it has not become the leader of its group yet
            self._has_ended(waits=True)
        os.close(self._lifeline)
        self.connection.close()

    def _has_ended(self, waits: bool = False) -> bool:
        """Whether the process has ended; with `waits`, wait until it has."""
        if self._exitcode is None:
            ended, status, usage = os.wait4(self._pid, 0 if waits else os.WNOHANG)
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
                "peak_memory_mib": outcome["peak_memory_mib"],
            },
            "weights": outcome["weights"],
            "environment": outcome["environment"],
            "started": self._date,
            "error": outcome["error"],
        }

    def _silent(self) -> Outcome:
        """The outcome of a process that ended without sending one."""
        assert self._exitcode is not None and self._usage is not None  # it has ended
        kind, message = self._limit or _death(self._exitcode)
        wall, cpu = self._before
        return {
            "metrics": {},
            "error": {"type": kind, "message": message, "traceback": None},
            "wall_seconds": wall + time.monotonic() - self._started,
            "cpu_seconds": cpu + self._usage.ru_utime + self._usage.ru_stime,
            "peak_memory_mib": peak_memory(self._usage),
            "weights": False,
            "environment": environment(self._task.threads),
        }


def _status(error: Error | None) -> Literal["complete", "diverged", "failed"]:
    if error is None:
        return "complete"
    return "diverged" if error["type"] == NOT_FINITE else "failed"


def _train(
    task: Task,
    folder: Path,
    keep: Path | None,
    connection: "Connection[Any, Any]",
    files: tuple[int, ...],
    become: Callable[[], None],
) -> NoReturn:
    """What the process that trains does, to its end.

    The first of `files` is its end of the lifeline; the others belong to the supervisor.
    """
    code = 1
    keep = keep and keep.resolve()  # `become` may change the working directory
    try:
        os.setsid()  # Ctrl-C reaches the supervisor, which ends this group
        become()
        lifeline, *others = files
        for number in others:
            os.close(number)
        threading.Thread(target=_die_with, args=[lifeline], daemon=True).start()
        outcome = train(task, folder, lambda kind, content: connection.send((kind, content)), keep)
        connection.send(("outcome", outcome))
        code = 0
    except StudyError as error:
        connection.send(("fault", error))
    except BaseException:
        traceback.print_exc()
    finally:
        with suppress(OSError):  # of a full disk
            sys.stdout.flush()
            sys.stderr.flush()
        os._exit(code)


def _die_with(lifeline: int) -> None:
    os.read(lifeline, 1)
    os.killpg(0, signal.SIGKILL)


def _death(exitcode: int) -> tuple[str, str]:
    """How a process ended that sent no outcome: the type and message of its error."""
    if exitcode >= 0:
        return "Exit", f"the process ended with exit code {exitcode} and no metrics"
    name = signal.Signals(-exitcode).name
    why = ", as a machine does that is out of memory" if name == "SIGKILL" else ""
    return "Killed", f"the process was killed by {name}{why}"


def _alive(pid: int) -> bool:
    import psutil  # only a trial that takes longer than a tick pays for it

    try:
        return bool(psutil.Process(pid).status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


def _resident(pid: int) -> int:
    """The resident memory (bytes) of a process and all that it has started."""
    import psutil

    with suppress(psutil.NoSuchProcess):
        process = psutil.Process(pid)
        total = 0
        for each in (process, *process.children(recursive=True)):
            with suppress(psutil.NoSuchProcess):
                total += each.memory_info().rss
        return total
    return 0
