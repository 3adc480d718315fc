"""What a study says of its metrics."""

import pytest


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
