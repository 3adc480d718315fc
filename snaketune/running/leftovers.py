"""What a trial has left in its folder, beside what is the library's."""

import re
import shutil
from contextlib import suppress
from pathlib import Path

from snaketune.base.wholefile import OURS
from snaketune.running.checkpoint import CHECKPOINT

WEIGHTS = ("weights.pt", "model.joblib")
_RECORD = "record.json"


def is_ours(path: Path, folder: Path) -> bool:
    """Whether a file in the trial's `folder` is the library's, by its whole name.

    The record is, too, but it is handed out with the objective's own files.
    """
    if path.parent != folder:
        return False
    if re.fullmatch(r"refit|refit-merged-\d+", path.name):
        return (path / _RECORD).is_file()  # of 0.1.0
    ours = rf"log(-\d+)?\.txt|attempt-\d+\.json|{re.escape(CHECKPOINT)}|{re.escape(OURS)}.*"
    return re.fullmatch(ours, path.name) is not None


def remove_leftovers(folder: Path, but: tuple[str, ...] = ()) -> None:
    """Remove what the objective has left in a trial's folder, except the names `but`.

    Links are removed, and not what they lead to. What can't be removed stays: the record is right.
    """
    for path in folder.iterdir():
        if path.name in (_RECORD, *but) or is_ours(path, folder):
            continue
        with suppress(OSError):
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path)
            else:
                path.unlink()
