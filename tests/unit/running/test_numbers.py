"""Which values are numbers, and that what comes of them is plain JSON."""

import enum
import fractions
import json
import math
from decimal import Decimal

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from snaketune.running.numbers import as_metrics, as_number


class Float(float):
    """A class that no other process knows."""


class Integer(int):
    pass


class Text(str):
    pass


class Bad:
    def item(self):
        raise RuntimeError("no item")

    def __repr__(self):
        raise RuntimeError("no text")


Grade = enum.IntEnum("Grade", {"GOOD": 2})

NUMBERS = [
    (3, 3),
    (0.1, 0.1),
    (True, 1),
    (False, 0),
    (np.True_, 1),
    (torch.tensor(False), 0),
    (Float(0.5), 0.5),
    (Integer(4), 4),
    (Grade.GOOD, 2),
    (Decimal("0.1"), 0.1),
    (Decimal("1E+400"), None),
    (Decimal("NaN"), None),
    (fractions.Fraction(1, 4), 0.25),
    (2**53 + 1, 2**53 + 1),
    (-(2**63), -(2**63)),
    (2**64, float(2**64)),
    (10**400, None),
    (-(10**400), None),
    (np.int64(7), 7),
    (np.uint64(2**64 - 1), float(2**64 - 1)),
    (np.float16(0.5), 0.5),
    (np.float32(0.1), 0.10000000149011612),
    (np.longdouble("0.25"), 0.25),
    (np.longdouble("1e4000"), None),
    (np.array([0.5]), 0.5),
    (np.array([[2]]), 2),
    (np.array(3.0), 3.0),
    (torch.tensor([0.5]), 0.5),
    (torch.tensor(2.0, requires_grad=True), 2.0),
    (torch.tensor(3, dtype=torch.bfloat16), 3.0),
    (math.nan, None),
    (-math.inf, None),
    (np.float32("inf"), None),
]


@pytest.mark.parametrize(("value", "number"), NUMBERS, ids=lambda value: repr(value)[:30])
def test_what_is_a_number_is_plain(value, number):
    found = as_number("val", value)
    assert found == number
    assert type(found) in (int, float, type(None))
    assert type(found) is type(number)
    assert json.loads(json.dumps(found, allow_nan=False)) == number


NO_NUMBERS = [
    None,
    "0.5",
    np.str_("0.5"),
    b"0.5",
    bytearray(b"1"),
    1j,
    np.complex64(1),
    torch.tensor(1j),
    [0.5],
    {"a": 1},
    np.array([1.0, 2.0]),
    np.array([]),
    torch.zeros(2),
    object(),
    Bad(),
]


@pytest.mark.parametrize("value", NO_NUMBERS, ids=lambda value: type(value).__name__)
def test_what_is_no_number_is_said_to_be_none(value):
    with pytest.raises(TypeError, match=r"^the metric 'val' is .*, not a number$"):
        as_number("val", value)


@given(st.one_of(st.integers(), st.floats(), st.booleans(), st.decimals(allow_nan=False)))
def test_every_number_becomes_the_nearest_that_json_has(value):
    found = as_number("val", value)
    try:
        expected = float(value)
    except OverflowError:
        expected = math.inf
    if not math.isfinite(expected):
        assert found is None
    elif found != value:
        assert found == expected


def test_metrics_beside_the_one_that_counts_are_left_out_with_a_warning(capsys):
    warned = set()
    given = {"val": 1, "note": "good", "none": None, "many": np.zeros(3), "flag": True, 7: 2, "": 3}
    assert as_metrics(given, ["val"], warned) == {"val": 1, "flag": 1}
    said = capsys.readouterr().out
    assert said.splitlines() == [
        "Left out: the metric 'note' is 'good', not a number.",
        "Left out: the metric 'none' is None, not a number.",
        "Left out: the metric 'many' is array([0., 0., 0.]), not a number.",
        "Left out: a metric is called 7, which is no text.",
        "Left out: a metric is called '', which is no text.",
    ]
    as_metrics(given, ["val"], warned)
    assert capsys.readouterr().out == ""  # it is said once


@pytest.mark.parametrize("value", [None, "high", [1], torch.zeros(2)], ids=repr)
def test_the_metric_that_counts_has_to_be_a_number(value):
    with pytest.raises(TypeError, match=r"'val' is .*, not a number"):
        as_metrics({"other": 1, "val": value}, ["val"], set())


def test_names_are_plain_text_that_every_file_can_hold():
    found = as_metrics({Text("a"): 1, "half \ud800": 2, "n" * 10**6: 3}, ["val"], set())
    assert [type(name) for name in found] == [str] * 3
    assert list(found)[:2] == ["a", "half \\ud800"]
    assert max(map(len, found)) <= 200
