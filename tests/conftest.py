"""The fixtures that all tests share: a study, a folder with an objective, projects that run."""

import copy
import fcntl
import os
import shutil
import signal
from pathlib import Path

import hypothesis
import pytest

from tests.project import QUICK, STUDY, Project

# A shell that starts the tests in the background has them, and all that they start, ignore Ctrl-C.
signal.signal(signal.SIGINT, signal.default_int_handler)

# Test processes run side by side: threads that spin while they wait would take the cores from one
# another. A trial sets the number that its study grants it.
os.environ["OMP_NUM_THREADS"] = "1"

# How long an example takes says nothing on a busy machine.
hypothesis.settings.register_profile("untimed", deadline=None)
hypothesis.settings.load_profile("untimed")


def pytest_configure(config):
    """Register the marks of the tests."""
    config.addinivalue_line("markers", "slow: by its nature; `make test-all` runs it")


@pytest.fixture
def study() -> dict:
    """A study that a test may change."""
    return copy.deepcopy(STUDY)


@pytest.fixture
def folder(tmp_path, monkeypatch) -> Path:
    """An empty working directory with the quick objective."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "scripts").mkdir()
    (tmp_path / "scripts/quick.py").write_text(QUICK)
    return tmp_path


@pytest.fixture(scope="session")
def once(tmp_path_factory):
    """A function that returns a project which is made once, whichever test process is the first.

    A mark `xdist_group` would not do: it groups nothing with pytest 9.2 and pytest-xdist 3.8
    (pytest-dev/pytest-xdist#1386).
    """
    shared = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        shared = shared.parent

    def once(name: str, make) -> Project:
        """`make(path)` creates and runs the project. Tests look at it, or take copies."""
        path, made = shared / name, shared / f"{name}.made"
        with open(shared / f"{name}.lock", "w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not made.exists():
                shutil.rmtree(path, ignore_errors=True)
                made.write_text(make(path))
        return Project(path, said=made.read_text())

    return once


@pytest.fixture(scope="session")
def finished_once(once) -> Project:
    """The quick study, run once to its report."""
    return once("finished", lambda path: Project.create(path).run())


@pytest.fixture
def project(tmp_path):
    """A fresh project in which nothing has run."""
    project = Project.create(tmp_path / "project")
    yield project
    project.end()


@pytest.fixture
def finished(finished_once, tmp_path) -> Project:
    """A project of its own in which the quick study has been run."""
    return finished_once.copy(tmp_path / "project")
