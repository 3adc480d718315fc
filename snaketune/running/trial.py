"""What an objective gets beside its configuration."""

import re
import resource
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import cached_property
from pathlib import Path
from typing import Any

from snaketune.base.errors import StudyError
from snaketune.data.prepared import Data, load_data
from snaketune.records.record import Identity
from snaketune.running import checkpoint
from snaketune.running.checkpoint import CHECKPOINT, Content
from snaketune.running.early_stopping import EarlyStopping, Until
from snaketune.running.numbers import as_metrics, as_number, shown

_INTEGER = re.compile(r"-?(0|[1-9][0-9]*)\Z")

Row = dict[str, float | int | None]  # of the history: the epoch and its metrics
Report = Callable[[str, Any], None]  # the kind of a message to the supervisor, and its content


def _to_nobody(kind: str, content: object) -> None:
    """The report of a trial without a supervisor."""


class NotReported(StudyError):
    """A report lacks the metric that early stopping follows."""


class Trial:
    """One training run, seen from the objective.

    `config` is the trial's configuration. `seed` is the training seed; Python's, NumPy's and
    PyTorch's generators are already seeded with it. `fold` is the fold that is for validation, or
    None. `settings` is what the study has under `objective.settings`, `threads` the number of CPU
    threads granted, `workdir` a folder for the trial's own files, and `data_file` the prepared data
    set (NPZ) or None.
    """

    def __init__(
        self,
        spec: Identity,
        workdir: Path,
        threads: int = 1,
        data_file: Path | None = None,
        device: str | None = None,
        merged_epochs: int | None = None,
        report: Report = _to_nobody,
    ) -> None:
        """`spec` is the trial's identity.

        With `merged_epochs`, training is on the training and validation rows together, up to
        that epoch, or to its own end for 0. `report` is called with ("report", row) after each
        report, and with ("resumed", content) when training goes on from a checkpoint.
        """
        self.config: dict[str, Any] = with_integer_keys(spec["config"])
        self.seed: int = spec["seed"]
        self.fold: int | None = (spec["data"] or {}).get("fold")
        self.settings: dict[str, Any] = spec["settings"]
        self.workdir, self.threads, self.data_file = workdir, threads, data_file
        self.history: list[Row] = []
        self.weights: Any = None
        self.warned: set[str] = set()  # lines about metrics that are left out
        self._resumed_after: int | None = None  # reports that the checkpoint taken up has
        self._device, self._report = device, report
        self._merged = merged_epochs is not None
        self._rule = spec["objective"].get("early_stopping")
        self._last = merged_epochs or None
        self._stopping = self._new_stopping()
        self._started = now()

    def _new_stopping(self) -> EarlyStopping | Until:
        if self._rule and not self._merged:
            return EarlyStopping(**self._rule)
        return Until(self._last)

    @cached_property
    def data(self) -> Data:
        """The study's data set, split; see `snaketune.data.prepared.Data`."""
        if self.data_file is None:
            raise StudyError("the study names no data set", "Add 'data: digits'", ("data",))
        return load_data(self.data_file, self.fold, self._merged)

    @cached_property
    def device(self) -> str:
        """What the study has under `resources.device`, else `cuda` where there is one, or `cpu`."""
        import torch

        found = torch.cuda.is_available()
        if self._device and self._device.startswith("cuda") and not found:
            raise StudyError(
                f"PyTorch finds no GPU here for '{self._device}'",
                "Leave it out for what there is, or write cpu",
                ("resources", "device"),
            )
        return self._device or ("cuda" if found else "cpu")

    def epochs(self, last: int) -> Iterator[int]:
        """The epochs that are left to train, up to `last` at most.

        They begin with 1, or after the last one reported before the checkpoint taken up by
        `resume`, and end early where `early_stopping` says so.
        """
        first = self._last_epoch + 1
        for epoch in range(first, last + 1):
            if self.should_stop:
                return
            yield epoch

    @property
    def _last_epoch(self) -> int:
        return int(self.history[-1]["epoch"] or 0) if self.history else 0

    def report(self, /, epoch: Any, **metrics: Any) -> None:
        """Report the metrics after an epoch, for learning curves and early stopping.

        What is no number is left out, which the log says. Raises `TypeError` where that is the
        metric which early stopping follows, and `ValueError` for an epoch that is no number.
        """
        followed = self._stopping.metric
        needed = [] if followed is None else [followed]
        row: Row = {"epoch": _epoch(epoch), **as_metrics(metrics, needed, self.warned)}
        self._follow(row)
        self.history.append(row)
        self._report("report", row)

    def _follow(self, row: Row) -> None:
        metric = self._stopping.metric
        if metric is not None and metric not in row:
            raise NotReported(
                f"the objective's report has no '{metric}', which early stopping follows",
                f"Pass {metric}=… to trial.report, or follow another metric",
                ("objective", "early_stopping", "metric"),
            )
        self._stopping.follow(int(row["epoch"] or 0), row[metric] if metric else None)

    @property
    def improved(self) -> bool:
        """Whether the epoch just reported is the one to keep so far.

        With `early_stopping` in the study it is where the metric is the best so far; without,
        always: then the last epoch is the one that counts.
        """
        return self._stopping.improved

    @property
    def best_epoch(self) -> int:
        """The last epoch that was `improved`; 0 where there was none."""
        return self._stopping.best_epoch

    @property
    def should_stop(self) -> bool:
        """Whether it is time to stop; always False without `early_stopping` in the study."""
        return self._stopping.should_stop

    def save_weights(self, weights: Any) -> None:
        """Take a copy of the weights that the returned metrics belong to; the last call counts.

        A state dict of PyTorch is copied to the CPU, so that training on does not change it.
        Anything else is kept as it is. Only the best trial's weights of each search are stored.
        """
        if isinstance(weights, dict):
            weights = {
                name: value.detach().cpu().clone() if hasattr(value, "detach") else value
                for name, value in weights.items()
            }
        self.weights = weights

    def checkpoint(self, state: Any) -> None:
        """Store `state`, anything that pickles, to go on from if this trial is killed.

        Reports, saved weights and the state of every random generator are stored with it. A
        disk that is full is no reason to stop: then it is said in the log, and training goes on.
        """
        wall, cpu = self.seconds()
        content = {"state": state, "history": self.history, "weights": self.weights}
        try:
            checkpoint.save(self._checkpoint_file, {**content, "wall": wall, "cpu": cpu})
        except OSError as error:
            print(f"No checkpoint could be written ({error}); training goes on.", flush=True)

    def resume(self) -> Any:
        """The state of the last checkpoint, or None where the trial begins.

        Reports, weights and random generators are put back to what they were. An objective that
        raises then, before its next report, is called once more, and begins.
        """
        before = checkpoint.random_states()
        try:
            content = checkpoint.load(self._checkpoint_file)
            self._take_up(content)
            return content["state"]
        except FileNotFoundError:
            return None
        except Exception as error:  # of another library version, or a damaged disk
            print(f"The checkpoint can't be read ({error!r}); training starts anew.", flush=True)
            checkpoint.restore_random(before)
            self._stopping = self._new_stopping()
            return None

    def _take_up(self, content: Content) -> None:
        history, weights = content["history"], content["weights"]
        (wall, cpu), (wall_before, cpu_before) = self._started, (content["wall"], content["cpu"])
        checkpoint.restore_random(content["random"])
        for row in history:
            self._follow(row)
        self.history, self.weights = history, weights
        self._resumed_after = len(history)
        self._started = wall - wall_before, cpu - cpu_before
        self._report("resumed", {"history": history, "wall": wall_before, "cpu": cpu_before})

    @property
    def is_where_it_resumed(self) -> bool:
        """Whether the trial has resumed, and reported nothing since."""
        return len(self.history) == self._resumed_after

    def forget_checkpoint(self) -> None:
        """Remove the checkpoint, and have the supervisor forget what came of it."""
        self._checkpoint_file.unlink(missing_ok=True)
        self._report("resumed", {"history": [], "wall": 0.0, "cpu": 0.0})

    def start_clock(self) -> None:
        """Begin to count the seconds of training."""
        self._started = now()

    def seconds(self) -> tuple[float, float]:
        """Wall and CPU seconds of training so far, those before a resume included."""
        (wall, cpu), (wall_started, cpu_started) = now(), self._started
        return wall - wall_started, cpu - cpu_started

    @property
    def _checkpoint_file(self) -> Path:
        return self.workdir / CHECKPOINT


def with_integer_keys(value: Any) -> Any:
    """A value of a configuration, with the keys of its mappings as integers where they are.

    JSON, in which a configuration is stored, has no keys but texts.

    >>> with_integer_keys({"class_weight": {"0": 1, "1": 10}})
    {'class_weight': {0: 1, 1: 10}}
    """
    if isinstance(value, list):
        return [with_integer_keys(item) for item in value]
    if isinstance(value, dict):
        return {
            int(key) if _INTEGER.match(key) else key: with_integer_keys(item)
            for key, item in value.items()
        }
    return value


def now() -> tuple[float, float]:
    """Clocks of wall and CPU seconds; the latter adds up this process and its ended children."""
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.perf_counter(), time.process_time() + children.ru_utime + children.ru_stime


def _epoch(given: object) -> float | int:
    """The number of an epoch. Raises `ValueError` for what is no finite number."""
    with suppress(TypeError):
        epoch = as_number("epoch", given)
        if epoch is not None:
            return epoch
    raise ValueError(f"the epoch is {shown(given)}, not a finite number")
