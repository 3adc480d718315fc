"""Attempts at a trial: deaths, limits, further attempts and interrupted runs."""

import itertools
import json
import os
import signal
import subprocess

import pytest

from tests.processes import assert_nothing_runs, command_lines, wait_for
from tests.project import LONG, STUDY

pytestmark = pytest.mark.slow

FLAKY = """\
import os, pathlib, time

def train(config, trial):
    if config["lr"] == 0.1:
        raise ValueError("too large")
    if config["lr"] == 0.001 and pathlib.Path("slow").exists():
        time.sleep(100)
    if config["lr"] == 0.01:
        deaths = pathlib.Path(trial.workdir, "deaths")
        print("has died" if deaths.exists() else "about to die", flush=True)
        if not deaths.exists():
            deaths.touch()
            os.kill(os.getpid(), 9)
    return {"val_score": config["lr"], "test_score": 1}
"""
OBJECTIVE = {"entrypoint": "scripts/flaky.py:train", "metric": "val_score", "mode": "max"}


def test_failures_of_every_kind_and_another_try(project):
    (project.path / "scripts/flaky.py").write_text(FLAKY)
    (project.path / "slow").touch()
    resources = {"time": "2 s", "memory": "1 GiB"}
    project.write({**STUDY, "objective": OBJECTIVE, "retries": 1, "resources": resources})
    said = project.train()
    table = project.rows()
    assert [row["error"] for row in table[:6]] == [
        *["ValueError: too large"] * 2,
        *[""] * 2,
        *["TimeLimit: no result after 2 s"] * 2,
    ]
    assert said.count("Trying again, attempt 2 of 2, after Killed: the process was killed") == 2
    killed = [project.path / "results/trials" / row["trial_id"] for row in table[2:4]]
    for folder in killed:
        first, second = ((folder / name).read_text() for name in ("log-1.txt", "log.txt"))
        assert first.startswith("about to die\nTrying again, attempt 2 of 2, after Killed")
        assert second == "has died\n"
    assert {row["status"] for row in table[6:]} == {"complete"}

    before = project.records()
    (project.path / "slow").unlink()
    failed = {row["trial_id"] for row in table if row["status"] == "failed"}
    listed = project.command("retry", "--dry-run", "config.yaml")
    assert project.records() == before
    assert project.command("retry", "quick").splitlines()[:4] == listed.splitlines()[:4]
    assert all(trial_id in listed for trial_id in failed)
    assert set(project.records()) == set(before) - failed
    assert "4 to train" in project.train()
    after = project.records()
    assert {i for i in after if after[i] != before.get(i)} == failed
    assert [row["status"] for row in project.rows()[:6]] == ["failed"] * 2 + ["complete"] * 4


def test_a_failure_may_stop_the_study(project):
    (project.path / "scripts/flaky.py").write_text(FLAKY)
    project.write({**STUDY, "objective": OBJECTIVE, "on_failure": "stop", "retries": 1})
    said = project.run(succeeds=False)
    assert "on_failure: trial" in said
    assert "failed: ValueError: too large" in said
    statuses = [
        json.loads(path.read_text())["status"]
        for path in project.path.glob("results/trials/*/record.json")
    ]
    assert set(statuses) <= {"complete"}
    assert not (project.results() / "report.html").exists()


# Its first attempt lasts until its memory is seen, however busy the machine is.
GREEDY = """\
import pathlib, time

def train(config, trial):
    tried = pathlib.Path(f"{trial.seed}.tried")
    is_first = not tried.exists()
    tried.touch()
    held = b"x" * (300 << 20)
    started = time.time()
    time.sleep(60 if is_first else 0.6)
    with open("times.txt", "a") as times:
        times.write(f"{started} {time.time()} {trial.threads} {trial.device}\\n")
    return {"val_score": 1, "test_score": 1}
"""


