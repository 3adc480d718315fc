"""Running one trial: whatever the objective does becomes a record that says so."""

import dataclasses
import json
import math
import os
import subprocess
import sys
from pathlib import Path

import pytest

from snaketune.base.errors import StudyError
from snaketune.base.identity import canonical, digest
from snaketune.records import paths
from snaketune.records.endings import read_ending
from snaketune.records.record import read_record, write_record
from snaketune.records.task import Task
from snaketune.records.tasks import NONE, Specs, tasks_file, write_tasks
from snaketune.running.process import run
from snaketune.running.runner import main
from snaketune.running.trial import Trial
from snaketune.usercode.entrypoint import fingerprint
from snaketune.usercode.sources import watched

SPEC = {
    "config": {"x": 2},
    "data": None,
    "objective": {"version": 0, "function": "train"},
    "seed": 3,
    "settings": {"epochs": 2},
}


@pytest.fixture
def train(tmp_path):
    """Run an objective whose body is given as text; returns its record."""

    def train(body: str, metric: str = "val", imports: str = "", spec: dict = SPEC, **more) -> dict:
        path = tmp_path / "objective.py"
        lines = body.replace("\n", "\n    ")
        path.write_text(f"{imports}\ndef train(config, trial):\n    {lines}\n")
        task = Task(canonical(spec), "my.yaml", metric, entrypoint=f"{path}:train")
        keep = more.pop("keep", None)
        return run(dataclasses.replace(task, **more), tmp_path, keep)

    return train


def test_a_complete_trial(train):
    record = train(
        "trial.report(1, val=0.5); trial.report(2, val=config['x']);"
        " return {'val': config['x'], 'seed_seen': trial.seed, 'e': trial.settings['epochs']}"
    )
    assert record["status"] == "complete"
    assert record["metrics"] == {"val": 2, "seed_seen": 3, "e": 2}
    assert record["history"] == [{"epoch": 1, "val": 0.5}, {"epoch": 2, "val": 2}]
    assert record["cost"]["epochs"] == 2
    assert record["cost"]["train_seconds"] >= 0
    assert record["cost"]["peak_memory_mib"] > 1
    assert record["error"] is None
    assert {key: record[key] for key in SPEC} == SPEC
    assert record["trial_id"] == digest(canonical(SPEC))
    json.dumps(record, allow_nan=False)


@pytest.mark.parametrize(
    ("body", "kind", "message"),
    [
        ("raise ValueError('too bad')", "ValueError", "too bad"),
        ("raise SystemExit('enough')", "SystemExit", "enough"),
        ("return config['y']", "KeyError", "'y'"),
        ("return 3", "TypeError", "the objective returned 3, not a dict"),
        ("return {'val': 'high'}", "TypeError", "the metric 'val' is 'high', not a number"),
        ("return {'val': None}", "TypeError", "the metric 'val' is None, not a number"),
        ("trial.report(None, val=1)", "ValueError", "the epoch is None, not a finite number"),
    ],
)
def test_an_objective_that_fails_is_a_record(train, body, kind, message):
    record = train(f"trial.report(1, val=0.5); {body}")
    assert record["status"] == "failed"
    assert record["error"]["type"] == kind
    assert message in record["error"]["message"]
    assert "objective.py" in record["error"]["traceback"] or kind == "TypeError"
    assert record["history"][0] == {"epoch": 1, "val": 0.5}
    assert record["metrics"] == {}


def test_an_objective_that_cannot_be_imported_is_a_fault_of_the_study(train):
    fault = r"objective\.entrypoint: .*can't be imported: ModuleNotFoundError: .*line 1"
    with pytest.raises(StudyError, match=fault):
        train("return {'val': 1}", imports="import no_such_module")


def test_too_little_memory_to_import_is_a_failure_that_may_pass(train):
    record = train("return {'val': 1}", imports="raise MemoryError")
    assert record["error"]["type"] == "MemoryError"


