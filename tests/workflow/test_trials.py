"""One's own objective, data and limits, in real runs of snakemake."""

import copy
import itertools
import json
import os
import signal
import subprocess
import sys
import time
from statistics import mean, stdev

import joblib
import numpy as np
import pandas as pd
import pytest
import torch

from snaketune.data.prepared import load_data
from tests.conftest import QUICK, STUDY, Project, wait_for
from tests.workflow.test_kills import assert_nothing_runs, left_running
from tests.workflow.test_rerun import rows, trained


def change(study: dict, **keys) -> dict:
    return {**copy.deepcopy(study), **keys}


def best(project, study: str, search: str):
    folder = project.results(study) / "best" / search
    return folder, json.loads((folder / "record.json").read_text())


def test_example_cnn(project):
    few = "{grid: {space: {channels: [8], dropout: [0], optimizer: [adam]}}, random: {trials: 2}}"
    project.run("--configfile", "examples/cnn/study.yaml", "--config", f"searches={few}")
    table = rows(project, "cnn")
    assert [row["status"] for row in table] == ["complete"] * 4
    assert max(float(row["val_accuracy"]) for row in table) > 0.9
    assert {row["momentum"] for row in table if row["optimizer"] == "adam"} == {""}
    folder, record = best(project, "cnn", "grid")
    assert record["trained_on"] == "train and validation"
    # Trained up to the best epoch of the trial that won, and no further.
    won = json.loads(
        (project.path / "results/trials" / record["trial_id"] / "record.json").read_text()
    )
    assert record["cost"]["epochs"] == won["metrics"]["best_epoch"]
    weights = torch.load(folder / "weights.pt")
    assert weights["0.weight"].shape == (8, 1, 3, 3)


