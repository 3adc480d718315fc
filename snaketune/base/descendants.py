"""The processes that this one has started, and those that these have: adopted, found, killed."""

import ctypes
import os
import signal
import sys
import time
from collections.abc import Container
from contextlib import suppress
from pathlib import Path

_SUBREAPER = 36  # PR_SET_CHILD_SUBREAPER of prctl(2)
_PATIENCE = 1.0  # seconds for what has been killed to be gone: none is left to wait for but a disk

_adopts = False
_first: list[int] = []  # the children that there were before this process adopts


def adopt() -> None:
    """Have this process become the parent of what its descendants leave behind (Linux).

    So not even a daemon, which has left its group and its session, gets away from `kill_all`. A
    fork of this process that is to do so as well calls this function itself.
    """
    global _adopts, _first
    _first = children(os.getpid())
    if sys.platform.startswith("linux"):
        _adopts = ctypes.CDLL(None).prctl(_SUBREAPER, 1, 0, 0, 0) == 0


def children(pid: int) -> list[int]:
    """The processes that `pid` is the parent of, zombies included; none where it is gone."""
    try:
        threads = list(Path(f"/proc/{pid}/task").iterdir())
        return [int(child) for each in threads for child in (each / "children").read_text().split()]
    except OSError:
        pass
    import psutil  # on other systems, and on a Linux whose kernel keeps no such files

    with suppress(psutil.NoSuchProcess):
        return [child.pid for child in psutil.Process(pid).children()]
    return []


def family(pid: int) -> list[int]:
    """A process and its descendants."""
    found = [pid]
    for each in found:  # it grows meanwhile
        found += children(each)
    return found


def kill_all(but: Container[int] = (), first: bool = False) -> None:
    """Kill the descendants of a process that adopts, except for its children `but` and theirs.

    What it has started before it adopts is left alone as well, unless `first`. Does nothing in a
    process that does not adopt, since it may have children of other kinds.
    """
    if not _adopts:
        return
    kept = () if first else _first
    due = time.monotonic() + _PATIENCE
    # The children of one that dies become ours: hence until there are none.
    while others := [pid for pid in children(os.getpid()) if pid not in but and pid not in kept]:
        for pid in others:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        for pid in others:
            with suppress(ChildProcessError):
                os.waitpid(pid, os.WNOHANG)
        if time.monotonic() > due:
            return
        time.sleep(0.001)
