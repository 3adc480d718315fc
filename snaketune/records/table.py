"""The columns of trials.csv, and how a value stands in a cell of it."""

import csv
import os
from pathlib import Path

from snaketune.base.errors import StudyError
from snaketune.base.words import cell
from snaketune.records.record import error_line, metric_missing, read_record

# Around the columns of hyperparameters and metrics, whose names have to be others.
LEADING = ("search", "sampler", "repeat", "index", "trial_id", "seed", "fold", "status")
TRAILING = ("epochs", "train_seconds", "cpu_seconds", "peak_memory_mib", "error")


def metric_names(records) -> list[str]:
    """The names of all metrics in the records, in the order of their first appearance."""
    return list(dict.fromkeys(name for record in records for name in record["metrics"]))


def trials_table(plan: Path, folder: Path, metric: str, output: Path):
    """Write trials.csv: the rows of plan.csv, each with what its trial's record says.

    `folder` holds the records as `<trial_id>/record.json`. The status is judged by `metric`, the
    study's own: two studies that select by different metrics may share a record. Everything but
    the columns of seconds and memory is the same on every run. Raises `StudyError` for a record
    that is damaged or that lacks the metric.
    """
    with open(plan, newline="", encoding="utf-8") as stream:
        planned = list(csv.DictReader(stream))
    ids = dict.fromkeys(row["trial_id"] for row in planned)
    records = {i: read_record(folder / i / "record.json", i) for i in ids}
    metrics = metric_names(records.values())
    hyperparameters = [name for name in planned[0] if name not in LEADING]

    partial = output.with_name(f".{output.name}")
    with open(partial, "w", newline="", encoding="utf-8") as stream:
        table = csv.DictWriter(
            stream, [*LEADING, *hyperparameters, *metrics, *TRAILING], lineterminator="\n"
        )
        table.writeheader()
        for row in planned:
            record = records[row["trial_id"]]
            table.writerow({**row, **_result(record, metric), **_metrics(record)})
    os.replace(partial, output)


def _metrics(record: dict) -> dict[str, str]:
    return {name: cell(value) for name, value in record["metrics"].items()}


def _result(record: dict, metric: str) -> dict[str, str]:
    """The columns of trials.csv that are neither planned nor metrics."""
    cost = record["cost"]
    return {
        "status": status(record, metric),
        "epochs": cell(cost["epochs"]),
        "train_seconds": cell(cost["train_seconds"]),
        "cpu_seconds": cell(cost["cpu_seconds"]),
        "peak_memory_mib": cell(cost["peak_memory_mib"]),
        "error": error_line(record["error"]) if record["error"] else "",
    }


def status(record: dict, metric: str) -> str:
    """`failed` as recorded; else `complete` where the metric is a number, `diverged` where not."""
    if record["status"] == "failed":
        return "failed"
    if metric not in record["metrics"]:
        raise metric_missing(metric, record["metrics"])
    return "diverged" if record["metrics"][metric] is None else "complete"


def check_names(metrics: dict, config: dict):
    """Raise `StudyError` where a metric has the name of another column of trials.csv."""
    for name in metrics:
        if name in config or name in LEADING + TRAILING:
            other = "a hyperparameter" if name in config else "a column of trials.csv"
            raise StudyError(
                f"the objective reports a metric '{name}', the name of {other}",
                f"Rename the metric, for example to 'final_{name}'",
                ("objective", "entrypoint"),
            )
