"""."""

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from snaketune.base.errors import StudyError
from snaketune.records.logs import FAULT, TRY_AGAIN, last_line, of_attempt
from snaketune.records.record import error_line, write_record
from snaketune.records.task import Task
from snaketune.running.trial import CHECKPOINT

AGAIN = 75  # EX_TEMPFAIL of sysexits.h


# What may pass with more memory, or on another machine.
_PASSING = ("Killed", "MemoryLimit", "MemoryError", "OutOfMemoryError")


class Order(NamedTuple):
    """What the command is told: the trial, which attempt it is, and where its record goes."""

    task: Task
    attempt: int
    output: Path

    @classmethod
    def parse(cls, arguments: list[str]) -> "Order":
        """The order that a command line gives."""
        task, attempt, output = arguments
        return cls(Task.from_json(task), int(attempt), Path(output))

    @property
    def folder(self) -> Path:
        """The trial's own folder."""
        return self.output.parent

    @property
    def _log(self) -> Path:
        return self.folder / "log.txt"

    def begin(self) -> str | None:
        """Make way for this attempt; why not to train, if the one before found a fault."""
        for attempt in range(self.attempt, self.task.attempts + 1):
            of_attempt(self._log, attempt).unlink(missing_ok=True)  # of a run before this one
        before = last_line(of_attempt(self._log, self.attempt - 1)) if self.attempt > 1 else ""
        if not before.startswith(FAULT):
            return None
        self._keep_log()
        return before

    def conclude(self, record: Callable[[], dict]) -> tuple[int, str]:
        """Write the record, if it is to be written; the exit code, and what to say."""
        try:
            found = record()
            if passing := self._passing(found):
                self._keep_log()
                return AGAIN, passing
            if self.task.stop_on_failure and found["status"] == "failed":
                raise _stopped(found)
        except StudyError as error:
            self._keep_log()
            return 1, f"{FAULT} {error.inside(file=self.task.study)}"
        write_record(self.output, found)
        if found["status"] != "failed":
            for left in (self.folder / CHECKPOINT, *self.folder.glob(f".{CHECKPOINT}.*")):
                left.unlink(missing_ok=True)
        return 0, ""

    def _keep_log(self):
        """Have the log, with what is yet to be said in it, where Snakemake does not remove it."""
        if self.attempt < self.task.attempts:
            with suppress(FileNotFoundError):
                self._log.rename(of_attempt(self._log, self.attempt))

    def _passing(self, record: dict) -> str | None:
        """What to say where the failure may pass and another attempt follows."""
        error = record["error"]
        if error and error["type"] in _PASSING and self.attempt < self.task.attempts:
            following = f"attempt {self.attempt + 1} of {self.task.attempts}"
            return f"{TRY_AGAIN}, {following}, after {error_line(error)}"
        return None


def _stopped(record: dict) -> StudyError:
    return StudyError(
        f"trial {record['trial_id']} failed: {error_line(record['error'])}",
        "Mend it, or write 'on_failure: continue' for a study that goes on without such trials",
        ("on_failure",),
    )
