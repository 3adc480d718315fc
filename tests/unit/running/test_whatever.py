"""Whatever a trial does, it costs no other: its record says what is wrong; the table is made."""

import csv
from pathlib import Path

import pytest

from snaketune.base.errors import StudyError
from snaketune.base.identity import canonical, digest
from snaketune.comparing.trials import read_trials
from snaketune.records import paths
from snaketune.records.record import read_record
from snaketune.records.table import trials_table
from snaketune.records.task import Task
from snaketune.running.attempt import Attempt
from snaketune.running.process import run

SPEC = {"config": {"x": 2}, "data": None, "objective": {}, "seed": 3, "settings": {}}


@pytest.fixture
def recorded(tmp_path, monkeypatch):
    """Run an objective as the rule does; returns its record and its row of trials.csv."""
    monkeypatch.chdir(tmp_path)

    def recorded(body: str, imports: str = "", metric: str = "val", **more) -> tuple[dict, dict]:
        lines = body.replace("\n", "\n    ")
        Path("o.py").write_text(f"{imports}\ndef train(config, trial):\n    {lines}\n")
        spec = canonical({**SPEC, "objective": more.pop("objective", {})})
        trial_id = digest(spec)
        task = Task(spec, "my.yaml", metric, entrypoint="o.py:train", **more)
        path = Path(paths.record(trial_id))
        path.parent.mkdir(parents=True)
        Attempt(task, 1, path).conclude(lambda: run(task, path.parent))
        with open("plan.csv", "w", newline="") as stream:
            names = ["search", "sampler", "repeat", "index", "trial_id", "seed", "fold", "x"]
            csv.writer(stream).writerows([names, ["a", "random", 0, 0, trial_id, 3, "", 2]])
        trials_table(Path("plan.csv"), "results", metric, Path("trials.csv"))
        (row,) = read_trials("trials.csv").to_dict("records")
        assert path.stat().st_size < 100_000  # or a page of many such trials can't be read
        return read_record(path, trial_id), row

    return recorded


RAISES = {
    "an interrupt": ("raise KeyboardInterrupt", "Killed", "interrupted"),
    "a cancelled task": ("raise asyncio.CancelledError('c')", "CancelledError", "c"),
    "an exit": ("sys.exit('no')", "SystemExit", "no"),
    "an exit with 0": ("sys.exit(0)", "SystemExit", "0"),
    "the end of a generator": ("raise GeneratorExit", "GeneratorExit", ""),
    "a message of half a character": ("raise ValueError('a\\ud800b')", "ValueError", "a\\ud800b"),
    "a message with NUL": ("raise ValueError('a\\0b')", "ValueError", "a\\x00b"),
    "a message without text": (
        "class E(Exception):\n    def __str__(self): raise ValueError('never')\nraise E()",
        "E",
        "(its text can't be made: ValueError)",
    ),
    "a message that ends the process": (
        "class E(Exception):\n    def __str__(self): sys.exit(3)\nraise E()",
        "E",
        "(its text can't be made: SystemExit)",
    ),
    "a message that is no text": (
        "class E(Exception):\n    def __str__(self): return 3\nraise E()",
        "E",
        "(its text can't be made: TypeError)",
    ),
    "a message of a class of its own": (
        "class T(str): pass\nclass E(Exception):\n    def __str__(self): return T('t')\nraise E()",
        "E",
        "t",
    ),
    "an errno that raises": (
        "class E(OSError):\n    @property\n    def errno(self): return numpy.ones(2)\nraise E('e')",
        "E",
        "e",
    ),
    "an error named as one of ours": (
        "class NotFinite(Exception): pass\nraise NotFinite('mine')",
        "o.NotFinite",
        "mine",
    ),
    "no standard error": ("sys.stderr.close()\nraise ValueError('v')", "ValueError", "v"),
    "a report that is no number": ("trial.report(float('nan'), val=1)", "ValueError", "nan"),
    "a report of an infinite epoch": ("trial.report(numpy.inf, val=1)", "ValueError", "inf"),
    "no mapping": ("return [('val', 1)]", "TypeError", "not a dict of metrics"),
    "a value without text": (
        "class V:\n    def __repr__(self): raise ValueError\nreturn {'val': V()}",
        "TypeError",
        "the metric 'val' is <V instance at",
    ),
}


@pytest.mark.parametrize(("body", "kind", "message"), RAISES.values(), ids=RAISES)
def test_what_is_raised_is_the_failure_of_that_trial(recorded, body, kind, message):
    record, row = recorded(body, "import asyncio, numpy, sys")
    assert (record["status"], row["status"]) == ("failed", "failed")
    assert record["error"]["type"] == kind
    assert message in record["error"]["message"]
    assert row["error"].startswith(f"{kind}: ")
    assert record["metrics"] == {}


def test_a_long_message_is_cut_and_its_ends_are_kept(recorded):
    record, row = recorded("raise ValueError('begin' + 'x' * 20_000_000 + 'end')")
    message, trace = record["error"]["message"], record["error"]["traceback"]
    assert (message[:5], message[-3:]) == ("begin", "end")
    assert "in train" in trace
    assert trace.rstrip().endswith("end")
    assert len(row["error"]) <= 500


