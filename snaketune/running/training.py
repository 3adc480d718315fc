"""Training once, in the process that is there for it: the objective in, an outcome out."""

import errno
import functools
import sys
import traceback
from collections.abc import Callable
from pathlib import Path

from snaketune.base.errors import StudyError
from snaketune.records.record import metric_known, metric_missing
from snaketune.records.table import check_names
from snaketune.records.task import Task
from snaketune.running.machine import environment, make_deterministic, peak_memory
from snaketune.running.trial import Trial, as_number
from snaketune.usercode import command, entrypoint
from snaketune.usercode.sources import watched

NOT_FINITE = "NotFinite"  # the error of a trial whose metric is not a finite number


def train(task: Task, folder: Path, tell: Callable[[str, object], None]) -> tuple[dict, object]:
    """Train once; the outcome, and the weights that the objective handed over, or None.

    The outcome has `metrics`, `error`, `cost` and `environment`; an objective that fails has an
    error and no metrics. Raises `StudyError` for what is wrong with the study as a whole: an
    objective that finishes without the metric, or with metrics that no table can hold; and where
    the disk is full.
    """
    spec, metrics, error = task.identity, {}, None
    data = Path(task.data) if task.data else None
    trial = Trial(spec, folder, task.threads, data, task.device, task.merged_epochs, tell)
    try:
        function = _objective(task)
        make_deterministic(trial.seed, trial.threads)
        trial.start_clock()
        returned = function(spec["config"], trial)
        if not isinstance(returned, dict):
            raise TypeError(f"the objective returned {returned!r}, not a dict of metrics")
        metrics = {name: as_number(name, value) for name, value in returned.items()}
    except StudyError:
        raise
    except (Exception, SystemExit) as failure:
        if getattr(failure, "errno", None) in (errno.ENOSPC, errno.EDQUOT):
            raise _full(folder) from failure  # no result: with room it would have gone on
        traceback.print_exc()
        error = {
            "type": type(failure).__name__,
            "message": str(failure),
            "traceback": traceback.format_exc(),
        }
    wall, cpu = trial.seconds()

    if error is None:
        check_names(metrics, spec["config"])
        if task.metric not in metrics:
            fault = metric_missing(task.metric, metrics)
            if not metric_known(task.metric, folder.parent):
                raise fault  # else every trial would fail of a slip in the study
            error = {"type": "MetricMissing", "message": fault.fault, "traceback": None}
        elif metrics[task.metric] is None:
            message = f"{task.metric} is not finite"
            error = {"type": NOT_FINITE, "message": message, "traceback": None}
    outcome = {
        "metrics": metrics,
        "error": error,
        "cost": {
            "train_seconds": round(wall, 6),
            "cpu_seconds": round(cpu, 6),
            "peak_memory_mib": peak_memory(),
        },
        "environment": environment(trial.threads, trial.device if "torch" in sys.modules else None),
    }
    return outcome, trial.weights


def _full(folder: Path) -> StudyError:
    return StudyError(
        f"the disk is full, or your share of it (trial {folder.name})",
        "Make room and run again: what is complete is kept",
    )


def _objective(task: Task) -> Callable:
    try:
        if task.command is not None:
            return functools.partial(command.run, task.command)
        return entrypoint.load(task.entrypoint)
    finally:  # what can't be loaded may be other code, too
        check_code(task)


def check_code(task: Task):
    """Raise `StudyError` if the code of the objective is no longer what names the trial."""
    named = task.identity["objective"]
    now = {
        "code": lambda: entrypoint.fingerprint(task.entrypoint),
        "files": lambda: command.files(task.command),
        "watch": lambda: watched(named["watch"]),
    }
    for key, fingerprint in now.items():
        if key in named and named[key] != fingerprint():
            raise StudyError(
                "its code, or a file under 'watch', has changed since this run began",
                "Run again: the trials of the code as it was are kept under their own names",
                ("objective",),
            )


def save_weights(weights, folder: Path):
    """Store a state dict as weights.pt, or anything else as model.joblib."""
    if isinstance(weights, dict) and "torch" in sys.modules:
        sys.modules["torch"].save(weights, folder / "weights.pt")
    else:
        import joblib

        joblib.dump(weights, folder / "model.joblib")
