"""An objective that is a command: what it gets, and what becomes of what it leaves."""

import json
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from snaketune.base.errors import StudyError
from snaketune.base.identity import canonical
from snaketune.data.description import describe
from snaketune.data.preparation import prepare
from snaketune.records.task import Task
from snaketune.running.process import run
from snaketune.usercode import command

SPEC = {"data": None, "objective": {}, "seed": 3, "settings": {}}
AWKWARD = {
    "text": 'it\'s a "$HOME"; {brace} `x`',
    "number": 1e-05,
    "flag": True,
    "nothing": None,
    "list": [1, "two"],
}


def train(folder, template: str, config: dict, **more) -> dict:
    spec = canonical({**SPEC, "config": config})
    return run(Task(spec, "my.yaml", "val", command=template, **more), folder)


def test_every_value_arrives_as_it_is(tmp_path):
    script = tmp_path / "show.py"
    script.write_text(
        "import json, sys\n"
        "given = dict(a.split('=', 1) for a in sys.argv[3:])\n"
        "given['config'] = json.load(open(sys.argv[1]))\n"
        f"json.dump(given, open('{tmp_path}/given.json', 'w'))\n"
        "json.dump({'val': 1}, open(sys.argv[2], 'w'))\n"
    )
    values = " ".join(f"{name}={{{name}}}" for name in AWKWARD)
    template = f"{sys.executable} {script} {{config}} {{metrics}} {values}"
    template += " seed={seed} threads={threads} workdir={workdir} brace={{}}"
    record = train(tmp_path, template, AWKWARD, threads=2)
    assert record["status"] == "complete", record["error"]
    assert json.loads((tmp_path / "given.json").read_text()) == {
        "text": AWKWARD["text"],
        "number": "1e-05",
        "flag": "true",
        "nothing": "null",
        "list": '[1,"two"]',
        "seed": "3",
        "threads": "2",
        "workdir": str(tmp_path),
        "brace": "{}",
        "config": AWKWARD,
    }
    assert sorted(path.name for path in tmp_path.iterdir()) == ["given.json", "show.py"]


def test_any_language_will_do(tmp_path):
    template = """awk 'BEGIN {{ printf "{{\\"val\\": %f}}", {x} / 2 }}' > {metrics}"""
    assert train(tmp_path, template, {"x": 5})["metrics"] == {"val": 2.5}


def test_a_history_makes_learning_curves(tmp_path):
    text = '{"val": 2, "history": [{"val": 1}, {"val": 2}]}'
    record = train(
        tmp_path, f"echo '{text.replace('{', '{{').replace('}', '}}')}' > {{metrics}}", {}
    )
    assert record["metrics"] == {"val": 2}
    assert record["history"] == [{"epoch": 1, "val": 1}, {"epoch": 2, "val": 2}]
    assert record["cost"]["epochs"] == 2


@pytest.mark.parametrize(
    ("template", "message"),
    [
        ("echo one; echo two >&2; exit 3", ["exit code 3: two"]),
        ("no_such_program", ["exit code 127", "no_such_program"]),
        ("true", ["left no metrics"]),
        ("echo '{{' > {metrics}", ["left no metrics"]),
        ("echo 3 > {metrics}", ["metrics are 3, not a mapping"]),
        ("""echo '{{"val": "high"}}' > {metrics}""", ["'val' is 'high', not a number"]),
    ],
)
def test_a_command_that_fails_is_a_record(tmp_path, template, message, capfd):
    record = train(tmp_path, template, {})
    assert record["status"] == "failed"
    for part in message:
        assert part in record["error"]["message"]
    assert list(tmp_path.iterdir()) == []
    if "two" in template:
        assert "one\ntwo" in record["error"]["traceback"]
        assert "one\ntwo" in capfd.readouterr().out


def test_a_score_that_is_no_number_diverged(tmp_path):
    record = train(tmp_path, """echo '{{"val": NaN}}' > {metrics}""", {})
    assert (record["status"], record["metrics"]) == ("diverged", {"val": None})


