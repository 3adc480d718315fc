"""From the table of trials to what the searches found, at what cost."""

from itertools import combinations
from pathlib import Path

import numpy as np
import pandas as pd

from snaketune.answer import answer
from snaketune.estimators import (
    best_of,
    best_of_weights,
    bootstrap_best_of,
    probability_better,
    probability_better_interval,
)
from snaketune.records import read_record

_SIZES = 60  # at most so many points of an efficiency curve
_DRAWS = 500  # of a bootstrap
_TEXT = ("search", "sampler", "trial_id", "status", "error")


def read_trials(path) -> pd.DataFrame:
    """trials.csv as a frame: one row per search and trial, in plan order.

    Only empty cells are missing values, so that a hyperparameter may be the text ``None``.
    """
    return pd.read_csv(
        path,
        dtype=dict.fromkeys(_TEXT, "object"),
        keep_default_na=False,
        na_values=[""],
    )


def varied(table: pd.DataFrame, comparison: dict) -> list[str]:
    """The hyperparameters that take more than one value in the table, in the study's order.

    Those that every trial has come before those that some trials lack.
    """
    names = [name for name in comparison["hyperparameters"] if table[name].nunique() > 1]
    return sorted(names, key=lambda name: table[name].isna().any())


def configuration_scores(trials: pd.DataFrame, columns: list[str]) -> pd.DataFrame:
    """The configurations of one repetition by their index, with the means over seeds and folds.

    A configuration with a run that failed or diverged has no score: the mean of the rest would
    favour configurations that only sometimes train.
    """
    complete = (trials["status"] == "complete").groupby(trials["index"]).transform("all")
    scored = trials[complete].reindex(columns=["index", *columns])  # nothing complete, no metrics
    return scored.groupby("index").mean()


def compare(table: pd.DataFrame, study: dict, records: Path) -> dict:
    """What each search found and spent, and which found the better configuration.

    `study` is what `Study.summary` tells; `records` is the
    folder of the trials' records, from which the best configurations are taken with their types.
    A search's best configuration is the one with the best mean validation score over its
    training seeds and folds, the earlier one in a tie; test scores select nothing. Where a search
    is repeated, its first repetition is compared, and `repeats` has the best of each.
    """
    if study["test_metric"] not in table.columns:
        study = {**study, "test_metric": None}
    searches = {
        name: _summary(trials, study, records)
        for name, trials in table.groupby("search", sort=False)
    }
    errors = table["error"].value_counts()
    found = {
        **study,
        "searches": searches,
        "winner": _winner(searches, study["mode"]),
        "verdicts": _verdicts(searches, study),
        "most_frequent_error": None if errors.empty else errors.index[0],
    }
    return {**found, "answer": answer(found)}


def _summary(trials: pd.DataFrame, study: dict, records: Path) -> dict:
    runs = [run for _, run in trials.groupby("repeat")]
    columns = [study["metric"], *filter(None, [study["test_metric"]])]
    scores = [configuration_scores(run, columns) for run in runs]
    pairs = zip(runs, scores, strict=True)
    repeats = [_best(run, found, study, records) for run, found in pairs]
    configurations = runs[0]["index"].nunique()
    trained = trials.drop_duplicates("trial_id")
    statuses = trials["status"].value_counts()
    return {
        "sampler": trials["sampler"].iloc[0],
        "trials": len(trials),
        "budget": int((trials["repeat"] == 0).sum()),
        "distinct": len(trained),
        "complete": int(statuses.get("complete", 0)),
        "failed": int(statuses.get("failed", 0)),
        "diverged": int(statuses.get("diverged", 0)),
        "cost": {
            "epochs": int(trained["epochs"].sum()),
            "train_seconds": round(float(trained["train_seconds"].sum()), 3),
            "cpu_seconds": round(float(trained["cpu_seconds"].sum()), 3),
        },
        "best": repeats[0],
        "repeats": repeats,
        "seconds_per_configuration": float(trained["train_seconds"].sum())
        / (configurations * len(runs)),
        "efficiency": _efficiency(
            # A configuration without a score counts as well, as one that failed.
            [found.reindex(range(configurations)) for found in scores],
            study,
            independent=trials["sampler"].iloc[0] == "random",
        ),
    }


