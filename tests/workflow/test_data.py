"""A table of the user's own as data, in real runs of snakemake."""

import os

import numpy as np
import pandas as pd
import pytest

from tests.project import Project, changed, trained

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
    """A project with a model and a table of the user's own."""
    draw = np.random.default_rng(0)
    x = draw.normal(size=(60, 3))
    frame = pd.DataFrame(x, columns=list("abc"))
    frame["y"] = x @ [1, 2, 3] + draw.normal(size=60)
    frame.to_csv(project.path / "my.csv", index=False)
    (project.path / "model.py").write_text(OWN)
    project.write(OWN_STUDY)
    return project


def test_changed_data_trains_its_trials_and_no_others(own):
    own.train()
    before, table = own.records(), own.rows("own")
    other = {**OWN_STUDY, "study": "other", "data": {"file": "copy.csv", "target": "y"}}
    (own.path / "copy.csv").write_bytes((own.path / "my.csv").read_bytes())
    own.write(other, "other.yaml")
    own.train("--configfile", "other.yaml")
    assert own.records() == before  # the same data by another name
    os.utime(own.path / "my.csv")
    assert " 0 to train" in own.train()
    lines = (own.path / "my.csv").read_text().splitlines(keepends=True)
    (own.path / "my.csv").write_text("".join(lines[:-1]))
    own.train()
    after = own.records()
    assert (len(after), trained(before, after)) == (12, 6)
    assert own.rows("own") != table
    (own.path / "my.csv").write_text("".join(lines))
    own.train()
    assert own.records() == after
    assert own.rows("own") == table


def test_an_edit_of_the_preparation_hides_no_trial(own):
    """Snakemake leaves out what waits for a file by `ancient` where that is made again."""
    own.train()
    before = own.records()
    with (own.path / "scripts/prepare.py").open("a") as script:
        script.write("# A comment.\n")
    own.write(changed(OWN_STUDY, random={"trials": 4}))
    own.train()
    assert trained(before, own.records()) == 1


def test_bad_data_stops_the_study_before_anything_trains(own):
    own.write({**OWN_STUDY, "data": {"file": "my.csv", "target": "z"}})
    said = own.run(succeeds=False)
    fault = "Error in the study. config.yaml: data.target: my.csv has no column 'z'. Its columns"
    assert said.count(fault) == 1
    assert "Traceback" not in said
    assert own.records() == {}
    own.write({**OWN_STUDY, "data": {"file": "my.csv", "target": "a", "task": "classification"}})
    said = own.run(succeeds=False)
    assert "Error in the study. config.yaml: data.target: the class '" in said
    assert own.records() == {}
