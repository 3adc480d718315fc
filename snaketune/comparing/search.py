"""What one search found and spent."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.stats import t as student_t

from snaketune.base.modes import sign
from snaketune.comparing.efficiency import efficiency, random_experiments
from snaketune.comparing.findings import Outline
from snaketune.comparing.noise import noisy_interval
from snaketune.comparing.per_search import Best, RunnerUp, SearchFindings, Spent
from snaketune.comparing.scores import finite, modes_of
from snaketune.records import paths
from snaketune.records.record import Config, read_record
from snaketune.records.table import hyperparameter_column


def search_findings(
    trials: pd.DataFrame,
    runs: list[pd.DataFrame],
    outline: Outline,
    results: str,
    rows: dict[str, int] | None,
) -> SearchFindings:
    """What one search found and spent, from its rows of the table.

    `runs` has the `configuration_scores` of each repetition, a row for each configuration.
    `results` and `rows` are those of `compare`. Raises `StudyError` for a damaged record.
    """
    repeats = [
        _best(trials[trials["repeat"] == repeat], scores, outline, results)
        for repeat, scores in enumerate(runs)
    ]
    first = trials[trials["repeat"] == 0]
    distinct = trials.drop_duplicates("trial_id")
    statuses = trials["status"].value_counts()
    random = trials["sampler"].iloc[0] == "random"
    return {
        "sampler": trials["sampler"].iloc[0],
        "trials": len(trials),
        "budget": len(first),
        "distinct": len(distinct),
        "complete": int(statuses.get("complete", 0)),
        "failed": int(statuses.get("failed", 0)),
        "diverged": int(statuses.get("diverged", 0)),
        "cost": _spent(distinct, lambda total: round(total, 3)),
        "per_configuration": _spent(distinct, lambda total: total / sum(map(len, runs))),
        "best": repeats[0],
        "repeats": repeats,
        "runner_up": _runner_up(first, runs[0], outline, results),
        "efficiency": efficiency(runs, modes_of(outline), trials["sampler"].iloc[0]),
        "experiments": random_experiments(runs, modes_of(outline)) if random else None,
        "noisy_interval": noisy_interval(runs[0], outline, rows),
    }


def _best(
    trials: pd.DataFrame, scores: pd.DataFrame, outline: Outline, results: str
) -> Best | None:
    """The best configuration of a repetition; `scores` are its `configuration_scores`."""
    metric, test = outline["metric"], outline["test_metric"]
    column = scores[metric]
    if column.isna().all():
        return None
    index = (sign(outline["mode"]) * column).idxmax()
    runs = trials[trials["index"] == index]  # with every training seed and in every fold
    score = float(scores.loc[index, test]) if test else float("nan")
    return {
        "index": int(index),
        "trial_id": runs["trial_id"].iloc[0],
        "trial_ids": runs["trial_id"].tolist(),
        "config": _configuration(runs, outline, results),
        "validation": float(column[index]),
        "validation_sd": _deviation(runs[metric]),
        "test": None if pd.isna(score) else score,
        "test_sd": _deviation(runs[test]) if test else None,
        "ties": int((column == column[index]).sum()) - 1,
    }


def _runner_up(
    trials: pd.DataFrame, scores: pd.DataFrame, outline: Outline, results: str
) -> RunnerUp | None:
    """The second best configuration, and whether the best is better by more than seed noise.

    `difference` is the mean over the training seeds and folds of how much better the best did
    with the same seed in the same fold, `interval` the 95 % interval of Student's t for these
    pairs. None where each configuration was trained once, only one is complete, or the difference
    is too large for a float.
    """
    metric, larger = outline["metric"], sign(outline["mode"])
    ranked = (larger * scores[metric].dropna()).sort_values(ascending=False, kind="stable")
    pairs = int((trials["index"] == 0).sum())
    if pairs < 2 or len(ranked) < 2:
        return None
    runs = [trials[trials["index"] == index] for index in ranked.index[:2]]
    best, second = (run[metric].to_numpy() for run in runs)  # seeds and folds in the same order
    with np.errstate(over="ignore", invalid="ignore"):
        ahead = larger * (best - second)
        margin = student_t.ppf(0.975, pairs - 1) * ahead.std(ddof=1) / pairs**0.5
    if not np.isfinite(margin):
        return None
    return {
        "trial_id": runs[1]["trial_id"].iloc[0],
        "config": _configuration(runs[1], outline, results),
        "validation": float(scores.loc[ranked.index[1], metric]),
        "validation_sd": _deviation(runs[1][metric]),
        "difference": float(ahead.mean()),
        "interval": [float(ahead.mean() - margin), float(ahead.mean() + margin)],
        "pairs": pairs,
    }


def _configuration(runs: pd.DataFrame, outline: Outline, results: str) -> Config:
    """The configuration of these trials, with its types, in the study's order."""
    first = runs["trial_id"].iloc[0]
    config = read_record(Path(paths.record(first, results)), first)["config"]
    names = {hyperparameter_column(name): name for name in config}
    return {names[c]: config[names[c]] for c in outline["hyperparameters"] if c in names}


def _spent(trials: pd.DataFrame, shown: Callable[[float], float]) -> Spent:
    """What these trials cost together; `shown` makes what is reported of each total."""
    return {
        "epochs": shown(float(trials["epochs"].sum())),
        "train_seconds": shown(float(trials["train_seconds"].sum())),
        "cpu_seconds": shown(float(trials["cpu_seconds"].sum())),
    }


def _deviation(scores: pd.Series) -> float | None:
    """The sample standard deviation over the runs of a configuration; None for a single run.

    Or where it is too large for a float.
    """
    return finite(float(scores.std(ddof=1)))
