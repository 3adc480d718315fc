"""Reading YAML 1.2 where PyYAML reads 1.1."""

import math

import pytest

from snaketune.base.errors import StudyError
from snaketune.planning.yamlfile import load_yaml, read_text


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
        ("1_000", "1_000"),
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


def test_anchors_and_merge_keys_work(tmp_path):
    (tmp_path / "a.yaml").write_text("a: &x {p: 1, q: 2}\nb: {<<: *x, q: 3}\n")
    assert load_yaml(tmp_path / "a.yaml")["b"] == {"p": 1, "q": 3}


def test_the_text_of_a_file_keeps_its_line_ends(tmp_path):
    (tmp_path / "a.yaml").write_bytes(b"key: 1\r\n")
    assert read_text(tmp_path / "a.yaml") == "key: 1\r\n"
    assert load_yaml(tmp_path / "a.yaml") == {"key": 1}
