"""Records that no study refers to: which there are, and their removal.

    python -m snaketune prune [--delete]

What a study refers to is in its plan, results/<study>/plan.csv, which a run writes before anything
trains. Records of settings or code that have since been changed are in no plan.
"""

import argparse
import shutil
from collections.abc import Iterator
from pathlib import Path

from snaketune.base.errors import StudyError
from snaketune.base.words import plural
from snaketune.records import paths
from snaketune.records.table import planned_ids


def add_to(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command."""
    parser = commands.add_parser(
        "prune",
        help="list or delete trials that no study refers to",
        description="List the trials that are in no plan of results/; with --delete, remove them.",
    )
    parser.add_argument("--delete", action="store_true", help="remove what is listed")
    parser.set_defaults(run=lambda given: prune(given.results, given.delete))


def prune(results: str, delete: bool) -> None:
    """Print the folders of trials that no plan in `results` has and, with `delete`, remove them.

    Raises `StudyError` where there is no such folder.
    """
    folders = unreferenced(results)
    size = sum(sum(_sizes(folder)) for folder in folders)
    for folder in folders:
        print(folder)
        if delete:
            shutil.rmtree(folder)
    done = "deleted" if delete else "in no plan of a study; --delete removes them"
    print(f"{plural(len(folders), 'trial')}, {size / 2**20:.1f} MiB, {done}")


def unreferenced(results: str) -> list[Path]:
    """The folders of trials that are in no plan. Raises `StudyError` without such a folder."""
    if not Path(results).is_dir():
        raise StudyError("there is no such folder", "Run this where Snakemake runs", file=results)
    planned = {i for plan in Path(results).glob("*/plan.csv") for i in planned_ids(plan)}
    found = Path(paths.trials(results)).glob("*")
    return sorted(path for path in found if path.name not in planned)


def _sizes(folder: Path) -> Iterator[int]:
    return (path.stat().st_size for path in folder.rglob("*") if path.is_file())
