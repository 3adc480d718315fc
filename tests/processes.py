"""Waiting for what other processes do, and looking at which of them run."""

import time
from contextlib import suppress

import psutil

from tests.project import Project


def wait_for(holds, seconds: float = 60):
    """Wait until `holds()` is true, and return what it is; fail after so many seconds."""
    due = time.monotonic() + seconds
    while not (found := holds()):
        assert time.monotonic() < due, f"it did not become true within {seconds} s"
        time.sleep(0.05)
    return found


def running_in(project: Project) -> list[psutil.Process]:
    """The processes whose working directory is the project's folder."""
    found = []
    for process in psutil.process_iter():
        try:
            if process.cwd() == str(project.path) and process.status() != psutil.STATUS_ZOMBIE:
                found.append(process)
        except (psutil.NoSuchProcess, psutil.AccessDenied):
            continue
    return found


def command_lines(project: Project) -> list[str]:
    """The command lines of what runs in the project's folder."""
    found = []
    for process in running_in(project):
        with suppress(psutil.NoSuchProcess):
            found.append(" ".join(process.cmdline()))
    return found


def assert_nothing_runs(project: Project, seconds: float = 10):
    """Whatever was running notices within seconds that its Snakemake is gone."""
    with suppress(AssertionError):
        wait_for(lambda: not command_lines(project), seconds)
    assert command_lines(project) == []


def sockets() -> list[str]:
    """The names of the sockets that warm processes listen on."""
    with open("/proc/net/unix") as stream:
        return [line.split()[-1] for line in stream if "@snaketune-" in line]
