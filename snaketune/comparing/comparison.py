"""From the table of trials to what the searches found, at what cost, and why."""

from itertools import combinations, product
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.stats import t as student_t

from snaketune.comparing.answer import answer
from snaketune.comparing.cube import categorical, discrepancy, unit_cube
from snaketune.comparing.efficiency import efficiency, matching, noisy_interval, random_experiments
from snaketune.comparing.estimators import probability_better, probability_better_interval
from snaketune.comparing.importance import importance
from snaketune.comparing.trials import configuration_scores, configurations
from snaketune.records.record import read_record


def compare(
    table: pd.DataFrame, study: dict, records: Path, rows: dict[str, int] | None = None
) -> dict:
    """What each search found and spent, which found the better configuration, and why.

    `study` is what `Study.summary` tells; `records` is the folder of the trials' records, from
    which the best configurations are taken with their types; `rows` has the numbers of rows of
    the validation and test data, where they are known. A search's best configuration is the one
    with the best mean validation score over its training seeds and folds, the earlier one in a
    tie; test scores select nothing. Where a search is repeated, its first repetition is compared,
    and `repeats` has the best of each.
    """
    if study["test_metric"] not in table.columns:
        study = {**study, "test_metric": None}
    columns = [study["metric"], *filter(None, [study["test_metric"]])]
    runs = {
        name: [_scored(run, columns) for _, run in trials.groupby("repeat")]
        for name, trials in table.groupby("search", sort=False)
    }
    searches = {
        name: _summary(table[table["search"] == name], scored, study, records, rows)
        for name, scored in runs.items()
    }
    errors = table["error"].value_counts()
    found = {
        **study,
        "searches": searches,
        "winner": _winner(searches, study["mode"]),
        "verdicts": _verdicts(searches, study),
        "matches": _matches(searches, runs, study["mode"]),
        "coverage": _coverage(table, study["hyperparameters"]),
        "importance": _importance(table, runs, study),
        "most_frequent_error": None if errors.empty else errors.index[0],
    }
    return {**found, "answer": answer(found)}


def _scored(run: pd.DataFrame, columns: list[str]) -> pd.DataFrame:
    """The scores of every configuration of a repetition, NaN for those that have none."""
    return configuration_scores(run, columns).reindex(range(run["index"].nunique()))


def _summary(
    trials: pd.DataFrame, runs: list[pd.DataFrame], study: dict, records: Path, rows
) -> dict:
    """What one search found and spent; `runs` has the scores of each of its repetitions."""
    repeats = [
        _best(trials[trials["repeat"] == repeat], scores, study, records)
        for repeat, scores in enumerate(runs)
    ]
    trained = trials.drop_duplicates("trial_id")
    statuses = trials["status"].value_counts()
    cost = {name: float(trained[name].sum()) for name in ("epochs", "train_seconds", "cpu_seconds")}
    configurations = sum(map(len, runs))
    random = trials["sampler"].iloc[0] == "random"
    return {
        "sampler": trials["sampler"].iloc[0],
        "trials": len(trials),
        "budget": int((trials["repeat"] == 0).sum()),
        "distinct": len(trained),
        "complete": int(statuses.get("complete", 0)),
        "failed": int(statuses.get("failed", 0)),
        "diverged": int(statuses.get("diverged", 0)),
        "cost": {name: round(spent, 3) for name, spent in cost.items()},
        "per_configuration": {name: spent / configurations for name, spent in cost.items()},
        "best": repeats[0],
        "repeats": repeats,
        "runner_up": _runner_up(trials[trials["repeat"] == 0], runs[0], study, records),
        "efficiency": efficiency(runs, study["mode"], independent=random),
        "experiments": random_experiments(runs, study["mode"]) if random else None,
        "noisy_interval": noisy_interval(runs[0], rows),
    }


