"""Huge pages: the same memory, in fewer pieces."""

import hashlib
import os
import platform
import re
from pathlib import Path

import pytest

from snaketune.running.hugepages import collapse


@pytest.mark.skipif(platform.system() != "Linux", reason="it does nothing elsewhere")
def test_memory_is_the_same_and_in_huge_pages():
    memory = bytearray(os.urandom(2**25))
    before, held = hashlib.sha256(memory).digest(), huge()
    collapse()
    assert hashlib.sha256(memory).digest() == before
    major, minor = map(int, re.match(r"(\d+)\.(\d+)", platform.release()).groups())
    if (major, minor) >= (6, 1):
        assert huge() >= held + 28


def huge() -> float:
    """MiB of this process that lie in huge pages."""
    rollup = Path("/proc/self/smaps_rollup").read_text()
    return int(re.search(r"AnonHugePages: +(\d+)", rollup)[1]) / 1024
