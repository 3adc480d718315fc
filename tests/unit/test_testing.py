"""A trial without a study, for tests of objectives."""

import numpy as np
import pytest

from scripts.train import train
from snaketune.testing import trial
from tests.project import QUICK

X = np.random.default_rng(0).normal(size=(60, 4))
Y = (X[:, 0] > 0).astype(int)
DATA = [(X[:40], Y[:40]), (X[40:50], Y[40:50]), (X[50:], Y[50:])]


def test_an_objective_is_tested_without_a_study():
    config, settings = {"lr": 0.1, "hidden": 8}, {"epochs": 4, "batch_size": 8}
    rule = {"metric": "val_accuracy", "mode": "max", "patience": 2}
    made = trial(config, DATA, settings=settings, early_stopping=rule, device="cpu")
    metrics = train(made.config, made)
    assert 0 <= metrics["test_accuracy"] <= 1
    assert [row["epoch"] for row in made.history] == list(range(1, len(made.history) + 1))
    assert made.weights["1.weight"].shape == (8, 4)


def test_an_objective_without_data():
    names = {}
    exec(QUICK, names)
    config = {"lr": 0.01, "hidden": 64}
    scores = [names["train"](config, trial(config, seed=s, settings={"epochs": 1})) for s in (0, 1)]
    assert scores[1]["val_score"] - scores[0]["val_score"] == pytest.approx(1e-6)


def test_two_parts_leave_test_empty_and_floats_are_regression(tmp_path):
    made = trial(data=[(X[:40], X[:40, 1]), (X[40:], X[40:, 1])], workdir=tmp_path)
    assert (made.data.task, made.data.classes, len(made.data.test.y)) == ("regression", 0, 0)
    assert made.data.train.x.dtype == made.data.train.y.dtype == np.float32
    assert made.workdir == tmp_path
    assert trial(data=DATA).data.class_names == ("0", "1")


@pytest.mark.parametrize("data", [DATA[:1], [*DATA, DATA[0]], [(X, Y[:3]), (X, Y)]])
def test_data_of_another_shape_is_refused(data):
    with pytest.raises(ValueError, match=r"parts|rows"):
        trial(data=data)
