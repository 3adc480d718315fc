"""Snakemake's terminal output for a study: progress of the trials in place of scheduler lines.

A logger plugin of Snakemake, chosen by ``logger: snaketune`` in the profile. Another ``--logger``
brings Snakemake's own output back, and so does ``--verbose``. The log file under
``.snakemake/log`` has all of it in any case.
"""

import logging
import os
import sys
from collections import Counter
from pathlib import Path
from typing import Any

from snakemake_interface_logger_plugins.base import LogHandlerBase
from snakemake_interface_logger_plugins.common import LogEvent

from snaketune.records.endings import read_ending
from snaketune.records.logs import FAULT, INTERRUPTED, faults_in, last_line
from snaketune.session.progress import Progress

# What Snakemake says of itself at each start. A text that changes there is shown again: no harm.
_NOISE = (
    "Assuming unrestricted",
    "Building DAG",
    "Cannot restore",  # the record that a failed attempt did not make
    "Conda environments",
    "Config file",
    "Execute ",
    "Provided cores",
    "Rules claiming",
    "Select jobs",
    "Trying to restart job",  # the line of its job says so
    "RuleException:\nCalledProcessError",  # the line of its job says what failed
    "Using shell",
    # A run writes these as it begins, after Snakemake has looked (workflow/rules/common.smk).
    "Warning: the following output files of rule plan were not present",
    "Touching output file",
    "Elapsed time",
    "Complete log",
)
_MAX_INPUTS = 4  # shown of a failed job
_HIDDEN = {
    LogEvent.WORKFLOW_STARTED,
    LogEvent.PROGRESS,
    LogEvent.JOB_STARTED,
    LogEvent.RESOURCES_INFO,
    LogEvent.RUN_INFO,
    LogEvent.GROUP_INFO,
}


class LogHandler(LogHandlerBase):
    """Writes to the terminal; Snakemake gives it its default filter and formatter."""

    def __post_init__(self) -> None:
        self._progress: Progress | None = None
        self._trials: dict[int, str] = {}  # Snakemake's job number -> trial id
        self._failures: Counter[str] = Counter()  # by trial id, the failed attempts of this run
        self._faults: set[str] = set()  # those of the study that have been printed
        self._started = False
        self._dryrun = self.common_settings.dryrun
        self._stream = sys.stdout if self.common_settings.stdout else sys.stderr

    def follow(self, progress: Progress) -> None:
        """Show this progress. The Snakefile calls it once it has read the study."""
        self._progress = progress

    def emit(self, record: logging.LogRecord) -> None:
        """Print the lines that this log record is worth to a person who waits for the study."""
        try:
            plain = self.common_settings.verbose
            for line in [self.format(record)] if plain else self._lines(record):
                if line and line != "None":
                    print(line, file=self._stream, flush=True)
        except BrokenPipeError:
            raise
        except Exception:
            self.handleError(record)

    # Snakemake gives its log records attributes of its own: hence `Any`.
    def _lines(self, record: Any) -> list[str]:
        progress, message = self._progress, str(record.msg)
        match getattr(record, "event", None):
            case LogEvent.RUN_INFO if progress and not self._started:
                self._started = True
                return progress.start(record.stats.get("trial", 0))
            case LogEvent.JOB_INFO if record.rule_name == "trial" and not self._dryrun:
                self._trials[record.jobid] = record.wildcards["id"]
                return []
            case LogEvent.JOB_INFO:
                return [record.rule_msg or ""]
            case LogEvent.JOB_FINISHED:
                trial_id = self._trials.pop(record.job_id, None)
                return progress.finished(trial_id) if progress and trial_id else []
            case LogEvent.GROUP_ERROR:
                return self._group_failed(record)
            case LogEvent.JOB_ERROR:
                return self._failed(record)
            case event if event in _HIDDEN or message.startswith(_NOISE):
                return []
            case None if progress and message.startswith("Nothing to be done"):
                return progress.nothing_to_do()
            case _:
                return [self.format(record)]

    def _group_failed(self, record: Any) -> list[str]:
        """How much of a cluster's job is missing; the lines of its members' logs follow."""
        jobs = record.job_error_info
        missing = sum(not all(map(os.path.exists, job["output"])) for job in jobs)
        number, logs = getattr(record, "external_jobid", ""), ", ".join(map(str, record.aux_logs))
        line = f"  job {number} of the cluster: {missing} of {len(jobs)} not made ({logs})"
        faults = [fault for log in record.aux_logs for fault in faults_in(log)]
        return [line, *filter(self._is_new, faults)]

    def _is_new(self, fault: str) -> bool:
        """Whether a fault of the study has not been printed yet; from now on it counts as such."""
        new = fault not in self._faults
        self._faults.add(fault)
        return new

    def _failed(self, record: Any) -> list[str]:
        """How the attempt or the log says that it ended; else what Snakemake says."""
        trial_id = self._trials.get(record.jobid)
        if trial_id:
            self._failures[trial_id] += 1
            ending = read_ending(Path(record.output[0]).parent, self._failures[trial_id])
            if ending and ending["kind"] == "again" and self._progress:
                return [f"  {self._progress.label(trial_id)}: {ending['message']}"]
            if ending:
                return [ending["message"]] if self._is_new(ending["message"]) else []
        for last in map(last_line, record.log):
            if last == INTERRUPTED:
                return []
            if last.startswith(FAULT):
                return [last] if self._is_new(last) else []
        if record.indent and record.rule_name == "trial":
            return []  # of a group, whose line has been printed
        if len(record.input) > _MAX_INPUTS:  # the aggregate has every record of the study
            left_out = len(record.input) - _MAX_INPUTS
            record.input = [*record.input[:_MAX_INPUTS], f"… ({left_out:,} more)"]
        return [self.format(record)]

    writes_to_stream = True
    writes_to_file = False
    has_filter = False
    has_formatter = False
    needs_rulegraph = False
