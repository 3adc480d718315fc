"""The answer in words: what is said of made-up studies, and what holds for any."""

import re
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from snaketune.comparing.answer import importance_sentence, match_sentence, runner_up_sentence
from snaketune.comparing.findings import write_comparison
from tests.unit.made_up import STUDY, analyse_repeated

ACC = {"metric_kind": "accuracy"}
MIN = {"mode": "min", "test_mode": "min"}
SPLIT = {"data": {"name": "digits"}}
ROWS = {"validation": 200, "test": 50_000}
FEW = {"validation": 360, "test": 360}


def runs(*scores):
    """Repetitions of one configuration each."""
    return [[s] for s in scores]


def once(*scores):
    """A single run with these configurations."""
    return [list(scores)]


def spread(start, step, count, val=0.5):
    return runs(*((val, round(start + i * step, 9)) for i in range(count)))


F = (None, 0)
STUDIES = {
    "paper-quick": ({"grid": once((0.92, 0.881)), "random": once((0.915, 0.913))}, ACC, ROWS),
    "the same on few rows": (
        {"grid": once((0.971, 0.966)), "random": once((0.972, 0.9669))},
        ACC,
        FEW,
    ),
    "rows not known": ({"grid": once((0.92, 0.881)), "random": once((0.915, 0.913))}, ACC, None),
    "no accuracy": ({"grid": once((0.92, 0.881)), "random": once((0.915, 0.913))}, {}, ROWS),
    "a share in percent": ({"grid": once((92.0, 88.1)), "random": once((91.5, 91.3))}, ACC, ROWS),
    "a loss": ({"grid": once((0.3, 0.35)), "random": once((0.31, 0.29))}, MIN, None),
    "an error rate": (
        {"grid": once((0.08, 0.119)), "random": once((0.085, 0.087))},
        {"mode": "min", "test_mode": "min", "metric_kind": "error"},
        ROWS,
    ),
    "a tie": ({"grid": once((0.9, 0.8)), "random": once((0.9, 0.8))}, {}, None),
    "a tie of three": (
        {"a": once((0.9, 0.8)), "b": once((0.9, 0.8)), "c": once((0.7, 0.8))},
        {},
        None,
    ),
    "a tie at one": ({"grid": once((1.0, 1.0)), "random": once((1.0, 1.0))}, ACC, ROWS),
    "nearly one": ({"grid": once((0.99999, 0.99999)), "random": once((1.0, 1.0))}, {}, None),
    "different in the fifth digit": (
        {"grid": once((0.91231, 0.91232)), "random": once((0.91228, 0.91229))},
        {},
        None,
    ),
    "one in a million": (
        {"grid": once((0.5, 0.5000001)), "random": once((0.5, 0.5000002))},
        {},
        None,
    ),
    "the last bit": ({"grid": once((0.1 + 0.2, 0.1 + 0.2)), "random": once((0.3, 0.3))}, {}, None),
    "huge": ({"grid": once((1e308, 1e308)), "random": once((-1e308, -1e308))}, {}, None),
    "tiny": ({"grid": once((1e-300, 2e-300)), "random": once((0.0, 0.0))}, {}, None),
    "zero": ({"grid": once((0.0, 0.0)), "random": once((0.0, 0.0))}, {}, None),
    "negative": ({"grid": once((-1.5, -2.5)), "random": once((-1.25, -3.0))}, {}, None),
    "three, one ahead": (
        {"a": once((0.9, 0.95)), "b": once((0.9, 0.90)), "c": once((0.9, 0.85))},
        ACC,
        ROWS,
    ),
    "three, two ahead": (
        {"a": once((0.9, 0.95)), "b": once((0.9, 0.9495)), "c": once((0.9, 0.85))},
        ACC,
        ROWS,
    ),
    "three, two tie ahead": (
        {"a": once((0.9, 0.95)), "b": once((0.9, 0.95)), "c": once((0.9, 0.85))},
        ACC,
        ROWS,
    ),
    "three about the same": (
        {"a": once((0.9, 0.95)), "b": once((0.9, 0.9495)), "c": once((0.9, 0.9505))},
        ACC,
        ROWS,
    ),
    "other budgets": (
        {"grid": once((0.9, 0.8)), "random": once((0.9, 0.6), (0.7, 0.85))},
        {},
        None,
    ),
    "one search": ({"random": once((0.9, 0.8), (0.7, 0.85))}, {}, None),
    "one search, one trial": ({"random": once((0.9, 0.8))}, {}, None),
    "one search without test": ({"random": once((0.9, None), (0.7, 0.85))}, {}, None),
    "no test metric": (
        {"grid": once((0.9, 0.8)), "random": once((0.7, 0.85))},
        {"test_metric": None},
        None,
    ),
    "no test metric, accuracy": (
        {"grid": once((0.9, 0.8)), "random": once((0.7, 0.85))},
        {"test_metric": None, **ACC},
        ROWS,
    ),
    "validation alone cannot tell": (
        {"grid": once((0.92, 0.8)), "random": once((0.915, 0.85))},
        {"test_metric": None, **ACC},
        ROWS,
    ),
    "one without test": ({"grid": once((0.9, None)), "random": once((0.7, 0.85))}, {}, None),
    "two of three without test": (
        {"a": once((0.9, None)), "b": once((0.7, None)), "c": once((0.8, 0.85))},
        {},
        None,
    ),
    "none has a test score": ({"grid": once((0.9, None)), "random": once((0.7, None))}, {}, None),
    "only one complete": ({"grid": once(F), "random": once((0.9, 0.8))}, {}, None),
    "two of three complete": (
        {"a": once(F), "b": once((0.9, 0.8)), "c": once((0.7, 0.6))},
        {},
        None,
    ),
    "nothing complete": ({"grid": once(F), "random": once((float("nan"), 0), F)}, {}, None),
    "nothing complete, repeated": ({"grid": runs(F, F), "random": runs(F, F)}, {}, None),
    "the first repetition failed": (
        {"grid": runs(F, (0.9, 0.8)), "random": runs((0.9, 0.7), (0.9, 0.6))},
        {},
        None,
    ),
    "all failed in one": ({"grid": runs(*[F] * 3), "random": runs(*[(0.9, 0.8)] * 3)}, {}, None),
    "one failed in one": (
        {"grid": runs(F, *[(0.9, 0.8)] * 29), "random": spread(0.7, 0.001, 30)},
        {},
        None,
    ),
    "clear": ({"grid": spread(0.70, 0.001, 10), "random": spread(0.80, 0.001, 10)}, SPLIT, None),
    "luck of two": (
        {"grid": spread(0.70, 0.001, 2), "random": spread(0.80, 0.001, 2)},
        SPLIT,
        None,
    ),
    "better, and hardly": (
        {"grid": spread(0.7, 1e-6, 60), "random": spread(0.7000105, 1e-6, 60)},
        SPLIT,
        None,
    ),
    "better by a millionth": (
        {"grid": spread(0.5, 0, 30), "random": spread(0.500001, 0, 30)},
        SPLIT,
        None,
    ),
    "better, not in the mean": (
        {
            "grid": runs(*[(0.5, 0.8)] * 29, (0.5, 0.9)),
            "random": runs(*[(0.5, 0.81)] * 28, *[(0.5, 0.1)] * 2),
        },
        SPLIT,
        None,
    ),
    "equal": (
        {"grid": spread(0.7, 0.001, 30), "random": spread(0.7, 0.001, 30)},
        {"split_seeds": 30, **SPLIT},
        None,
    ),
    "all runs identical": ({"grid": spread(0.8, 0, 30), "random": spread(0.8, 0, 30)}, SPLIT, None),
    "grid once, random 30 times": (
        {"grid": once((0.9, 0.715)), "random": spread(0.7, 0.001, 30)},
        SPLIT,
        None,
    ),
    "grid once, never beaten": (
        {"grid": once((0.9, 0.9)), "random": spread(0.7, 0.001, 30)},
        {},
        None,
    ),
    "three repeated": (
        {"a": spread(0.70, 0.001, 8), "b": spread(0.704, 0.001, 8), "c": spread(0.9, 0.001, 8)},
        {},
        None,
    ),
    "three, two of them once": (
        {"a": once((0.9, 0.8)), "b": once((0.9, 0.7)), "c": spread(0.7, 0.01, 5)},
        {},
        None,
    ),
    "one search repeated": ({"random": spread(0.7, 0.001, 30)}, {}, None),
    "one search repeated, one failed": ({"random": [*spread(0.7, 0.001, 3), [F]]}, {}, None),
    "one run without test": (
        {"grid": [*spread(0.7, 0.001, 9), [(0.5, None)]], "random": spread(0.8, 0.001, 10)},
        {},
        None,
    ),
    "no run of one has a test score": (
        {
            "grid": runs(*[(0.4 + i / 100, None) for i in range(9)]),
            "random": runs(*[(0.6 + i / 100, 0.8) for i in range(9)]),
        },
        {},
        None,
    ),
    "no test metric, repeated": (
        {
            "grid": runs(*[(0.4 + i / 100, 0) for i in range(9)]),
            "random": runs(*[(0.6 + i / 100, 0.8) for i in range(9)]),
        },
        {"test_metric": None},
        None,
    ),
    "other budgets, repeated": (
        {
            "grid": spread(0.70, 0.001, 10),
            "random": [[(0.5, 0.8 + i / 1000), (0.4, 0)] for i in range(10)],
        },
        {},
        None,
    ),
    "a loss, repeated": (
        {"grid": spread(0.70, 0.001, 10), "random": spread(0.80, 0.001, 10)},
        MIN,
        None,
    ),
    "huge, repeated": (
        {"grid": runs(*[(1e307, 1e307)] * 9), "random": runs(*[(-1e307, -1e307)] * 9)},
        {},
        None,
    ),
}

