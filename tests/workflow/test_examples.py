"""The studies under examples/, with fewer trials than they have, in real runs of snakemake."""

import json
import os
import sys
from statistics import mean, stdev

import joblib
import numpy as np
import pytest
import torch
from sklearn.neighbors import KNeighborsClassifier

from snaketune.data.prepared import load_data
from tests.project import trained

pytestmark = pytest.mark.slow


def best(project, study: str, search: str):
    """The folder of a search's best configuration, and its record."""
    folder = project.results(study) / "best" / search
    return folder, json.loads((folder / "record.json").read_text())


def test_example_cnn(project):
    few = "{grid: {space: {channels: [8], dropout: [0], optimizer: [adam]}}, random: {trials: 2}}"
    study = ("--configfile", "examples/cnn/study.yaml", "--config", f"searches={few}")
    project.run(*study, "--", "results/cnn/best/grid")
    table = project.rows("cnn")
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
    few = "{grid: {space: {trees: [10], max_features: [0.3], min_samples_leaf: [5]}},"
    few += " random: {trials: 2, space: {trees: [10, 20]}}}"
    study = ("--configfile", "examples/forest/study.yaml", "--config", f"searches={few}")
    project.run(*study, "data={folds: 3}")
    table = project.rows("forest")
    assert [row["fold"] for row in table] == [*"012"] * 3
    comparison = json.loads((project.results("forest") / "comparison.json").read_text())
    won = comparison["searches"]["random"]["best"]
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
    project.run(*study, "--", "results/command/best/grid")
    table = project.rows("command")
    assert [row["status"] for row in table] == ["complete"] * 4
    # scikit-learn, on the rows of the same split.
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
    assert " 0 to train" in project.train(*study)
    script.write_text(script.read_text().replace("argmax()", "argmin()"))
    project.train(*study)
    assert trained(before, project.records()) == 4
