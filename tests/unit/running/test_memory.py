"""The memory of a process and its descendants, against what psutil finds."""

import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from snaketune.running import memory
from snaketune.running.memory import Memory

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="it needs shares of proc(5)")

# 100 MiB, which three more processes share; one of these has 50 MiB of its own.
FORKS = """
import os, sys, time
held = os.urandom(100 << 20)
for fork in range(3):
    if os.fork() == 0:
        own = os.urandom(50 << 20) if fork == 0 else b""
        os.write(1, b".")
        time.sleep(300)
time.sleep(300)
"""


@pytest.fixture
def members(monkeypatch):
    """The processes; what they take is worth a look from the beginning."""
    monkeypatch.setattr(memory, "_BRIEF", 0)
    with subprocess.Popen([sys.executable, "-c", FORKS], stdout=subprocess.PIPE) as process:
        for _ in range(3):
            assert process.stdout.read(1) == b"."
        first = psutil.Process(process.pid)
        members = [first, *first.children(recursive=True)]
        yield members
        for each in reversed(members):
            each.kill()


def test_shares_add_up_to_what_psutil_finds(members):
    pid, found = members[0].pid, Memory(members[0].pid)
    assert not found.exceeds()
    expected = sum(each.memory_full_info().pss for each in members)
    assert found.used == pytest.approx(expected, rel=0.01)
    assert 150 << 20 < found.used < 250 << 20
    assert found.peak(0) == pytest.approx(found.used / 2**20, abs=0.1)
    assert not Memory(pid, 250 << 20).exceeds()
    assert Memory(pid, 150 << 20).exceeds()


def test_where_shares_are_a_secret_what_is_resident_counts(members, monkeypatch):
    read_text = Path.read_text

    def refuse(path: Path, *arguments, **named) -> str:
        if path.name == "smaps_rollup":
            raise PermissionError
        return read_text(path, *arguments, **named)

    monkeypatch.setattr(Path, "read_text", refuse)
    found = Memory(members[0].pid, 400 << 20)
    assert found.exceeds()
    assert found.used == pytest.approx(sum(each.memory_info().rss for each in members), rel=0.01)
