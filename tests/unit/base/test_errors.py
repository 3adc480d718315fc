"""Errors keep their key path, their file and their text on the way from the fault to the user."""

import copy
import pickle
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from snaketune.base.errors import StudyError, inside, key_path, show, suggest

NAMES = st.text("aZ09_-", min_size=1, max_size=8)
PATHS = st.lists(NAMES | st.integers(0, 99)).map(tuple)


def parts(text: str) -> tuple:
    """The keys that `key_path` wrote as `text`."""
    found = re.findall(r"\[(\d+)\]|([^.\[\]]+)", text)
    return tuple(int(number) if number else name for number, name in found)


@given(path=PATHS)
def test_a_key_path_can_be_read_back(path):
    assert parts(key_path(path)) == path


@given(outer=PATHS, inner=PATHS)
def test_inside_puts_the_outer_keys_first(outer, inner):
    with pytest.raises(StudyError) as raised, inside(*outer, file="my.yaml"):
        raise StudyError("fault", "Remedy", inner)
    error = raised.value
    assert (error.path, error.file) == (outer + inner, "my.yaml")
    assert (error.fault, error.remedy) == ("fault", "Remedy")


@given(outer=PATHS, inner=PATHS)
def test_inside_one_after_the_other_is_inside_both(outer, inner):
    fault = StudyError("fault", "Remedy")
    assert fault.inside(*inner).inside(*outer).path == fault.inside(*outer, *inner).path


def test_the_innermost_file_is_the_one_at_fault():
    with pytest.raises(StudyError) as raised, inside("data", file="my.yaml"):
        raise StudyError("fault", "Remedy", file="record.json")
    assert raised.value.file == "record.json"
    assert raised.value.inside(file="other.yaml").file == "record.json"


def test_inside_lets_results_and_other_errors_pass():
    with inside("data"):
        result = 1
    assert result == 1
    with pytest.raises(KeyError), inside("data"):
        raise KeyError("fault")


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (StudyError("a fault", "Do this"), "a fault. Do this."),
        (StudyError("a fault", "Do this", ("a", 0)), "a[0]: a fault. Do this."),
        (StudyError("a fault", "Do this", (), "my.yaml"), "my.yaml: a fault. Do this."),
        (
            StudyError("a fault", "Did you mean 'b'?", ["a"], "m"),
            "m: a: a fault. Did you mean 'b'?",
        ),
    ],
)
def test_the_text_is_file_path_fault_remedy(error, text):
    assert str(error) == text


@given(path=PATHS)
def test_an_error_survives_the_way_to_another_process(path):
    error = StudyError("fault", "Remedy", path, "my.yaml")
    for same in (pickle.loads(pickle.dumps(error)), copy.deepcopy(error)):
        assert (same.fault, same.remedy, same.path, same.file) == (
            error.fault,
            error.remedy,
            error.path,
            error.file,
        )
        assert str(same) == str(error)


def test_suggestions():
    assert suggest("serches", {"searches": 1, "seeds": 2}, "other") == "Did you mean 'searches'?"
    assert suggest("zzz", ["searches", "seeds"], "other") == "other"
    assert suggest("zzz", [], "other") == "other"


def test_values_are_shown_as_in_a_study_file():
    assert show({"lr": [0.1, None, True]}) == '{"lr": [0.1, null, true]}'
    assert show("ü") == '"ü"'
    assert show(1j) == '"1j"'  # what YAML can't write is shown all the same
