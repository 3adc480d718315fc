"""The way from the process that trains to its supervisor: a pipe, with a line of JSON a message.

The objective runs in the process that trains, and may do to open files what it likes: close all of
them, or write into one that it takes for its own. So on Linux that process holds no descriptor of
the pipe: it opens the pipe anew for each message. The supervisor reads only what is there, and
never waits for a message to become whole.
"""

import json
import os
import threading
from contextlib import suppress
from typing import Any

Message = tuple[str, Any]  # its kind and its content, which JSON can hold

_AT_ONCE = 1 << 20  # bytes to read before others have their turn
_LONGEST = 1 << 26  # bytes of a message


class Garbled(Exception):
    """What came through the pipe is no message of ours."""


class Pipe:
    """A pipe of which the supervisor has the end to read from."""

    def __init__(self) -> None:
        self._read, self._write = os.pipe()
        os.set_blocking(self._read, False)
        # As other processes may open it, for as long as this one has not closed it.
        self._place = f"/proc/{os.getpid()}/fd/{self._read}"
        self._begun = bytearray()  # a message that is not yet whole

    def fileno(self) -> int:
        """The descriptor that has something to read when a message has come."""
        return self._read

    def receive(self) -> list[Message]:
        """The messages that have come since. Raises `Garbled`, after which there are no more."""
        read = bytearray()
        while len(read) < _AT_ONCE:
            try:
                read += os.read(self._read, 1 << 16)
            except BlockingIOError:
                break
        whole, end, rest = read.rpartition(b"\n")
        if not end:
            self._begun += rest
            if len(self._begun) > _LONGEST:
                raise Garbled(_shown(self._begun))
            return []
        lines, self._begun = (self._begun + whole).split(b"\n"), rest
        return [_message(line) for line in lines]

    def close(self) -> None:
        """Close both ends."""
        os.close(self._read)
        os.close(self._write)

    def sender(self) -> "Sender":
        """In the process that trains: the other end. The supervisor's is closed there."""
        os.close(self._read)
        try:
            os.close(os.open(self._place, os.O_WRONLY))
        except OSError:  # there is no /proc, or this process may not look
            return Sender(None, self._write)
        os.close(self._write)
        return Sender(self._place, None)


class Sender:
    """Sends messages from any thread, through the pipe at `place` or else the open one."""

    def __init__(self, place: str | None, number: int | None) -> None:
        self._place, self._number = place, number
        self._lock = threading.Lock()

    def send(self, kind: str, content: Any) -> None:
        """Send a message. Raises `OSError` where the supervisor is gone."""
        line = json.dumps([kind, content]).encode() + b"\n"
        with self._lock:
            if self._place is None:
                assert self._number is not None  # one of the two
                _write(self._number, line)
                return
            number = os.open(self._place, os.O_WRONLY)
            try:
                _write(number, line)
            finally:
                with suppress(OSError):  # another thread has closed all
                    os.close(number)


def _write(number: int, content: bytes) -> None:
    while content:
        content = content[os.write(number, content) :]


def _message(line: bytearray) -> Message:
    try:
        kind, content = json.loads(line)
    except (ValueError, TypeError):
        raise Garbled(_shown(line)) from None
    if not isinstance(kind, str):
        raise Garbled(_shown(line))
    return kind, content


def _shown(content: bytearray) -> str:
    """The beginning of what came, for a message to a person."""
    return repr(content[:40].decode(errors="replace"))
