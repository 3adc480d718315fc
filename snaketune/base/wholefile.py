"""Files that are written whole or not at all."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

# How the names of all that the library puts beside a person's own files for a while begin.
OURS = ".snaketune-"


def private_name(name: str) -> str:
    """A name that nobody else has or can guess, for a file that will be, or is like, `name`.

    Two runs, even on two machines, may make the same file at once.
    """
    return f"{OURS}{name}-{os.urandom(8).hex()}"


@contextmanager
def whole(path: Path, mode: int = 0o666) -> Iterator[BinaryIO]:
    """A stream whose bytes become the file `path` when the block ends without an exception.

    Whatever happens before, a crash or a power cut included, leaves `path` as it was. The bytes go
    to a hidden new file beside it, are forced to disk, and get the name in one step. `mode` says
    who may read and write it, as far as the umask lets them.
    """
    partial = path.with_name(private_name(path.name))
    descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, mode)
    try:
        with open(descriptor, "wb") as stream:
            yield stream
            stream.flush()
            os.fsync(stream.fileno())
        os.replace(partial, path)
    finally:
        partial.unlink(missing_ok=True)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)  # the new name, too, has to survive a power cut
    finally:
        os.close(folder)


def write_whole(path: Path, text: str) -> None:
    """Write `text` to `path` as UTF-8, whole or not at all (see `whole`)."""
    with whole(path) as stream:
        stream.write(text.encode())
