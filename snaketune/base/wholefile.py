"""Files that are written whole or not at all."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO


@contextmanager
def whole(path: Path) -> Iterator[BinaryIO]:
    """A stream whose bytes become the file `path` when the block ends without an exception.

    Whatever happens before, a crash or a power cut included, leaves `path` as it was. The bytes go
    to a hidden file beside it, are forced to disk, and get the name in one step.
    """
    # A random name, because two runs, even on two machines, may write the same record at once.
    partial = path.with_name(f".{path.name}.{os.urandom(4).hex()}")
    try:
        with open(partial, "wb") as stream:
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
