"""What a trial leaves open when it returns is written, and its handlers run."""

import atexit
from pathlib import Path

import pytest

from snaketune.base.identity import canonical
from snaketune.records.task import Task
from snaketune.running import leaving
from snaketune.running.process import run

SPEC = {"config": {}, "data": None, "objective": {}, "seed": 3, "settings": {}}


@pytest.fixture
def train(tmp_path, monkeypatch):
    """Run an objective in a folder, which is also its working directory; returns its record."""
    monkeypatch.chdir(tmp_path)

    def train(body: str, imports: str = "") -> dict:
        lines = body.replace("\n", "\n    ")
        Path("o.py").write_text(f"{imports}\ndef train(config, trial):\n    {lines}\n")
        return run(Task(canonical(SPEC), "my.yaml", "val", entrypoint="o.py:train"), tmp_path)

    return train


@pytest.mark.parametrize("end", ["return {'val': 1}", "raise ValueError"])
@pytest.mark.parametrize("opened", ["f = open('out', 'w')", "f = codecs.open('out', 'w', 'utf-8')"])
def test_what_is_written_reaches_the_file(train, opened, end):
    train(f"global f\n{opened}\nf.write('kept')\n{end}", "import codecs")
    assert Path("out").read_text() == "kept"


def test_what_was_opened_as_the_module_was_imported_is_written_too(train):
    train("out.write('kept')\nreturn {'val': 1}", "out = open('out', 'w')")
    assert Path("out").read_text() == "kept"


@pytest.mark.parametrize("end", ["return {'val': 1}", "raise ValueError('v')"])
def test_handlers_run_last_first(train, end):
    record = train(
        "for name in 'ab':\n"
        "    atexit.register(lambda n=name: print(n, file=open('out', 'a')))\n"
        f"{end}",
        "import atexit\natexit.register(lambda: print('module', file=open('out', 'a')))",
    )
    assert Path("out").read_text().split() == ["b", "a", "module"]
    assert record["status"] == ("complete" if "return" in end else "failed")


def test_a_handler_may_fail_or_write_to_an_open_file(train):
    body = (
        "global f\nf = open('out', 'w')\n"
        "atexit.register(lambda: f.write('late'))\natexit.register(lambda: 1 / 0)\n"
        "return {'val': 1}"
    )
    assert train(body, "import atexit")["status"] == "complete"
    assert Path("out").read_text() == "late"


def test_a_handler_that_does_not_return_is_not_waited_for(train, monkeypatch):
    monkeypatch.setattr(leaving, "_SECONDS", 0.2)
    body = (
        "global f\nf = open('out', 'w')\nf.write('kept')\n"
        "atexit.register(time.sleep, 300)\nreturn {'val': 1}"
    )
    assert train(body, "import atexit, time")["metrics"] == {"val": 1}
    assert Path("out").read_text() == "kept"


def test_the_handlers_of_the_process_that_starts_trials_are_its_own(train):
    """A warm process may have made what all of its trials use, to be removed at its own end."""
    handler = atexit.register(lambda: Path("out").write_text("removed"))
    try:
        train("return {'val': 1}")
    finally:
        atexit.unregister(handler)
    assert not Path("out").exists()


def test_buffered_logging_is_written(train):
    body = (
        "target = logging.FileHandler('out')\n"
        "logging.getLogger().addHandler(logging.handlers.MemoryHandler(99, target=target))\n"
        "logging.warning('kept')\nreturn {'val': 1}"
    )
    train(body, "import logging.handlers")
    assert Path("out").read_text() == "kept\n"
