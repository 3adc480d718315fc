"""Failed trials of a study: which there are, and having the next run train them again.

    python -m snaketune retry [--dry-run] STUDY

STUDY is a study file, or the name of a study. The failed trials of its last run lose their records;
all others stay.
"""

import argparse
import csv
from collections.abc import Iterator
from pathlib import Path

from snaketune.base.errors import StudyError
from snaketune.base.words import join, plural
from snaketune.planning.yamlfile import load_yaml
from snaketune.records import paths
from snaketune.records.record import error_line, read_record
from snaketune.records.table import LEADING

_LOCKS = Path(".snakemake/locks")  # where a run of Snakemake says that it is going on


def add_to(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command."""
    parser = commands.add_parser(
        "retry",
        help="have the next run train failed trials again",
        description="Remove the records of a study's failed trials, so that the next run trains "
        "them again.",
    )
    parser.add_argument("study", metavar="STUDY", help="a study file, or the name of a study")
    parser.add_argument("-n", "--dry-run", action="store_true", help="only list the trials")
    parser.set_defaults(run=lambda given: retry(given.study, given.results, given.dry_run))


def retry(study: str, results: str, dry_run: bool) -> None:
    """Print the failed trials of a study and, without `dry_run`, remove their records.

    Raises `StudyError` where the study has not been run, and while Snakemake runs.
    """
    name = _name(study)
    failed = list(failures(name, results))
    if failed and not dry_run and _LOCKS.is_dir() and any(_LOCKS.iterdir()):
        raise StudyError(
            "Snakemake is running in this folder, or was killed",
            "Wait for it to end, or run 'snakemake --unlock' if it was killed",
        )
    for path, line in failed:
        print(line)
        if not dry_run:
            path.unlink(missing_ok=True)
    following = "would be trained again" if dry_run else "will be trained again by the next run"
    print(
        f"{plural(len(failed), 'failed trial')} of {name}: {following}"
        if failed
        else f"No trial of {name} has failed."
    )


def failures(name: str, results: str) -> Iterator[tuple[Path, str]]:
    """The records of a study's failed trials, each with a line about it.

    Raises `StudyError` where the study has not been run, or a record is damaged.
    """
    plan = Path(paths.plan(name, results))
    if not plan.is_file():
        known = sorted(path.parent.name for path in Path(results).glob("*/plan.csv"))
        raise StudyError(
            f"the study '{name}' has not been run here",
            f"Studies that have been run are {join(known)}" if known else "Run it first",
            file=str(plan),
        )
    seen: set[str] = set()
    with open(plan, newline="", encoding="utf-8") as stream:
        for row in csv.DictReader(stream):
            trial_id = row["trial_id"]
            path = Path(paths.record(trial_id, results))
            if trial_id in seen or not path.exists():
                continue
            seen.add(trial_id)
            record = read_record(path, trial_id)
            if record["status"] == "failed" and (error := record["error"]):
                yield path, f"{_label(row)}: {error_line(error)} ({path})"


def _name(study: str) -> str:
    """The name of a study: that in the file `study`, if it is a file."""
    return str(load_yaml(study).get("study", study)) if Path(study).is_file() else study


def _label(row: dict[str, str]) -> str:
    """A row of a plan for people: its search, its number there, its configuration."""
    config = ", ".join(f"{k}={v}" for k, v in row.items() if k not in LEADING and v)
    return f"{row['search']} {row['index']}: {config}"
