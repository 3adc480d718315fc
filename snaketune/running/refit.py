"""Handing out the best configuration of a search: as it was trained, its scores, its weights.

Thousands of trials would fill a disk with weights that nobody asks for; a trial that reproduces
can give them later. So the best one is trained again, once, and the result is kept in its folder:
trained as it was, or with `refit: true` on training and validation data together. With `keep: best`
this training also gives the files that the objective leaves.
"""

import errno
import json
import shutil
import statistics
from dataclasses import replace
from pathlib import Path
from typing import Any, TypedDict

from snaketune.base.errors import StudyError
from snaketune.base.identity import canonical
from snaketune.base.wholefile import OURS, private_name, write_whole
from snaketune.data.prepared import load_names
from snaketune.records import paths
from snaketune.records.record import SPEC_KEYS, Error, Metrics, Record, read_record, write_record
from snaketune.records.task import Task
from snaketune.running.checkpoint import remove_checkpoint
from snaketune.running.early_stopping import best_epoch
from snaketune.running.failures import may_pass
from snaketune.running.leftovers import WEIGHTS, is_ours, remove_leftovers
from snaketune.running.process import run
from snaketune.running.training import check_code

# At least so many attempts: a search has one such training, and without it no weights.
_ATTEMPTS = 2


class Best(TypedDict):
    """The best configuration of a search, as comparison.json has it."""

    config: dict[str, Any]
    trial_ids: list[str]
    """Its trials: one for each training seed and fold."""


def hand_out(search: str, best: Best | None, task: Task, refit: bool, output: Path) -> None:
    """Fill the new folder `output` for the best configuration of a search.

    Without one, as no trial is complete, the folder says just that. With `refit`, training is on
    training and validation data together. `task` is any task of the study.
    """
    if best is None:
        output.mkdir()
        write_whole(output / "none.txt", "No trial of this search is complete.\n")
    else:
        _copy_best(best, task, refit, output)
        write_whole(output / "config.json", json.dumps(best["config"], indent=1) + "\n")
        if task.data is not None:
            names = load_names(Path(task.data))
            write_whole(output / "data.json", json.dumps(names, indent=1) + "\n")
    write_whole(output / paths.MADE_FOR, search)


def _copy_best(best: Best, task: Task, refit: bool, output: Path) -> None:
    """Copy the trained-again trial, or the trial itself where that is not needed or fails."""
    records = [read_record(Path(paths.record(i)), i) for i in best["trial_ids"]]
    record, folder = records[0], Path(paths.trial(best["trial_ids"][0]))
    kept = folder / f"{OURS}refit"
    if refit:
        epochs = round(statistics.median(map(best_epoch, records)))
        task = replace(task, merged_epochs=epochs)
        kept = folder / f"{OURS}refit-merged-{epochs}"
    error = None
    if (record["weights"] or refit or task.keep == "best") and not kept.exists():
        error = _train_again(record, task, kept)
    if kept.exists():
        _copy(kept, output)
        return
    _copy(folder, output)
    write_record(output / "record.json", {**record, "refit_error": error})


def _copy(folder: Path, output: Path) -> None:
    """Copy what an objective has left in a trial's folder: everything but what is the library's.

    Links stay links. Sockets and the like, which can't be copied, are left out.
    """

    def left_out(place: str, names: list[str]) -> list[str]:
        found = [Path(place, name) for name in names]
        return [path.name for path in found if _is_special(path) or is_ours(path, folder)]

    shutil.copytree(folder, output, symlinks=True, ignore=left_out)


def _is_special(path: Path) -> bool:
    return not (path.is_symlink() or path.is_file() or path.is_dir())


def _train_again(record: Record, task: Task, folder: Path) -> Error | None:
    """Train the trial of `record` again and fill `folder`, which appears whole or not at all.

    A failure that may pass is tried again, from its checkpoint. Returns the error if that fails;
    then the folder does not exist.
    """
    spec = canonical({key: record[key] for key in SPEC_KEYS})  # type: ignore[literal-required]
    task = replace(task, spec=spec)
    try:
        check_code(task)
    except StudyError as error:  # the comparison of what has been trained is right all the same
        return {"type": "CodeChanged", "message": error.fault, "traceback": None}
    partial = folder.with_name(private_name("refit"))
    partial.mkdir()
    try:
        for attempt in range(1, max(task.attempts, _ATTEMPTS) + 1):
            again = run(task, partial, keep=partial, attempt=attempt)
            if not may_pass(again["error"]):
                break
        remove_checkpoint(partial)
        if again["status"] != "complete":
            return again["error"]
        if task.merged_epochs is None:
            again["reproduced"] = again["metrics"] == record["metrics"]
        else:
            again["trained_on"] = "train and validation"
            again["metrics"] = _without_validation(again["metrics"], task.metric)
        write_record(partial / "record.json", again)
        if task.keep == "none":
            remove_leftovers(partial, but=WEIGHTS)
        _rename_unless_there(partial, folder)
    finally:
        shutil.rmtree(partial, ignore_errors=True)
    return None


def _rename_unless_there(partial: Path, folder: Path) -> None:
    """Give `partial` its name, unless another search that shares the trial was faster."""
    try:
        partial.rename(folder)
    except OSError as error:
        if error.errno not in (errno.EEXIST, errno.ENOTEMPTY):
            raise


def _without_validation(metrics: Metrics, metric: str) -> Metrics:
    """The metrics except those of validation, whose rows are now trained on."""
    part = metric.split("_")[0]
    return {name: value for name, value in metrics.items() if name.split("_")[0] != part}
