"""What a trial's job runs: it hands the trial to the run's warm process, and waits for its end.

    python -I -S client.py PLACE TASK ATTEMPT RECORD

It starts for every trial, so it imports next to nothing, no site packages and nothing of snaketune:
a third of what Python takes to start and end would be for `os`, `socket` and tidying up.

PLACE names the run. The Snakefile has started a warm process that listens there; if there is none,
this client starts one. Where that is impossible, the trial runs as `python -m
snaketune.running.runner` does. A process of another user that listens at PLACE gets nothing.
"""

import _socket
import posix
import sys


def main(place: str, *arguments: str) -> int:
    """The exit code of the trial."""
    if hasattr(_socket, "SO_PEERCRED"):  # Linux
        try:
            connection = _connect(place, arguments[0])
            code = _hand_over(connection, arguments)
        except OSError:
            code = None
        if code is not None:
            return code
    posix.execv(
        sys.executable, [sys.executable, "-P", "-m", "snaketune.running.runner", *arguments]
    )


def _address(place: str) -> bytes:
    """A name that only the kernel keeps (an abstract socket).

    It goes with the process that listens, however that ends.
    """
    return b"\0snaketune-" + place.encode()


def _connect(place: str, task: str) -> _socket.socket:
    """A connection to the warm process of this run, which is started if there is none."""
    connection = _socket.socket(_socket.AF_UNIX, _socket.SOCK_SEQPACKET)
    try:
        connection.connect(_address(place))
    except ConnectionRefusedError:
        start(place, task)
        connection.connect(_address(place))
    return connection


def start(place: str, task: str) -> None:
    """Start a warm process, whose standard input is the socket to listen on.

    Until it is warm, clients wait in the queue of that socket. It keeps the standard error of this
    process for as long as it loads, to say there if it can't become warm.
    """
    try:
        listener = _socket.socket(_socket.AF_UNIX, _socket.SOCK_SEQPACKET)
        listener.bind(_address(place))
    except OSError:
        return  # another client was faster, or there are no such sockets here
    listener.listen(1024)
    posix.posix_spawn(
        sys.executable,
        [sys.executable, "-P", "-m", "snaketune.running.warm", task],
        posix.environ,
        file_actions=[(posix.POSIX_SPAWN_DUP2, listener.fileno(), 0)],
        setsid=True,  # Ctrl-C is for the clients
    )
    listener.close()


def _hand_over(connection: _socket.socket, arguments: tuple[str, ...]) -> int | None:
    """The exit code of the trial, or None where the warm process did not take it.

    It gets the arguments, the working folder and the environment, and where to print to.
    """
    peer = connection.getsockopt(_socket.SOL_SOCKET, _socket.SO_PEERCRED, 12)
    if int.from_bytes(peer[4:8], sys.byteorder) != posix.getuid():
        return None
    environment = (key + b"=" + value for key, value in posix.environ.items())
    message = [str(len(arguments)).encode(), *map(_encoded, arguments), posix.getcwdb()]
    output = b"".join(number.to_bytes(4, sys.byteorder) for number in (1, 2))
    rights = (_socket.SOL_SOCKET, _socket.SCM_RIGHTS, output)
    connection.sendmsg([b"\0".join([*message, *environment])], [rights])
    if not connection.recv(1):
        return None
    end = connection.recv(1 << 20)
    if not end:
        return None  # the warm process is gone: the trial goes on from its checkpoint
    if len(end) > 1:
        posix.write(2, end[1:] + b"\n")
    return end[0]


def _encoded(argument: str) -> bytes:
    """The bytes that came as `argument`."""
    return argument.encode(sys.getfilesystemencoding(), "surrogateescape")


if __name__ == "__main__":
    try:
        posix._exit(main(*sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit("Interrupted.")  # as `logs` has it
