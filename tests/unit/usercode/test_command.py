"""An objective that is a command: what it gets, and what becomes of what it leaves."""

import json
import sys
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from snaketune.base.identity import canonical
from snaketune.records.task import Task
from snaketune.running.process import run
from snaketune.usercode import command
from tests.processes import wait_for

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


def places() -> set[Path]:
    """The working directories of all processes."""
    found = set()
    for process in psutil.process_iter():
        with suppress(psutil.Error):
            found.add(Path(process.cwd()))
    return found


@pytest.mark.parametrize(
    "leaves", ["sleep 300 &", "setsid sleep 300 &", "(setsid yes | cat) &"], ids=lambda text: text
)
def test_what_a_command_leaves_behind_holds_nobody_and_is_killed(tmp_path, leaves):
    """It holds the output of the command open."""
    folder = tmp_path / "a unique place"
    folder.mkdir()
    script = f"cd '{folder}'; {leaves} echo done; printf '{{{{\"val\": 1}}}}' > {{metrics}}"
    record = train(tmp_path, script, {})
    assert record["metrics"] == {"val": 1}
    wait_for(lambda: folder not in places())


@pytest.mark.parametrize(
    ("template", "kind", "message"),
    [
        ("kill -TERM $$", "Killed", "the command was killed by SIGTERM"),
        ("sh -c 'kill -9 $$'; exit $?", "Killed", "the command was killed by SIGKILL"),
        ("sh -c 'kill -INT $$'; exit $?", "Killed", "the command was killed by SIGINT"),
        ("exit 143", "Killed", "the command was killed by SIGTERM"),
        ("exit 128", "RuntimeError", "the command ended with exit code 128"),
        ("exit 255", "RuntimeError", "the command ended with exit code 255"),
    ],
)
def test_a_command_that_was_killed_may_be_tried_again(tmp_path, template, kind, message):
    error = train(tmp_path, f"{template} # {{metrics}}", {})["error"]
    assert error["type"] == kind
    assert error["message"].startswith(message)


def test_the_output_of_a_command_is_utf8_in_any_locale(tmp_path, capfd):
    line = "printf 'a line of \\303\\274, without an end'"
    template = f"{line}; exec >&-; sleep 0.1; : {{metrics}}; exit 3"
    record = train(tmp_path, template, {})
    assert record["error"]["message"].endswith("exit code 3: a line of ü, without an end")
    assert "a line of ü, without an end" in capfd.readouterr().out
