"""Files that are written whole or not at all."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO


@contextmanager
def whole(path: Path) -> Iterator[BinaryIO]:
    """A stream to fill the file `path`: a crash or power cut leaves the old file or the new one.

    The bytes go to a file beside it, are forced to disk, and take the name in one step.
    """
    # A name of its own: two runs, on two machines, may write the same record.
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
        os.fsync(folder)  # the new name, too, has to survive
    finally:
        os.close(folder)


def write_whole(path: Path, text: str):
    """Write `text` to `path` as UTF-8, whole or not at all."""
    with whole(path) as stream:
        stream.write(text.encode())
