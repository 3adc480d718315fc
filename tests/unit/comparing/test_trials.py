"""The table of trials: values keep their type on the way through trials.csv."""

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from snaketune.base.identity import canonical
from snaketune.base.words import read_cell
from snaketune.comparing.cube import categorical, unit_cube
from snaketune.comparing.trials import NULL, numbers, ordered, read_trials, varied
from tests.unit.made_up import STUDY, analyse_in, record

NUMBERS = st.integers() | st.floats(allow_nan=False, allow_infinity=False)
ATOMS = st.none() | st.booleans() | NUMBERS | st.text(st.characters(), max_size=5)
WORDS = st.sampled_from(["", "1", "1.0", "1.00", "010", "10", "true", "null", "nan", "a\rb", "1e5"])
VALUES = ATOMS | WORDS | st.lists(ATOMS, max_size=2)
CONFIGS = st.fixed_dictionaries({"lr": st.just(0.5)}, optional={"x": VALUES, "y": VALUES})


def read_back(value):
    """The value of a configuration of which a cell of the frame is."""
    return read_cell(value) if isinstance(value, str) else value


@settings(max_examples=40)
@given(configs=st.lists(CONFIGS, min_size=1, max_size=6, unique_by=canonical))
def test_every_value_comes_back_from_the_table(tmp_path_factory, configs):
    study = {**STUDY, "hyperparameters": {"lr": "log", "x": "category", "y": "category"}}
    trials = [record(config, 0.5) for config in configs]
    table, _ = analyse_in(tmp_path_factory.mktemp("table"), {"a": trials}, study)
    for name in ("x", "y"):
        found = table[name].tolist()
        for value, config in zip(found, configs, strict=True):
            if name not in config:
                assert value != value
            elif isinstance(value, str):
                assert repr(read_back(value)) == repr(config[name])
            else:
                assert value == pytest.approx(config[name], rel=1e-15)
                assert not isinstance(config[name], bool | str)


def column(tmp_path, *values, missing=0):
    """A hyperparameter with these values in the frame of a table."""
    trials = [record({"lr": 0.5, "x": value}, 0.5) for value in values]
    trials += [record({"lr": 1.5 + i}, 0.5) for i in range(missing)]
    study = {**STUDY, "hyperparameters": {"lr": "log", "x": "linear"}}
    return analyse_in(tmp_path, {"a": trials}, study)[0]["x"]


@pytest.mark.parametrize(
    "values",
    [
        ("010", "10"),
        (1, "1"),
        (True, "true", 1),
        ("1.0", "1.00"),
        ("", None),
        (None, "null"),
        (0.5, None),
        ("relu", None),
        (False, 0, 0.0, ""),
        ([1], "[1]"),
        ("a\rb", "a\nb"),
    ],
)
def test_values_that_look_alike_are_as_many_as_they_are(tmp_path, values):
    found = column(tmp_path, *values, missing=1)
    assert found.nunique() == len(values)
    assert found.isna().tolist() == [False] * len(values) + [True]


def test_numbers_stay_numbers(tmp_path):
    assert column(tmp_path, 1, 2).dtype == "int64"
    assert column(tmp_path, 1, 2.5, missing=1).tolist()[:2] == [1, 2.5]
    assert column(tmp_path, 10**30, 1).dtype == "float64"
    assert column(tmp_path, None, 32, 64).tolist() == [NULL, 32, 64]


def test_null_among_numbers_leaves_them_their_order(tmp_path):
    found = column(tmp_path, None, 1e-3, 1e-1, missing=1)
    assert ordered(found)
    assert numbers(found).tolist()[1:3] == [1e-3, 1e-1]
    assert numbers(found).isna().tolist() == [True, False, False, True]
    cube = unit_cube(found.to_frame(), {"x": "log"})["x"].tolist()
    assert cube[:3] == pytest.approx([0, 0.2, 1])
    assert math.isnan(cube[3])
    assert not ordered(column(tmp_path, None, 1, "1"))


def test_null_counts_as_a_value_that_varies(tmp_path):
    trials = [record({"lr": 0.5, "x": value}, 0.5) for value in (None, "balanced")]
    study = {**STUDY, "hyperparameters": {"lr": "log", "x": "category"}}
    table, comparison = analyse_in(tmp_path, {"a": trials}, study)
    assert varied(table, comparison) == ["x"]
    assert comparison["coverage"]["a"]["values"] == {"x": 2}


@pytest.mark.parametrize(
    ("null", "other", "scale"), [(None, "balanced", "category"), (None, 0.25, "linear")]
)
def test_a_null_that_decides_everything_is_what_matters(tmp_path, null, other, scale):
    draw = np.random.default_rng(0)
    trials = [
        record({"lr": lr, "wd": wd, "x": null if i % 2 else other}, i % 2 + 0.01 * lr)
        for i, (lr, wd) in enumerate(draw.random((40, 2)).tolist())
    ]
    scales = {"lr": "linear", "wd": "linear", "x": scale}
    table, comparison = analyse_in(tmp_path, {"r": trials}, {**STUDY, "hyperparameters": scales})
    assert categorical(table, scales) == ({"x"} if scale == "category" else set())
    shares = {name: np.median(v) for name, v in comparison["importance"]["fanova"].items()}
    assert shares["x"] > 0.9


def test_an_error_may_be_any_text(tmp_path):
    failed = record({"lr": 0.5}, None)
    failed["error"] = {"type": "OSError", "message": 'no "\ud800\x1b[31m,\x00', "traceback": None}
    table, _ = analyse_in(tmp_path, {"a": [failed]})
    assert table["error"].tolist() == ['OSError: no "\\ud800\\x1b[31m,\\x00']


def test_a_table_of_one_row_is_read(tmp_path):
    (tmp_path / "trials.csv").write_text("search,lr\na,0.5\n")
    expected = pd.DataFrame({"search": ["a"], "lr": [0.5]}).astype({"search": "object"})
    pd.testing.assert_frame_equal(read_trials(tmp_path / "trials.csv"), expected)
