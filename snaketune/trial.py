"""Running one trial: the objective in, a record out.

    python -m snaketune.trial --spec JSON --entrypoint FILE:FUNCTION --metric NAME … RECORD

An objective that fails leaves a record that says so, and the exit code is 0: a failed trial is a
result. Only what is wrong with the study as a whole, such as a metric that is never reported,
leaves no record and exits with 1.
"""

import argparse
import json
import math
import os
import platform
import random
import resource
import sys
import time
import traceback
from functools import cached_property
from pathlib import Path

import snaketune
from snaketune import objective
from snaketune.data import Data, load_data
from snaketune.errors import StudyError
from snaketune.identity import digest
from snaketune.records import FORMAT, check_names, metric_missing, write_record


class Trial:
    """What the objective gets beside its configuration.

    `seed` is the training seed; Python's, NumPy's and PyTorch's generators are already seeded
    with it. `threads` is the number of CPU threads granted, `settings` what the study has under
    `objective.settings`, `workdir` a folder for the trial's own files.
    """

    def __init__(self, spec: dict, workdir: Path, threads: int = 1, data: Path | None = None):
        self.seed: int = spec["seed"]
        self.settings: dict = spec["settings"]
        self.workdir = workdir
        self.threads = threads
        self.history: list[dict] = []
        self.weights = None
        self._data_file = data

    @cached_property
    def data(self) -> Data:
        """The study's data set, split; see `snaketune.data.Data`."""
        if self._data_file is None:
            raise StudyError("the study names no data set", "Add 'data: digits'", ("data",))
        return load_data(self._data_file)

    @cached_property
    def device(self) -> str:
        """`cuda` where PyTorch finds a GPU, else `cpu`."""
        import torch

        return "cuda" if torch.cuda.is_available() else "cpu"

    def report(self, epoch: int, **metrics: float):
        """Note the metrics after an epoch; they make the learning curves."""
        values = {name: as_number(name, value) for name, value in metrics.items()}
        self.history.append({"epoch": epoch, **values})

    def save_weights(self, state: dict):
        """Hand over the weights that the returned metrics belong to, as a state dict.

        Only those of each search's best trial are kept on disk.
        """
        self.weights = state


def as_number(name: str, value) -> float | int | None:
    """A metric as JSON holds it: an int or a float, and None for NaN and infinities.

    Takes Python numbers and anything of one element with `.item()` (NumPy, PyTorch). Raises
    `TypeError` for the rest.
    """
    if hasattr(value, "item"):
        value = value.item()
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError(f"the metric '{name}' is {value!r}, not a number")
    return value if math.isfinite(value) else None


def run_trial(spec_text: str, entrypoint: str, metric: str, trial: Trial) -> dict:
    """Train once and return the record.

    `spec_text` is the canonical JSON of the trial's identity. Raises `StudyError` where the
    objective finishes without reporting `metric`, or with metrics that no table can hold.
    """
    spec = json.loads(spec_text)
    started = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    metrics, error = {}, None
    wall, cpu = time.perf_counter(), time.process_time()
    try:
        function = objective.load(entrypoint)
        make_deterministic(trial.seed, trial.threads)
        wall, cpu = time.perf_counter(), time.process_time()
        returned = function(spec["config"], trial)
        if not isinstance(returned, dict):
            raise TypeError(f"the objective returned {returned!r}, not a dict of metrics")
        metrics = {name: as_number(name, value) for name, value in returned.items()}
    except StudyError:
        raise
    except (Exception, SystemExit) as failure:
        traceback.print_exc()
        error = {
            "type": type(failure).__name__,
            "message": str(failure),
            "traceback": traceback.format_exc(),
        }
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu

    if error is None:
        check_names(metrics, spec["config"])
        if metric not in metrics:
            raise metric_missing(metric, metrics)
    if error is None and metrics[metric] is None:
        error = {"type": "NotFinite", "message": f"{metric} is not finite", "traceback": None}
        status = "diverged"
    else:
        status = "failed" if error else "complete"
    return {
        "format": FORMAT,
        "trial_id": digest(spec_text),
        "status": status,
        **spec,
        "metrics": metrics,
        "history": trial.history,
        "cost": {
            "epochs": len(trial.history),
            "train_seconds": round(wall, 6),
            "cpu_seconds": round(cpu, 6),
            "peak_memory_mib": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, 1),
        },
        "weights": trial.weights is not None,
        "environment": environment(trial),
        "started": started,
        "error": error,
    }


def make_deterministic(seed: int, threads: int):
    """Seed every generator that is loaded, and have PyTorch add up in one order only."""
    random.seed(seed)
    if "numpy" in sys.modules:
        sys.modules["numpy"].random.seed(seed % 2**32)
    if "torch" in sys.modules:
        torch = sys.modules["torch"]
        torch.manual_seed(seed)
        torch.set_num_threads(threads)
        os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")  # cuBLAS asks for it
        torch.use_deterministic_algorithms(True, warn_only=True)


def environment(trial: Trial) -> dict:
    """Where a trial ran, and on what: enough to explain a difference, or to repeat it."""
    loaded = {
        name: sys.modules[name].__version__
        for name in ("numpy", "torch", "sklearn")
        if name in sys.modules
    }
    return {
        "snaketune": snaketune.__version__,
        "python": platform.python_version(),
        **loaded,
        "platform": platform.platform(),
        "host": platform.node(),
        "device": trial.device if "torch" in sys.modules else "cpu",
        "threads": trial.threads,
    }


def main(arguments: list[str] | None = None):
    """The command that the rule `trial` runs."""
    parser = argparse.ArgumentParser(prog="snaketune.trial")
    parser.add_argument("--spec", required=True, help="canonical JSON of the trial's identity")
    parser.add_argument("--entrypoint", required=True, help="FILE:FUNCTION or MODULE:FUNCTION")
    parser.add_argument("--metric", required=True, help="the metric that has to be reported")
    parser.add_argument("--study", required=True, help="the study file, named in errors")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--data", type=Path, help="the prepared data set (NPZ)")
    parser.add_argument("record", type=Path, help="where to write the record")
    given = parser.parse_args(arguments)
    trial = Trial(json.loads(given.spec), given.record.parent, given.threads, given.data)
    try:
        record = run_trial(given.spec, given.entrypoint, given.metric, trial)
    except StudyError as error:
        sys.exit(f"Error in the study. {error.inside(file=given.study)}")
    write_record(given.record, record)


if __name__ == "__main__":
    main()
