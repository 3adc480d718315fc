"""One attempt at a trial: whether to train, and what becomes of the outcome."""

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from snaketune.base.errors import StudyError
from snaketune.records.endings import Ending, forget, kept_log, read_ending, write_ending
from snaketune.records.logs import fault_line
from snaketune.records.record import Record, error_line, write_record
from snaketune.records.task import Task
from snaketune.records.tasks import NONE, read_task
from snaketune.running.checkpoint import remove_checkpoint
from snaketune.running.failures import full, is_full, may_pass
from snaketune.running.leftovers import remove_leftovers

AGAIN = 75  # EX_TEMPFAIL of sysexits.h


class Attempt(NamedTuple):
    """An attempt at a task: its number, counted from 1, and where the record goes."""

    task: Task
    number: int
    output: Path

    @classmethod
    def parse(cls, arguments: list[str]) -> "Attempt":
        """The attempt that the command line of the rule `trial` describes.

        That is the file of tasks, the threads granted, the process that waits, the data or `NONE`,
        the trial, the number of the attempt, and the record. Raises `ValueError` where it describes
        none, and `StudyError` where the study no longer has the trial.
        """
        tasks, threads, head, data, trial_id, number, output = arguments
        more = {"threads": int(threads), "head": int(head), "data": None if data == NONE else data}
        return cls(read_task(Path(tasks), trial_id, **more), int(number), Path(output))

    @property
    def folder(self) -> Path:
        """The trial's own folder."""
        return self.output.parent

    def begin(self) -> str | None:
        """Make way for this attempt.

        Returns why not to train, where the attempt before met a fault of the study.
        """
        forget(self.folder, self.number)
        before = read_ending(self.folder, self.number - 1)
        if before is None or before["kind"] == "again":
            return None
        self._end(before)
        return before["message"]

    def conclude(self, record: Callable[[], Record]) -> tuple[int, str]:
        """Write the record of the trial, or how else this attempt ended.

        Returns the exit code of the job and a line for a person: 0 and nothing where the record is
        written, `AGAIN` where another attempt follows, 1 for a fault of the study.
        """
        try:
            found = record()
            if message := self._passing(found):
                self._end({"kind": "again", "message": message})
                return AGAIN, message
            if self.task.stop_on_failure and found["status"] == "failed":
                raise _stopped(found)
            self._write(found)
        except StudyError as error:
            message = fault_line(error, self.task.study)
            self._end({"kind": "fault", "message": message})
            return 1, message
        if found["status"] != "failed":
            remove_checkpoint(self.folder)
        if self.task.keep != "all":
            remove_leftovers(self.folder)
        return 0, ""

    def _write(self, record: Record) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)  # the objective may have removed it
        try:
            write_record(self.output, record)
        except OSError as error:
            raise (full(self.folder.name) if is_full(error) else error) from None

    def _end(self, ending: Ending) -> None:
        """Say how this attempt ended, and keep its log from Snakemake, which removes it."""
        with suppress(OSError):  # of a full disk; the log says it, too
            write_ending(self.folder, self.number, ending)
        if self.number < self.task.attempts:
            with suppress(FileNotFoundError):
                (self.folder / "log.txt").rename(kept_log(self.folder, self.number))

    def _passing(self, record: Record) -> str | None:
        """The line for a failure that may pass, where another attempt follows."""
        error = record["error"]
        if error and may_pass(error) and self.number < self.task.attempts:
            following = f"attempt {self.number + 1} of {self.task.attempts}"
            return f"Trying again, {following}, after {error_line(error)}"
        return None


def _stopped(record: Record) -> StudyError:
    error = record["error"]
    return StudyError(
        f"trial {record['trial_id']} failed: {error_line(error) if error else ''}",
        "Mend it, or write 'on_failure: continue' for a study that goes on without such trials",
        ("on_failure",),
    )
