"""A warm process: it has loaded what every trial of a run loads, and forks itself for each.

    python -m snaketune.running.warm TASKS THREADS HEAD    (it listens on its standard input)

It is started with a run, or by its first `client`. It imports the objective of TASKS, and takes one
step with PyTorch if the objective has imported that: the first step of a process takes a second.
The data is read with the first trial, because it may not be prepared yet.

Each trial trains in a fork of this process, which supervises it as `runner` does. So nothing of a
trial is left in the next, a trial that dies takes no other with it, and its metrics have the bits
of a trial that runs cold. The warm process ends with the run, or when no client has come for a
while.
"""

import os
import selectors
import socket
import struct
import sys
import time
import traceback
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from snaketune.base import descendants
from snaketune.data import prepared
from snaketune.records.tasks import read_task
from snaketune.running import hugepages
from snaketune.running.attempt import Attempt
from snaketune.running.process import TICK, Supervised
from snaketune.running.warming import warm_up

if TYPE_CHECKING:
    from _typeshed import FileDescriptorLike

_IDLE = 10.0  # seconds without a trial after which it ends
_MESSAGE = 1 << 20  # bytes that a client may send
_ANSWER = 1 << 16  # bytes that it gets: what is longer does not fit into a packet
_MANY = 100  # trials after which more are expected: what makes them faster costs half a second
_TAKEN = b"t"  # sent to a client whose trial runs here

_Environment = dict[bytes, bytes | None]


@dataclass
class _Job:
    """A client that waits for its trial; `fault` is why the trial can have no record."""

    connection: socket.socket
    attempt: Attempt
    fault: str = ""


class Server:
    """Trains for each client that connects to `listener`, until the process `head` has ended.

    If this process is not warm, it turns all clients away, who then train by themselves. `changed`
    is what the objective has made of the environment as it was imported; None is a variable that it
    has removed.
    """

    def __init__(
        self, listener: socket.socket, head: int, is_warm: bool, changed: _Environment
    ) -> None:
        self._listener, self._is_warm, self._changed = listener, is_warm, changed
        self._running: dict[Supervised, _Job] = {}
        self._selector = selectors.DefaultSelector()
        self._on_input(listener, self._accept)
        self._begun = 0
        self._gone = False
        self._on_input(os.pidfd_open(head), self._head_is_gone)

    def _on_input(self, file: "FileDescriptorLike", act: Callable[[], None]) -> None:
        self._selector.register(file, selectors.EVENT_READ, act)

    def _head_is_gone(self) -> None:
        self._gone = True

    def serve(self) -> None:
        """Serve until nobody is left to serve."""
        idle_since = due = time.monotonic()
        while not self._gone:
            for key, _ in self._selector.select(TICK if self._running else _IDLE):
                if self._selector.get_map().get(key.fd) is key:  # not ended by one before it
                    key.data()
            now = time.monotonic()
            if self._running:
                idle_since = now
                if now >= due:
                    due = now + TICK
                    self._check_all()
            elif now - idle_since >= _IDLE:
                break
        for trial in self._running:
            trial.stop()
        for trial in list(self._running):
            self._running[trial].fault = "The run that asked for this trial is gone."
            self._finish(trial)

    def _check_all(self) -> None:
        for trial in list(self._running):
            self._look_at(trial, trial.check)

    def _accept(self) -> None:
        """Accept a client; what it wants it has yet to send."""
        connection, _ = self._listener.accept()
        if self._is_warm and _is_ours(connection):
            self._on_input(connection, lambda: self._begin(connection))
        else:
            connection.close()

    def _begin(self, connection: socket.socket) -> None:
        """Start the trial of a client, or leave it to the client where that fails."""
        self._selector.unregister(connection)
        outputs: list[int] = []
        try:
            arguments, become, outputs = _receive(connection)
            attempt = Attempt.parse(arguments)
            if refused := attempt.begin():
                connection.send(_TAKEN)
                _reply(connection, 1, refused)
                return
            trial = self._start(connection, attempt, become)
        except Exception:  # of whatever kind: the client meets it alone
            connection.close()
            return
        finally:
            for output in outputs:
                os.close(output)
        with suppress(OSError):  # a client that is gone is noticed later
            connection.send(_TAKEN)
        self._running[trial] = _Job(connection, attempt)
        for file in trial.files():
            self._on_input(file, lambda: self._look_at(trial, trial.receive))
        # A client has no more to send: input means that it is gone.
        self._on_input(connection, lambda: self._abandon(trial))

    def _start(
        self, connection: socket.socket, attempt: Attempt, become: Callable[[], None]
    ) -> Supervised:
        """Fork a process for the trial of a client."""
        if attempt.task.data is not None:
            prepared.keep(Path(attempt.task.data))
        self._begun += 1
        if self._begun == _MANY:
            hugepages.collapse()

        def become_trial() -> None:
            become()
            for name, value in self._changed.items():
                os.environb.pop(name, None)
                if value is not None:
                    os.environb[name] = value
            self._close_all(connection)

        return Supervised(attempt.task, attempt.folder, attempt=attempt.number, become=become_trial)

    def _close_all(self, connection: socket.socket) -> None:
        """In a fork: close what belongs to this process, or to other trials."""
        self._selector.close()
        self._listener.close()
        connection.close()
        for trial, job in self._running.items():
            job.connection.close()
            trial.close()

    def _look_at(self, trial: Supervised, look: Callable[[], None]) -> None:
        """See how a trial is. If it is over, finish as soon as its process is gone."""
        job = self._running[trial]
        job.fault = job.fault or _raised_by(look)
        if job.fault or trial.over:
            trial.stop()
            if trial.gone:
                self._finish(trial)

    def _abandon(self, trial: Supervised) -> None:
        """Stop a trial whose client is gone."""
        job = self._running[trial]
        self._selector.unregister(job.connection)
        job.connection.close()
        job.fault = job.fault or "The client is gone."
        self._look_at(trial, trial.receive)

    def _finish(self, trial: Supervised) -> None:
        """Write the record of a trial, and reply to its client."""
        job = self._running.pop(trial)
        files: list[FileDescriptorLike] = [job.connection, *trial.files()]
        for file in files:
            with suppress(KeyError, ValueError):  # of a client that is gone
                self._selector.unregister(file)
        trial.end()
        _reply(job.connection, *((1, job.fault) if job.fault else _conclude(job.attempt, trial)))