def test_resources_reach_snakemake_and_memory_grows_by_the_attempt(project):
    (project.path / "scripts/quick.py").write_text(GREEDY)
    resources = {"gpus": 1, "memory": "200 MiB", "time": "10 min", "device": "cpu"}
    searches = {"random": {"sampler": "random", "trials": 3}}
    project.write({**STUDY, "resources": resources, "retries": 2, "searches": searches})
    said = project.train("--resources", "gpu=1")
    assert said.count("Trying again, attempt 2 of 3, after MemoryLimit") == 3
    assert {row["status"] for row in project.rows()} == {"complete"}
    times = [line.split() for line in (project.path / "times.txt").read_text().splitlines()]
    ends = sorted((float(start), float(end)) for start, end, *_ in times)
    assert all(end <= start for (_, end), (start, _) in itertools.pairwise(ends))  # one GPU
    assert {tuple(rest) for _, _, *rest in times} == {("1", "cpu")}


PRINTS = """\
import os, pathlib

def train(config, trial):
    print("größer")
    died = pathlib.Path(trial.workdir, "died")
    if config["lr"] == 0.1 and not died.exists():
        died.touch()
        os.kill(os.getpid(), 9)
    return {"val_score": config["lr"], "test_score": 1}
"""


def test_surroundings_that_are_in_the_way(project, tmp_path):
    """Ends of children are ignored, the terminal is full, the locale is ASCII, braces are about."""
    (project.path / "scripts/quick.py").write_text(PRINTS)
    project.write({**STUDY, "retries": 1})
    project = project.copy(tmp_path / "a {path} {input} of braces")
    ascii_only = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    with open("/dev/full", "w") as full:
        run = project.start(
            "--until",
            "aggregate",
            stdout=full,
            env=os.environ | ascii_only,
            preexec_fn=lambda: signal.signal(signal.SIGCHLD, signal.SIG_IGN),
        )
        assert run.wait(LONG) == 0
    assert {row["status"] for row in project.rows()} == {"complete"}
    logs = list(project.path.glob("results/trials/*/log.txt"))
    assert [log.read_text(encoding="utf-8") for log in logs] == ["größer\n"] * 10
    assert len(list(project.path.glob("results/trials/*/log-1.txt"))) == 2


SLEEPS = """\
import subprocess, time

def train(config, trial):
    subprocess.Popen(["sleep", "300"], start_new_session=True)
    time.sleep(300)
"""


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGKILL], ids=["ctrl-c", "kill -9"])
def test_a_run_that_is_stopped_leaves_nothing_running(project, how):
    (project.path / "scripts/quick.py").write_text(SLEEPS)
    run = project.start(
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True
    )
    wait_for(lambda: sum("sleep 300" in line for line in command_lines(project)) == 2)
    if how == signal.SIGINT:
        os.killpg(run.pid, how)  # as the terminal does
        said = run.communicate(timeout=LONG)[0]
        assert "Error in rule" not in said
        assert "Traceback" not in said
    else:
        run.kill()
        run.wait(LONG)
    assert_nothing_runs(project)
    assert project.records() == {}


LOOKS = """\
import glob

def train(config, trial):
    seen = 0
    for path in glob.glob("/proc/[0-9]*/cmdline"):
        try:
            seen += trial.settings["token"].encode() in open(path, "rb").read()
        except OSError:
            pass
    return {"val_score": config["lr"], "seen": seen, "size": len(trial.settings["text"])}
"""


@pytest.mark.parametrize("warm", [True, False], ids=["warm", "cold"])
def test_settings_may_be_long_and_are_in_no_command_line(project, warm):
    (project.path / "scripts/quick.py").write_text(LOOKS)
    settings = {"token": "not for everyone", "text": "x" * (1 << 20)}
    searches = {"random": {"sampler": "random", "trials": 3}}
    objective = {**STUDY["objective"], "settings": settings}
    project.write({**STUDY, "objective": objective, "searches": searches, "warm": warm})
    project.train()
    found = {(row["status"], row["seen"], row["size"]) for row in project.rows()}
    assert found == {("complete", "0", str(1 << 20))}
