"""The page that answers a study's question: one HTML file with everything in it."""

import platform
import re
import subprocess
import xml.etree.ElementTree as ET
from pathlib import Path

import jinja2
import pandas as pd
from markupsafe import Markup

from snaketune.base.words import join, number, shown
from snaketune.comparing.answer import importance_sentence, match_sentence, runner_up_sentence
from snaketune.comparing.importance import MINIMUM
from snaketune.comparing.trials import leading, read_trials
from snaketune.data.description import in_full
from snaketune.planning.study import Study
from snaketune.reporting.style import FAINT, GREY, INK, PAPER

MAX_ROWS = 5000  # of the table of trials are in the page; all are in trials.csv
PAGE_ROWS = 50  # of these are shown at once
MAX_CSV = 300_000  # characters of a figure's table that are in the page

_GRID_AGAINST_RANDOM = (
    "A grid repeats the same few values again and again. Random search draws every trial anew, so "
    "of a continuous hyperparameter n trials try n values. If only one hyperparameter matters, the "
    "grid has spent most of its trials on repeating itself: this is the argument of Bergstra & "
    "Bengio (2012)."
)

# The greys of the figures: the page has variables for them, whose values its colour scheme sets.
_VARIABLES = {INK: "ink", GREY: "grey", FAINT: "faint", PAPER: "paper"}
_GREYS = re.compile("|".join(_VARIABLES))


def page(
    study: Study,
    comparison: dict,
    trials: Path,
    figures: list[Path],
    best: dict[str, dict],
    reproduction: list[tuple[str, str]],
    captions: Path,
) -> str:
    """The whole report as HTML.

    `trials` is trials.csv; beside each of the `figures` is its table as CSV, in the folder
    `captions` a .rst for each kind of them. `best` maps a search to the record of its refitted
    best trial.
    """
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(Path(__file__).parent), autoescape=True
    )
    environment.filters |= {"number": number, "shown": shown, "cell": cell}
    table = read_trials(trials)
    drawn = [_figure(path, comparison, table, captions) for path in figures]
    return environment.get_template("page.html.j2").render(
        study=study,
        comparison=comparison,
        best=best,
        matches=[match_sentence(match) for match in comparison["matches"]],
        runners_up=[
            runner_up_sentence(name, search)
            for name, search in comparison["searches"].items()
            if search["runner_up"]
        ],
        # In place of the importances it is said why there are none.
        figures=[figure for figure in drawn if figure["drawn"] or figure["kind"] == "importance"],
        least_for_importance=MINIMUM,
        runs=len(study.seeds) * len(study.folds),
        failures=failures(table),
        trials=_trials(trials, table),
        study_text=Path(study.file).read_text(encoding="utf-8"),
        reproduction=reproduction,
    )


def failures(table: pd.DataFrame) -> list[dict]:
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


def _trials(path: Path, table: pd.DataFrame) -> dict:
    """The cells of trials.csv as they stand there, without the columns that are empty.

    A column's kind says how its cells are shown and sorted.
    """
    cells = pd.read_csv(path, dtype="object", keep_default_na=False)
    cells = cells.loc[:, (cells != "").any()]
    kinds = dict.fromkeys(table.select_dtypes("number").columns, "number") | {"error": "error"}
    return {
        "columns": [{"name": name, "kind": kinds.get(name, "text")} for name in cells.columns],
        "rows": cells.head(MAX_ROWS).to_numpy().tolist(),
        "page": PAGE_ROWS,
        "total": len(cells),
    }


def cell(text: str, kind: str) -> str:
    """A cell of trials.csv for people; page.js does the same."""
    if kind != "number" or not text:
        return text
    value = float(text)
    return f"{value:.0f}" if value.is_integer() else f"{value:.4g}"


def _figure(path: Path, comparison: dict, table: pd.DataFrame, captions: Path) -> dict:
    """What the template needs of one figure. It is not `drawn` where there was nothing to draw."""
    kind, _, search = path.stem.partition("-")
    title, text = _caption(captions / f"{kind}.rst")
    caption = [text]
    if kind == "designs":
        caption += _on_designs(comparison, table)
    if kind == "importance" and comparison["importance"]:
        caption.append(importance_sentence(comparison["importance"]))
    data = path.with_suffix(".csv").read_text(encoding="utf-8")
    return {
        "name": path.stem,
        "kind": kind,
        "title": f"{title} ({search})" if search else title,
        "caption": caption,
        "svg": Markup(inline(path.read_text(encoding="utf-8"), f"{path.stem}-")),
        "csv": data if len(data) <= MAX_CSV else None,
        "drawn": data.count("\n") > 1,
    }


def _caption(path: Path) -> tuple[str, str]:
    """The title and the text of a caption: a title, its underline, paragraphs."""
    title, _, *text = path.read_text(encoding="utf-8").splitlines()
    return title, " ".join(" ".join(text).split())


def _on_designs(comparison: dict, table: pd.DataFrame) -> list[str]:
    """What there is to say about the designs of this very study."""
    told = []
    names = leading(table, comparison)
    if len(names) > 2:
        told.append(
            f"Only {names[0]} and {names[1]} are shown: trials that differ just in "
            f"{join(names[2:])} lie on one another."
        )
    if {"grid", "random"} <= {s["sampler"] for s in comparison["searches"].values()}:
        told.append(_GRID_AGAINST_RANDOM)
    return told


def inline(svg: str, prefix: str) -> str:
    """An SVG file as a part of a page: with ids of its own, and greys that the page may exchange.

    Each variable has the grey itself to fall back to, from which page.js makes the file again.
    """
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


def reproduction(study: Study, overrides: dict, folder: Path, best: dict) -> list[tuple[str, str]]:
    """What it takes to run this study again: pairs of a name and a value."""
    command = "snakemake --cores all"
    if study.file != "config.yaml":
        command += f" --configfile {study.file}"
    if overrides:
        command += " --config " + " ".join(f"{key}={value}" for key, value in overrides.items())
    pairs = [
        ("commit", _commit(folder)),
        ("command", command),
        ("training seeds", ", ".join(map(str, study.seeds))),
        *((f"seed of {s.name}", str(s.seed)) for s in study.searches if s.seed is not None),
    ]
    if study.data:
        told = {**study.data, **in_full(study.data_source)}
        pairs.append(("data", ", ".join(f"{key} {value}" for key, value in told.items())))
    pairs.append(
        ("report made with", f"Python {platform.python_version()}, pandas {pd.__version__}")
    )
    for name, record in best.items():
        ran = ", ".join(f"{key} {value}" for key, value in record["environment"].items())
        pairs.append((f"best of {name} ran with", ran))
    return pairs


def _commit(folder: Path) -> str:
    """The commit of the workflow in `folder`, marked where files differ from it."""
    told = subprocess.run(
        ["git", "-C", str(folder), "describe", "--always", "--abbrev=40", "--dirty=, with changes"],
        capture_output=True,
        text=True,
        check=False,
    )
    return told.stdout.strip() if told.returncode == 0 else "not a git checkout"