@pytest.mark.parametrize("value", ["nan", "inf", "-inf"])
def test_a_score_that_is_not_finite_diverged(train, value):
    record = train(f"return {{'val': float('{value}'), 'other': 1.0}}")
    assert record["status"] == "diverged"
    assert record["metrics"] == {"val": None, "other": 1.0}
    json.dumps(record, allow_nan=False)


def test_another_metric_that_is_not_finite_is_no_failure(train):
    record = train("return {'val': 1.0, 'other': float('nan')}")
    assert record["status"] == "complete"
    assert record["metrics"] == {"val": 1.0, "other": None}


def test_a_metric_that_is_never_reported_is_the_studys_fault(train):
    with pytest.raises(StudyError, match=r"reports no 'val'.*it returns: acc, loss") as error:
        train("return {'acc': 1, 'loss': 2}")
    assert error.value.path == ("objective", "metric")


def test_numpy_and_torch_numbers_are_metrics(train):
    record = train(
        "return {'val': numpy.float32(0.5), 'b': torch.tensor(2.0), 'c': numpy.int64(3)}",
        imports="import numpy, torch",
    )
    assert record["metrics"] == {"val": 0.5, "b": 2.0, "c": 3}
    assert record["environment"]["torch"].startswith("2.")


def test_all_generators_are_seeded_by_the_training_seed(train):
    body = "return {'val': random.random(), 'n': numpy.random.rand(), 't': torch.rand(())}"
    imports = "import random, numpy, torch"
    first, again = train(body, imports=imports), train(body, imports=imports)
    other = train(body, imports=imports, spec={**SPEC, "seed": 4})
    assert first["metrics"] == again["metrics"]
    for name, value in first["metrics"].items():
        assert other["metrics"][name] != value


def test_weights_are_noted_and_stored_only_on_request(train, tmp_path):
    import joblib
    import torch

    assert train("return {'val': 1}", keep=tmp_path)["weights"] is False
    body = (
        "w = torch.ones(2)\ntrial.save_weights({'w': w, 'n': 1})\n"
        "w += 1  # training goes on\nreturn {'val': 1}"
    )
    assert train(body, imports="import torch")["weights"] is True
    assert not (tmp_path / "weights.pt").exists()
    train(body, imports="import torch", keep=tmp_path)
    assert torch.load(tmp_path / "weights.pt")["w"].tolist() == [1, 1]
    train("trial.save_weights(['any', 'object'])\nreturn {'val': 1}", keep=tmp_path)
    assert joblib.load(tmp_path / "model.joblib") == ["any", "object"]


def call(spec: str, folder, record, attempt: int = 1, **more):
    """The command that the rule runs."""
    task = Task("{}", "my.yaml", "val", entrypoint=f"{folder}/o.py:train", **more)
    identity = json.loads(spec)
    specs = Specs(*(canonical(identity[key]) for key in ("objective", "settings")), ["null"])
    trial_id = specs.add(0, identity["seed"], canonical(identity["config"]))
    write_tasks(tasks := tasks_file(str(folder), task, specs), task, specs)
    main([str(tasks), "1", str(os.getpid()), NONE, trial_id, str(attempt), str(record)])


def test_the_record_on_disk_is_the_trials(tmp_path):
    (tmp_path / "o.py").write_text("def train(config, trial): return {'val': config['x']}\n")
    text, path = canonical(SPEC), tmp_path / "record.json"
    call(text, tmp_path, path)
    assert read_record(path, digest(text))["metrics"] == {"val": 2}


def test_no_record_where_the_metric_is_missing(tmp_path):
    (tmp_path / "o.py").write_text("def train(config, trial): return {'acc': 1}\n")
    path = tmp_path / "trials/one/record.json"
    path.parent.mkdir(parents=True)
    with pytest.raises(
        SystemExit,
        match=r"^Error in the study. my.yaml: objective.metric: the objective reports no",
    ):
        call(canonical(SPEC), tmp_path, path)
    assert not path.exists()


