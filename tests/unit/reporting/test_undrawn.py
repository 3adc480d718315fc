"""A figure that fails costs neither the others nor the page, and the run tells it."""

import xml.etree.ElementTree as ET

import pytest

from snaketune.reporting.drawing import draw
from snaketune.reporting.page import page
from snaketune.reporting.undrawn import remove_undrawn, undrawn
from tests.unit.made_up import STUDY, analyse_in, random_trials
from tests.unit.reporting import CAPTIONS

NAMES = ("best_so_far", "designs", "heatmap-nosuch", "hyperparameters")


@pytest.fixture
def drawn(tmp_path, capsys):
    """Four figures of a study, of which the map can't be drawn: it has no such search."""
    table, comparison = analyse_in(tmp_path, {"a": random_trials((0.9, 0.8), (0.7, 0.6))})
    figures = [tmp_path / f"{name}.svg" for name in NAMES]
    comparison["hyperparameters"]["nosuch"] = "linear"
    draw([figures[2]], table, comparison)
    del comparison["hyperparameters"]["nosuch"]
    draw([*figures[:2], figures[3]], table, comparison)
    return figures, comparison, capsys.readouterr()


def test_one_figure_fails_alone_and_the_log_has_its_traceback(drawn):
    figures, _, said = drawn
    assert [undrawn(figure) for figure in figures] == [False, False, True, False]
    assert [len(list(ET.parse(figure).getroot().iter())) > 50 for figure in figures] == [
        True,
        True,
        False,
        True,
    ]
    assert "heatmap-nosuch.svg could not be drawn" in said.out
    assert "Traceback" in said.err
    assert "KeyError" in said.err


def test_the_page_says_so_in_place_of_the_figure(drawn, tmp_path):
    figures, comparison, _ = drawn
    summary = {**STUDY, "searches": [{"name": "a", "seed": 1, "notes": []}]}
    text = page(summary, "study", comparison, tmp_path / "trials.csv", figures, {}, [], CAPTIONS)
    assert text.count("<figure>") == 3
    assert 'href="#heatmap-nosuch"' in text
    after = text.partition('<h2 id="heatmap-nosuch">')[2]
    assert "could not be drawn" in after.partition("<h2")[0]
    assert "results/s/logs/plot.log has the traceback" in after.partition("<h2")[0]


def test_what_is_in_its_place_is_removed_so_that_the_next_run_draws_it(drawn):
    figures, *_ = drawn
    names = [str(figure) for figure in figures]
    said = remove_undrawn(names, "plot.log")
    assert said.startswith("1 figure could not be drawn: heatmap-nosuch. ")
    assert "plot.log has the traceback" in said
    assert [figure.exists() for figure in figures] == [True, True, False, True]
    assert [figure.with_suffix(".csv").exists() for figure in figures] == [True, True, False, True]
    assert remove_undrawn(names, "plot.log") == ""
