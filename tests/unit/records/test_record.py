"""Records read back: only what a trial has left, as it has left it."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from snaketune.base.errors import StudyError
from snaketune.base.identity import canonical, digest
from snaketune.records.record import error_line, read_record, write_record
from snaketune.records.summary import read_summary
from tests.unit.made_up import STUDY, record

RECORD = record({"lr": 0.1, "act": "relu"}, 0.9)
ID = RECORD["trial_id"]


def edited(**changes):
    """An edit of what JSON holds."""
    return lambda text: json.dumps({**json.loads(text), **changes})


def without(*path):
    def edit(text):
        content = json.loads(text)
        inner = content
        for key in path[:-1]:
            inner = inner[key]
        del inner[path[-1]]
        return json.dumps(content)

    return edit


DAMAGES = {
    "a metric": edited(metrics={"val_score": 0.99, "test_score": 0.0}),
    "a metric that is gone": without("metrics", "test_score"),
    "infinity": lambda text: text.replace("0.9,", "Infinity,"),
    "minus infinity": lambda text: text.replace("0.9,", "-Infinity,"),
    "NaN": lambda text: text.replace("0.9,", "NaN,"),
    "a number beyond floats": lambda text: text.replace("0.9,", "1e999,"),
    "the id": edited(trial_id="0" * 16),
    "the seed": edited(seed=7),
    "another format": edited(format=3),
    "a format of another type": edited(format=True),
    "the format as text": edited(format="2"),
    "a made-up status": edited(status="wonderful"),
    "the cost": edited(cost={**RECORD["cost"], "train_seconds": 0.0}),
    "no cost": without("cost"),
    "no epochs": without("cost", "epochs"),
    "no history": without("history"),
    "no digest": without("digest"),
    "another digest": edited(digest="0" * 16),
    "a digest that is none": edited(digest=None),
    "another key": edited(more=1),
    "the same key twice": lambda text: text.replace('"seed": 0', '"seed": 0, "seed": 0'),
    "half of it": lambda text: text[: len(text) // 2],
    "nothing": lambda text: "",
    "no mapping": lambda text: "[1]",
    "null": lambda text: "null",
    "no text": lambda text: b"\xff\xfe",
    "too deep": lambda text: "[" * 100_000,
}


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
def test_what_no_trial_has_left_is_one_clear_error(tmp_path, damage):
    path = tmp_path / "record.json"
    write_record(path, RECORD)
    changed = damage(path.read_text())
    path.write_bytes(changed if isinstance(changed, bytes) else changed.encode())
    with pytest.raises(StudyError) as error:
        read_record(path, ID)
    text = str(error.value)
    assert text.startswith(f"{path}: this is not a record as a trial leaves it: ")
    assert text.endswith(f". Delete {tmp_path} and run again: just this trial is trained.")


def test_a_record_that_is_anothers_is_not_read(tmp_path):
    write_record(tmp_path / "record.json", RECORD)
    with pytest.raises(StudyError, match=f"it is that of trial {ID}"):
        read_record(tmp_path / "record.json", "0" * 16)


def test_a_record_may_be_formatted_anew(tmp_path):
    path = tmp_path / "record.json"
    write_record(path, RECORD)
    path.write_text(json.dumps(json.loads(path.read_text()), sort_keys=True))
    assert read_record(path, ID) == RECORD


def write_as_0_1(path: Path, **changes) -> None:
    """Write a record as version 0.1.0 did, which knew no digest."""
    path.write_text(json.dumps({**RECORD, "format": 1, **changes}, indent=1))


def test_a_record_of_the_first_version_is_still_read(tmp_path):
    path = tmp_path / "record.json"
    write_as_0_1(path)
    assert read_record(path, ID) == {**RECORD, "format": 1}


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            {"status": "wonderful"},
            'status is "wonderful", none of "complete", "diverged", "failed"',
        ),
        ({"cost": None}, "cost is not a mapping"),
        ({"cost": {"epochs": 1}}, "cost.cpu_seconds is missing"),
        ({"metrics": {"val": "high"}}, "metrics.val is not a number"),
        ({"metrics": {"val": True}}, "metrics.val is not a number"),
        ({"history": [{"epoch": 1}, 2]}, "history[1] is not a mapping"),
        ({"error": {"type": "A", "message": 3, "traceback": None}}, "error.message is not text"),
        ({"weights": 1}, "weights is not true or false"),
        ({"seed": 1.5}, "seed is not a whole number"),
        ({"trial_id": "0" * 16}, f"it is that of trial {ID}, and says {'0' * 16}"),
    ],
)
def test_a_record_of_the_first_version_has_to_have_its_shape(tmp_path, changes, message):
    write_as_0_1(tmp_path / "record.json", **changes)
    with pytest.raises(StudyError) as error:
        read_record(tmp_path / "record.json", ID)
    assert f"{message}. Delete" in str(error.value)


NUMBERS = st.one_of(st.none(), st.integers(-(2**63), 2**63 - 1), st.floats(allow_nan=False))
FINITE = NUMBERS.filter(lambda number: number is None or abs(number) != float("inf"))
TEXT = st.text(st.characters(exclude_categories=["Cs"]), min_size=1)


@given(metrics=st.dictionaries(TEXT, FINITE), message=TEXT, config=st.dictionaries(TEXT, FINITE))
def test_every_record_is_read_as_it_was_written(tmp_path_factory, metrics, message, config):
    spec = {**{key: RECORD[key] for key in ("data", "objective", "seed", "settings")}}
    spec["config"] = config
    error = {"type": "ValueError", "message": message, "traceback": None}
    written = {**RECORD, **spec, "metrics": metrics, "error": error}
    written["trial_id"] = digest(canonical(spec))
    path = tmp_path_factory.mktemp("record") / "record.json"
    write_record(path, written)
    assert read_record(path, written["trial_id"]) == written


def test_an_error_in_one_line_is_one_that_a_table_can_hold():
    line = error_line({"type": "E", "message": "a\ud800\0\nsecond", "traceback": None})
    assert line == "E: a\\ud800\\x00"
    long = error_line({"type": "E", "message": "x" * 20_000_000, "traceback": None})
    assert len(long) <= 500
    assert long.startswith("E: xxx")


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (lambda text: text[:50], "line 1"),
        (lambda text: "[]", "the format is None"),
        (without("searches"), "searches is missing"),
        (edited(mode="best"), 'mode is "best"'),
        (edited(format=1), "the format is 1, not"),
    ],
)
def test_a_summary_that_is_damaged_is_one_clear_error(tmp_path, damage, message):
    path = tmp_path / "study.json"
    path.write_text(json.dumps(STUDY))
    assert read_summary(path) == STUDY
    path.write_text(damage(json.dumps(STUDY)))
    with pytest.raises(StudyError, match=rf"study\.json: .*{message}.*Delete it and run again"):
        read_summary(path)
