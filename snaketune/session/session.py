"""One Snakemake process: the study that it reads, and what it does as its run begins.

Snakemake reads the Snakefile for everything that it is asked: to run, to show what would run, to
unlock, to draw a graph, and again inside each job of a cluster. So reading changes nothing. What a
run changes is in `Session.begin`, which Snakemake calls once it holds the lock on the results.
"""

import json
import os
import secrets
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import Any

from snaketune.base.errors import StudyError
from snaketune.base.identity import canonical, digest
from snaketune.base.wholefile import write_whole
from snaketune.planning.studyfile import open_study
from snaketune.records import paths
from snaketune.records.logs import FAULT
from snaketune.records.tasks import NONE, tasks_file, write_tasks
from snaketune.running import client
from snaketune.running.failures import may_come_again
from snaketune.session.folder import check_results_folder
from snaketune.session.progress import Progress
from snaketune.session.taken import check_name_is_free


class Session:
    """The study of one Snakemake process. `workflow` is Snakemake's own object.

    Ends the process with the words of the error where the study is at fault.
    """

    def __init__(self, workflow: Any):
        # Not by `configfile:`, over which Snakemake lays a --configfile, so that keys of
        # config.yaml would leak into another study. What --config gives is laid over either.
        files = workflow.overwrite_configfiles or ["config.yaml"]
        self.study = open_study(files, workflow.config_settings.config)
        with ended_by_faults():
            check_results_folder()
            check_name_is_free(self.study)
        self._workflow = workflow
        # Where it is ignored, as by a parent of this process, no job would seem to fail.
        if signal.getsignal(signal.SIGCHLD) == signal.SIG_IGN:
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        # The name of this run's warm process, which nobody else can guess.
        self._place = secrets.token_hex(16)
        for handler in workflow.logger_manager.plugin_handlers:
            if hasattr(handler, "follow"):  # ours, which shows the progress of the trials
                handler.follow(self.progress)

    @cached_property
    def progress(self) -> Progress:
        """How far the study is."""
        return Progress(self.study)

    def command(self, trial_id: str, data: str | None, threads: int) -> list[str]:
        """The command that runs a trial, without the number of the attempt and the record.

        Raises `StudyError` where the study no longer has the trial.
        """
        self.study.spec(trial_id)
        # -P: a `random.py` in the working directory must not hide the standard module.
        runner = ["-P", "-m", "snaketune.running.runner"]
        if self.study.warm:
            runner = ["-I", "-S", client.__file__, self._place]
        return [sys.executable, *runner, *self._shared(threads), data or NONE, trial_id]

    def _shared(self, threads: int) -> list[str]:
        """The arguments that all trials share: their tasks, threads, and who waits for them."""
        if self._workflow.remote_exec:  # a job of a cluster, which may have no disk in common
            self._write_tasks()
        return [str(self._tasks), str(threads), str(os.getpid())]

    @cached_property
    def _tasks(self) -> Path:
        return tasks_file(paths.study(self.study.name), self.study.task(), self.study.specs)

    def _write_tasks(self) -> None:
        if not self._tasks.exists():
            self._tasks.parent.mkdir(parents=True, exist_ok=True)
            write_tasks(self._tasks, self.study.task(), self.study.specs)

    @cached_property
    def planned(self) -> str:
        """The file that exists where the plan and the summary on disk are those of this study.

        Its name has their digest: where the study has changed, it is missing, and what depends on
        it is made again, also where Snakemake's own notes are lost.
        """
        ids = [planned.trial_id for planned in self.study.plan]
        found = digest(canonical([ids, self.study.summary]))
        return f"{paths.study(self.study.name)}/.planned-{found}"

    def planned_for(self, rule: str) -> str:
        """`planned`, as an input of `rule`; where it is missing, that rule is to run.

        Snakemake by itself makes a missing file only for a rule that runs for another reason.
        """
        if not Path(self.planned).exists():
            self._workflow.dag.forcerules.add(self._workflow.get_rule(rule))
        return self.planned

    def best_for(self, folder: str) -> list[str]:
        """No input of the rule that fills a folder of best/; but that rule is to run again where
        the training for it has failed in a way that may pass."""
        if may_come_again(Path(folder)):
            self._workflow.dag.forcefiles.add(folder)
        return []

    def begin(self) -> None:
        """Write what is planned, before anything trains, and start the warm process."""
        with ended_by_faults():
            self._write_plan()
        # While the data is prepared, the process that trials are forks of loads what they need.
        jobs = self._workflow.dag.needrun_jobs()
        trial = next((job for job in jobs if job.rule.name == "trial"), None)
        if self.study.warm and self._workflow.local_exec and trial:
            client.start(self._place, *self._shared(trial.threads))

    def end(self) -> None:
        """Print what came out. Where that is impossible, as on a full disk, the results stand."""
        try:
            print(*self.progress.outcome(), sep="\n", flush=True)
        except OSError as error:
            print(f"What came out can't be printed ({error}); see results/.", file=sys.stderr)
            # What is left of it would fail once more as this process ends.
            os.dup2(os.open(os.devnull, os.O_WRONLY), 1)

    def _write_plan(self) -> None:
        """Write plan, summary and text of the study, where they differ from what is there."""
        name = self.study.name
        folder = Path(paths.study(name))
        folder.mkdir(parents=True, exist_ok=True)
        # First of all: a run that began before this one must not take our plan for its own.
        for other in (*folder.glob(".planned-*"), *folder.glob(".tasks-*")):
            if other.name not in (Path(self.planned).name, self._tasks.name):
                other.unlink(missing_ok=True)
        self._write_tasks()
        written = {
            paths.plan(name): self.study.plan_csv(),
            # Not canonical JSON, which sorts keys: hyperparameters keep the order of the file.
            paths.summary(name): json.dumps(self.study.summary, indent=1) + "\n",
            paths.study_text(name): self.study.text,
        }
        for path, text in written.items():
            if not _holds(Path(path), text):
                write_whole(Path(path), text)


@contextmanager
def ended_by_faults() -> Iterator[None]:
    """End the process with the words of a `StudyError`, or of a file that can't be written."""
    try:
        yield
    except StudyError as error:
        sys.exit(f"{FAULT} {error}")
    except OSError as error:
        sys.exit(f"{FAULT} {error.filename} can't be written: {error.strerror}.")


def _holds(path: Path, text: str) -> bool:
    try:
        return path.read_bytes() == text.encode()
    except FileNotFoundError:
        return False
