"""Snakemake's terminal output for a study: progress of the trials in place of scheduler lines.

A logger plugin of Snakemake, chosen by ``logger: snaketune`` in the profile; ``--logger`` another
brings Snakemake's own output back, ``--verbose`` too, and the log file under ``.snakemake/log``
keeps it all.
"""

import logging
import os
import sys
from collections import Counter
from pathlib import Path

from snakemake_interface_logger_plugins.base import LogHandlerBase
from snakemake_interface_logger_plugins.common import LogEvent

from snaketune.records.logs import FAULT, INTERRUPTED, TRY_AGAIN, last_line, of_attempt, told_in_job
from snaketune.session.progress import followed

# What Snakemake says of itself at each start. A text that changes there is shown again, no worse.
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
    "Trying to restart job",  # told with its job as well
    "RuleException:\nCalledProcessError",  # what failed is told with its job
    "Using shell",
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

    def __post_init__(self):
        self._trials = {}  # Snakemake's job number -> trial id
        self._failures = Counter()  # by trial id, the failed attempts of this run
        self._faults = set()  # those of the study that have been told
        self._started = False
        self._dryrun = self.common_settings.dryrun
        self._stream = sys.stdout if self.common_settings.stdout else sys.stderr

    def emit(self, record: logging.LogRecord):
        """Say what this log record is worth to the person who waits for the study."""
        try:
            plain = self.common_settings.verbose
            for line in [self.format(record)] if plain else self._lines(record):
                if line and line != "None":
                    print(line, file=self._stream, flush=True)
        except BrokenPipeError:
            raise
        except Exception:
            self.handleError(record)

    def _lines(self, record: logging.LogRecord) -> list[str]:
        progress, message = followed(), str(record.msg)
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
                return progress.finished(trial_id) if trial_id else []
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

    def _group_failed(self, record: logging.LogRecord) -> list[str]:
        """How much of a cluster's job is missing; what the logs of its members say follows."""
        jobs = record.job_error_info
        missing = sum(not all(map(os.path.exists, job["output"])) for job in jobs)
        number, logs = getattr(record, "external_jobid", ""), ", ".join(map(str, record.aux_logs))
        said = [f"  job {number} of the cluster: {missing} of {len(jobs)} not made ({logs})"]
        return said + [
            fault for log in record.aux_logs for fault in told_in_job(log) if self._is_new(fault)
        ]

    def _is_new(self, fault: str) -> bool:
        """Whether a fault of the study has not been told yet; now it is."""
        new = fault not in self._faults
        self._faults.add(fault)
        return new

    def _failed(self, record: logging.LogRecord) -> list[str]:
        """What the log says, where it ends in words for a person; else as Snakemake tells it."""
        trial_id = self._trials.get(record.jobid)
        logs = list(map(Path, record.log))
        if trial_id:
            # By now Snakemake may have removed the log itself, for the next attempt.
            self._failures[trial_id] += 1
            logs = [of_attempt(log, self._failures[trial_id]) for log in logs] + logs
        for last in map(last_line, logs):
            if last == INTERRUPTED:
                return []
            if last.startswith(TRY_AGAIN) and trial_id:
                return [f"  {followed().label(trial_id)}: {last}"]
            if last.startswith(FAULT):
                return [last] if self._is_new(last) else []
        if record.indent and record.rule_name == "trial":
            return []  # of a group that has been told
        if len(record.input) > _MAX_INPUTS:  # the aggregate has every record of the study
            left_out = len(record.input) - _MAX_INPUTS
            record.input = [*record.input[:_MAX_INPUTS], f"… ({left_out:,} more)"]
        return [self.format(record)]

    writes_to_stream = True
    writes_to_file = False
    has_filter = False
    has_formatter = False
    needs_rulegraph = False
