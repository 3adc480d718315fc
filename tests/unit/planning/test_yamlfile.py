"""Reading YAML 1.2 where PyYAML reads 1.1."""

import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from snaketune.base.errors import StudyError
from snaketune.planning.yamlfile import load_yaml, parse_yaml, read_text


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1e-3", 0.001),
        ("1E3", 1000.0),
        (".5", 0.5),
        ("1.", 1.0),
        ("-2", -2),
        ("010", 10),
        ("1:30", "1:30"),
        ("0x1F", 31),
        ("0o17", 15),
        ("_1", "_1"),
        ("12:30:00", "12:30:00"),
        ("2026-01-01", "2026-01-01"),
        ("true", True),
        ("'on'", "on"),
        ("n", "n"),  # a good name for a number, and text to PyYAML as well
        ('"1e-3"', "1e-3"),
        ("~", None),
        ("", None),
        ("null", None),
        ("[1, 1.0, x]", [1, 1.0, "x"]),
        (".inf", math.inf),
    ],
)
def test_scalars(tmp_path, text, value):
    (tmp_path / "a.yaml").write_text(f"key: {text}\n")
    read = load_yaml(tmp_path / "a.yaml")["key"]
    assert read == value
    assert type(read) is type(value)


@pytest.mark.parametrize("word", ["on", "Off", "yes", "NO"])
def test_words_with_two_meanings_are_errors(tmp_path, word):
    (tmp_path / "a.yaml").write_text(f"key: [{word}]\n")
    with pytest.raises(StudyError, match="true or false"):
        load_yaml(tmp_path / "a.yaml")


@pytest.mark.parametrize("word", ["1_000", "-1_0", "1_0.5", "0b11", "1_000e3"])
def test_numbers_of_yaml_1_1_alone_are_errors(tmp_path, word):
    (tmp_path / "a.yaml").write_text(f"key: [{word}]\n")
    with pytest.raises(StudyError, match="a number or as text"):
        load_yaml(tmp_path / "a.yaml")
    (tmp_path / "a.yaml").write_text(f"key: ['{word}']\n")
    assert load_yaml(tmp_path / "a.yaml") == {"key": [word]}


@pytest.mark.parametrize(
    "value",
    [
        "!!set {a, b}",
        "!!timestamp 2001-01-01",
        "!!binary aGVsbG8=",
        "!!omap [a: 1]",
        "!!int abc",
        "!!float [1]",
        "!!bool maybe",
        "!!null x",
        "!!map [1]",
        "!!seq {a: 1}",
        "!!python/name:os.system",
        "!mine 1",
        "&a [*a]",
        "&a {x: {y: *a}}",
        "[" * 60 + "]" * 60,
        "[" * 5000 + "]" * 5000,
        "1" * 5000,
        "0x" + "f" * 5000,
        '"\\ud83d"',
    ],
)
def test_what_json_does_not_have_is_an_error_that_names_the_line(tmp_path, value):
    (tmp_path / "a.yaml").write_text(f"a: 1\nkey: {value}\n")
    with pytest.raises(StudyError, match=r"in line 2|nested too deep"):
        load_yaml(tmp_path / "a.yaml")


def test_aliases_may_repeat_a_value_but_not_a_million_times(tmp_path):
    lines = ["a0: &a0 [1, 1, 1, 1, 1, 1, 1, 1, 1, 1]"]
    lines += [f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 10)}]" for i in range(1, 9)]
    (tmp_path / "a.yaml").write_text("\n".join(lines[:4]))
    assert len(load_yaml(tmp_path / "a.yaml")["a3"]) == 10
    (tmp_path / "a.yaml").write_text("\n".join(lines))
    with pytest.raises(StudyError, match="more than 1,000,000 values"):
        load_yaml(tmp_path / "a.yaml")


_TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=50)
_PLAIN = st.none() | st.booleans() | st.integers(-(2**70), 2**70) | _TEXTS
_PLAIN |= st.floats(allow_nan=False, allow_infinity=False)


@given(
    value=st.recursive(
        _PLAIN,
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_TEXTS, inner, max_size=3),
    )
)
def test_json_is_read_as_json_is(value):
    """A study may be written as JSON, with every escape that JSON has."""
    assert parse_yaml(json.dumps({"key": value})) == {"key": value}


def test_anchors_and_merge_keys_work(tmp_path):
    (tmp_path / "a.yaml").write_text("a: &x {p: 1, q: 2}\nb: {<<: *x, q: 3}\n")
    assert load_yaml(tmp_path / "a.yaml")["b"] == {"p": 1, "q": 3}


def test_the_text_of_a_file_keeps_its_line_ends(tmp_path):
    (tmp_path / "a.yaml").write_bytes(b"key: 1\r\n")
    assert read_text(tmp_path / "a.yaml") == "key: 1\r\n"
    assert load_yaml(tmp_path / "a.yaml") == {"key": 1}
