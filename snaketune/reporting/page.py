"""The page that answers a study's question: one HTML file with everything in it."""

import json
import re
import xml.etree.ElementTree as ET
from collections.abc import Iterable, Mapping, Sequence
from math import isfinite
from pathlib import Path
from typing import Any

import jinja2
import pandas as pd
from markupsafe import Markup

from snaketune.base.words import cut, join, legible, number, shown
from snaketune.comparing.answer import (
    importance_sentence,
    match_sentence,
    no_importance_sentence,
    runner_up_sentence,
)
from snaketune.comparing.findings import Comparison
from snaketune.comparing.trials import leading, read_cells, read_trials
from snaketune.records import paths
from snaketune.records.record import Record, error_line
from snaketune.records.summary import StudySummary
from snaketune.reporting.figures.catalogue import figure_named
from snaketune.reporting.greys import FAINT, GREY, INK, PAPER
from snaketune.reporting.limits import left_out, shown_part
from snaketune.reporting.namespaces import register
from snaketune.reporting.undrawn import undrawn

MAX_ROWS = 5000  # of the table of trials are in the page; all are in trials.csv
PAGE_ROWS = 50  # of these are shown at once
MAX_CSV = 300_000  # characters of a figure's table that are in the page

_GRID_AGAINST_RANDOM = (
    "A grid tries the same few values of each hyperparameter again and again. Random search draws "
    "every trial anew, so n trials try n values of a continuous hyperparameter. If only one "
    "hyperparameter matters, most trials of a grid repeat values of it that were already tried: "
    "this is the argument of Bergstra & Bengio (2012)."
)

_UNDRAWN = "This figure could not be drawn, by a fault of snaketune. {} has the traceback."

# The greys of the figures: the page has variables for them, whose values its colour scheme sets.
_VARIABLES = {INK: "ink", GREY: "grey", FAINT: "faint", PAPER: "paper"}
_GREYS = re.compile("|".join(_VARIABLES))


def page(
    study: StudySummary,
    text: str,
    comparison: Comparison,
    trials: Path,
    figures: Sequence[Path],
    best: Mapping[str, Record],
    reproduction: Sequence[tuple[str, str]],
    captions: Path,
) -> str:
    """The whole report as HTML.

    `text` is the study file; `trials` is trials.csv; beside each of the `figures` is its table as
    CSV. `best` has the record of each search's best trial, and `reproduction` what it takes to run
    the study again. The folder `captions` has a .rst for each figure of the catalogue.
    """
    table = read_trials(trials)
    html = _template().render(
        study=study,
        study_text=text,
        comparison=comparison,
        best=best,
        matches=[match_sentence(match) for match in comparison["matches"]],
        runners_up=_runners_up(comparison),
        figures=_figures(figures, comparison, table, captions),
        runs=len(study["seeds"]) * max(study["folds"], 1),
        failures=errors_found(table),
        trials=_trials(trials, table),
        reproduction=reproduction,
    )
    return legible(html)


def _template() -> jinja2.Template:
    """The template of the page, with the functions that it uses."""
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(Path(__file__).parent), autoescape=True
    )
    filters = (number, shown, cut, cell_text, error_line)
    environment.filters |= {function.__name__: function for function in filters}
    environment.globals |= {"log_of": paths.log}
    return environment.get_template("page.html.j2")


def read_best(folders: Iterable[Path]) -> dict[str, Record]:
    """The records in the folders ``best/<search>``; without those where no trial is complete."""
    return {
        folder.name: json.loads((folder / "record.json").read_text(encoding="utf-8"))
        for folder in folders
        if (folder / "record.json").exists()
    }


def _runners_up(comparison: Comparison) -> list[str]:
    """A sentence about each search that has a second best configuration to compare with."""
    return [
        runner_up_sentence(name, search)
        for name, search in comparison["searches"].items()
        if search["runner_up"]
    ]


def errors_found(table: pd.DataFrame) -> list[dict[str, Any]]:
    """What went wrong, the most frequent first: the error, how many trials, one of them."""
    failed = table[table["status"] == "failed"]
    groups = failed.groupby("error", sort=False)
    return sorted(
        (
            {
                "error": error,
                "trials": group["trial_id"].nunique(),
                "searches": join(group["search"].unique()),
                "trial_id": group["trial_id"].iloc[0],
            }
            for error, group in groups
        ),
        key=lambda failure: -failure["trials"],
    )


