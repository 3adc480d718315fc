"""Training once, in the process that exists for it: the objective in, an outcome out."""

import errno
import functools
import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypedDict

from snaketune.base.errors import StudyError, inside
from snaketune.records.record import NOT_FINITE, Error, Metrics, metric_missing
from snaketune.records.table import check_names, metric_known
from snaketune.records.task import Task
from snaketune.running.machine import environment, make_deterministic, peak_memory
from snaketune.running.trial import Report, Trial, as_number
from snaketune.usercode import command, entrypoint
from snaketune.usercode.sources import watched


class Outcome(TypedDict):
    """What came of a training: metrics, or the error instead of them."""

    metrics: Metrics
    error: Error | None
    wall_seconds: float
    cpu_seconds: float
    peak_memory_mib: float
    weights: bool
    environment: dict[str, Any]


def train(task: Task, folder: Path, report: Report) -> tuple[Outcome, object]:
    """Train once; returns the outcome, and the weights that the objective handed over or None.

    `report` is that of `Trial`. An objective that fails has an error and no metrics. Raises
    `StudyError` for a fault of the study as a whole: an objective that finishes without the metric,
    or with metrics that no table can hold; and where the disk is full.
    """
    # Resolved now: the objective may change the working directory.
    folder = folder.resolve()
    data = Path(task.data).resolve() if task.data else None
    plan = Path(task.plan).resolve() if task.plan else None
    trial = Trial(
        task.identity, folder, task.threads, data, task.device, task.merged_epochs, report
    )
    metrics: Metrics = {}
    try:
        metrics = _call(task, trial)
        error = None
    except StudyError:
        raise
    except (Exception, SystemExit) as failure:
        if getattr(failure, "errno", None) in (errno.ENOSPC, errno.EDQUOT):
            raise _full(folder) from failure  # no result: with room it would have gone on
        traceback.print_exc()
        error = _error(type(failure).__name__, str(failure), traceback.format_exc())
    wall, cpu = trial.seconds()
    outcome: Outcome = {
        "metrics": metrics,
        "error": error or _missing(task, metrics, plan),
        "wall_seconds": wall,
        "cpu_seconds": cpu,
        "peak_memory_mib": peak_memory(),
        "weights": trial.weights is not None,
        "environment": environment(trial.threads, trial.device if "torch" in sys.modules else None),
    }
    return outcome, trial.weights


def _call(task: Task, trial: Trial) -> Metrics:
    """The metrics that the objective returns."""
    function = _objective(task)
    make_deterministic(trial.seed, trial.threads)
    trial.start_clock()
    returned = function(task.identity["config"], trial)
    if not isinstance(returned, dict):
        raise TypeError(f"the objective returned {returned!r}, not a dict of metrics")
    return {name: as_number(name, value) for name, value in returned.items()}


def _missing(task: Task, metrics: Metrics, plan: Path | None) -> Error | None:
    """The error of a trial that finished without a finite value of the study's metric.

    Raises `StudyError` where no trial of the study has reported the metric yet: then its name in
    the study is a slip, and every trial would fail of it.
    """
    check_names(metrics, task.identity["config"])
    if task.metric not in metrics:
        fault = metric_missing(task.metric, metrics)
        if plan is None or not metric_known(task.metric, plan):
            raise fault
        return _error("MetricMissing", fault.fault)
    if metrics[task.metric] is None:
        return _error(NOT_FINITE, f"{task.metric} is not finite")
    return None


def _error(kind: str, message: str, trace: str | None = None) -> Error:
    return {"type": kind, "message": message, "traceback": trace}


def _full(folder: Path) -> StudyError:
    return StudyError(
        f"the disk is full, or your share of it (trial {folder.name})",
        "Make room and run again: what is complete is kept",
    )


def _objective(task: Task) -> Callable[[dict[str, Any], Trial], object]:
    try:
        if task.command is not None:
            return functools.partial(command.run, task.command)
        assert task.entrypoint is not None  # a study has one of the two
        with inside("objective", "entrypoint"):
            return entrypoint.load(task.entrypoint)
    finally:  # code that can't be loaded may be other code, too
        check_code(task)


def check_code(task: Task) -> None:
    """Raise `StudyError` if the code of the objective is no longer what names the trial."""
    named = task.identity["objective"]
    now: dict[str, Callable[[], object]] = {
        "code": lambda: entrypoint.fingerprint(task.entrypoint or ""),
        "files": lambda: command.files(task.command or ""),
        "watch": lambda: watched(named["watch"]),
    }
    for key, fingerprint in now.items():
        if key in named and named[key] != fingerprint():
            raise StudyError(
                "its code, or a file under 'watch', has changed since this run began",
                "Run again: the trials of the code as it was are kept under their own names",
                ("objective",),
            )


def save_weights(weights: object, folder: Path) -> None:
    """Store a state dict as weights.pt, or anything else as model.joblib."""
    if isinstance(weights, dict) and "torch" in sys.modules:
        sys.modules["torch"].save(weights, folder / "weights.pt")
    else:
        import joblib

        joblib.dump(weights, folder / "model.joblib")
