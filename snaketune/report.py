"""The page that answers a study's question: one HTML file with everything in it."""

import base64
import platform
import subprocess
from pathlib import Path

import jinja2
import pandas as pd

from snaketune.answer import join, number
from snaketune.comparison import varied
from snaketune.data import in_full
from snaketune.study import Study

MAX_ROWS = 1000  # of the table of trials; the rest is in trials.csv

# By the figure's name: its heading, what it shows (for those who can't see it), what it means.
_CAPTIONS = {
    "designs": (
        "Where each search looked",
        "Scatter plots, one per search, of the trials in the space of two hyperparameters, "
        "coloured by score, with every distinct value projected to the margins.",
        "Each point is a trial, its colour the validation score, the brighter the better; a "
        "cross is a trial without one. The ticks on the margins are the projections: the distinct "
        "values that the search tried "
        "of each hyperparameter on its own.",
    ),
    "best_so_far": (
        "How fast each search improves",
        "Step curves of the best validation score so far, against the number of trials and "
        "against the seconds of training.",
        "A search that you stop early hands over the best it has found by then. The left panel "
        "counts trials, the right one adds up the seconds spent in training. A grid runs in the "
        "order of its cells, so where its curve jumps says more about that order than about "
        "grids; and this is one run of each search, another seed gives another curve.",
    ),
    "efficiency": (
        "What a smaller budget would have found",
        "Curves of the expected best validation score, and of the expected test score of what is "
        "chosen by it, against the number of configurations and the seconds of training.",
        "The expectation over a random part of each search's configurations, exact and unbiased "
        "(Tang et al. 2020), so that the order in which they ran plays no part. The configuration "
        "is always chosen by validation. A band is a 95 % interval: from a bootstrap of the "
        "repetitions where a search was repeated, else, for random search only, of its "
        "configurations. Of a grid it means some of its cells in random order; it says nothing "
        "of a coarser grid, which is another design.",
    ),
    "hyperparameters": (
        "Which hyperparameter matters",
        "Scatter plots of the validation score of every trial against each hyperparameter.",
        "A hyperparameter that matters shows a trend: scores rise, fall or peak along the axis "
        "whatever the others are. A flat cloud means that its value made little difference in "
        "this range. The spread at one place is what the other hyperparameters, and chance, do. "
        "A trial that lacks a hyperparameter is not in its panel.",
    ),
    "learning_curves": (
        "How the trials learned",
        "Learning curves of the trials of each search, the best trial highlighted.",
        "The validation score after each pass over the training data, one line per trial. The "
        "thick line is the trial that the search chose; the star marks the epoch whose weights "
        "are scored. A thick line that still climbs at its end asks for more epochs; one whose "
        "star lies early has begun to overfit.",
    ),
    "heatmap": (
        "The grid as a map",
        "Heat map of the validation score in each cell of the grid.",
        "The validation score in each cell; where more than two hyperparameters vary, the best "
        "score over the others. If the best cell lies at the edge, the optimum may lie "
        "outside the grid; if rows or columns look alike, that hyperparameter hardly matters here.",
    ),
}


_GRID_AGAINST_RANDOM = (
    " A grid repeats the same few values again and again. Random search draws every trial anew, so "
    "of a continuous hyperparameter n trials try n values. If only one hyperparameter matters, the "
    "grid has spent most of its trials on repeating itself: this is the argument of Bergstra & "
    "Bengio (2012)."
)


def page(
    study: Study,
    comparison: dict,
    table: pd.DataFrame,
    figures: list[Path],
    best: dict[str, dict],
    reproduction: list[tuple[str, str]],
) -> str:
    """The whole report as HTML. `best` maps a search to the record of its refitted best trial."""
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(Path(__file__).parent), autoescape=True
    )
    environment.filters["number"] = number
    names = varied(table, comparison)
    shown = table.head(MAX_ROWS).dropna(axis="columns", how="all").astype(object)
    return environment.get_template("report.html.j2").render(
        study=study,
        comparison=comparison,
        best=best,
        figures=[
            _figure(path, comparison, names)
            for path in figures
            if path.stem != "learning_curves" or table["epochs"].any()
        ],
        runs=len(study.seeds) * len(study.folds),
        failures=failures(table),
        columns=list(shown.columns),
        rows=shown.where(shown.notna(), None).values.tolist(),
        total=len(table),
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


def _figure(path: Path, comparison: dict, names: list[str]) -> dict:
    """What the template needs of one figure; `names` are the hyperparameters that vary."""
    kind = path.stem.partition("-")[0]
    title, shows, caption = _CAPTIONS[kind]
    if kind == "designs":
        if len(names) > 2:
            caption += (
                f" Only {names[0]} and {names[1]} are shown: trials that differ just in "
                f"{join(names[2:])} lie on one another."
            )
        if {"grid", "random"} <= {s["sampler"] for s in comparison["searches"].values()}:
            caption += _GRID_AGAINST_RANDOM
    source = base64.b64encode(path.read_bytes()).decode()
    return {
        "name": path.stem,
        "title": title,
        "shows": shows,
        "caption": caption,
        "source": f"data:image/svg+xml;base64,{source}",
    }


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
