"""Records and tables, made up, for the tests of the analysis."""

import math
from collections.abc import Iterable
from pathlib import Path

import pandas as pd

from snaketune.base.identity import canonical, digest
from snaketune.base.wholefile import write_whole
from snaketune.base.words import cell, csv_line
from snaketune.comparing.comparison import compare
from snaketune.comparing.findings import Comparison
from snaketune.comparing.trials import read_trials
from snaketune.records import paths
from snaketune.records.record import FORMAT, write_record
from snaketune.records.summary import FORMAT as SUMMARY_FORMAT
from snaketune.records.summary import StudySummary
from snaketune.records.table import trials_table

STUDY: StudySummary = {
    "format": SUMMARY_FORMAT,
    "study": "s",
    "file": "s.yaml",
    "overrides": {},
    "metric": "val_score",
    "mode": "max",
    "test_metric": "test_score",
    "test_mode": "max",
    "metric_kind": None,
    "hyperparameters": {"lr": "log", "act": "category"},
    "seeds": [0],
    "folds": 0,
    "split_seeds": 1,
    "searches": [],
    "data": None,
}
FAILED = {
    "status": "failed",
    "metrics": {},
    "error": {"type": "ValueError", "message": "no", "traceback": None},
}


def record(config, val, test=0.0, seed=0, seconds=1.0):
    """A record as a trial leaves it; `val` None is a trial that failed, NaN one that diverged."""
    spec = {
        "config": config,
        "data": None,
        "objective": {"code": "", "function": "train"},
        "seed": seed,
        "settings": {},
    }
    result = {
        "status": "complete",
        "metrics": {
            "val_score": None if val is None or math.isnan(val) else val,
            "test_score": test,
        },
        "error": None,
        "history": [{"epoch": 1, "val_score": 0.1}, {"epoch": 2, "val_score": 0.2}],
        "cost": {
            "epochs": 2,
            "train_seconds": seconds,
            "cpu_seconds": seconds,
            "peak_memory_mib": 9.5,
        },
        "weights": False,
        "environment": {},
        "started": "2026-01-01T00:00:00Z",
    }
    if val is None:
        result.update(FAILED)
    return {**spec, **result, "format": FORMAT, "trial_id": digest(canonical(spec))}


def random_trials(*scores, first=0.0):
    """Records of distinct configurations: one for each pair of a validation and a test score."""
    return [record({"lr": first + i + 1, "act": "relu"}, v, t) for i, (v, t) in enumerate(scores)]


def analyse_in(
    folder: Path,
    searches: dict[str, list[dict]],
    study: StudySummary = STUDY,
    rows: dict[str, int] | None = None,
) -> tuple[pd.DataFrame, Comparison]:
    """Write records and a plan, and analyse them as the workflow does: table and comparison."""
    write_plan(folder, searches, study["hyperparameters"])
    return analyse_plan(folder, study, rows)


def write_plan(
    folder: Path, searches: dict[str, list[dict]], names: Iterable[str] = ("lr", "act")
) -> None:
    """Write the records of searches and a plan, in which each has one repetition.

    A search whose name begins with ``grid`` is one, the others are random. `names` are those of the
    hyperparameters.
    """
    lines = [csv_line(["search", "sampler", "repeat", "index", "trial_id", "seed", *names])]
    for name, records in searches.items():
        indices, sampler = {}, "grid" if name.startswith("grid") else "random"
        for r in records:
            index = indices.setdefault(canonical(r["config"]), len(indices))
            values = [cell(r["config"][key]) if key in r["config"] else "" for key in names]
            place = [name, sampler, "0", str(index), r["trial_id"], str(r["seed"])]
            lines.append(csv_line([*place, *values]))
            path = Path(paths.record(r["trial_id"], str(folder)))
            path.parent.mkdir(parents=True, exist_ok=True)
            write_record(path, r)
    write_whole(folder / "plan.csv", "".join(lines))


def analyse_plan(
    folder: Path, study: StudySummary, rows: dict[str, int] | None = None
) -> tuple[pd.DataFrame, Comparison]:
    """Merge and compare what lies in `folder`."""
    output = folder / "trials.csv"
    trials_table(folder / "plan.csv", str(folder), study["metric"], output)
    table = read_trials(output)
    return table, compare(table, study, str(folder), rows)


def analyse_repeated(
    folder: Path,
    searches: dict[str, list[list]],
    study: StudySummary = STUDY,
    rows: dict[str, int] | None = None,
) -> tuple[pd.DataFrame, Comparison]:
    """Analyse searches that are repeated: for each repetition the scores of its configurations."""
    trials, repeats, indices = {}, [], []
    for place, (name, runs) in enumerate(searches.items()):
        scores = [(repeat, i, s) for repeat, run in enumerate(runs) for i, s in enumerate(run)]
        trials[name] = random_trials(*(s for _, _, s in scores), first=1000 * place)
        repeats += [repeat for repeat, _, _ in scores]
        indices += [i for _, i, _ in scores]
    write_plan(folder, trials)
    plan = pd.read_csv(folder / "plan.csv", dtype=object, keep_default_na=False)
    plan["repeat"], plan["index"] = repeats, indices
    plan.to_csv(folder / "plan.csv", index=False)
    return analyse_plan(folder, study, rows)
