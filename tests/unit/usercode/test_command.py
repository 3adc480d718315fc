"""An objective that is a command: what it gets, and what becomes of what it leaves."""

import json
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import numpy as np
import psutil
import pytest

from snaketune.base.errors import StudyError
from snaketune.base.identity import canonical
from snaketune.data.description import describe
from snaketune.data.preparation import prepare
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
    template = """awk -v x={x} 'BEGIN {{ printf "{{\\"val\\": %f}}", x / 2 }}' > {metrics}"""
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


FILES = {
    "train.py": "import helper\n",
    "helper.py": "X = 1\n",
    "train.R": "1\n",
    "proj/__init__.py": "X = 1\n",
    "proj/train.py": "from . import model\nimport top\n",
    "proj/model.py": "",
    "proj/__main__.py": "X = 1\n",
    "top.py": "",
    "a/b/run.sh": '#!/bin/bash\n# It\'s a script.\ncd "$(dirname "$0")"\n'
    'python inner.py "$@" > log.py && ./more.sh\n',
    "a/b/inner.py": "import near\n",
    "a/b/near.py": "",
    "a/b/more.sh": "python -m proj.train\nbash run.sh\n",
    "a/b/log.py": "",
    "a/b/train.py": "",
    "my.yaml": "1\n",
    "out.json": "1\n",
    "run": "python helper.py\n",
    "lib/far.py": "import farther\n",
    "lib/farther.py": "",
    ".venv/pyvenv.cfg": "",
    ".venv/bin/python": "1\n",
    "uses.py": "import near\n",
    "unused.py": "",
}
TRAIN = ["train.py", "helper.py"]
MODULE = ["proj/__init__.py", "proj/train.py", "proj/model.py", "top.py"]
SCRIPT = ["a/b/run.sh", "a/b/inner.py", "a/b/near.py", "a/b/more.sh"]
# A command, and the files that are its code.
COMMANDS = {
    "python train.py --lr {lr} --out {metrics}": TRAIN,
    "python ./train.py": TRAIN,
    "python {here}/train.py": TRAIN,
    "{here}/.venv/bin/python {here}/train.py": TRAIN,
    "/usr/bin/env python -u train.py": TRAIN,
    "Rscript train.R {lr};": ["train.R"],
    "python train.py > out.json 2> out.json": TRAIN,
    "python train.py < my.yaml": [*TRAIN, "my.yaml"],
    "python train.py --config=my.yaml": [*TRAIN, "my.yaml"],
    "CONFIG=my.yaml python train.py|tee out.json>out.json": [*TRAIN, "my.yaml", "out.json"],
    "cd a && cd b && python train.py": ["a/b/train.py"],
    "cd a/b; python train.py --lr {lr}": ["a/b/train.py"],
    "cd a/b\npython train.py": ["a/b/train.py"],
    "(cd a/b && python inner.py); python train.py": ["a/b/inner.py", "a/b/near.py", *TRAIN],
    "cd {here}/a/b && python train.py": ["a/b/train.py"],
    "python -m proj.train --lr {lr}": MODULE,
    "python -u -m proj.train": MODULE,
    "torchrun --nproc_per_node 2 -m proj.train": MODULE,
    "python -m proj": ["proj/__init__.py", "proj/__main__.py"],
    "cd a/b && python -m inner": ["a/b/inner.py", "a/b/near.py"],
    "python -m far": ["lib/far.py", "lib/farther.py"],
    "PYTHONPATH=a/b:$PYTHONPATH python -m inner": ["a/b/inner.py", "a/b/near.py"],
    "export PYTHONPATH=a/b\npython uses.py": ["uses.py", "a/b/near.py"],
    "python -m json.tool my.yaml": ["my.yaml"],
    "python -c 'import top; top.run()'": ["top.py"],
    "python -c 'from proj import train, none'": MODULE,
    "bash a/b/run.sh {lr}": [*SCRIPT, *MODULE],
    "cd a/b && bash run.sh {lr}": [*SCRIPT],
    "bash run {lr}": ["run", "helper.py"],
    "bash -c 'python train.py'": TRAIN,
    "python -m no.such.module": [],
    "awk 'BEGIN {{ print \"" + "long" * 100 + "\" }}'": [],
    "/usr/bin/python3 --version": [],
}