@pytest.mark.parametrize(
    ("others", "is_fault"), [("in the plan", False), ("of another study", True), ("none", True)]
)
def test_a_missing_metric_is_a_failure_only_if_the_study_has_it(
    tmp_path, monkeypatch, others, is_fault
):
    """A branch that forgets it is that trial's failure; else its name is a slip in the study.

    What another study in the same folder reports makes no difference.
    """
    monkeypatch.chdir(tmp_path)
    (tmp_path / "o.py").write_text(
        "import os\ndef train(config, trial):\n"
        "    os.chdir('/')\n    return {'val': 1} if config['x'] else {'acc': 1}\n"
    )
    specs = [canonical({**SPEC, "config": {"x": x}}) for x in (1, 0)]
    good, bad = map(digest, specs)
    Path("results/s").mkdir(parents=True)
    planned = {"in the plan": [bad, good], "of another study": [bad], "none": [bad]}[others]
    Path("results/s/plan.csv").write_text("\n".join(["trial_id", *planned]) + "\n")
    plan = paths.plan("s")
    for spec, trial_id in zip(specs, (good, bad), strict=True):
        Path(paths.trial(trial_id)).mkdir(parents=True)
        if trial_id == good and others != "none":
            call(spec, tmp_path, Path(paths.record(good)), plan=plan)
    if is_fault:
        with pytest.raises(SystemExit, match="reports no 'val'"):
            call(specs[1], tmp_path, Path(paths.record(bad)), plan=plan)
        assert not Path(paths.record(bad)).exists()
    else:
        call(specs[1], tmp_path, Path(paths.record(bad)), plan=plan)
        record = read_record(Path(paths.record(bad)), bad)
        assert (record["status"], record["error"]["type"]) == ("failed", "MetricMissing")


