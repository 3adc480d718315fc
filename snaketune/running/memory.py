"""How much memory a process and all that it has started take together.

A page that several processes share counts once: each has its share of it (the proportional set size
of proc(5)). So the workers of a DataLoader, or the forks of a warm process, don't count for more
than they take.
"""

import os
import re
import time
from contextlib import suppress
from pathlib import Path

from snaketune.base.descendants import family

_PAGE = os.sysconf("SC_PAGE_SIZE")
_BRIEF = 1.0  # seconds for which a process has to run before its peak is worth some milliseconds
_NOTABLE = 1.05  # growth of the resident memory after which it is worth them again


class Memory:
    """The memory (bytes) of a process and its descendants; `allowed` is a limit, or None.

    To read the shares takes milliseconds, to read what is resident next to nothing. The latter is
    never less. So shares are read where resident memory has grown, or exceeds what is allowed.
    """

    def __init__(self, pid: int, allowed: int | None = None) -> None:
        self._pid, self.allowed = pid, allowed
        self._started = time.monotonic()
        self._resident = 0  # when the shares were last read
        self._shared = 0  # of the resident memory of the process, what counts for others
        self._peak = 0
        self.used = 0  # when the shares were last read

    def exceeds(self) -> bool:
        """Look again: whether it is more than allowed by now."""
        members = family(self._pid)
        resident = sum(map(_resident, members))
        is_much = self.allowed is not None and resident > self.allowed
        is_brief = time.monotonic() - self._started < _BRIEF
        if not is_much and (is_brief or resident <= self._resident * _NOTABLE):
            return False
        self._resident = max(resident, self._resident)
        own, *others = map(_share, members)
        self.used = own + sum(others)
        self._peak = max(self._peak, self.used)
        self._shared = max(0, _resident(self._pid) - own)
        return self.allowed is not None and self.used > self.allowed

    def peak(self, resident: float) -> float:
        """The most that they took, in MiB, given the largest resident memory of one of them (MiB).

        Without a look at a process that was brief, it is the latter.
        """
        return round(max(self._peak / 2**20, resident - self._shared / 2**20), 1)


def _resident(pid: int) -> int:
    with suppress(OSError):
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * _PAGE
    import psutil  # on other systems than Linux

    with suppress(psutil.Error):
        return int(psutil.Process(pid).memory_info().rss)
    return 0


def _share(pid: int) -> int:
    """The proportional set size; where the kernel does not tell it, what is resident."""
    with suppress(OSError):
        if found := re.search(r"^Pss: +(\d+)", Path(f"/proc/{pid}/smaps_rollup").read_text(), re.M):
            return int(found[1]) * 2**10
    return _resident(pid)
