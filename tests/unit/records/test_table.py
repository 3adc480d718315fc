"""trials.csv: every number under a name of its own."""

import csv
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from snaketune.comparing.trials import read_trials
from snaketune.records import paths
from snaketune.records.record import write_record
from snaketune.records.table import (
    LEADING,
    TRAILING,
    hyperparameter_column,
    metric_column,
    trials_table,
)
from tests.unit.made_up import record

NAMES = st.one_of(
    st.sampled_from([*LEADING, *TRAILING, "lr", "val"]),
    st.text("abc.", min_size=1),
    st.sampled_from(["config.", "metric."]).flatmap(
        lambda prefix: st.sampled_from([prefix, f"{prefix}epochs", f"{prefix}{prefix}lr"])
    ),
)


@given(hyperparameters=st.sets(NAMES), metrics=st.sets(NAMES))
def test_no_two_columns_share_a_name(hyperparameters, metrics):
    planned = [hyperparameter_column(name) for name in hyperparameters]
    reported = [metric_column(name, planned) for name in metrics]
    columns = [*LEADING, *planned, *reported, *TRAILING]
    assert len(set(columns)) == len(columns)


def merged(folder: Path, *trials: tuple[dict, dict]):
    """The rows of trials.csv for trials with these configurations and metrics."""
    names = list(dict.fromkeys(name for config, _ in trials for name in config))
    lines = [["search", "sampler", "repeat", "index", "trial_id", "seed", "fold"]]
    lines[0] += map(hyperparameter_column, names)
    for index, (config, metrics) in enumerate(trials):
        made = record(config, 0.5)
        made["metrics"] = {"val": 0.5, **metrics}
        path = Path(paths.record(made["trial_id"], str(folder)))
        path.parent.mkdir(parents=True)
        write_record(path, made)
        values = [config.get(name, "") for name in names]
        lines.append(["a", "random", 0, index, made["trial_id"], 0, "", *values])
    with open(folder / "plan.csv", "w", newline="") as stream:
        csv.writer(stream).writerows(lines)
    trials_table(folder / "plan.csv", str(folder), "val", folder / "trials.csv")
    with open(folder / "trials.csv", newline="") as stream:
        return list(csv.DictReader(stream))


def test_a_hyperparameter_with_the_name_of_a_column_keeps_its_values_apart(tmp_path):
    (row,) = merged(tmp_path, ({"epochs": 70, "seed": 8, "status": "new"}, {}))
    assert (row["config.epochs"], row["config.seed"], row["config.status"]) == ("70", "8", "new")
    assert (row["epochs"], row["seed"], row["status"]) == ("2", "0", "complete")
    assert read_trials(tmp_path / "trials.csv")["config.epochs"].tolist() == [70]


def test_a_metric_never_takes_the_place_of_another_column(tmp_path):
    """Not even in a trial in which the hyperparameter of that name is inactive."""
    first, second = merged(
        tmp_path,
        ({"lr": 0.1, "momentum": 0.9}, {"lr": 5.0, "epochs": 7}),
        ({"lr": 0.2}, {"momentum": 0.25, "error": 0.125}),
    )
    assert (first["lr"], first["metric.lr"]) == ("0.1", "5.0")
    assert (first["epochs"], first["metric.epochs"]) == ("2", "7")
    assert (first["momentum"], first["metric.momentum"]) == ("0.9", "")
    assert (second["momentum"], second["metric.momentum"]) == ("", "0.25")
    assert (second["error"], second["metric.error"]) == ("", "0.125")