ANSWERS = yaml.safe_load(Path(__file__).with_name("answers.yaml").read_text(encoding="utf-8"))


def check(text: str) -> None:
    """What holds for every answer."""
    assert text[-1] == "."
    assert not re.search(r"–|\bnan\b|\binf\b|None|\.\.|  ", text)
    assert not re.search(r"\b1 (trials|runs|rows|repetitions|configurations)\b", text)
    assert not re.search(r"(\S+) against \1\b", text)
    assert not re.search(r"\b(\S+) (?:% )?\(\1 (?:% )?to \1\b", text)
    assert not re.search(r"\d{17}", text)


@pytest.mark.parametrize("name", STUDIES)
def test_the_answer_to_a_study(tmp_path, name):
    searches, study, rows = STUDIES[name]
    _, comparison = analyse_repeated(tmp_path, searches, {**STUDY, **study}, rows)
    assert comparison["answer"] == ANSWERS[name]
    check(comparison["answer"])


score = st.sampled_from(
    [0.0, 1.0, 0.5, 0.5000001, 0.99999, -3.0, 1e150, 1e-300, 1 / 3]
) | st.floats(-10, 10)
trial = st.tuples(st.none() | score, st.none() | score)
repeats = st.integers(1, 2).flatmap(
    lambda budget: st.lists(
        st.lists(trial, min_size=budget, max_size=budget), min_size=1, max_size=3
    )
)


