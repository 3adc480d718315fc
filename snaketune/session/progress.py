"""How far a run is, in lines that a person can follow."""

import json
import time
from pathlib import Path
from typing import cast

from snaketune.base.modes import sign
from snaketune.base.words import plural
from snaketune.planning.study import PlannedTrial, Search, Study
from snaketune.records import paths
from snaketune.records.record import Record, error_line

_LINES = 20  # at most this many lines for steady progress, however many trials there are
_PATIENCE = 60.0  # seconds after which a line is due anyway
_SEEN = 3  # trials before a guess of the time that is left
_FAILURES = 10  # so many failures are listed one by one; the rest are counted


class Progress:
    """Counts the finished trials of a study, and keeps the best and the failed ones."""

    def __init__(self, study: Study, results: str = paths.RESULTS) -> None:
        self.study, self.results = study, results
        self._order = {trial_id: i for i, trial_id in enumerate(study.specs)}
        self._planned = study.first
        self._status: dict[str, str] = {}  # of the trials that have a record
        # (score, or minus the score; minus its place in the plan; trial id): the largest is best
        self._best: tuple[float, int, str] | None = None
        self._to_train = self._trained = self._listed_failures = 0
        self._started = self._said = time.monotonic()
        self._said_done = 0

    def start(self, to_train: int) -> list[str]:
        """Count the records that exist; returns the lines for a run that is to train `to_train`."""
        self._to_train = to_train
        for trial_id in self._planned:
            self._count(trial_id)
        self._said_done = len(self._status)
        searches = ", ".join(map(_budget, self.study.searches))
        runs = "".join(
            f"; {len(each)} {name}"
            for each, name in ((self.study.seeds, "training seeds"), (self.study.folds, "folds"))
            if len(each) > 1
        )
        trials = f"{len(self._planned):,} trials ({searches}{runs})"
        return [
            f"study {self.study.name}: {trials}, {to_train:,} to train",
            *(f"  {s.name}: {note}" for s in self.study.searches for note in s.notes),
        ]

    def finished(self, trial_id: str) -> list[str]:
        """The lines to print after a trial has finished; often none."""
        best_before = self._best
        record = self._count(trial_id)
        if record is None:
            return []
        self._trained += 1
        lines = []
        error = record["error"]
        if error:
            self._listed_failures += 1
            if self._listed_failures <= _FAILURES:
                lines.append(
                    f"  {record['status']}: {self.label(trial_id)}: "
                    f"{error_line(error)} ({self._path(trial_id)})"
                )
        now, done = time.monotonic(), len(self._status)
        due = (
            self._best != best_before
            or self._trained >= self._to_train
            or (done - self._said_done) * _LINES >= len(self._planned)
            or now - self._said >= _PATIENCE
        )
        if due:
            self._said, self._said_done = now, done
            lines.append(self._line(now - self._started))
        return lines

    def label(self, trial_id: str) -> str:
        """The trial's name for people."""
        return label(self._planned[trial_id])

    def nothing_to_do(self) -> list[str]:
        """The lines to print where every trial has its record already."""
        for trial_id in self._planned:
            self._count(trial_id)
        return ["Nothing to be done: every trial has been run.", *self.outcome()]

    def outcome(self) -> list[str]:
        """The answer, what failed, and where the report is, if there is a comparison."""
        name = self.study.name
        path = Path(paths.comparison(name, self.results))
        table = Path(paths.table(name, self.results))
        try:
            if path.stat().st_mtime_ns < table.stat().st_mtime_ns:
                return []  # this run went no further than to the table
            comparison = json.loads(_read(path))
        except OSError:
            return []
        lines = [comparison["answer"]]
        if failed := self._number("failed"):
            lines.append(
                f"{failed:,} of {plural(len(self._planned), 'trial')} failed; after "
                f"`python -m snaketune retry {name}` the next run trains them again."
            )
        return [*lines, f"The report is in {paths.report(name, self.results)}"]

    @property
    def in_vain(self) -> bool:
        """Whether every trial has been run, and none is complete."""
        return len(self._status) == len(self._planned) and not self._number("complete")

    def _path(self, trial_id: str) -> str:
        return paths.record(trial_id, self.results)

    def _number(self, status: str) -> int:
        return sum(found == status for found in self._status.values())

    def _count(self, trial_id: str) -> Record | None:
        """Count the record of a trial, and return it if there is one."""
        try:
            record = cast(Record, json.loads(_read(self._path(trial_id))))
            score = record["metrics"].get(self.study.objective.metric)
        except (OSError, ValueError, KeyError):
            return None  # no record yet; a damaged one is for aggregation to judge
        self._status[trial_id] = record["status"]
        if score is not None:
            found = (sign(self.study.objective.mode) * score, -self._order[trial_id], trial_id)
            self._best = max(self._best or found, found)
        return record

    def _line(self, seconds: float) -> str:
        parts = [f"trials {len(self._status):,}/{len(self._planned):,}"]
        if self._best:
            metric, mode = self.study.objective.metric, self.study.objective.mode
            signed, _, trial_id = self._best
            score = sign(mode) * signed
            parts.append(f"best {metric} {score:.4g} ({label(self._planned[trial_id])})")
        for status in ("failed", "diverged"):
            if number := self._number(status):
                parts.append(f"{number:,} {status}")
        left = self._to_train - self._trained
        if left > 0 and self._trained >= _SEEN:
            parts.append(f"about {duration(seconds / self._trained * left)} left")
        return " · ".join(parts)


def _read(path: str | Path) -> str:
    return Path(path).read_text(encoding="utf-8")


def _budget(search: Search) -> str:
    times = f" × {len(search.designs)}" if len(search.designs) > 1 else ""
    return f"{search.name} {search.trials:,}{times}"


def label(planned: PlannedTrial) -> str:
    """A trial's name for people: its search, its number there, its configuration."""
    config = ", ".join(
        f"{name}={value:.4g}" if isinstance(value, float) else f"{name}={value}"
        for name, value in planned.config.items()
    )
    repeat = f"{planned.repeat}." if planned.repeat else ""
    fold = "" if planned.fold is None else f" fold {planned.fold}"
    return f"{planned.search} {repeat}{planned.index}{fold}: {config}"


def duration(seconds: float) -> str:
    """Seconds as ``12 s``, ``3 min`` or ``2 h 05 min``."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 90 else f"{minutes // 60} h {minutes % 60:02d} min"
