"""The folder of all results: whether it can be used, said before Snakemake looks into it."""

import os
from pathlib import Path

from snaketune.base.errors import StudyError
from snaketune.records import paths


def check_results_folder() -> None:
    """Raise `StudyError` where `paths.RESULTS` exists, and is no folder that can be written to."""
    folder = Path(paths.RESULTS)
    if folder.is_symlink() and not folder.exists():
        raise StudyError(
            f"{folder} is a link to {os.readlink(folder)}, which does not exist",
            "Mount that disk, or make the folder there",
        )
    if folder.exists() and not folder.is_dir():
        raise StudyError(f"{folder} is a file, not a folder", "Move it elsewhere")
    place = folder if folder.exists() else Path()
    if not os.access(place, os.W_OK | os.X_OK):
        raise StudyError(
            f"nothing may be written to the folder {place.resolve()}",
            "Run in a folder of your own, or change who may write there",
        )