@settings(max_examples=30)
@given(
    searches=st.dictionaries(st.sampled_from(["grid", "random", "b"]), repeats, min_size=1),
    study=st.sampled_from([{}, MIN, ACC, SPLIT, {"test_metric": None}]),
    rows=st.sampled_from([None, ROWS, FEW]),
)
def test_any_answer_is_well_formed(tmp_path_factory, searches, study, rows):
    folder = tmp_path_factory.mktemp("study")
    _, comparison = analyse_repeated(folder, searches, {**STUDY, **study}, rows)
    check(comparison["answer"])
    write_comparison(folder / "comparison.json", comparison)  # a number that JSON lacks is an error


RUNNER_UP = {
    "trial_id": "x",
    "config": {"lr": 0.1, "act": "relu"},
    "validation": 0.8,
    "validation_sd": 0.01,
    "difference": 0.1,
    "interval": [0.05, 0.15],
    "pairs": 3,
}


@pytest.mark.parametrize(
    ("second", "expected"),
    [
        (
            {},
            "The best configuration of a is ahead of the second (lr = 0.1, act = relu) by 0.1 in "
            "the mean over 3 pairs of trials (95 % interval: 0.05 to 0.15), which is more than the "
            "noise of training seeds and folds.",
        ),
        (
            {"interval": [-0.05, 0.25]},
            "The best configuration of a is ahead of the second (lr = 0.1, act = relu) by 0.1 in "
            "the mean over 3 pairs of trials (95 % interval: -0.05 to 0.25), which may be the "
            "noise of training seeds and folds: either may be the better.",
        ),
        (
            {"validation": 0.9, "difference": 1e-17, "interval": [-0.1, 0.1]},
            "The best configuration of a and the second (lr = 0.1, act = relu) have the same mean "
            "over 3 pairs of trials: either may be the better.",
        ),
        (
            {"interval": [0.1, 0.1]},
            "The best configuration of a is ahead of the second (lr = 0.1, act = relu) by 0.1 in "
            "each of 3 pairs of trials: training seeds and folds make no difference to that.",
        ),
        (
            {"difference": 1e-6, "interval": [0.0000009, 0.0000011]},
            "The best configuration of a is ahead of the second (lr = 0.1, act = relu) by 1e-06 in "
            "the mean over 3 pairs of trials (95 % interval: 9e-07 to 1.1e-06), which is more than "
            "the noise of training seeds and folds.",
        ),
    ],
)
def test_the_sentence_about_the_second_best(second, expected):
    search = {"best": {"validation": 0.9}, "runner_up": {**RUNNER_UP, **second}}
    assert runner_up_sentence("a", search) == expected
    assert runner_up_sentence("a", {**search, "runner_up": None}) == ""