@pytest.mark.parametrize(
    "damage",
    [
        lambda text: text[: len(text) // 2],
        lambda text: "",
        lambda text: "[]",
        lambda text: "{}",
        lambda text: text.replace('"x": 2', '"x": 3'),
        lambda text: text.replace('"format": 2', '"format": 3'),
        lambda text: text.replace('"format": 2,', ""),
    ],
    ids=["half", "empty", "list", "no keys", "another configuration", "format 3", "no format"],
)
def test_a_damaged_record_is_not_believed(train, tmp_path, damage):
    record = train("return {'val': 1}")
    path = tmp_path / "record.json"
    write_record(path, record)
    assert read_record(path, record["trial_id"]) == record
    path.write_text(damage(path.read_text()))
    with pytest.raises(StudyError, match=r"record\.json: .*Delete .* and run again"):
        read_record(path, record["trial_id"])


def test_a_write_that_fails_leaves_the_old_record_and_no_litter(train, tmp_path, monkeypatch):
    path = tmp_path / "record.json"
    record = train("return {'val': 1}")
    write_record(path, record)
    before = sorted(tmp_path.iterdir())
    with pytest.raises(ValueError, match="JSON"):
        write_record(path, {**record, "metrics": {"val": math.nan}})

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(OSError, match="No space"):
        write_record(path, {**record, "seed": 9})
    assert read_record(path, record["trial_id"]) == record
    assert sorted(tmp_path.iterdir()) == before


def test_a_full_disk_is_no_result_of_a_trial(train):
    with pytest.raises(StudyError, match=r"the disk is full.*Make room"):
        train("print('no', file=open('/dev/full', 'w'), flush=True)")


def test_trial_without_data_says_what_is_missing(train):
    with pytest.raises(StudyError, match=r"data: the study names no data set"):
        train("return {'val': len(trial.data.train.x)}")


def test_device_is_what_there_is_or_what_is_asked_for(tmp_path, monkeypatch):
    import torch

    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    assert Trial(SPEC, tmp_path).device == "cpu"
    with pytest.raises(StudyError, match=r"resources\.device: PyTorch finds no GPU here"):
        _ = Trial(SPEC, tmp_path, device="cuda:1").device
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    assert Trial(SPEC, tmp_path).device == "cuda"
    assert Trial(SPEC, tmp_path, device="cuda:1").device == "cuda:1"
    assert Trial(SPEC, tmp_path, device="cpu").device == "cpu"


def test_a_trial_over_its_time_is_a_record_with_what_it_has_told(train):
    body = "trial.report(1, val=0.5)\nimport time\ntime.sleep(60)"
    record = train(body, seconds=1.0)
    assert record["status"] == "failed"
    assert record["error"]["type"] == "TimeLimit"
    assert "no result after 1 s" in record["error"]["message"]
    assert record["history"] == [{"epoch": 1, "val": 0.5}]
    assert (record["cost"]["epochs"], record["metrics"]) == (1, {})
    assert 1 <= record["cost"]["train_seconds"] < 30


def test_a_trial_over_its_memory_is_a_record(train):
    body = "held = b'x' * (400 << 20)\nimport time\ntime.sleep(60)"
    record = train(body, memory=200 << 20)
    assert record["error"]["type"] == "MemoryLimit"
    assert "200 allowed" in record["error"]["message"]
    assert record["cost"]["peak_memory_mib"] > 200


@pytest.mark.parametrize(
    ("body", "kind", "message"),
    [
        ("os.kill(os.getpid(), 9)", "Killed", "SIGKILL, as a machine does that is out of memory"),
        ("os.kill(os.getpid(), 15)", "Killed", "killed by SIGTERM"),
        ("os.kill(os.getpid(), signal.SIGRTMIN + 7)", "Killed", "killed by SIGRTMIN+7"),
        ("os.kill(os.getpid(), signal.SIGRTMAX)", "Killed", "killed by SIGRTMAX"),
        ("os._exit(7)", "Exit", "exit code 7"),
        ("raise KeyboardInterrupt", "Killed", "interrupted"),
        ("os.kill(os.getpid(), signal.SIGINT); time.sleep(60)", "Killed", "killed by SIGINT"),
        ("raise asyncio.CancelledError('a reason')", "CancelledError", "a reason"),
    ],
)
def test_a_trial_that_dies_is_a_record(train, body, kind, message):
    record = train(body, imports="import asyncio, os, signal, time")
    assert record["status"] == "failed"
    assert record["error"]["type"] == kind
    assert message in record["error"]["message"]


def test_nothing_that_a_trial_has_started_outlives_it(train, tmp_path):
    import psutil

    body = (
        "child = subprocess.Popen(['sleep', '300'])\n"
        "open(f'{trial.workdir}/pid', 'w').write(str(child.pid))\n"
        "return {'val': 1}"
    )
    assert train(body, imports="import subprocess")["status"] == "complete"
    pid = int((tmp_path / "pid").read_text())
    gone = not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    assert gone


def test_a_trial_that_dies_before_its_children_is_a_record(train):
    body = "if os.fork() == 0:\n    time.sleep(300)\nos._exit(7)"
    record = train(body, imports="import os, time")
    assert record["error"]["message"].startswith("the process ended with exit code 7")


def test_what_may_pass_is_tried_again_and_the_rest_is_not(tmp_path, capsys):
    text, path = canonical(SPEC), tmp_path / "record.json"
    (tmp_path / "o.py").write_text("def train(config, trial): raise MemoryError('3 GiB')\n")
    with pytest.raises(SystemExit) as stopped:
        call(text, tmp_path, path, attempt=1, attempts=2)
    assert stopped.value.code == 75
    assert "Trying again, attempt 2 of 2, after MemoryError: 3 GiB" in capsys.readouterr().out
    assert not path.exists()
    call(text, tmp_path, path, attempt=2, attempts=2)
    assert read_record(path, digest(text))["error"]["type"] == "MemoryError"
    path.unlink()
    (tmp_path / "o.py").write_text("def train(config, trial): raise ValueError('3 GiB')\n")
    call(text, tmp_path, path, attempt=1, attempts=2)
    assert read_record(path, digest(text))["error"]["type"] == "ValueError"


@pytest.mark.parametrize("log", ["", "Error in the study. my.yaml: so the objective printed.\n"])
def test_what_an_objective_prints_does_not_decide_whether_it_is_tried_again(tmp_path, log):
    """The log of the first attempt may end with anything, also with words of ours."""
    text, path = canonical(SPEC), tmp_path / "record.json"
    (tmp_path / "o.py").write_text("def train(config, trial): raise MemoryError('3 GiB')\n")
    (tmp_path / "log.txt").write_text(log)
    with pytest.raises(SystemExit):
        call(text, tmp_path, path, attempt=1, attempts=2)
    assert (tmp_path / "log-1.txt").read_text() == log
    (tmp_path / "o.py").write_text("def train(config, trial): return {'val': 5}\n")
    call(text, tmp_path, path, attempt=2, attempts=2)
    assert read_record(path, digest(text))["metrics"] == {"val": 5}


def test_a_fault_of_the_study_is_not_tried_again(tmp_path):
    text, path = canonical(SPEC), tmp_path / "record.json"
    (tmp_path / "o.py").write_text("def train(config, trial): return {'acc': 5}\n")
    with pytest.raises(SystemExit, match="reports no 'val'"):
        call(text, tmp_path, path, attempt=1, attempts=3)
    (tmp_path / "o.py").write_text("def train(config, trial): open('trained', 'w')\n")
    for attempt in (2, 3):
        with pytest.raises(SystemExit, match="reports no 'val'"):
            call(text, tmp_path, path, attempt=attempt, attempts=3)
    assert not path.exists()
    assert read_ending(tmp_path, 3)["kind"] == "fault"
    # A new run begins with the first attempt, and forgets all that.
    (tmp_path / "o.py").write_text("def train(config, trial): return {'val': 5}\n")
    call(text, tmp_path, path, attempt=1, attempts=3)
    assert read_record(path, digest(text))["metrics"] == {"val": 5}
    assert not list(tmp_path.glob("attempt-*"))


def test_failure_may_stop_the_study(tmp_path):
    (tmp_path / "o.py").write_text("def train(config, trial): raise ValueError('never')\n")
    path = tmp_path / "record.json"
    with pytest.raises(SystemExit, match=r"my\.yaml: on_failure: trial .* ValueError: never"):
        call(canonical(SPEC), tmp_path, path, stop_on_failure=True)
    assert not path.exists()


def test_the_process_that_watches_imports_nothing_heavy(tmp_path):
    """Else every trial would import PyTorch twice."""
    (tmp_path / "o.py").write_text(
        "import numpy, torch, sklearn\n"
        "def train(config, trial): return {'val': torch.ones(()), 'other': numpy.float32(1)}\n"
    )
    task = Task(canonical(SPEC), "my.yaml", "val", entrypoint=f"{tmp_path}/o.py:train")
    code = (
        "import pathlib, sys\nfrom snaketune.running.process import run\n"
        "from snaketune.records.task import Task\n"
        f"assert run(Task(**{dataclasses.asdict(task)}), pathlib.Path({str(tmp_path)!r}))"
        "['status'] == 'complete'\n"
        "print({'numpy', 'torch', 'pandas', 'sklearn'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "set()\n"


def test_code_that_no_longer_names_the_trial_is_not_trained(train, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("objective.py").write_text("def train(config, trial):\n    return {'val': 1}\n")
    Path("table.txt").write_text("1")
    named = {"code": fingerprint("objective.py:train"), "watch": watched(["table.txt"])}
    spec = {**SPEC, "objective": named}
    assert train("return {'val': 1}  # as it was", spec=spec)["metrics"] == {"val": 1}
    with pytest.raises(StudyError, match="changed since this run began"):
        train("return {'val': 2}", spec=spec)
    with pytest.raises(StudyError, match="changed since this run began"):
        train("return {'val': 2}", imports="import no_such_module", spec=spec)
    Path("table.txt").write_text("2")
    with pytest.raises(StudyError, match="changed since this run began"):
        train("return {'val': 1}", spec=spec)
