"""plan.csv and trials.csv: their columns, and how the second comes of the first."""

import csv
import io
from collections.abc import Container, Iterable, Iterator
from pathlib import Path

from snaketune.base.errors import StudyError
from snaketune.base.wholefile import write_whole
from snaketune.base.words import cell, csv_line, legible
from snaketune.records import paths
from snaketune.records.record import Metrics, Record, error_line, read_record, status

# Around the columns of hyperparameters and metrics.
LEADING = ("search", "sampler", "repeat", "index", "trial_id", "seed", "fold", "status")
TRAILING = ("epochs", "train_seconds", "cpu_seconds", "peak_memory_mib", "error")
_CONFIG, _METRIC = "config.", "metric."  # before names that another column has


def hyperparameter_column(name: str) -> str:
    """The column of a hyperparameter: its name, or "config.<name>" where that is taken.

    >>> hyperparameter_column("lr"), hyperparameter_column("epochs")
    ('lr', 'config.epochs')
    """
    return f"{_CONFIG}{name}" if _is_taken(name) else name


def metric_column(name: str, hyperparameters: Container[str]) -> str:
    """The column of a metric in a table with these columns of hyperparameters.

    It is the metric's name, or "metric.<name>" where that is taken.

    >>> metric_column("loss", ["lr"]), metric_column("loss", ["loss"])
    ('loss', 'metric.loss')
    """
    return f"{_METRIC}{name}" if _is_taken(name) or name in hyperparameters else name


def _is_taken(name: str) -> bool:
    return name in LEADING + TRAILING or name.startswith((_CONFIG, _METRIC))


def planned_ids(plan: Path) -> list[str]:
    """The ids of the trials in a plan, each once, in its order."""
    with open(plan, newline="", encoding="utf-8") as stream:
        return list(dict.fromkeys(row["trial_id"] for row in csv.DictReader(stream)))


def metric_names(records: Iterable[Record]) -> list[str]:
    """The names of all metrics in the records, in the order of their first appearance."""
    return list(dict.fromkeys(name for record in records for name in record["metrics"]))


def metric_known(metric: str, plan: Path) -> bool:
    """Whether a trial of this plan has reported the metric: then its name is no slip.

    `plan` lies where `paths.plan` has it, the records beside it where `paths.record` has them.
    """
    return any(metric in record["metrics"] for record in _records_so_far(plan))


def metric_followed(metric: str, plan: Path) -> bool:
    """Whether a trial of this plan has reported the metric after an epoch; as `metric_known`."""
    return any(metric in row for record in _records_so_far(plan) for row in record["history"])


def _records_so_far(plan: Path) -> Iterator[Record]:
    for trial_id in planned_ids(plan):
        try:
            yield read_record(Path(paths.record(trial_id, str(plan.parents[1]))), trial_id)
        except (OSError, StudyError):
            continue  # it does not exist yet; a damaged one ends the merge, with its name


def trials_table(
    plan: Path, results: str, metric: str, output: Path, planned: Path | None = None
) -> None:
    """Write trials.csv: the rows of plan.csv, each with what its trial's record says.

    The status is judged by `metric`, the study's own: two studies that select by different metrics
    may share a record. Everything but the columns of seconds and memory is the same on every run.
    Raises `StudyError` for a record that is damaged or that lacks the metric, and where `planned`
    is missing: a run removes it when it writes another plan.
    """
    text = plan.read_bytes().decode()
    if planned is not None and not planned.exists():
        raise StudyError(
            "this is the plan of another run, which began after this one",
            "Run again: no trial is trained twice",
            file=str(plan),
        )
    reader = csv.DictReader(io.StringIO(text, newline=""))
    hyperparameters = [name for name in reader.fieldnames or () if name not in LEADING]
    rows = list(reader)
    ids = dict.fromkeys(row["trial_id"] for row in rows)
    records = {i: read_record(Path(paths.record(i, results)), i) for i in ids}
    metrics = {
        name: metric_column(name, hyperparameters) for name in metric_names(records.values())
    }
    columns = [*LEADING, *hyperparameters, *metrics.values(), *TRAILING]

    lines = [csv_line(columns)]
    for row in rows:
        record = records[row["trial_id"]]
        found = {metrics[name]: value for name, value in record["metrics"].items()}
        cells = {**row, **_result(record, metric), **_finite(found)}
        lines.append(csv_line(cells.get(name, "") for name in columns))
    write_whole(output, legible("".join(lines)))


def _finite(metrics: Metrics) -> dict[str, str]:
    """Metrics as cells, empty where one is not finite."""
    return {name: "" if value is None else cell(value) for name, value in metrics.items()}


def _result(record: Record, metric: str) -> dict[str, str]:
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
