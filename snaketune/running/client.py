"""What a trial's job runs: it hands the trial to the run's warm process, and waits for its end.

    python -I -S client.py PLACE TASKS THREADS HEAD DATA TRIAL ATTEMPT RECORD

It starts for every trial, so it imports next to nothing, no site packages and nothing of snaketune:
a third of what Python takes to start and end would be for `os`, `socket` and tidying up.

The arguments behind PLACE are those of `Attempt.parse`. PLACE names the run. The Snakefile has
started a warm process that listens there; if there is none, this client starts one. Where that is
impossible, the trial runs as `python -m snaketune.running.runner` does. A process of another user
that listens at PLACE gets nothing.
"""

import _socket
import posix
import sys

# As Snakemake has them for a job. Libraries read them as they load, and trials are to find them as
# in a process of their own.
_THREADS = (
    b"OMP_NUM_THREADS",
    b"GOTO_NUM_THREADS",
    b"OPENBLAS_NUM_THREADS",
    b"MKL_NUM_THREADS",
    b"VECLIB_MAXIMUM_THREADS",
    b"NUMEXPR_NUM_THREADS",
)
# To ask PyTorch for a GPU as the objective is imported must not keep forks from using it:
# https://docs.pytorch.org/docs/stable/notes/cuda.html#device-agnostic-code
_NO_CUDA_YET = {b"PYTORCH_NVML_BASED_CUDA_CHECK": b"1"}


def main(place: str, *arguments: str) -> int:
    """The exit code of the trial."""
    if hasattr(_socket, "SO_PEERCRED"):  # Linux
        try:
            connection = _connect(place, arguments[:3])
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


def _connect(place: str, shared: tuple[str, ...]) -> _socket.socket:
    """A connection to the warm process of this run, which is started if there is none."""
    connection = _socket.socket(_socket.AF_UNIX, _socket.SOCK_SEQPACKET)
    try:
        connection.connect(_address(place))
    except ConnectionRefusedError:
        start(place, *shared)
        connection.connect(_address(place))
    return connection


def start(place: str, tasks: str, threads: str, head: str) -> None:
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
        [sys.executable, "-P", "-m", "snaketune.running.warm", tasks, threads, head],
        posix.environ | dict.fromkeys(_THREADS, threads.encode()) | _NO_CUDA_YET,
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
        _print(end[1:])
    return end[0]


def _print(line: bytes) -> None:
    try:
        posix.write(2, line + b"\n")
    except OSError:  # of a full disk; to train once more for that would be worse
        return


def _encoded(argument: str) -> bytes:
    """The bytes that came as `argument`."""
    return argument.encode(sys.getfilesystemencoding(), "surrogateescape")


if __name__ == "__main__":
    try:
        posix._exit(main(*sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit("Interrupted.")  # as `logs` has it