def _raised_by(look: Callable[[], None]) -> str:
    """The traceback of what `look` raises; empty where it raises nothing."""
    try:
        look()
    except Exception:
        return traceback.format_exc()
    return ""


def _conclude(attempt: Attempt, trial: Supervised) -> tuple[int, str]:
    try:
        return attempt.conclude(trial.record)
    except Exception:  # of whatever kind: the other trials go on
        return 1, traceback.format_exc()


def _is_ours(connection: socket.socket) -> bool:
    """Whether a client is a process of the user who runs this one."""
    peer = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i"))
    return bool(struct.unpack("3i", peer)[1] == os.getuid())


def _receive(connection: socket.socket) -> tuple[list[str], Callable[[], None], list[int]]:
    """What a client sends: the arguments of its trial, and its output, as file descriptors.

    The function in between gives a process the client's working directory, environment and output.
    """
    message, outputs, _, _ = socket.recv_fds(connection, _MESSAGE, 2)
    count, *fields = message.split(b"\0")
    arguments, (folder, *variables) = fields[: int(count)], fields[int(count) :]

    def become() -> None:
        for place, output in enumerate(outputs, start=1):
            os.dup2(output, place)
            os.close(output)
        os.chdir(folder)
        os.environb.clear()
        for variable in variables:
            name, _, value = variable.partition(b"=")
            os.environb[name] = value

    return list(map(os.fsdecode, arguments)), become, outputs


def _reply(connection: socket.socket, code: int, message: str) -> None:
    """Send a client, if it still exists, its exit code and what to print."""
    with suppress(OSError):
        connection.send(bytes([code]) + message.encode(errors="backslashreplace")[:_ANSWER])
    connection.close()


def main(tasks: str, threads: str, head: str) -> None:
    """Become warm, and serve. Says on standard error if trials have to run cold, and why."""
    listener, task = socket.socket(fileno=os.dup(0)), read_task(Path(tasks), threads=int(threads))
    errors = os.dup(2)
    nothing = os.open(os.devnull, os.O_RDWR)
    for number in (0, 1, 2):
        os.dup2(nothing, number)
    os.close(nothing)
    before = dict(os.environb)
    fault = warm_up(task)
    now = dict(os.environb)
    changed = {n: now.get(n) for n in before | now if before.get(n) != now.get(n)}
    if fault:
        line = f"Every trial runs in a process of its own, which loads everything anew: {fault}.\n"
        with suppress(OSError):
            os.write(errors, line.encode())
    descendants.adopt()  # but for what the objective has started as it was imported
    os.close(errors)  # who waits for the end of that output must not wait for this process
    Server(listener, int(head), fault is None, changed).serve()
    descendants.kill_all(first=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
