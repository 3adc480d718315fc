"""Records that no study refers to: which there are, and their removal.

    python -m snaketune.commands.prune [--delete]

What a study refers to is in its plan, results/<study>/plan.csv, which is written before anything
trains. Records of settings or code that have since been changed are in no plan.
"""

import argparse
import csv
import shutil
from collections.abc import Iterator
from pathlib import Path


def unreferenced(results: Path) -> list[Path]:
    """The folders in `results`/trials that are in no plan."""
    planned = set()
    for plan in results.glob("*/plan.csv"):
        with open(plan, newline="", encoding="utf-8") as stream:
            planned.update(row["trial_id"] for row in csv.DictReader(stream))
    return sorted(path for path in (results / "trials").glob("*") if path.name not in planned)


def _sizes(folder: Path) -> Iterator[int]:
    return (path.stat().st_size for path in folder.rglob("*") if path.is_file())


def main(arguments: list[str] | None = None):
    """List the folders that no study refers to and, with ``--delete``, remove them."""
    parser = argparse.ArgumentParser(
        prog="python -m snaketune.commands.prune",
        description="List the trials that no plan in results/ has; with --delete, remove them.",
    )
    parser.add_argument("--delete", action="store_true", help="remove what is listed")
    parser.add_argument("--results", type=Path, default=Path("results"), help="default: results")
    given = parser.parse_args(arguments)
    if not given.results.is_dir():
        parser.error(f"there is no folder {given.results}; run this where Snakemake runs")
    folders = unreferenced(given.results)
    size = sum(sum(_sizes(folder)) for folder in folders)
    for folder in folders:
        print(folder)
        if given.delete:
            shutil.rmtree(folder)
    done = "deleted" if given.delete else "not referred to by any study; --delete removes them"
    print(f"{len(folders):,} trials, {size / 2**20:.1f} MiB, {done}")


if __name__ == "__main__":
    main()
