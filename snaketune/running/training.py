"""Training once, in the process that exists for it: the objective in, an outcome out.

Whatever the objective does, the outcome is plain JSON.
"""

import functools
import os
import sys
import traceback
from collections.abc import Callable
from contextlib import chdir, suppress
from pathlib import Path
from typing import Any, TypedDict

from snaketune.base.errors import StudyError, inside
from snaketune.base.wholefile import whole
from snaketune.data import prepared
from snaketune.records.record import NOT_FINITE, Error, Metrics, metric_missing
from snaketune.records.table import metric_followed, metric_known
from snaketune.records.task import Task
from snaketune.running.checkpoint import dump
from snaketune.running.failures import failure, full, is_full, may_pass
from snaketune.running.leaving import forget_handlers, leave
from snaketune.running.machine import environment, make_deterministic, peak_memory
from snaketune.running.numbers import as_metrics, shown
from snaketune.running.trial import NotReported, Report, Trial
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


def train(task: Task, folder: Path, report: Report, keep: Path | None = None) -> Outcome:
    """Train once; returns the outcome.

    `report` is that of `Trial`. With `keep`, the weights that the objective hands over are stored
    in that folder. An objective that fails has an error and no metrics. Raises `StudyError` for a
    fault of the study as a whole: an objective that finishes without the metric; and where the
    disk is full.
    """
    # Resolved now: the objective may change the working directory.
    folder, keep = folder.resolve(), keep and keep.resolve()
    data = Path(task.data).resolve() if task.data else None
    plan = Path(task.plan).resolve() if task.plan else None
    forget_handlers()

    def begin() -> Trial:
        merged = task.merged_epochs
        return Trial(task.identity, folder, task.threads, data, task.device, merged, report)

    trial = begin()
    metrics, error = _try(task, trial, keep, plan)
    if error and trial.is_where_it_resumed and not may_pass(error):
        print("The checkpoint may not fit; it is dropped, and training starts anew.", flush=True)
        trial.forget_checkpoint()
        trial = begin()
        metrics, error = _try(task, trial, keep, plan)
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
    leave()
    return outcome


def _try(
    task: Task, trial: Trial, keep: Path | None, plan: Path | None
) -> tuple[Metrics, Error | None]:
    """The metrics that the objective returns, or the error instead of them."""
    process = os.getpid()
    try:
        metrics = call_objective(task, trial)
        if os.getpid() != process:
            raise SystemExit(0)
        if keep is not None and trial.weights is not None:
            save_weights(trial.weights, keep)
        return metrics, None
    except BaseException as raised:
        if os.getpid() != process:  # a process that the objective has started by os.fork
            os._exit(0 if isinstance(raised, SystemExit) and not raised.code else 1)
        with suppress(Exception):  # as of a standard error that the objective has closed
            traceback.print_exc()
        if isinstance(raised, NotReported) and plan is not None:
            followed = task.identity["objective"]["early_stopping"]["metric"]
            if metric_followed(followed, plan):  # by other trials: its name is no slip
                return {}, _error("MetricMissing", raised.fault)
        if isinstance(raised, StudyError):
            raise
        if is_full(raised):
            raise full(trial.workdir.name) from raised
        return {}, failure(raised)


def call_objective(task: Task, trial: Trial) -> Metrics:
    """The metrics that the objective returns for a trial; raises what it raises.

    Raises `StudyError` where the objective can't be loaded, or is no longer what was planned.
    """
    function = _objective(task)
    if task.command is not None and trial.data_file is not None:
        prepared.check(trial.data_file)  # a function's data is checked as it is read
    make_deterministic(trial.seed, trial.threads)
    trial.start_clock()
    # The keys of JSON are texts, and so are they in the configuration that a command reads.
    config = trial.config if task.command is None else task.identity["config"]
    returned = function(config, trial)
    if not isinstance(returned, dict):
        raise TypeError(f"the objective returned {shown(returned)}, not a dict of metrics")
    return as_metrics(returned, [task.metric], trial.warned)


def _missing(task: Task, metrics: Metrics, plan: Path | None) -> Error | None:
    """The error of a trial that finished without a finite value of the study's metric.

    Raises `StudyError` where no trial of the study has reported the metric yet: then its name in
    the study is a slip, and every trial would fail of it.
    """
    if task.metric not in metrics:
        fault = metric_missing(task.metric, metrics)
        if plan is None or not metric_known(task.metric, plan):
            raise fault
        return _error("MetricMissing", fault.fault)
    if metrics[task.metric] is None:
        return _error(NOT_FINITE, f"{task.metric} is not finite")
    return None


def _error(kind: str, message: str) -> Error:
    return {"type": kind, "message": message, "traceback": None}


def _objective(task: Task) -> Callable[[dict[str, Any], Trial], object]:
    here = Path.cwd()
    try:
        if task.command is not None:
            return functools.partial(command.run, task.command)
        assert task.entrypoint is not None  # a study has one of the two
        with inside("objective", "entrypoint"):
            return entrypoint.load(task.entrypoint)
    finally:  # code that can't be loaded may be other code, too
        with chdir(here):  # its import may have changed it
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
    """Store a state dict as weights.pt, or anything else as model.joblib. Raises `OSError`."""
    if isinstance(weights, dict) and "torch" in sys.modules:
        with whole(folder / "weights.pt") as stream:
            dump(weights, stream)
    else:
        import joblib

        joblib.dump(weights, folder / "model.joblib")
