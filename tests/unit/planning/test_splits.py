"""Splits of the data: one for all repetitions, or one for each."""

import json

import pytest

from snaketune.base.errors import StudyError
from snaketune.data.description import data_name


def test_repetitions_may_vary_the_split(load, study):
    study["data"] = {"name": "digits", "seed": 5}
    study["searches"]["grid"]["repeats"] = 2
    study["searches"]["random"]["repeats"] = 3
    same = load(study)
    assert same.data_ids == [data_name(same.data)]
    assert {same.split_of(t.trial_id) for t in same.plan} == {0}
    study["data"]["split_seeds"] = "vary"
    varied = load(study)
    assert (same.summary["split_seeds"], varied.summary["split_seeds"]) == (1, 3)
    assert len(set(varied.data_ids)) == 3
    assert varied.data_ids[0] == same.data_ids[0]
    for t in varied.plan:
        assert json.loads(varied.spec(t.trial_id))["data"] == {**same.data, "seed": 5 + t.repeat}
        assert varied.split_of(t.trial_id) == t.repeat
    pairs = list(zip(same.plan, varied.plan, strict=True))
    assert all((one.trial_id == other.trial_id) == (one.repeat == 0) for one, other in pairs)
    assert all(one._replace(trial_id=other.trial_id) == other for one, other in pairs)


def test_splits_that_vary_have_folds_of_their_own(load, study):
    study["data"] = {"name": "digits", "folds": 2, "split_seeds": "vary"}
    study["searches"]["random"]["repeats"] = 2
    loaded = load(study)
    found = [json.loads(loaded.spec(t.trial_id))["data"] for t in loaded.plan]
    assert [(d["seed"], d["fold"]) for d in found[-8:]] == [(1, 0), (1, 1)] * 4


def test_the_split_of_a_trial_of_another_study_is_an_error(load, study):
    with pytest.raises(StudyError, match="has changed since this run began"):
        load(study).split_of("0123456789abcdef")