def _efficiency(runs: list[pd.DataFrame], study: dict, independent: bool) -> dict | None:
    """What a random n of a search's configurations would have found, for n up to all of them.

    The expected best validation score, and the expected test score of the configuration with the
    best validation score (`estimators.best_of`), as means over the repetitions. `runs` has the
    scores of every configuration of each repetition, NaN where it has none. `low` and `high` are a
    95 % interval: from a bootstrap of the repetitions where there are some, else of the
    configurations if they are `independent` draws. None where nothing is complete.
    """
    sign, metric = 1 if study["mode"] == "max" else -1, study["metric"]
    if not any(run[metric].notna().any() for run in runs):
        return None
    budget = len(runs[0])
    sizes = sorted({int(n) for n in np.geomspace(1, budget, _SIZES).round()})
    weights = best_of_weights(budget, sizes)
    told = {"sizes": sizes, "repeats": len(runs)}
    for name, column in zip(("validation", "test"), runs[0].columns, strict=False):
        arrays = [(sign * run[metric].to_numpy(), run[column].to_numpy()) for run in runs]
        curves = np.array([best_of(*pair, sizes, weights) for pair in arrays])
        drawn = None
        if len(runs) > 1:
            random = np.random.default_rng(0)
            picked = random.integers(len(runs), size=(_DRAWS, len(runs)))
            drawn = np.nanmean(curves[picked], axis=1)
        elif independent:
            drawn = bootstrap_best_of(*arrays[0], sizes, draws=_DRAWS)
        told[name] = {"mean": _numbers(np.nanmean(curves, axis=0))}
        if drawn is not None:
            low, high = np.nanquantile(drawn, [0.025, 0.975], axis=0)
            told[name] |= {"low": _numbers(low), "high": _numbers(high)}
    return told


def _numbers(values) -> list[float | None]:
    return [None if np.isnan(value) else float(value) for value in values]


def _best(trials: pd.DataFrame, scores: pd.DataFrame, study: dict, records: Path) -> dict | None:
    """The best configuration of a repetition; `scores` are its `configuration_scores`."""
    metric, test = study["metric"], study["test_metric"]
    if scores.empty:
        return None
    column = scores[metric]
    index = column.idxmax() if study["mode"] == "max" else column.idxmin()
    runs = trials[trials["index"] == index]  # with every training seed and in every fold
    first = runs["trial_id"].iloc[0]
    record = read_record(records / first / "record.json", first)
    score = float(scores.loc[index, test]) if test else float("nan")
    return {
        "index": int(index),
        "trial_id": first,
        "trial_ids": runs["trial_id"].tolist(),
        "config": {
            n: record["config"][n] for n in study["hyperparameters"] if n in record["config"]
        },
        "validation": float(column[index]),
        "validation_sd": _deviation(runs[metric]),
        "test": None if pd.isna(score) else score,
        "test_sd": _deviation(runs[test]) if test else None,
        "ties": int((column == column[index]).sum()) - 1,
    }


def _deviation(scores: pd.Series) -> float | None:
    """The sample standard deviation over the runs of a configuration; None for a single run."""
    deviation = scores.std(ddof=1)
    return None if pd.isna(deviation) else float(deviation)


def _verdicts(searches: dict[str, dict], study: dict) -> list[dict]:
    """For each pair of searches, the probability that one run of the first beats one of the second.

    A run is judged by the test score of the configuration that it chose (without test scores, by
    its validation score). The interval is there where both were repeated; with several pairs it
    is wider, for all of them to hold together with 95 % (Bonferroni).
    """
    runs = [best for search in searches.values() for best in search["repeats"] if best]
    judged = "test" if runs and all(best["test"] is not None for best in runs) else "validation"
    sign = 1 if study["mode"] == "max" else -1
    scores = {  # a run in which nothing was complete loses against any other
        name: [sign * best[judged] if best else -np.inf for best in search["repeats"]]
        for name, search in searches.items()
    }
    pairs = list(combinations(searches, 2))
    verdicts = []
    for a, b in pairs:
        told = {"a": a, "b": b, "repeats": [len(scores[a]), len(scores[b])], "judged_by": judged}
        told["probability"] = probability_better(scores[a], scores[b])
        if min(told["repeats"]) > 1:
            confidence = 1 - 0.05 / len(pairs)
            told["interval"] = probability_better_interval(scores[a], scores[b], confidence)
        verdicts.append(told)
    return verdicts


def _winner(searches: dict[str, dict], mode: str) -> dict | None:
    """Who has the best validation score: several in a tie, nobody where nothing is complete."""
    scores = {name: s["best"]["validation"] for name, s in searches.items() if s["best"]}
    if not scores:
        return None
    top = max(scores.values()) if mode == "max" else min(scores.values())
    first = [name for name, score in scores.items() if score == top]
    others = [abs(top - score) for name, score in scores.items() if name not in first]
    return {"searches": first, "margin": min(others) if others else None}
