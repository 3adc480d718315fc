"""A warm process: it has loaded what every trial of a run loads, and forks itself for each.

    python -m snaketune.running.warm TASK    (the socket to listen on is its standard input)

Started with a run, or by its first `client`, it imports the objective of TASK and takes one step
with PyTorch if the objective has imported that: the first one of a process takes a second. The data
is read with the first trial, before which it may not be there yet.
Each trial is trained in a fork of it, and watched from here as `runner` does it: nothing of a trial
is left in the next, one that dies takes nobody with it, and the bits of its metrics are the same.
The warm process ends with the run, or when nobody has called it for a while.
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
from contextlib import suppress
from pathlib import Path

from snaketune.data import description as data
from snaketune.records.task import Task
from snaketune.running import hugepages
from snaketune.running.attempt import Order
from snaketune.running.machine import environment, make_deterministic
from snaketune.running.process import TICK, Run
from snaketune.usercode import entrypoint

_IDLE = 10.0  # seconds without a trial after which it ends
_MESSAGE = 1 << 20  # bytes that a client may send
_MANY = 100  # trials after which more are expected: what makes them faster costs half a second


class Server:
    """Trains for each client that comes to `listener`, until the process `head` is gone.

    If this process is not warm, it turns all away, who then train by themselves.
    """

    def __init__(self, listener: socket.socket, head: int, is_warm: bool):
        self._listener, self._is_warm = listener, is_warm
        self._running: dict[Run, tuple[socket.socket, Order]] = {}
        self._selector = selectors.DefaultSelector()
        self._listen(listener, self._accept)
        self._begun = 0
        self._gone = False
        self._listen(os.pidfd_open(head), self._head_is_gone)

    def _listen(self, to, act: Callable[[], None]):
        self._selector.register(to, selectors.EVENT_READ, act)

    def _head_is_gone(self):
        self._gone = True

    def serve(self):
        """Serve until there is nobody left to serve."""
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
                    for run in list(self._running):
                        run.look()
                        self._end_if_over(run)
            elif now - idle_since >= _IDLE:
                break
        for run in list(self._running):
            _reply(self._end(run), 1, "The run that asked for this trial is gone.")

    def _accept(self):
        """Take in a client; what it wants it has yet to say."""
        connection, _ = self._listener.accept()
        if self._is_warm and _is_ours(connection):
            self._listen(connection, lambda: self._begin(connection))
        else:
            connection.close()

    def _begin(self, connection: socket.socket):
        """Start the trial of a client, or leave it to the client where that fails."""
        self._selector.unregister(connection)
        outputs = []
        try:
            arguments, become, outputs = _receive(connection)
            order = Order.parse(arguments)
            if refused := order.begin():
                connection.send(b"t")
                _reply(connection, 1, refused)
                return
            self._prepare(order.task)
            run = Run(
                order.task,
                order.folder,
                attempt=order.attempt,
                become=lambda: (become(), self._close_all(connection)),
            )
        except (OSError, ValueError):
            connection.close()
            return
        finally:
            for output in outputs:
                os.close(output)
        with suppress(OSError):  # if the client is gone, that will be seen
            connection.send(b"t")  # taken
        self._running[run] = connection, order
        self._listen(run.connection, lambda: (run.listen(), self._end_if_over(run)))
        # A client has no more to say: it is gone.
        self._listen(connection, lambda: self._end(run).close())

    def _prepare(self, task: Task):
        """Have what is no matter of the import, but of the trials."""
        if task.data is not None:
            data.keep(Path(task.data))
        self._begun += 1
        if self._begun == _MANY:
            hugepages.collapse()

    def _close_all(self, connection: socket.socket):
        """In a fork: close what belongs to this process, or to other trials."""
        self._selector.close()
        self._listener.close()
        connection.close()
        for run, (other, _) in self._running.items():
            other.close()
            for number in run.files():
                os.close(number)

    def _end_if_over(self, run: Run):
        """Write the record of a trial that is over, and tell its client."""
        if not run.over:
            return
        _, order = self._running[run]
        connection = self._end(run)
        try:
            reply = order.conclude(run.record)
        except Exception:
            reply = 1, traceback.format_exc()
        _reply(connection, *reply)

    def _end(self, run: Run) -> socket.socket:
        """Have no more to do with a trial, wherever it is; the connection to its client."""
        connection, _ = self._running.pop(run)
        self._selector.unregister(connection)
        self._selector.unregister(run.connection)
        run.end()
        return connection


def _is_ours(connection: socket.socket) -> bool:
    """Whether a client belongs to the user who runs this."""
    peer = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i"))
    return struct.unpack("3i", peer)[1] == os.getuid()


def _receive(connection: socket.socket) -> tuple[list[str], Callable[[], None], list[int]]:
    """What a client sends: the arguments of its trial, how to become as the client is, its output.

    To become as it is: to have its folder, its environment and its output.
    """
    message, outputs, _, _ = socket.recv_fds(connection, _MESSAGE, 2)
    count, *fields = message.split(b"\0")
    arguments, (folder, *variables) = fields[: int(count)], fields[int(count) :]

    def become():
        for place, output in enumerate(outputs, start=1):
            os.dup2(output, place)
            os.close(output)
        os.chdir(folder)
        os.environb.clear()
        os.environb.update(variable.split(b"=", 1) for variable in variables)

    return list(map(os.fsdecode, arguments)), become, outputs


def _reply(connection: socket.socket, code: int, said: str):
    """Tell a client, if it is still there, its exit code and what to say."""
    with suppress(OSError):
        connection.send(bytes([code]) + said.encode())
    connection.close()


def load(task: Task):
    """Load what the trials of a run have in common, in the way that a trial does."""
    if task.entrypoint is not None:
        entrypoint.keep(task.entrypoint)
    make_deterministic(0, 1)  # with one thread: a pool of them would not survive a fork
    environment(1)
    if "torch" in sys.modules:
        _step()
    import psutil  # noqa: F401  with which a trial's memory is measured

    gc.collect()
    gc.freeze()  # so that no collection in a fork copies all of this


def _step():
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
    loss.backward()
    optimizer.step()


def _can_fork() -> bool:
    """Whether this process has no other thread: it would not be there in a fork, and be waited for.

    Libraries that know of forks, such as OpenBLAS, end their threads before one.
    """
    child = os.fork()
    if child == 0:
        os._exit(0)
    os.waitpid(child, 0)
    return len(os.listdir("/proc/self/task")) == 1


def main(text: str):
    """What `client` starts."""
    listener, task = socket.socket(fileno=os.dup(0)), Task.from_json(text)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    try:
        load(task)
        is_warm = _can_fork()
    except BaseException:  # the trials find out what it is, and their logs tell it
        is_warm = False
    Server(listener, task.head, is_warm).serve()


if __name__ == "__main__":
    main(sys.argv[1])
