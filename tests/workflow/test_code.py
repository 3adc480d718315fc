"""The code of an objective, which is part of what a trial is, in real runs of snakemake."""

import json
import subprocess
import sys

import pytest

from tests.processes import wait_for
from tests.project import LONG, QUICK, changed, trained

pytestmark = pytest.mark.slow


def test_an_imported_module_and_a_watched_file_are_code(project):
    (project.path / "scripts/quick.py").write_text(f"import helper\n{QUICK}")
    helper, notes = project.path / "scripts/helper.py", project.path / "notes.json"
    helper.write_text("X = 1\n")
    notes.write_text("1\n")
    study = changed()
    study["objective"]["watch"] = ["notes.json"]
    project.write(study)
    project.train()
    first = project.records()
    helper.write_text("X = 1  # a comment\n")
    assert " 0 to train" in project.train()
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


PACKAGE = """
import argparse, json

from far import FACTOR
from .model import score

def train(config, trial):
    return {"val_score": FACTOR * score(config)}

if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--out")
    parser.add_argument("--lr", type=float)
    parser.add_argument("--hidden", type=int)
    given = parser.parse_args()
    with open(given.out, "w") as out:
        json.dump(train(vars(given), None), out)
"""


@pytest.mark.parametrize("kind", ["function", "command"])
def test_code_in_packages_and_elsewhere_is_trained_again(project, kind, tmp_path, monkeypatch):
    """A module of a package with relative imports, which imports another through PYTHONPATH."""
    package, far = project.path / "src/proj", tmp_path / "library/far.py"
    package.mkdir(parents=True)
    far.parent.mkdir()
    monkeypatch.setenv("PYTHONPATH", str(far.parent))
    (package / "hpo.py").write_text(PACKAGE)
    (package / "model.py").write_text("def score(config): return config['lr']\n")
    far.write_text("FACTOR = 1\n")
    study = changed()
    del study["objective"]["settings"]
    study["objective"]["entrypoint"] = "src/proj/hpo.py:train"
    if kind == "command":
        del study["objective"]["entrypoint"]
        study["objective"]["command"] = "cd src && python -m proj.hpo {args} --out {metrics}"
    project.write(study)
    project.train()
    far.write_text("FACTOR = 1  # a comment\n")
    assert " 0 to train" in project.train()
    before = project.records()
    far.write_text("FACTOR = 2\n")
    project.train()
    assert trained(before, project.records()) == 10
    assert all(float(row["val_score"]) == 2 * float(row["lr"]) for row in project.rows())


# A function and a command in one file, which wait for leave to end.
WAITS = """
import json, os, sys, time

FACTOR = 1

def train(config, trial=None):
    open("begun", "w").close()
    due = time.monotonic() + 300
    while not os.path.exists("leave") and time.monotonic() < due:
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
    study = {**changed(), "warm": kind == "warm"}
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
    said = run.communicate(timeout=LONG)[0].decode()
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
    assert all(float(row["val_score"]) == 2 * float(row["lr"]) for row in project.rows())
    assert len(project.records()) == len(records) + 10


def test_a_job_of_a_cluster_whose_trials_are_gone_says_so(project):
    said = project.run("--target-jobs", "trial:id=0123456789abcdef", succeeds=False)
    assert "config.yaml: the study, its code or its data has changed since this run began" in said


def test_a_version_pins_the_code(project):
    study = changed()
    study["objective"]["version"] = "1"
    project.write(study)
    project.train()
    before = project.records()
    (project.path / "scripts/quick.py").write_text(QUICK.replace("0.1", "0.2"))
    assert " 0 to train" in project.train()
    study["objective"]["version"] = "2"
    project.write(study)
    project.train()
    assert trained(before, project.records()) == 10