def test_a_command_over_its_time_is_stopped_with_all_that_it_started(tmp_path):
    import psutil

    record = train(tmp_path, "sleep 300 & echo $! > {workdir}/pid; wait", {}, seconds=1.0)
    assert record["error"]["type"] == "TimeLimit"
    pid = int((tmp_path / "pid").read_text())
    assert not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE


def test_cost_counts_what_the_command_does(tmp_path):
    work = "sum(i * i for i in range(3_000_000)); b = b'x' * 200_000_000; b.count(b'y')"
    record = train(
        tmp_path, f'{sys.executable} -c "{work}"; echo \'{{{{"val": 1}}}}\' > {{metrics}}', {}
    )
    assert record["cost"]["cpu_seconds"] > 0.05
    assert record["cost"]["peak_memory_mib"] > 190


def test_the_files_that_a_command_names_are_its_code(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "my.py").write_text("import helper\n")
    (tmp_path / "helper.py").write_text("X = 1\n")
    (tmp_path / "my.sh").write_text("true\n")
    template = "bash my.sh && python my.py --lr {lr} --out {metrics}"
    before = command.files(template)
    assert set(before) == {"my.py", "my.sh"}
    (tmp_path / "helper.py").write_text("X = 2\n")
    after = command.files(template)
    assert (after["my.sh"], after["my.py"] != before["my.py"]) == (before["my.sh"], True)
    (tmp_path / "my.sh").write_text("false\n")
    assert command.files(template)["my.sh"] != before["my.sh"]


def test_the_metrics_of_a_killed_attempt_are_not_the_next_ones(tmp_path):
    template = (
        "test -e {workdir}/died && exit 0; touch {workdir}/died; "
        """echo '{{"val": 0.111}}' > {metrics}; kill -9 $PPID; sleep 60"""
    )
    assert train(tmp_path, template, {})["error"]["type"] == "Killed"
    again = train(tmp_path, template, {})
    assert again["status"] == "failed"
    assert "left no metrics" in again["error"]["message"]


def test_two_runs_of_a_trial_side_by_side_do_not_take_each_others_metrics(tmp_path):
    template = (
        """echo '{{"val": {x}}}' > {metrics}; touch {workdir}/{x}; """
        "until [ -e {workdir}/1 ] && [ -e {workdir}/2 ]; do sleep 0.05; done"
    )
    with ThreadPoolExecutor() as pool:
        records = pool.map(lambda x: train(tmp_path, template, {"x": x}), (1, 2))
        assert [record["metrics"] for record in records] == [{"val": 1}, {"val": 2}]
    assert {path.name for path in tmp_path.iterdir()} == {"1", "2"}


def test_a_command_may_change_the_directory(tmp_path, monkeypatch):
    """All that it is told lies where it says, from wherever it looks."""
    monkeypatch.chdir(tmp_path)
    for folder in ("trial", "project"):
        (tmp_path / folder).mkdir()
    prepare("iris", describe("iris"), Path("data.npz"))
    template = (
        "cd project && test -f {config} && test -f {data} && test -d {workdir} && "
        """echo '{{"val": 1}}' > {metrics} && touch {workdir}/mine"""
    )
    record = train(Path("trial"), template, {}, data="data.npz")
    assert record["metrics"] == {"val": 1}, record["error"]
    assert [path.name for path in Path("trial").iterdir()] == ["mine"]


def test_a_command_is_not_run_on_data_that_has_been_changed(tmp_path):
    path = tmp_path / "data.npz"
    prepare("iris", describe("iris"), path)
    with np.load(path) as stored:
        arrays = dict(stored)
    np.savez(path, **{**arrays, "x": arrays["x"] + 1})
    with pytest.raises(StudyError, match="'x' has been changed"):
        train(tmp_path, "touch {workdir}/ran; false", {}, data=str(path))
    assert not (tmp_path / "ran").exists()
