"""What it takes to run a study again."""

import platform
import shlex
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from snaketune.records.record import Record
from snaketune.records.summary import StudySummary

_DEFAULT = "config.yaml"  # the study file that Snakemake reads where none is given


def reproduction(
    study: StudySummary, best: Mapping[str, Record], folder: Path
) -> list[tuple[str, str]]:
    """Pairs of a name and a value: the commit, the command, seeds, data and versions.

    `best` has the record of each search's best trial, `folder` is the workflow's.
    """
    seeds = [(s["name"], s["seed"]) for s in study["searches"] if s["seed"] is not None]
    pairs = [
        ("commit", _commit(folder)),
        ("command", command(study)),
        ("training seeds", ", ".join(map(str, study["seeds"]))),
        *((f"seed of {name}", str(seed)) for name, seed in seeds),
    ]
    if study["data"]:
        pairs.append(("data", _listed(study["data"])))
    versions = f"Python {platform.python_version()}, pandas {pd.__version__}"
    pairs.append(("report made with", versions))
    pairs += [
        (f"best of {name} ran with", _listed(record["environment"]))
        for name, record in best.items()
    ]
    return pairs


def command(study: StudySummary) -> str:
    """The command that runs the study.

    >>> command({"file": "wide.yaml", "overrides": {"seeds": [0, 1]}})
    "snakemake --cores all --configfile wide.yaml --config 'seeds=[0, 1]'"
    """
    words = ["snakemake", "--cores", "all"]
    if study["file"] != _DEFAULT:
        words += ["--configfile", study["file"]]
    if study["overrides"]:
        words += ["--config", *(f"{key}={value}" for key, value in study["overrides"].items())]
    return shlex.join(words)


def _listed(values: Mapping[str, object]) -> str:
    return ", ".join(f"{key} {value}" for key, value in values.items())


def _commit(folder: Path) -> str:
    """The commit of the workflow in `folder`, marked where files differ from it."""
    command = ["git", "-C", str(folder)]
    command += ["describe", "--always", "--abbrev=40", "--dirty=, with changes"]
    try:
        git = subprocess.run(command, capture_output=True, text=True, check=False)
    except OSError:
        return "unknown, for git is not installed"
    return git.stdout.strip() if git.returncode == 0 else "not a git checkout"
