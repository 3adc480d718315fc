"""What a study says of its code and its metrics."""

import pytest

from snaketune.base.errors import StudyError
from tests.unit.planning.faults.changes import command


@pytest.mark.parametrize(("kind", "mode"), [("accuracy", "max"), ("error", "min"), (None, "max")])
def test_the_kind_of_the_metric_is_what_the_study_says_and_names_no_trial(load, study, kind, mode):
    study["objective"] |= {"metric": "val_accuracy", "mode": mode}
    without = load(study)
    assert without.summary["metric_kind"] is None
    if kind:
        study["objective"]["metric_kind"] = kind
    assert load(study).summary["metric_kind"] == kind
    assert load(study).specs == without.specs


@pytest.mark.parametrize(
    ("metric", "test"),
    [("val_loss", "test_loss"), ("validation_f1", "test_f1"), ("rmse", None), ("value", None)],
)
def test_the_test_metric_is_only_guessed_where_the_name_says_validation(load, study, metric, test):
    study["objective"]["metric"] = metric
    assert load(study).objective.test_metric == test


@pytest.mark.parametrize(
    ("metric", "test"),
    [
        ("val_loss", "test_loss"),
        ("loss_val", "loss_test"),
        ("val/top5-acc", "test/top5_acc"),
        ("eval_loss", "test_loss"),
        ("loss", "test_loss"),
        ("Val Loss", "Test Loss"),
    ],
)
def test_two_metrics_of_the_same_quantity_have_one_mode(load, study, metric, test):
    study["objective"] |= {"metric": metric, "test_metric": test, "mode": "min"}
    assert load(study).summary["test_mode"] == "min"


@pytest.mark.parametrize(
    ("metric", "test"),
    [("val_loss", "test_accuracy"), ("val", "test"), ("val_loss_1", "test_loss")],
)
def test_another_quantity_needs_a_mode_of_its_own(load, study, metric, test):
    study["objective"] |= {"metric": metric, "test_metric": test, "mode": "min"}
    with pytest.raises(StudyError, match=f"whether a larger {test} is better"):
        load(study)
    study["objective"]["test_mode"] = "max"
    summary = load(study).summary
    assert (summary["mode"], summary["test_mode"]) == ("min", "max")


def test_which_test_scores_are_better_names_no_trial(load, study):
    study["objective"] |= {"test_metric": "test_loss", "test_mode": "max"}
    specs = load(study).specs
    study["objective"]["test_mode"] = "min"
    assert load(study).specs == specs


IMPORTS = {
    "import helper": True,
    "from helper.inner import f": True,
    "def f():\n    import helper": True,
    "import importlib; importlib.import_module('helper')": True,
    "import os, sys\nsys.path.append(os.environ['LIBRARIES'])\nimport helper": True,
    "try:\n    import helper\nexcept ImportError: pass": False,
    "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import helper": False,
    "import numpy, json, _thread, msvcrt, snaketune, __main__": False,
    "import xml.etree.ElementTree as tree, sklearn.svm": False,
    "from quick_helper import name": False,
    "import quick_helper": False,
}


@pytest.mark.parametrize("kind", ["entrypoint", "command"])
@pytest.mark.parametrize("source", IMPORTS)
def test_an_import_that_is_not_found_is_a_warning(load, study, folder, capsys, source, kind):
    (folder / "scripts/own.py").write_text(f"{source}\ndef train(config, trial): return {{}}\n")
    (folder / "scripts/quick_helper.py").write_text("")
    study["objective"]["entrypoint"] = "scripts/own.py:train"
    if kind == "command":
        command("python scripts/own.py {args} {metrics}")(study)
    load(study)
    said = capsys.readouterr().err
    assert (f"Warning: objective.{kind}: scripts/own.py, line " in said) == IMPORTS[source]
    assert ("imports 'helper" in said and "name it under 'watch'" in said) == IMPORTS[source]
    study["objective"]["watch"] = ["scripts"]
    load(study)
    assert capsys.readouterr().err == ""


def test_an_import_that_a_data_function_misses_is_a_warning(load, study, folder, capsys):
    (folder / "scripts/own.py").write_text("import helper\ndef load(): return [[1]], [1]\n")
    study["data"] = {"function": "scripts/own.py:load"}
    load(study)
    said = capsys.readouterr().err
    assert "Warning: data.function: scripts/own.py, line 1, imports 'helper'" in said
