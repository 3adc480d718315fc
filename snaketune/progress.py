"""How far a run is, in a line that a person can follow."""

import json
import time
from pathlib import Path

from snaketune.study import PlannedTrial, Study

_LINES = 20  # at most this many lines for steady progress, however many trials there are
_PATIENCE = 60.0  # seconds after which a line is due anyway
_FAILURES = 10  # so many failures are told one by one; the rest are counted


class Progress:
    """Counts the finished trials of a study, and keeps the best and the failed ones."""

    def __init__(self, study: Study, folder: Path = Path("results/trials")):
        self.study, self.folder = study, folder
        self.trials = {}  # trial id -> its first place in the plan
        for planned in study.plan:
            self.trials.setdefault(planned.trial_id, planned)
        self.done = self.failed = self.diverged = 0
        self.best: tuple[float, PlannedTrial] | None = None
        self._started = self._said = time.monotonic()
        self._said_done = self._cached = 0

    def start(self) -> str:
        """Take in the records that are there, and tell what is left to train."""
        for trial_id in self.trials:
            self._count(trial_id)
        self._cached = self._said_done = self.done
        searches = ", ".join(f"{s.name} {s.trials}" for s in self.study.searches)
        return (
            f"study {self.study.name}: {len(self.trials):,} trials ({searches}), "
            f"{len(self.trials) - self.done:,} to train"
        )

    def finished(self, trial_id: str) -> list[str]:
        """The lines to say after a trial has finished; often none."""
        best_before = self.best
        record = self._count(trial_id)
        if record is None:
            return []
        lines = []
        error = record["error"]
        if error and self.failed + self.diverged <= _FAILURES:
            lines.append(
                f"  {record['status']}: {label(self.trials[trial_id])}: "
                f"{error['type']}: {error['message']} ({self._path(trial_id)})"
            )
        now = time.monotonic()
        due = (
            self.best is not best_before
            or self.done == len(self.trials)
            or (self.done - self._said_done) * _LINES >= len(self.trials)
            or now - self._said >= _PATIENCE
        )
        if due:
            self._said, self._said_done = now, self.done
            lines.append(self._line(now - self._started))
        return lines

    def report(self) -> str:
        """Where the finished report is."""
        return f"The report is in results/{self.study.name}/report.html"

    def _path(self, trial_id: str) -> Path:
        return self.folder / trial_id / "record.json"

    def _count(self, trial_id: str) -> dict | None:
        try:
            record = json.loads(self._path(trial_id).read_text(encoding="utf-8"))
            score = record["metrics"].get(self.study.objective.metric)
        except (OSError, ValueError, KeyError):
            return None  # no record yet; a damaged one is for aggregation to judge
        self.done += 1
        self.failed += record["status"] == "failed"
        self.diverged += record["status"] == "diverged"
        sign = 1 if self.study.objective.mode == "max" else -1
        if score is not None and (self.best is None or sign * score > sign * self.best[0]):
            self.best = (score, self.trials[trial_id])
        return record

    def _line(self, seconds: float) -> str:
        parts = [f"trials {self.done:,}/{len(self.trials):,}"]
        if self.best:
            score, planned = self.best
            parts.append(f"best {self.study.objective.metric} {score:.4g} ({label(planned)})")
        for number, name in ((self.failed, "failed"), (self.diverged, "diverged")):
            if number:
                parts.append(f"{number:,} {name}")
        left = len(self.trials) - self.done
        trained = self.done - self._cached
        if left and trained:
            parts.append(f"about {duration(seconds / trained * left)} left")
        return " · ".join(parts)


def label(planned: PlannedTrial) -> str:
    """A trial's name for people: its search, its number there, its configuration."""
    config = ", ".join(
        f"{name}={value:.4g}" if isinstance(value, float) else f"{name}={value}"
        for name, value in planned.config.items()
    )
    return f"{planned.search} {planned.index}: {config}"


def duration(seconds: float) -> str:
    """Seconds as ``12 s``, ``3 min`` or ``2 h 05 min``."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 90 else f"{minutes // 60} h {minutes % 60:02d} min"


_followed: Progress | None = None


def follow(study: Study):
    """Make `study` the one whose progress this process tells."""
    global _followed
    _followed = Progress(study)


def followed() -> Progress | None:
    """The progress of the study that this process runs, if any."""
    return _followed