IMPORTANCE = {
    "search": "random",
    "trials": 256,
    "explained": 0.93,
    "fanova": {"y": [0.2, 0.18, 0.19], "x": [0.7, 0.75, 0.74], "z": [0.01, 0.002, 0.001]},
    "effective_dimension": [2, 1, 2],
}


def test_the_sentence_about_importance():
    assert importance_sentence(IMPORTANCE) == (
        "A random forest that learns from some of the 256 configurations of random explains 93 % "
        "of the variance of the scores of the others. Of what it explains, single hyperparameters "
        "have 93 %: x 74 %, y 19 % and z 0.2 %. The effective dimension, the number of "
        "hyperparameters with 90 % of these shares, is 2 of 3 (1 to 2 over the refits)."
    )
    product = {**IMPORTANCE, "fanova": {"x": [0.1], "y": [0.12]}, "effective_dimension": [2]}
    assert importance_sentence(product).endswith(
        "Of what it explains, single hyperparameters have 22 %: y 12 % and x 10 %. The rest is in "
        "their interactions: no hyperparameter matters by itself."
    )


@pytest.mark.parametrize(
    ("match", "expected"),
    [
        (
            {"target_interval": [0.86, 0.91], "size": 9, "reached": 4, "interval": [4, 70]},
            "9 trials of random together have an even chance or better to reach the test score of "
            "grid's choice, 0.9 (0.86 to 0.91): 4 of 50 do. The 95 % interval for an even chance "
            "is 4 to 70 trials.",
        ),
        (
            {"size": 35, "reached": 1, "interval": [7, 1369]},
            "0.9: 1 of 50 does. The 95 % interval for an even chance is 7 to 1,369 trials, if that "
            "score is taken as exact.",
        ),
        (
            {"size": 1, "reached": 48, "interval": [1, 1]},
            "1 trial of random has an even chance or better to reach the test score of grid's "
            "choice, 0.9: 48 of 50 do. The 95 % interval for an even chance is 1 trial, if that",
        ),
        (
            {"size": None, "reached": 0, "interval": [10, None]},
            "None of 50 trials of random reaches the test score of grid's choice, 0.9. The 95 % "
            "interval for an even chance is 10 trials or more, if that score is taken as exact.",
        ),
    ],
)
def test_the_sentence_about_matching(match, expected):
    whole = {"random": "random", "other": "grid", "judged_by": "test", "target": 0.9, "of": 50}
    assert expected in match_sentence({**whole, "target_interval": None, **match})