def _best(trials: pd.DataFrame, scores: pd.DataFrame, study: dict, records: Path) -> dict | None:
    """The best configuration of a repetition; `scores` are its `configuration_scores`."""
    metric, test = study["metric"], study["test_metric"]
    column = scores[metric]
    if column.isna().all():
        return None
    index = column.idxmax() if study["mode"] == "max" else column.idxmin()
    runs = trials[trials["index"] == index]  # with every training seed and in every fold
    score = float(scores.loc[index, test]) if test else float("nan")
    return {
        "index": int(index),
        "trial_id": runs["trial_id"].iloc[0],
        "trial_ids": runs["trial_id"].tolist(),
        "config": _configuration(runs, study, records),
        "validation": float(column[index]),
        "validation_sd": _deviation(runs[metric]),
        "test": None if pd.isna(score) else score,
        "test_sd": _deviation(runs[test]) if test else None,
        "ties": int((column == column[index]).sum()) - 1,
    }


def _configuration(runs: pd.DataFrame, study: dict, records: Path) -> dict:
    """The configuration of these trials, with its types, in the study's order."""
    first = runs["trial_id"].iloc[0]
    config = read_record(records / first / "record.json", first)["config"]
    return {name: config[name] for name in study["hyperparameters"] if name in config}


def _runner_up(
    trials: pd.DataFrame, scores: pd.DataFrame, study: dict, records: Path
) -> dict | None:
    """The second best configuration, and whether the best is better by more than seed noise.

    `difference` is the mean over the training seeds and folds of how much better the best did
    with the same seed in the same fold, `interval` the 95 % interval of Student's t for these
    pairs. None where each configuration was trained once, or only one is complete.
    """
    metric, sign = study["metric"], 1 if study["mode"] == "max" else -1
    ranked = (sign * scores[metric].dropna()).sort_values(ascending=False, kind="stable")
    pairs = int((trials["index"] == 0).sum())
    if pairs < 2 or len(ranked) < 2:
        return None
    runs = [trials[trials["index"] == index] for index in ranked.index[:2]]
    best, second = (run[metric].to_numpy() for run in runs)  # seeds and folds in the same order
    ahead = sign * (best - second)
    margin = student_t.ppf(0.975, pairs - 1) * ahead.std(ddof=1) / pairs**0.5
    return {
        "trial_id": runs[1]["trial_id"].iloc[0],
        "config": _configuration(runs[1], study, records),
        "validation": float(second.mean()),
        "validation_sd": _deviation(runs[1][metric]),
        "difference": float(ahead.mean()),
        "interval": [float(ahead.mean() - margin), float(ahead.mean() + margin)],
        "pairs": pairs,
    }


def _matches(searches: dict[str, dict], runs: dict[str, list], mode: str) -> list[dict]:
    """For each random search and each other design, how many random trials match it."""
    random = [name for name, search in searches.items() if search["sampler"] == "random"]
    told = []
    for name, other in product(random, [name for name in searches if name not in random]):
        match = matching(runs[name], runs[other], mode)
        if match:
            told.append({"random": name, "other": other, **match})
    return told


def _coverage(table: pd.DataFrame, scales: dict[str, str]) -> dict[str, dict]:
    """How well the first repetition of each search covers the box that all trials span.

    The number of distinct values of each hyperparameter, and the centred L2 discrepancy of the
    configurations in the unit cube (smaller is more even). Hyperparameters that some
    configurations lack are left out of the discrepancy.
    """
    first = configurations(table[table["repeat"] == 0])
    cube = unit_cube(first, scales)
    whole = cube.dropna(axis="columns").to_numpy()
    told = {}
    for name, place in first.groupby("search", sort=False).indices.items():
        values = first.iloc[place][list(cube.columns)].nunique()
        told[name] = {
            "configurations": len(place),
            "values": {key: int(count) for key, count in values.items()},
            "discrepancy": discrepancy(whole[place]) if whole.shape[1] else None,
        }
    return told


def _importance(table: pd.DataFrame, runs: dict[str, list], study: dict) -> dict | None:
    """`importance.importance` of the random search with the most configurations.

    All its repetitions are taken together. None where there is no random search or it is too small.
    """
    random = table[table["sampler"] == "random"]
    if random.empty:
        return None
    name = configurations(random)["search"].value_counts().idxmax()
    chosen = configurations(random[random["search"] == name])
    scores = pd.concat(runs[name])[study["metric"]].to_numpy()
    scored = ~np.isnan(scores)
    scales, sign = study["hyperparameters"], 1 if study["mode"] == "max" else -1
    cube = unit_cube(chosen[scored], scales)
    told = importance(cube, sign * scores[scored], categorical(chosen[scored], scales))
    return told and {"search": name, **told}


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
