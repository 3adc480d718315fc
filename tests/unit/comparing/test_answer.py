"""The answer in words."""

import pytest

from snaketune.comparing.answer import match_sentence
from tests.unit.made_up import random_trials

A, B, C = (0.9, 0.8), (0.7, 0.85), (0.9, 0.6)


@pytest.mark.parametrize(
    ("searches", "expected", "unexpected"),
    [
        (
            {"grid": [A], "random": [B]},
            "grid found the better configuration: val_score 0.9 against 0.7 for random "
            "(1 trial each). On the test data, which selected nothing, the test_score is 0.8 for "
            "grid and 0.85 for random: there random is ahead. One run of each search cannot tell",
            "tie",
        ),
        (
            {"grid": [A], "random": [C, B]},
            "grid and random tie: the best of each reaches a val_score of 0.9 (grid 1 trial and "
            "random 2 trials). On the test data, which selected nothing, the test_score is 0.8 "
            "for grid and 0.6 for random. The budgets differ. One run",
            "better",
        ),
        ({"random": [A, B]}, "The best of 2 trials reaches a val_score of 0.9.", "One run"),
        (
            {"grid": [(None, 0)], "random": [A]},
            "Only random has a complete trial; its best reaches a val_score of 0.9.",
            "better",
        ),
        (
            {"a": [A], "b": [B], "c": [(0.1, 0.8)]},
            "a found the best configuration: val_score 0.9 against 0.7 for b and 0.1 for c",
            "better",
        ),
        (
            {"a": [A], "b": [C], "c": [B]},
            "a and b tie for the best configuration: val_score 0.9 against 0.7 for c",
            "found",
        ),
    ],
)
def test_the_answer_says_what_the_numbers_carry(analyse, searches, expected, unexpected):
    _, comparison = analyse(
        {name: random_trials(*s, first=100 * i) for i, (name, s) in enumerate(searches.items())}
    )
    assert expected in comparison["answer"]
    assert unexpected not in comparison["answer"]


@pytest.mark.parametrize(
    ("match", "expected"),
    [
        (
            {"size": 7, "interval": [2, 30]},
            "7 configurations of random can be expected to match grid, whose choice scores 0.9 "
            "(95 % interval: 2 to 30 configurations).",
        ),
        ({"size": 1, "interval": [1, 1]}, "One configuration of random can be expected"),
        ({"size": 40, "interval": [20, None]}, "(95 % interval: 20 to more than 50 conf"),
        (
            {"size": None, "interval": [None, None]},
            "Not even all 50 configurations of random are expected to match grid, whose choice "
            "scores 0.9 (95 % interval: more than 50 configurations).",
        ),
    ],
)
def test_the_sentence_about_matching(match, expected):
    whole = {"random": "random", "other": "grid", "target": 0.9, "of": 50, **match}
    assert expected in match_sentence(whole)