@pytest.mark.parametrize("template", COMMANDS)
def test_the_code_that_a_command_names(template, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path / "lib"))
    for name, text in FILES.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    here = template.replace("{here}", str(tmp_path))
    before = command.files(here)
    changed = []
    for name, text in FILES.items():
        (tmp_path / name).write_text(f"{text}NEW = 1\n")
        if command.files(here) != before:
            changed.append(name)
        (tmp_path / name).write_text(text)
    assert sorted(changed) == sorted(COMMANDS[template])
    assert bool(before) == bool(changed)


def test_the_names_of_what_was_found_before_stay(tmp_path, monkeypatch):
    """They are part of the trial's identity."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "my.sh").write_text("true\n")
    (tmp_path / "my.py").write_text("")
    assert list(command.files("bash ./my.sh && python my.py")) == ["my.sh", "my.py"]


def test_a_program_that_an_editable_package_has_installed(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    information = tmp_path / "lib/proj-1.dist-info"
    information.mkdir(parents=True)
    (information / "METADATA").write_text("Metadata-Version: 2.1\nName: proj\nVersion: 1\n")
    (information / "entry_points.txt").write_text("[console_scripts]\nmy-train = far:main\n")
    (tmp_path / "lib/far.py").write_text("X = 1\n")
    monkeypatch.syspath_prepend(tmp_path / "lib")
    before = command.files("my-train {args} {metrics}")
    (tmp_path / "lib/far.py").write_text("X = 2\n")
    assert before and command.files("my-train {args} {metrics}") != before
    assert command.files("my-other-train {args} {metrics}") == {}


def test_all_hyperparameters_as_options(tmp_path):
    """They arrive with argparse, which takes -1e-05 for an option."""
    script = tmp_path / "show.py"
    script.write_text(
        "import argparse, json, sys\n"
        "parser = argparse.ArgumentParser()\n"
        "for name in ('text', 'number', 'list', 'negative', 'dash', 'empty', 'nothing', 'none'):\n"
        "    parser.add_argument(f'--{name}')\n"
        "parser.add_argument('--flag', action='store_true')\n"
        "parser.add_argument('--off', action='store_true')\n"
        "given = vars(parser.parse_args(sys.argv[2:]))\n"
        f"json.dump(given, open('{tmp_path}/given.json', 'w'))\n"
        "json.dump({'val': 1}, open(sys.argv[1], 'w'))\n"
    )
    config = {**AWKWARD, "negative": -1e-05, "dash": "-x y", "empty": "", "off": False}
    record = train(tmp_path, f"{sys.executable} {script} {{metrics}} {{args}}", config)
    assert record["status"] == "complete", record["error"]
    assert json.loads((tmp_path / "given.json").read_text()) == {
        "text": AWKWARD["text"],
        "number": "1e-05",
        "list": '[1,"two"]',
        "negative": "-1e-05",
        "dash": "-x y",
        "empty": "",
        "nothing": None,
        "none": None,
        "flag": True,
        "off": False,
    }


@pytest.mark.slow
def test_a_command_runs_in_bash_and_fails_with_its_first_part(tmp_path):
    done = "echo '{{\"val\": 1}}' > {metrics}"
    record = train(tmp_path, f"[[ a == a ]] && cat <(echo b) && {done}", {})
    assert record["metrics"] == {"val": 1}
    for fails in ("false", "false | true", "echo $NO_SUCH_VARIABLE"):
        assert train(tmp_path, f"{fails}; {done}", {})["status"] == "failed"


def test_python_is_the_one_that_runs_the_study(tmp_path, monkeypatch):
    """Also where no environment is active."""
    monkeypatch.setenv("PATH", "/usr/bin:/bin")
    code = "import sys, json; json.dump(dict(val=1), open(sys.argv[1], 'w')); print(sys.prefix)"
    record = train(tmp_path, f'python -c "{code}" {{metrics}} | tee {{workdir}}/prefix', {})
    assert record["metrics"] == {"val": 1}
    assert (tmp_path / "prefix").read_text().strip() == sys.prefix


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
    error = train(tmp_path, f": {{metrics}}; {template}", {})["error"]
    assert error["type"] == kind
    assert error["message"].startswith(message)


def test_the_output_of_a_command_is_utf8_in_any_locale(tmp_path, capfd):
    line = "printf 'a line of \\303\\274, without an end'"
    template = f"{line}; exec >&-; sleep 0.1; : {{metrics}}; exit 3"
    record = train(tmp_path, template, {})
    assert record["error"]["message"].endswith("exit code 3: a line of ü, without an end")
    assert "a line of ü, without an end" in capfd.readouterr().out


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
        """echo '{{"val": '{x}'}}' > {metrics}; touch {workdir}/{x}; """
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
