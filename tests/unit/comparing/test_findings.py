"""comparison.json: written, read back, and refused where it is of another format."""

import json
import typing

import pytest

from snaketune.base.errors import StudyError
from snaketune.comparing.findings import FORMAT, Comparison, read_comparison, write_comparison
from tests.unit.made_up import random_trials, record


def has_type(value, kind) -> bool:
    """Whether a value read from JSON is of a type of `findings`: the same keys, and their types."""
    if typing.is_typeddict(kind):
        hints = typing.get_type_hints(kind)
        return (
            isinstance(value, dict)
            and kind.__required_keys__ <= value.keys() <= hints.keys()
            and all(has_type(value[key], hints[key]) for key in value)
        )
    origin, arguments = typing.get_origin(kind), typing.get_args(kind)
    if origin is typing.Literal:
        return value in arguments
    if origin is list:
        return isinstance(value, list) and all(has_type(item, arguments[0]) for item in value)
    if origin is dict:
        return isinstance(value, dict) and all(has_type(v, arguments[1]) for v in value.values())
    if arguments:  # a union
        return any(has_type(value, argument) for argument in arguments)
    return kind is typing.Any or isinstance(value, (int, float) if kind is float else kind)


def test_a_comparison_has_the_keys_and_types_that_are_documented(analyse, repeated, tmp_path):
    scores = [(i / 30, i / 30) for i in range(30)]
    seeds = [
        record({"lr": lr, "act": act}, lr, seed=seed)
        for lr, act in ((1.0, "relu"), (2.0, "tanh"))
        for seed in range(3)
    ]
    random = random_trials(*scores)
    random[0] = record({"lr": 1.0, "act": "tanh"}, 0.3)
    _, one_run = analyse(
        {"grid": random_trials((0.5, 0.4), first=50), "random": random, "r": seeds}
    )
    several = repeated({"a": [scores] * 2, "grid": [scores[:3]] * 2})
    assert one_run["importance"]
    assert one_run["searches"]["r"]["runner_up"]
    for comparison in (one_run, several):
        write_comparison(tmp_path / "comparison.json", comparison)
        again = read_comparison(tmp_path / "comparison.json")
        assert again == comparison
        assert next(iter(again)) == "format"
        assert has_type(again, Comparison)


def test_a_comparison_of_another_format_is_refused(tmp_path):
    path = tmp_path / "comparison.json"
    path.write_text(json.dumps({"format": FORMAT + 1}))
    with pytest.raises(StudyError) as raised:
        read_comparison(path)
    assert str(raised.value) == (
        f"{path}: the format is {FORMAT + 1}, not {FORMAT}. Delete it and run again: nothing is "
        "trained for it."
    )
