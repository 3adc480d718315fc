"""A warm process: it has loaded what every trial of a run loads, and forks itself for each.

    python -m snaketune.running.warm TASK    (its standard input is the socket to listen on)

It is started with a run, or by its first `client`. It imports the objective of TASK, and takes one
step with PyTorch if the objective has imported that: the first step of a process takes a second.
The data is read with the first trial, because it may not be prepared yet.

Each trial trains in a fork of this process, which supervises it as `runner` does. So nothing of a
trial is left in the next, a trial that dies takes no other with it, and its metrics have the bits
of a trial that runs cold. The warm process ends with the run, or when no client has come for a
while.
"""

import gc
import os
import selectors
import socket
import struct
import sys
import time
import traceback
from collections.abc import Callable
from contextlib import chdir, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from snaketune.data import prepared
from snaketune.records.task import Task
from snaketune.running import hugepages
from snaketune.running.attempt import Attempt
from snaketune.running.machine import environment, make_deterministic
from snaketune.running.process import TICK, Supervised
from snaketune.usercode import entrypoint

if TYPE_CHECKING:
    from _typeshed import FileDescriptorLike

_IDLE = 10.0  # seconds without a trial after which it ends
_MESSAGE = 1 << 20  # bytes that a client may send
_MANY = 100  # trials after which more are expected: what makes them faster costs half a second
_TAKEN = b"t"  # sent to a client whose trial runs here


class Server:
    """Trains for each client that connects to `listener`, until the process `head` has ended.

    If this process is not warm, it turns all clients away, who then train by themselves.
    """

    def __init__(self, listener: socket.socket, head: int, is_warm: bool) -> None:
        self._listener, self._is_warm = listener, is_warm
        self._running: dict[Supervised, tuple[socket.socket, Attempt]] = {}
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
        for trial in list(self._running):
            _reply(self._end(trial), 1, "The run that asked for this trial is gone.")

    def _check_all(self) -> None:
        for trial in list(self._running):
            trial.check()
            self._end_if_over(trial)

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
        except (OSError, ValueError):
            connection.close()
            return
        finally:
            for output in outputs:
                os.close(output)
        with suppress(OSError):  # a client that is gone is noticed later
            connection.send(_TAKEN)
        self._running[trial] = connection, attempt
        self._on_input(trial.connection, lambda: self._receive_from(trial))
        # A client has no more to send: input means that it is gone.
        self._on_input(connection, lambda: self._end(trial).close())

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
            self._close_all(connection)

        return Supervised(attempt.task, attempt.folder, attempt=attempt.number, become=become_trial)

    def _close_all(self, connection: socket.socket) -> None:
        """In a fork: close what belongs to this process, or to other trials."""
        self._selector.close()
        self._listener.close()
        connection.close()
        for trial, (other, _) in self._running.items():
            other.close()
            for number in trial.files():
                os.close(number)

    def _receive_from(self, trial: Supervised) -> None:
        trial.receive()
        self._end_if_over(trial)

    def _end_if_over(self, trial: Supervised) -> None:
        """Write the record of a trial that is over, and reply to its client."""
        if not trial.over:
            return
        _, attempt = self._running[trial]
        connection = self._end(trial)
        try:
            code, message = attempt.conclude(trial.record)
        except Exception:
            code, message = 1, traceback.format_exc()
        _reply(connection, code, message)

    def _end(self, trial: Supervised) -> socket.socket:
        """Stop a trial, if it still runs; returns the connection to its client."""
        connection, _ = self._running.pop(trial)
        self._selector.unregister(connection)
        self._selector.unregister(trial.connection)
        trial.end()
        return connection


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
        connection.send(bytes([code]) + message.encode())
    connection.close()


def load(task: Task) -> None:
    """Load what the trials of a run have in common, in the way that a trial does."""
    if task.entrypoint is not None:
        with chdir("."):  # its import may change the working directory
            entrypoint.keep(task.entrypoint)
    make_deterministic(0, 1)  # with one thread: a pool of them would not survive a fork
    environment(1)
    if "torch" in sys.modules:
        _step()
    import psutil  # noqa: F401  with which a trial's memory is measured

    gc.collect()
    gc.freeze()  # so that no collection in a fork copies all of this


def _step() -> None:
    """Train a few numbers for a step, as the first one makes PyTorch load and set up much.

    With CUDA nothing of it can be done before a fork.
    """
    import torch
    from torch import nn

    if torch.version.cuda is not None:
        return
    model = nn.Sequential(nn.Linear(4, 4), nn.ReLU(), nn.Linear(4, 2))
    optimizer = torch.optim.Adam(model.parameters())
    loss = nn.functional.cross_entropy(model(torch.zeros(3, 4)), torch.zeros(3, dtype=torch.long))
    loss.backward()  # type: ignore[no-untyped-call]  # PyTorch has no types for it
    optimizer.step()


def _threads() -> list[str]:
    """The names of other threads of this process: a fork would lack them, and may wait for them.

    Libraries that know of forks, such as OpenBLAS, end their threads before one.
    """
    child = os.fork()
    if child == 0:
        os._exit(0)
    os.waitpid(child, 0)
    others = [task for task in Path("/proc/self/task").iterdir() if task.name != str(os.getpid())]
    return sorted((task / "comm").read_text().strip() for task in others)


def _warm_up(task: Task) -> str | None:
    """Load what trials need; returns why that failed, or None."""
    try:
        load(task)
        if names := _threads():
            return f"importing {task.entrypoint} starts a thread ({', '.join(names)})"
    except BaseException as error:  # the log of each trial has its traceback
        return f"importing {task.entrypoint} raises {type(error).__name__}: {error}"
    return None


def main(text: str) -> None:
    """Become warm, and serve. Says on standard error if trials have to run cold, and why."""
    listener, task = socket.socket(fileno=os.dup(0)), Task.from_json(text)
    assert task.head is not None  # who starts this names the process to end with
    errors = os.dup(2)
    nothing = os.open(os.devnull, os.O_RDWR)
    for number in (0, 1, 2):
        os.dup2(nothing, number)
    os.close(nothing)
    fault = _warm_up(task)
    if fault:
        line = f"Every trial runs in a process of its own, which loads everything anew: {fault}.\n"
        with suppress(OSError):
            os.write(errors, line.encode())
    os.close(errors)  # who waits for the end of that output must not wait for this process
    Server(listener, task.head, is_warm=fault is None).serve()


if __name__ == "__main__":
    main(sys.argv[1])
