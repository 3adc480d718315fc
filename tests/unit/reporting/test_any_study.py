"""Any small study has all of its figures and its page, whatever its names and values are."""

import json
import math
import re
import xml.etree.ElementTree as ET
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from snaketune.base.identity import canonical
from snaketune.reporting.figures.catalogue import planned_figures
from snaketune.reporting.page import page
from snaketune.reporting.style import set_theme
from snaketune.reporting.svg import save
from tests.unit.made_up import STUDY, analyse_in, record
from tests.unit.reporting import CAPTIONS, SVG

WORDS = ["", "1", "1.0", "010", "true", "null", "none", "$x$", "a$", "\\", "a\rb", "<b>&amp;", "é"]
ANY_TEXT = st.sampled_from([*WORDS, "\x00", "\x1b[31m", "\ud800", "w" * 999]) | st.text(max_size=3)
FLOATS = st.floats(allow_nan=False, allow_infinity=False)
NUMBERS = st.integers() | FLOATS | st.sampled_from([0, 1, 1e-3, 0.5, 1e308, -1e308, 5e-324])
VALUES = st.none() | st.booleans() | NUMBERS | ANY_TEXT | st.lists(NUMBERS, max_size=2)
SCORES = st.sampled_from([None, math.nan, 0.5, 0.9, 1, 0, -1e9]) | NUMBERS
SCALES = st.sampled_from(["linear", "log", "category"])
NAMES = ("lr", "_x", "a-b.c")


@st.composite
def searches(draw):
    """Records of one search or more, and what the study says of their hyperparameters."""
    hyperparameters = {name: draw(SCALES) for name in NAMES[: draw(st.integers(1, 3))]}
    few = {name: draw(st.lists(VALUES, min_size=1, max_size=4)) for name in hyperparameters}
    configs = st.fixed_dictionaries(
        {}, optional={name: st.sampled_from(values) for name, values in few.items()}
    )
    metric, tested = draw(st.sampled_from(["val_score", "$v$", "\x07\r"]) | ANY_TEXT), draw(SCORES)
    study = {
        **STUDY,
        "hyperparameters": hyperparameters,
        "metric": metric,
        "test_metric": draw(st.sampled_from(["test_score", metric, None])),
        "mode": draw(st.sampled_from(["max", "min"])),
    }
    trials = {
        name: [
            trial(config, draw(SCORES), metric, draw(SCORES) if tested else None, draw(ANY_TEXT))
            for config in draw(st.lists(configs, min_size=1, max_size=6, unique_by=canonical))
        ]
        for name in draw(st.sampled_from([("r",), ("grid",), ("grid-1", "r"), ("r", "s", "grid")]))
    }
    return study, trials


def trial(config, score, metric, test, message):
    """The record of a trial with this score, or with an error that has this message."""
    test = None if test is None or math.isnan(test) else test
    made = record(config, score, test)
    if score is None:
        made["error"] = {"type": "ValueError", "message": message, "traceback": None}
        return made
    made["metrics"] = {metric: made["metrics"]["val_score"], "test_score": test}
    made["history"] = [{"epoch": 1, metric: made["metrics"][metric]}, {"epoch": 2, metric: 0.5}]
    return made


def check_page(text: str, figures: list[Path]) -> None:
    """The page is UTF-8, holds every figure that has data, and its scripts are JSON."""
    text.encode()
    scripts = re.findall('<script type="application/json"[^>]*>(.*?)</script>', text, re.DOTALL)
    assert all(json.loads(script) for script in scripts)
    drawn = [path for path in figures if path.with_suffix(".csv").read_text().count("\n") > 1]
    assert text.count("<figure>") == text.count("</svg>") == len(drawn)
    assert len(scripts) == len(drawn) + 1


def draw_all(folder, monkeypatch, study, trials):
    """All figures and the page of a study; returns the parsed figures by name."""
    (folder / "results").mkdir()
    table, comparison = analyse_in(folder / "results", trials, study)
    monkeypatch.chdir(folder)
    set_theme()
    figures, samplers = [], ["random" if name[0] != "g" else "grid" for name in trials]
    for figure in planned_figures(samplers, [name for name in trials if name[0] == "g"]):
        figures.append(folder / f"{figure.name}.svg")
        save(figure.draw(table, comparison), figures[-1])
    summary = {**study, "searches": [{"name": n, "seed": 1, "notes": []} for n in trials]}
    made = page(
        summary, "text", comparison, folder / "results/trials.csv", figures, {}, [], CAPTIONS
    )
    check_page(made, figures)
    return table, {path.stem: ET.parse(path).getroot() for path in figures}


@pytest.mark.slow
@pytest.mark.filterwarnings("error::RuntimeWarning")
@settings(max_examples=8)
@given(case=searches())
def test_every_figure_is_drawn_and_the_page_is_made(tmp_path_factory, case):
    study, trials = case
    with pytest.MonkeyPatch.context() as patch:
        table, figures = draw_all(tmp_path_factory.mktemp("study"), patch, study, trials)
    scored = table[table["status"] == "complete"]
    names = [n for n in study["hyperparameters"] if table[n].nunique() > 1]
    names = names or list(study["hyperparameters"])[:1]
    points = sum(int(scored[name].notna().sum()) for name in names)
    assert len(list(figures["hyperparameters"].iter(f"{SVG}title"))) == points
    assert isinstance(table, pd.DataFrame)
