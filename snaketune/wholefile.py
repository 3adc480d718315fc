"""Files that are written whole or not at all."""

import os
from pathlib import Path


def write_whole(path: Path, text: str):
    """Write `text` to `path` so that a crash or power cut leaves the old file or the new one.

    The text goes to a file beside it, is forced to disk, and takes the name in one step.
    """
    partial = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with open(partial, "w", encoding="utf-8") as stream:
            stream.write(text)
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