RETURNS = {
    "a report of NumPy's": (
        "trial.report(numpy.int64(1), val=numpy.float32(0.5))\nreturn {'val': 1}",
        {"val": 1},
        [{"epoch": 1, "val": 0.5}],
    ),
    "a report with a note": (
        "trial.report(1, val=0.5, note='good', self=1)\nreturn {'val': 1}",
        {"val": 1},
        [{"epoch": 1, "val": 0.5, "self": 1}],
    ),
    "keys that are no text": ("return {'val': 1, 7: 2, None: 3, ('a',): 4}", {"val": 1}, []),
    "keys of a class of its own": (
        "class T(str): pass\nreturn {T('val'): 1, T('b'): 2}",
        {"val": 1, "b": 2},
        [],
    ),
    "a float of a class of its own": (
        "class F(float): pass\nreturn {'val': F(1.5)}",
        {"val": 1.5},
        [],
    ),
    "a mapping of a class of its own": ("class D(dict): pass\nreturn D(val=1)", {"val": 1}, []),
    "values beside the number": (
        "return {'val': 1, 'a': None, 'b': 'text', 'c': True, 'd': [1], 'e': lambda: 1}",
        {"val": 1, "c": 1},
        [],
    ),
    "half a character in a name": (
        "return {'val': 1, 'a\\ud800': 2}",
        {"val": 1, "a\\ud800": 2},
        [],
    ),
    "names of other columns": (
        "return {'val': 1, 'x': 5, 'epochs': 6, 'status': 7, 'error': 8}",
        {"val": 1, "x": 5, "epochs": 6, "status": 7, "error": 8},
        [],
    ),
    "a large integer": ("return {'val': 2**53 + 1}", {"val": 2**53 + 1}, []),
    "weights that do not pickle": (
        "trial.save_weights(lambda: 1)\nreturn {'val': 1}",
        {"val": 1},
        [],
    ),
    "a folder that is gone": (
        "shutil.rmtree(trial.workdir)\ntrial.checkpoint(1)\nreturn {'val': 1}",
        {"val": 1},
        [],
    ),
    "a working directory that is gone": (
        "os.mkdir('w')\nos.chdir('w')\nos.rmdir(os.getcwd())\nreturn {'val': 1}",
        {"val": 1},
        [],
    ),
    "no standard output": (
        "sys.stdout.close()\nreturn {'val': 1, 'note': 'text'}",
        {"val": 1},
        [],
    ),
    "a process that goes on": ("os.fork()\nreturn {'val': 1}", {"val": 1}, []),
    "a process that fails": (
        "if os.fork() == 0:\n    sys.exit(3)\nos.wait()\nreturn {'val': 1}",
        {"val": 1},
        [],
    ),
}


@pytest.mark.parametrize(("body", "metrics", "history"), RETURNS.values(), ids=RETURNS)
def test_what_is_odd_beside_the_metric_costs_nothing(recorded, body, metrics, history):
    record, row = recorded(body, "import numpy, os, shutil, sys")
    assert (record["status"], row["status"]) == ("complete", "complete"), record["error"]
    assert record["metrics"] == metrics
    assert record["history"] == history
    assert row["val"] == metrics["val"]
    assert row["x"] == 2


@pytest.mark.parametrize("others", ["lack it, too", "have it"])
def test_a_report_without_the_metric_that_is_followed_is_one_trials_failure(
    recorded, tmp_path, others
):
    """Unless no trial has it: then the study follows a metric that there is not."""
    plan = Path(paths.plan("s"))
    plan.parent.mkdir(parents=True)
    rule = {"early_stopping": {"metric": "loss", "mode": "min", "patience": 3}}
    body = "trial.report(1, loss=1)\nreturn {'val': 1}"
    if others == "have it":
        _, row = recorded(body, objective={**rule, "version": 1})
        plan.write_text(f"trial_id\n{row['trial_id']}\n")
    else:
        plan.write_text("trial_id\n" + "0" * 16 + "\n")
    task = Task(
        canonical({**SPEC, "objective": rule}), "my.yaml", "val", "o.py:train", plan=str(plan)
    )
    Path("o.py").write_text("def train(config, trial):\n    trial.report(1, val=1)\n")
    Path("trial").mkdir()
    if others == "have it":
        record = run(task, Path("trial"))
        assert (record["status"], record["error"]["type"]) == ("failed", "MetricMissing")
    else:
        with pytest.raises(StudyError, match="no 'loss', which early stopping follows"):
            run(task, Path("trial"))


def test_an_error_as_ours_does_not_make_a_trial_one_that_diverged(recorded):
    record, _ = recorded("class Killed(Exception): pass\nraise Killed('no')", attempts=3)
    assert record["error"]["type"] == "o.Killed"  # and it is not tried again


def test_a_trial_that_goes_elsewhere_leaves_everything_where_it_belongs(recorded, tmp_path):
    body = (
        "os.chdir(config_folder)\ntrial.checkpoint({'at': 1})\n"
        "(trial.workdir / 'mine').write_text('m')\nraise ValueError('now')"
    )
    imports = "import os, tempfile\nconfig_folder = tempfile.mkdtemp()\nos.chdir(config_folder)\n"
    recorded(body, imports)
    (folder,) = (tmp_path / "results/trials").iterdir()
    assert {path.name for path in folder.iterdir()} == {"mine", "record.json", "trial.checkpoint"}