def _trials(path: Path, table: pd.DataFrame) -> dict[str, Any]:
    """The cells of trials.csv as they are in the file, long ones cut, without empty columns.

    A column's kind decides how its cells are shown and sorted.
    """
    cells = read_cells(path)
    cells = cells.loc[:, (cells != "").any()]
    kinds = dict.fromkeys(table.select_dtypes("number").columns, "number") | {"error": "error"}
    return {
        "columns": [{"name": name, "kind": kinds.get(name, "text")} for name in cells.columns],
        "rows": cells.head(MAX_ROWS).map(cut).to_numpy().tolist(),
        "page": PAGE_ROWS,
        "total": len(cells),
    }


def cell_text(text: str, kind: str) -> str:
    """A cell of trials.csv for people; `cellText` in page.js does the same.

    >>> cell_text("0.123456", "number"), cell_text("64.0", "number"), cell_text("relu", "text")
    ('0.1235', '64', 'relu')
    """
    if kind != "number" or not text or not isfinite(float(text)):
        return text
    return number(float(text)).replace(",", "")


def _figures(
    figures: Iterable[Path], comparison: Comparison, table: pd.DataFrame, captions: Path
) -> list[dict[str, Any]]:
    """What the template needs of the figures, without those that are left out."""
    found = [_figure(path, comparison, table, captions) for path in figures]
    return [figure for figure in found if figure["drawn"] or figure["in_place"]]


def _figure(
    path: Path, comparison: Comparison, table: pd.DataFrame, captions: Path
) -> dict[str, Any]:
    """What the template needs of one figure. It is not `drawn` where its table has no rows."""
    figure = figure_named(path.stem)
    kind = figure.entry.name
    title, caption = _caption(captions / figure.caption)
    csv = path.with_suffix(".csv").read_text(encoding="utf-8")
    named = {
        "name": path.stem,
        "kind": kind,
        "title": f"{title} ({figure.search})" if figure.search else title,
    }
    if undrawn(path):
        log = f"{paths.study(comparison['study'])}/logs/plot.log"
        return {**named, "drawn": False, "in_place": _UNDRAWN.format(log)}
    return {
        **named,
        "caption": [caption, *_about(kind, comparison, table)],
        "svg": Markup(inline(path.read_text(encoding="utf-8"), f"{path.stem}-")),
        "csv": csv if len(csv) <= MAX_CSV else None,
        "drawn": csv.count("\n") > 1,
        "in_place": _in_place(kind, comparison),
    }


def _caption(path: Path) -> tuple[str, str]:
    """The title and the text of a caption: a title, its underline, paragraphs."""
    title, _, *text = path.read_text(encoding="utf-8").splitlines()
    return title, " ".join(" ".join(text).split())


def _about(kind: str, comparison: Comparison, table: pd.DataFrame) -> list[str]:
    """What a figure shows of this very study: paragraphs after its caption."""
    paragraphs = left_out(kind, table, comparison)
    table, comparison = shown_part(table, comparison)
    if kind == "designs":
        paragraphs += _about_designs(comparison, table)
    if kind == "importance" and comparison["importance"]:
        paragraphs.append(importance_sentence(comparison["importance"]))
    return paragraphs


def _in_place(kind: str, comparison: Comparison) -> str | None:
    """What the page says where there is nothing to draw; None where it leaves the figure out."""
    reason = comparison["no_importance"]
    return no_importance_sentence(reason) if kind == "importance" and reason else None


def _about_designs(comparison: Comparison, table: pd.DataFrame) -> list[str]:
    """Which hyperparameters are not shown, and how a grid differs from random search."""
    paragraphs = []
    names = leading(table, comparison)
    if len(names) > 2:
        paragraphs.append(
            f"Only {names[0]} and {names[1]} are shown: trials that differ only in "
            f"{join(names[2:])} lie on top of one another."
        )
    if {"grid", "random"} <= {search["sampler"] for search in comparison["searches"].values()}:
        paragraphs.append(_GRID_AGAINST_RANDOM)
    return paragraphs


def inline(svg: str, prefix: str) -> str:
    """An SVG file as a part of a page: with `prefix` before its ids, and variables for its greys.

    Each variable has the grey itself as its fallback, from which page.js makes the file again.

    >>> inline('<svg id="a" fill="#252627"/>', "designs-")
    '<svg id="designs-a" fill="var(--ink, #252627)" />'
    """
    register()
    root = ET.fromstring(svg)
    for element in root.iter():
        for key, value in element.items():
            if key == "id":
                value = prefix + value
            elif key.endswith("href"):
                value = re.sub("^#", f"#{prefix}", value)
            else:
                value = value.replace("url(#", f"url(#{prefix}")
                value = _GREYS.sub(lambda grey: f"var(--{_VARIABLES[grey[0]]}, {grey[0]})", value)
            element.set(key, value)
    return ET.tostring(root, encoding="unicode")
