"""Running one trial: a process that trains, and one that watches over it and writes the record.

    python -m snaketune.runner TASK ATTEMPT RECORD

An objective that fails, dies, or takes too much time or memory leaves a record that says so, and
the exit code is 0: a failed trial is a result. No record, and exit code 1, is for what is wrong
with the study as a whole; no record and 75 for what may pass, where another attempt follows.
"""

import multiprocessing
import os
import signal
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from multiprocessing.connection import Connection
from pathlib import Path

from snaketune.errors import StudyError
from snaketune.identity import digest
from snaketune.logs import FAULT, INTERRUPTED, TRY_AGAIN, last_line
from snaketune.records import FORMAT, error_line, write_record
from snaketune.task import Task
from snaketune.training import NOT_FINITE, environment, peak_memory, save_weights, train
from snaketune.trial import CHECKPOINT, now

AGAIN = 75  # EX_TEMPFAIL of sysexits.h
_TICK = 0.5  # seconds between two looks at the limits

# What may pass with more memory, or on another machine.
_PASSING = ("Killed", "MemoryLimit", "MemoryError", "OutOfMemoryError")


def run(task: Task, folder: Path, keep: Path | None = None, attempt: int = 1) -> dict:
    """Train once in a process of its own and return the record.

    `folder` is the trial's own. The n-th attempt may take n times the memory. With `keep`, the
    weights that the objective hands over are stored in that folder. Raises `StudyError` for what
    is wrong with the study as a whole.
    """
    started = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    watched = _Watched(task, attempt)
    with _training(task, folder, keep) as (process, connection):
        end = watched.until_the_end(process, connection)
    outcome = end if isinstance(end, dict) else watched.outcome(end or _death(process.exitcode))
    error = outcome["error"]
    status = "complete"
    if error is not None:
        status = "diverged" if error["type"] == NOT_FINITE else "failed"
    return {
        "format": FORMAT,
        "trial_id": digest(task.spec),
        "status": status,
        **task.identity,
        "metrics": outcome["metrics"],
        "history": watched.history,
        "cost": {"epochs": len(watched.history), **outcome["cost"]},
        "weights": outcome["weights"],
        "environment": outcome["environment"],
        "started": started,
        "error": error,
    }


@contextmanager
def _training(task: Task, folder: Path, keep: Path | None) -> Iterator:
    """A process that trains, and the connection on which it tells; it is gone afterwards.

    It holds one end of a pipe, the lifeline, whose other end closes with this process, however
    that ends: then it kills itself and all that it has started.
    """
    fork = multiprocessing.get_context("fork")
    ours, theirs = fork.Pipe(duplex=False)
    lifeline = os.pipe()
    process = fork.Process(target=_train, args=(task, folder, keep, theirs, lifeline))
    process.start()
    os.close(lifeline[0])
    theirs.close()
    try:
        yield process, ours
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.kill()  # where it was too young to have a group of its own
        process.join()
        os.close(lifeline[1])
        ours.close()


def _train(task: Task, folder: Path, keep: Path | None, connection: Connection, lifeline):
    """What the process that trains does."""
    os.setsid()  # Ctrl-C reaches the one that watches, which ends this group
    os.close(lifeline[1])
    threading.Thread(target=_die_with, args=lifeline[:1], daemon=True).start()
    try:
        outcome, weights = train(
            task, folder, lambda kind, content: connection.send((kind, content))
        )
        if keep is not None and weights is not None:
            save_weights(weights, keep)
        connection.send(("outcome", {**outcome, "weights": weights is not None}))
    except StudyError as error:
        connection.send(("fault", error))


def _die_with(lifeline: int):
    os.read(lifeline, 1)
    os.killpg(0, signal.SIGKILL)


class _Watched:
    """A training as it is seen from outside: what it has told, and the limits it has to keep."""

    def __init__(self, task: Task, attempt: int):
        self.history: list[dict] = []
        self._task = task
        self._memory = None if task.memory is None else task.memory * attempt
        self._started = now()
        self._before = (0.0, 0.0)  # wall and CPU seconds before a resume

    def until_the_end(self, process, connection: Connection) -> dict | tuple[str, str] | None:
        """The outcome, the kind and message of a limit that is passed, or None if it just ends."""
        look = time.monotonic() + _TICK
        while True:
            if connection.poll(max(0.0, look - time.monotonic())):
                try:
                    kind, content = connection.recv()
                except (EOFError, OSError):
                    process.join(timeout=_TICK)
                    return None
                match kind:
                    case "report":
                        self.history.append(content)
                    case "resumed":
                        self.history = content["history"]
                        self._before = content["wall"], content["cpu"]
                    case "fault":
                        raise content
                    case "outcome":
                        return content
            if time.monotonic() < look:
                continue
            look = time.monotonic() + _TICK
            # Something that it has started may outlive it and hold the connection open.
            if process.exitcode is not None and not connection.poll():
                return None
            if self._task.head is not None and not _alive(self._task.head):
                sys.exit("The run that asked for this trial is gone.")
            if beyond := self._limit(process):
                return beyond

    def _limit(self, process) -> tuple[str, str] | None:
        seconds, memory = self._task.seconds, self._memory
        if seconds is not None and now()[0] - self._started[0] > seconds:
            return "TimeLimit", f"no result after {seconds:g} s"
        if memory is not None and (used := _resident(process.pid)) > memory:
            return "MemoryLimit", f"{used / 2**20:.0f} MiB in use, {memory / 2**20:.0f} allowed"
        return None

    def outcome(self, end: tuple[str, str]) -> dict:
        """The outcome of a training that told none, after its end."""
        kind, message = end
        (wall, cpu), (wall_started, cpu_started) = now(), self._started
        return {
            "metrics": {},
            "error": {"type": kind, "message": message, "traceback": None},
            "cost": {
                "train_seconds": round(wall - wall_started + self._before[0], 6),
                "cpu_seconds": round(cpu - cpu_started + self._before[1], 6),
                "peak_memory_mib": peak_memory(),
            },
            "weights": False,
            "environment": environment(self._task.threads),
        }


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


def main(arguments: list[str]):
    """The command that the rule `trial` runs."""
    text, number, output = arguments
    task, attempt, record_file = Task.from_json(text), int(number), Path(output)
    folder = record_file.parent
    before = last_line(folder / "log.txt") if attempt > 1 else ""
    if before.startswith(FAULT):
        sys.exit(before)  # another attempt would find the same
    try:
        record = run(task, folder, attempt=attempt)
        _check_passing(record, attempt, task.attempts)
        if task.stop_on_failure and record["status"] == "failed":
            raise _stopped(record)
    except StudyError as error:
        sys.exit(f"{FAULT} {error.inside(file=task.study)}")
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)
    write_record(record_file, record)
    if record["status"] != "failed":
        for left in (folder / CHECKPOINT, *folder.glob(f".{CHECKPOINT}.*")):
            left.unlink(missing_ok=True)


def _check_passing(record: dict, attempt: int, attempts: int):
    """End this process where the failure may pass and another attempt follows."""
    error = record["error"]
    if error and error["type"] in _PASSING and attempt < attempts:
        following = f"attempt {attempt + 1} of {attempts}"
        print(f"{TRY_AGAIN}, {following}, after {error_line(error)}", flush=True)
        sys.exit(AGAIN)


def _stopped(record: dict) -> StudyError:
    return StudyError(
        f"trial {record['trial_id']} failed: {error_line(record['error'])}",
        "Mend it, or write 'on_failure: continue' for a study that goes on without such trials",
        ("on_failure",),
    )


if __name__ == "__main__":
    main(sys.argv[1:])
