"""When a trial has trained long enough, and which of its epochs counts."""

from dataclasses import dataclass
from typing import ClassVar

from snaketune.base.modes import Mode, sign
from snaketune.records.record import Record


@dataclass
class EarlyStopping:
    """Follows a metric from report to report.

    Training stops `patience` epochs after the best one, or at epoch t when the best was before
    t / `patience_factor` (with a factor of 2 the rule of Bergstra & Bengio, JMLR 2012, section
    2.3), but not before `min_epochs`. The first of equal scores is the best one.
    """

    metric: str
    mode: Mode
    patience: int | None = None
    patience_factor: float | None = None
    min_epochs: int = 0

    best_epoch: int = 0
    improved: bool = False  # whether the last score is the best so far
    should_stop: bool = False
    _best: float | None = None

    def follow(self, epoch: int, score: float | None) -> None:
        """Take in the score after an epoch; None is a score that is not finite."""
        better = sign(self.mode)
        self.improved = score is not None and (
            self._best is None or better * score > better * self._best
        )
        if self.improved:
            self.best_epoch, self._best = epoch, score
        self.should_stop = self._waited(epoch) and epoch >= self.min_epochs

    def _waited(self, epoch: int) -> bool:
        """Whether the best epoch is long enough ago."""
        if self.patience is not None:
            return epoch - self.best_epoch >= self.patience
        assert self.patience_factor is not None  # a rule has one of the two
        return self.best_epoch < epoch / self.patience_factor


@dataclass
class Until:
    """Trains up to a given epoch, or as long as the objective likes, and keeps the last one."""

    metric: ClassVar[None] = None  # it follows no metric

    last: int | None = None
    best_epoch: int = 0
    improved: bool = False
    should_stop: bool = False

    def follow(self, epoch: int, score: float | None = None) -> None:
        """Take in that an epoch has been trained."""
        self.best_epoch, self.improved = epoch, True
        self.should_stop = self.last is not None and epoch >= self.last


def best_epoch(record: Record) -> int:
    """The epoch whose weights a trial was scored by; 0 for its own end, without early stopping."""
    rule = record["objective"].get("early_stopping")
    if rule is None:
        return 0
    stopping = EarlyStopping(**rule)
    for row in record["history"]:
        stopping.follow(int(row["epoch"] or 0), row.get(stopping.metric))
    return stopping.best_epoch