def test_example_forest(project):
    few = "{grid: {space: {trees: [10]}}, random: {trials: 2}}"
    project.run("--configfile", "examples/forest/study.yaml", "--config", f"searches={few}")
    table = rows(project, "forest")
    assert [row["fold"] for row in table] == [*"01234"] * (len(table) // 5)
    told = json.loads((project.results("forest") / "comparison.json").read_text())
    won = told["searches"]["random"]["best"]
    scores = [
        float(row["val_rmse"])
        for row in table
        if (row["search"], row["index"]) == ("random", str(won["index"]))
    ]
    assert won["validation"] == pytest.approx(mean(scores))
    assert won["validation_sd"] == pytest.approx(stdev(scores))
    assert 40 < won["validation"] < 80
    # The forest that is handed out was trained on all rows but those of test.
    folder, record = best(project, "forest", "random")
    forest = joblib.load(folder / "model.joblib")
    (prepared,) = project.path.glob("results/data/csv-*.npz")
    data = load_data(prepared, fold=0)
    assert forest.estimators_[0].tree_.n_node_samples[0] > len(data.train.y) * 0.6
    rmse = np.sqrt(np.mean((forest.predict(data.test.x) - data.test.y) ** 2))
    assert record["metrics"]["test_rmse"] == pytest.approx(rmse)
    assert "±" in (project.results("forest") / "report.html").read_text()


def test_example_command(project, monkeypatch):
    monkeypatch.setenv("PATH", f"{os.path.dirname(sys.executable)}:{os.environ['PATH']}")
    few = "{grid: {space: {neighbours: [5], power: [1, 2]}}, random: {trials: 2}}"
    study = ("--configfile", "examples/command/study.yaml", "--config", f"searches={few}")
    project.run(*study)
    table = rows(project, "command")
    assert [row["status"] for row in table] == ["complete"] * 4
    # scikit-learn, on the rows of the same split.
    from sklearn.neighbors import KNeighborsClassifier

    (prepared,) = project.path.glob("results/data/wine-*.npz")
    data = load_data(prepared)
    center, scale = data.train.x.mean(axis=0), data.train.x.std(axis=0)
    for row in table[:2]:
        peer = KNeighborsClassifier(5, p=float(row["power"]), algorithm="brute")
        peer.fit((data.train.x - center) / scale, data.train.y)
        accuracy = peer.score((data.validation.x - center) / scale, data.validation.y)
        assert float(row["val_accuracy"]) == pytest.approx(accuracy, abs=0.03)
    before = project.records()
    script = project.path / "examples/command/my_train.py"
    script.write_text(f"# A comment.\n{script.read_text()}")
    assert "Nothing to be done" in project.run(*study).text
    script.write_text(script.read_text().replace("argmax()", "argmin()"))
    project.run(*study)
    assert trained(before, project.records()) == 4


OWN = """\
import numpy as np

def train(config, trial):
    x, y = trial.data.train
    weights = np.linalg.solve(x.T @ x + config["ridge"] * np.eye(x.shape[1]), x.T @ y)
    score = lambda part: float(np.sqrt(np.mean((part.x @ weights - part.y) ** 2)))
    return {"val_rmse": score(trial.data.validation), "test_rmse": score(trial.data.test)}
"""
OWN_STUDY = {
    "study": "own",
    "objective": {"entrypoint": "model.py:train", "metric": "val_rmse", "mode": "min"},
    "data": {"file": "my.csv", "target": "y"},
    "space": {"ridge": {"loguniform": [0.001, 1000]}},
    "searches": {
        "grid": {"sampler": "grid", "points": 3},
        "random": {"sampler": "random", "trials": 3},
    },
}


@pytest.fixture
def own(project) -> Project:
    """A project with a model and a table of one's own."""
    draw = np.random.default_rng(0)
    x = draw.normal(size=(60, 3))
    frame = pd.DataFrame(x, columns=list("abc"))
    frame["y"] = x @ [1, 2, 3] + draw.normal(size=60)
    frame.to_csv(project.path / "my.csv", index=False)
    (project.path / "model.py").write_text(OWN)
    project.write(OWN_STUDY)
    return project


def test_changed_data_trains_its_trials_and_no_others(own):
    own.train(study="own")
    before, table = own.records(), rows(own, "own")
    other = {**OWN_STUDY, "study": "other", "data": {"file": "copy.csv", "target": "y"}}
    (own.path / "copy.csv").write_bytes((own.path / "my.csv").read_bytes())
    own.write(other, "other.yaml")
    own.train("--configfile", "other.yaml", study="other")
    assert own.records() == before  # the same data by another name
    os.utime(own.path / "my.csv")
    assert "Nothing to be done" in own.train(study="own").text
    lines = (own.path / "my.csv").read_text().splitlines(keepends=True)
    (own.path / "my.csv").write_text("".join(lines[:-1]))
    own.train(study="own")
    after = own.records()
    assert (len(after), trained(before, after)) == (12, 6)
    assert rows(own, "own") != table
    (own.path / "my.csv").write_text("".join(lines))
    own.train(study="own")
    assert own.records() == after
    assert rows(own, "own") == table


def test_an_edit_of_the_preparation_hides_no_trial(own):
    """Snakemake leaves out what waits for a file by `ancient` where that is made again."""
    own.train(study="own")
    before = own.records()
    with (own.path / "scripts/prepare.py").open("a") as script:
        script.write("# A comment.\n")
    study = copy.deepcopy(OWN_STUDY)
    study["searches"]["random"]["trials"] = 4
    own.write(study)
    own.train(study="own")
    assert trained(before, own.records()) == 1


def test_bad_data_is_told_before_anything_trains(own):
    own.write({**OWN_STUDY, "data": {"file": "my.csv", "target": "z"}})
    said = own.run(succeeds=False).text
    fault = "Error in the study. config.yaml: data.target: my.csv has no column 'z'. Its columns"
    assert said.count(fault) == 1
    assert "Traceback" not in said
    assert own.records() == {}
    own.write({**OWN_STUDY, "data": {"file": "my.csv", "target": "a", "task": "classification"}})
    assert (
        "Error in the study. config.yaml: data.target: the class '" in own.run(succeeds=False).text
    )
    assert own.records() == {}


def test_an_imported_module_and_a_watched_file_are_code(project):
    (project.path / "scripts/quick.py").write_text(f"import helper\n{QUICK}")
    helper, notes = project.path / "scripts/helper.py", project.path / "notes.json"
    helper.write_text("X = 1\n")
    notes.write_text("1\n")
    study = copy.deepcopy(STUDY)
    study["objective"]["watch"] = ["notes.json"]
    project.write(study)
    project.train()
    first = project.records()
    helper.write_text("X = 1  # a comment\n")
    assert "Nothing to be done" in project.train().text
    helper.write_text("X = 2\n")
    project.train()
    second = project.records()
    assert trained(first, second) == 10
    notes.write_text("2\n")
    project.train()
    third = project.records()
    assert trained(second, third) == 10
    notes.write_text("1\n")
    helper.write_text("X = 1\n")
    project.train()
    assert project.records() == third


# A function and a command in one file, which wait for leave to end.
WAITS = """
import json, os, sys, time

FACTOR = 1

def train(config, trial=None):
    open("begun", "w").close()
    while not os.path.exists("leave"):
        time.sleep(0.01)
    if trial:
        trial.save_weights(config)
    return {"val_score": config["lr"] * FACTOR}

if __name__ == "__main__":
    with open(sys.argv[1]) as config, open(sys.argv[2], "w") as metrics:
        json.dump(train(json.load(config)), metrics)
"""


@pytest.mark.parametrize("kind", ["warm", "cold", "command"])
def test_code_that_is_edited_while_a_run_goes_on_is_trained_by_the_next(project, kind):
    code = project.path / "scripts/quick.py"
    code.write_text(WAITS)
    study = change(STUDY, warm=kind == "warm")
    del study["objective"]["settings"]
    if kind == "command":
        del study["objective"]["entrypoint"]
        command = f"{sys.executable} scripts/quick.py {{config}} {{metrics}}"
        study["objective"]["command"] = command
    project.write(study)
    to_best = ("--", "results/quick/best/random")
    run = project.start(*to_best, cores=1, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    wait_for((project.path / "begun").exists)
    code.write_text(WAITS.replace("FACTOR = 1", "FACTOR = 2"))
    (project.path / "leave").touch()
    said = run.communicate()[0].decode()
    assert run.returncode == (0 if kind == "warm" else 1)
    fault = "config.yaml: objective: its code, or a file under 'watch', has changed since this run"
    assert said.count(fault) == (0 if kind == "warm" else 1)
    records = [json.loads(p.read_text()) for p in project.path.glob("results/trials/*/record.json")]
    assert len(records) == (10 if kind == "warm" else 1)
    assert all(r["metrics"]["val_score"] == r["config"]["lr"] for r in records)
    if kind == "warm":  # the weights take training the best once more, from the file
        best = json.loads((project.results() / "best/random/record.json").read_text())
        assert best["refit_error"]["type"] == "CodeChanged"
    project.run(*to_best)
    assert all(float(row["val_score"]) == 2 * float(row["lr"]) for row in rows(project))
    assert len(project.records()) == len(records) + 10


def test_a_job_of_a_cluster_whose_trials_are_gone_says_so(project):
    said = project.run("--target-jobs", "trial:id=0123456789abcdef", succeeds=False).text
    assert "config.yaml: the study, its code or its data has changed since this run began" in said


def test_a_version_pins_the_code(project):
    study = copy.deepcopy(STUDY)
    study["objective"]["version"] = "1"
    project.write(study)
    project.train()
    before = project.records()
    (project.path / "scripts/quick.py").write_text(QUICK.replace("0.1", "0.2"))
    assert "Nothing to be done" in project.train().text
    study["objective"]["version"] = "2"
    project.write(study)
    project.train()
    assert trained(before, project.records()) == 10


def prune(project, *arguments) -> str:
    return subprocess.run(
        [sys.executable, "-m", "snaketune.commands.prune", *arguments],
        cwd=project.path,
        capture_output=True,
        text=True,
        check=True,
    ).stdout


def test_prune_deletes_what_no_study_refers_to_and_asks_first(finished):
    assert prune(finished).startswith("0 trials")
    before = finished.records()
    study = copy.deepcopy(STUDY)
    study["searches"]["random"]["trials"] = 1
    finished.write(study)
    finished.run()
    told = prune(finished).splitlines()
    assert len(told) == 4
    assert told[-1].startswith("3 trials")
    assert finished.records() == before
    prune(finished, "--delete")
    assert len(finished.records()) == 7
    assert "Nothing to be done" in finished.run().text


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


def test_failures_of_every_kind_and_another_try(project):
    (project.path / "scripts/flaky.py").write_text(FLAKY)
    (project.path / "slow").touch()
    objective = {"entrypoint": "scripts/flaky.py:train", "metric": "val_score", "mode": "max"}
    project.write(
        change(STUDY, objective=objective, retries=1, resources={"time": "2 s", "memory": "1 GiB"})
    )
    said = project.run().text
    table = rows(project)
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
    report = (project.results() / "report.html").read_text()
    assert "What failed" in report
    assert "TimeLimit: no result after 2 s" in report
    assert "4 of 10 trials failed" in project.run().text

    before = project.records()
    (project.path / "slow").unlink()
    failed = {row["trial_id"] for row in table if row["status"] == "failed"}
    project.run("--dry-run", "--config", "retry_failed=true")
    assert project.records() == before
    project.run("--config", "retry_failed=true")
    after = project.records()
    assert {i for i in after if after[i] != before.get(i)} == failed
    assert [row["status"] for row in rows(project)[:6]] == ["failed"] * 2 + ["complete"] * 4


def test_a_failure_may_stop_the_study(project):
    (project.path / "scripts/flaky.py").write_text(FLAKY)
    objective = {"entrypoint": "scripts/flaky.py:train", "metric": "val_score", "mode": "max"}
    project.write(change(STUDY, objective=objective, on_failure="stop", retries=1))
    said = project.run(succeeds=False).text
    assert "on_failure: trial" in said
    assert "failed: ValueError: too large" in said
    statuses = [
        json.loads(path.read_text())["status"]
        for path in project.path.glob("results/trials/*/record.json")
    ]
    assert set(statuses) <= {"complete"}
    assert not (project.results() / "report.html").exists()


# Its first attempt lasts until somebody looks, however busy the machine is.
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
    study = copy.deepcopy(STUDY)
    study["resources"] = {"gpus": 1, "memory": "200 MiB", "time": "10 min", "device": "cpu"}
    study |= {"retries": 2, "searches": {"random": {"sampler": "random", "trials": 3}}}
    project.write(study)
    said = project.run("--resources", "gpu=1").text
    assert said.count("Trying again, attempt 2 of 3, after MemoryLimit") == 3
    assert {row["status"] for row in rows(project)} == {"complete"}
    times = [line.split() for line in (project.path / "times.txt").read_text().splitlines()]
    ends = sorted((float(start), float(end)) for start, end, *_ in times)
    assert all(end <= start for (_, end), (start, _) in itertools.pairwise(ends))  # one GPU
    assert {tuple(rest) for _, _, *rest in times} == {("1", "cpu")}


SLEEPS = """\
import subprocess, time

def train(config, trial):
    subprocess.Popen(["sleep", "300"])
    time.sleep(300)
"""


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGKILL], ids=["ctrl-c", "kill -9"])
def test_a_run_that_is_stopped_leaves_nothing_running(project, how):
    (project.path / "scripts/quick.py").write_text(SLEEPS)
    run = project.start(
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True
    )
    while sum("sleep 300" in line for line in left_running(project)) < 2:
        time.sleep(0.1)
    if how == signal.SIGINT:
        os.killpg(run.pid, how)  # as the terminal does
        said = run.communicate()[0]
        assert "Error in rule" not in said
        assert "Traceback" not in said
    else:
        run.kill()
        run.wait()
    assert_nothing_runs(project)
    assert project.records() == {}
