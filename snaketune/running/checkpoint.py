"""What it takes to go on with a training that was killed, as if nothing had happened."""

import errno
import os
import pickle
import random
import stat
import sys
import zipfile
from pathlib import Path
from typing import Any, BinaryIO, cast

from snaketune.base.wholefile import OURS, whole

CHECKPOINT = "trial.checkpoint"  # the name of a trial's checkpoint in its folder

Content = dict[str, Any]


def remove_checkpoint(folder: Path) -> None:
    """Remove the checkpoint of the trial with this folder, and what a kill left of one."""
    for left in (folder / CHECKPOINT, *folder.glob(f"{OURS}{CHECKPOINT}-*")):
        left.unlink(missing_ok=True)


def save(path: Path, content: Content) -> None:
    """Write `content`, anything that pickles, with the state of every random generator.

    Nobody else may read or write the file. Raises `OSError` where it can't be written.
    """
    content = {**content, "random": random_states()}
    with whole(path, mode=0o600) as stream:
        dump(content, stream)


def dump(content: object, stream: BinaryIO) -> None:
    """Write anything that pickles, as PyTorch does if it is loaded. Raises `OSError`."""
    if "torch" not in sys.modules:
        pickle.dump(content, stream)
        return
    writer = _Writer(stream)
    try:
        sys.modules["torch"].save(content, writer)
    except RuntimeError:  # in place of what the stream has raised
        if writer.error is None:
            raise
        raise writer.error from None


class _Writer:
    """A stream that remembers why it can't be written."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self.error: OSError | None = None

    def write(self, data: bytes) -> int:
        try:
            return self._stream.write(data)
        except OSError as error:
            self.error = error
            raise

    def flush(self) -> None:
        self._stream.flush()


def load(path: Path) -> Content:
    """What `save` wrote, with all tensors on the CPU. The generators stay as they are.

    To load it may run any code. Raises `PermissionError` for a file that somebody else may have
    written.
    """
    with open(os.open(path, os.O_RDONLY | os.O_NOFOLLOW), "rb") as stream:
        _check_own(os.fstat(stream.fileno()))
        if not zipfile.is_zipfile(stream):  # torch was not there when it was written
            stream.seek(0)
            return cast(Content, pickle.load(stream))
        import torch

        stream.seek(0)
        return cast(Content, torch.load(stream, map_location="cpu", weights_only=False))


def _check_own(status: os.stat_result) -> None:
    if status.st_uid != os.geteuid():
        raise PermissionError(errno.EPERM, "it belongs to another user")
    if status.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
        raise PermissionError(errno.EPERM, "others may write to it")


def random_states() -> Content:
    """The states of Python's, NumPy's and PyTorch's generators, of those that are loaded."""
    states: Content = {"python": random.getstate()}
    if "numpy" in sys.modules:
        states["numpy"] = sys.modules["numpy"].random.get_state()
    if torch := sys.modules.get("torch"):
        states["torch"] = torch.get_rng_state()
        if torch.cuda.is_initialized():
            states["cuda"] = torch.cuda.get_rng_state_all()
    return states


def restore_random(states: Content) -> None:
    """Put the generators back to what `random_states` returned."""
    random.setstate(states["python"])
    if "numpy" in states:
        sys.modules["numpy"].random.set_state(states["numpy"])
    if "torch" in states:
        sys.modules["torch"].set_rng_state(states["torch"])
    if "cuda" in states:
        sys.modules["torch"].cuda.set_rng_state_all(states["cuda"])
