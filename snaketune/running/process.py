"""."""

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

from snaketune.base.errors import StudyError
from snaketune.base.identity import digest
from snaketune.records.record import FORMAT
from snaketune.records.task import Task
from snaketune.running.machine import environment, peak_memory
from snaketune.running.training import NOT_FINITE, save_weights, train

TICK = 0.5  # seconds between two looks at the limits


def run(task: Task, folder: Path, keep: Path | None = None, attempt: int = 1) -> dict:
    """Train once in a process of its own and return the record.

    `folder` is the trial's own. The n-th attempt may take n times the memory. With `keep`, the
    weights that the objective hands over are stored in that folder. Raises `StudyError` for what
    is wrong with the study as a whole.
    """
    running = Run(task, folder, keep, attempt)
    try:
        due = time.monotonic() + TICK
        while not running.over:
            if running.connection.poll(max(0.0, due - time.monotonic())):
                running.listen()
            if time.monotonic() >= due:
                due = time.monotonic() + TICK
                running.look()
                if task.head is not None and not _alive(task.head):
                    sys.exit("The run that asked for this trial is gone.")
    finally:
        running.end()
    return running.record()


class Run:
    """A trial in training, by a process of its own, and what is seen of it from here.

    `connection` is what it tells on, to `listen` to whenever there is something; `look` is for
    every `TICK` seconds. When it is `over`, or is not to go on, `end` ends it; then there is a
    `record`. The process holds one end of a pipe, the lifeline, whose other end closes with this
    process, however that ends: then it kills itself and all that it has started. `become` is the
    first thing that it does.
    """

    def __init__(
        self,
        task: Task,
        folder: Path,
        keep: Path | None = None,
        attempt: int = 1,
        become: Callable[[], None] = lambda: None,
    ):
        self.over = False
        self._task = task
        self._memory = None if task.memory is None else task.memory * attempt
        self._history: list[dict] = []
        self._told: dict | None = None  # the outcome, as the process told it
        self._limit: tuple[str, str] | None = None  # the kind and message of a limit it passed
        self._fault: StudyError | None = None
        self._date = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        self._started = time.monotonic()
        self._before = (0.0, 0.0)  # wall and CPU seconds before a resume
        self._exitcode: int | None = None
        self._usage = None  # the resources that the process has used, after its end

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
        """The numbers of the open files that no other process is to hold."""
        return self._lifeline, self.connection.fileno()

    def listen(self):
        """Take in what the process has to tell next."""
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
                self._told, self.over = content, True

    def look(self):
        """See whether the process has ended silently, or passed a limit."""
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

    def end(self):
        """End the process and all that it has started."""
        with suppress(ProcessLookupError):
            os.killpg(self._pid, signal.SIGKILL)
        if not self._has_ended():
            os.kill(self._pid, signal.SIGKILL)  # where it was too young to have a group of its own
            self._has_ended(waits=True)
        os.close(self._lifeline)
        self.connection.close()

    def _has_ended(self, waits: bool = False) -> bool:
        """Whether the process has ended by itself, or once it has."""
        if self._exitcode is None:
            ended, status, usage = os.wait4(self._pid, 0 if waits else os.WNOHANG)
            if ended:
                self._exitcode, self._usage = os.waitstatus_to_exitcode(status), usage
        return self._exitcode is not None

    def record(self) -> dict:
        """The record of the trial, after its end. Raises `StudyError`, see `run`."""
        if self._fault is not None:
            raise self._fault
        outcome = self._told or self._silent()
        error = outcome["error"]
        status = "complete"
        if error is not None:
            status = "diverged" if error["type"] == NOT_FINITE else "failed"
        return {
            "format": FORMAT,
            "trial_id": digest(self._task.spec),
            "status": status,
            **self._task.identity,
            "metrics": outcome["metrics"],
            "history": self._history,
            "cost": {"epochs": len(self._history), **outcome["cost"]},
            "weights": outcome["weights"],
            "environment": outcome["environment"],
            "started": self._date,
            "error": error,
        }

    def _silent(self) -> dict:
        """The outcome of a training that told none."""
        kind, message = self._limit or _death(self._exitcode)
        wall, cpu = self._before
        wall += time.monotonic() - self._started
        cpu += self._usage.ru_utime + self._usage.ru_stime
        return {
            "metrics": {},
            "error": {"type": kind, "message": message, "traceback": None},
            "cost": {
                "train_seconds": round(wall, 6),
                "cpu_seconds": round(cpu, 6),
                "peak_memory_mib": peak_memory(self._usage),
            },
            "weights": False,
            "environment": environment(self._task.threads),
        }


def _train(task: Task, folder: Path, keep: Path | None, connection: Connection, files, become):
    """What the process that trains does, to its end.

    The first of `files` is its end of the lifeline, the others are not for it.
    """
    code = 1
    try:
        os.setsid()  # Ctrl-C reaches the one that watches, which ends this group
        become()
        lifeline, *others = files
        for number in others:
            os.close(number)
        threading.Thread(target=_die_with, args=[lifeline], daemon=True).start()
        outcome, weights = train(
            task, folder, lambda kind, content: connection.send((kind, content))
        )
        if keep is not None and weights is not None:
            save_weights(weights, keep)
        connection.send(("outcome", {**outcome, "weights": weights is not None}))
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


def _die_with(lifeline: int):
    os.read(lifeline, 1)
    os.killpg(0, signal.SIGKILL)


def _death(exitcode: int) -> tuple[str, str]:
    """How a process that told no outcome has ended, as kind and message."""
    if exitcode >= 0:
        return "Exit", f"the process ended with exit code {exitcode} and no metrics"
    name = signal.Signals(-exitcode).name
    why = ", as a machine does that is out of memory" if name == "SIGKILL" else ""
    return "Killed", f"the process was killed by {name}{why}"


def _alive(pid: int) -> bool:
    import psutil  # only a trial that takes longer than a tick pays for it

    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
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
