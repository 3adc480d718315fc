"""Folders under ``best/`` of searches that the study no longer has."""

import shutil
from collections.abc import Collection
from pathlib import Path

from snaketune.records import paths


def remove_left_behind(best_folder: Path, searches: Collection[str]) -> None:
    """Remove from `best_folder` what the workflow made for searches that are not in `searches`.

    A folder is the workflow's own only if its file `paths.MADE_FOR` holds exactly the folder's
    name. All else belongs to the user and stays: other folders, a copy under another name, files
    and symbolic links, which are not followed.
    """
    for folder in sorted(best_folder.glob("*")):
        if folder.name not in searches and _made_by_the_workflow(folder):
            shutil.rmtree(folder)


def _made_by_the_workflow(folder: Path) -> bool:
    if folder.is_symlink():
        return False
    try:
        return (folder / paths.MADE_FOR).read_bytes() == folder.name.encode()
    except OSError:  # a file, or a folder without the mark
        return False
