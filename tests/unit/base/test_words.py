"""Numbers and lists as people and CSV files have them, and which score is better."""

import csv
import io
import json
import xml.etree.ElementTree as ET
from xml.sax.saxutils import escape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from snaketune.base.modes import sign
from snaketune.base.words import (
    cell,
    csv_line,
    join,
    legible,
    number,
    numbers,
    percent,
    percents,
    plural,
    read_cell,
    shown,
)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "–"),
        (float("nan"), "–"),
        (float("inf"), "inf"),
        (0, "0"),
        (0.0, "0"),
        (1234567, "1,234,567"),
        (1234567.0, "1,234,567"),
        (10**20, "1e+20"),
        (1e14, "100,000,000,000,000"),
        (0.99999, "0.99999"),
        (-0.999999, "-0.999999"),
        (1.00001, "1.00001"),
        (1e300, "1e+300"),
        (-2.5, "-2.5"),
        (0.98765, "0.9877"),
        (0.000012345, "1.234e-05"),
        (1797.25, "1797"),
    ],
)
def test_a_number_has_four_digits_or_is_whole(value, text):
    assert number(value) == text


@given(value=st.floats())
def test_a_number_is_short_enough_for_a_table(value):
    assert len(number(value)) <= 20


def test_words_of_a_sentence():
    assert join(iter(["a", "b", "c", "d"])) == "a, b, c and d"
    assert [plural(count, "cell") for count in (0, 1, 2, 10_000)] == [
        "0 cells",
        "1 cell",
        "2 cells",
        "10,000 cells",
    ]
    assert [percent(share) for share in (0, 0.5, 1, 0.004, 1e-9)] == [
        "0 %",
        "50 %",
        "100 %",
        "0.4 %",
        "0 %",
    ]


@pytest.mark.parametrize(
    ("values", "texts"),
    [
        ([0.91234, 0.91228], ["0.91234", "0.91228"]),
        ([0.9, 0.9], ["0.9", "0.9"]),
        ([0.1 + 0.2, 0.3], ["0.3", "0.3"]),
        ([1 - 1e-9, 1], ["0.999999999", "1"]),
        ([1e308, 1, 1.5e-300], ["1e+308", "1", "1.5e-300"]),
        ([12345.6, 12345.7], ["12345.6", "12345.7"]),
        ([1000.2, 1000], ["1000.2", "1,000"]),
        ([], []),
    ],
)
def test_numbers_have_the_digits_that_tell_them_apart(values, texts):
    assert numbers(values) == texts


@given(values=st.lists(st.floats(allow_nan=False), max_size=4))
def test_what_differs_in_twelve_digits_looks_different(values):
    assert len(set(numbers(values))) == len({f"{value + 0:.12g}" for value in values})


def test_percents_have_the_decimals_that_tell_them_apart():
    assert percents([0.58, 0.44, 0.73]) == ["58 %", "44 %", "73 %"]
    assert percents([0.6, 0.5004, 0.5]) == ["60.00 %", "50.04 %", "50.00 %"]
    assert percents([0.5, 0.5]) == ["50 %", "50 %"]


def test_values_for_people():
    assert [shown(value) for value in ("a", 3, 3.0, 0.12345, None)] == [
        "a",
        "3",
        "3",
        "0.1235",
        "None",
    ]


ANY_TEXT = st.text(st.characters(), max_size=9)
NUMBERS = st.floats(allow_nan=False, allow_infinity=False) | st.integers()
ATOMS = st.none() | st.booleans() | NUMBERS | ANY_TEXT
LIKE_OTHERS = (NUMBERS | st.sampled_from([None, True, [1], '"', [" "]])).map(json.dumps)
VALUES = st.recursive(ATOMS | LIKE_OTHERS, lambda inner: st.lists(inner, max_size=3), max_leaves=5)


@given(value=VALUES)
def test_a_cell_keeps_the_value_and_its_type(value):
    text = cell(value)
    assert repr(read_cell(text)) == repr(value)
    assert text != ""
    assert text.isprintable()


def test_a_cell_is_text_where_it_can_be():
    texts = ["relu", "010", "None", "NaN", "Infinity", '"', "[1", "a,b", "é", "-", "1e400x"]
    assert [cell(text) for text in texts] == texts
    assert [cell(text) for text in ("", "1 ", "1e400", "null", "a\rb")] == [
        '""',
        '"1 "',
        '"1e400"',
        '"null"',
        '"a\\rb"',
    ]


@given(rows=st.lists(st.lists(ANY_TEXT.map(legible), min_size=2, max_size=2), min_size=1))
def test_a_line_of_csv_reads_back(rows):
    stream = io.StringIO("".join(map(csv_line, rows)), newline="")
    assert list(csv.reader(stream, strict=True)) == rows


@given(text=ANY_TEXT)
def test_legible_text_is_in_utf_8_and_xml(text):
    found = legible(text)
    assert ET.fromstring(f"<a>{escape(found)}</a>".encode()).tag == "a"
    assert legible(found) == found
    if text.isprintable():
        assert found == text


@pytest.mark.parametrize(("mode", "best"), [("max", 3), ("min", 1)])
def test_the_sign_makes_larger_better(mode, best):
    assert max([2, 1, 3], key=lambda score: sign(mode) * score) == best
