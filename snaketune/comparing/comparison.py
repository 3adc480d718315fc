"""From the table of trials to what the searches found, at what cost, and why."""

from itertools import product
from pathlib import Path

import numpy as np
import pandas as pd

from snaketune.base.modes import sign
from snaketune.base.words import legible
from snaketune.comparing.answer import answer
from snaketune.comparing.cube import categorical, discrepancy, unit_cube
from snaketune.comparing.findings import (
    FORMAT,
    Comparison,
    Coverage,
    Importance,
    Match,
    NoImportance,
    Outline,
    Seconds,
)
from snaketune.comparing.importance import importance
from snaketune.comparing.matching import matching
from snaketune.comparing.per_search import SearchFindings
from snaketune.comparing.scores import modes_of
from snaketune.comparing.search import search_findings
from snaketune.comparing.trials import configuration_scores, configurations
from snaketune.comparing.verdicts import best_search, pairwise_verdicts
from snaketune.records import paths
from snaketune.records.record import read_record
from snaketune.records.summary import Scale, StudySummary

Runs = dict[str, list[pd.DataFrame]]  # of each search the scores of its repetitions


# Sums of scores near the largest float overflow: what they are part of has no value, or is null.
@np.errstate(over="ignore", invalid="ignore")
def compare(
    table: pd.DataFrame, study: StudySummary, results: str, rows: dict[str, int] | None = None
) -> Comparison:
    """What each search found and spent, which found the better configuration, and why.

    `results` is the folder of all results, from which the records of the best configurations are
    read; `rows` has the numbers of rows of the validation and test data, where they are known. A
    search's best configuration is the one with the best mean validation score over its training
    seeds and folds, the earlier one in a tie. Test scores select no configuration: they judge those
    that the searches chose. Raises `StudyError` for a damaged record.
    """
    outline = _outline(study, table)
    runs, searches = {}, {}
    for name, trials in table.groupby("search", sort=False):
        runs[name] = _scores(trials, outline)
        searches[name] = search_findings(trials, runs[name], outline, results, rows)
    errors = table["error"].value_counts()
    measures = _importance(table, runs, outline)
    found: Comparison = {
        "format": FORMAT,
        **outline,
        "searches": searches,
        "winner": best_search(searches, outline, rows),
        "verdicts": pairwise_verdicts(searches, modes_of(outline)),
        "matches": _matches(searches, runs, outline, rows),
        "coverage": _coverage(table, outline["hyperparameters"]),
        "importance": None if isinstance(measures, str) else measures,
        "no_importance": measures if isinstance(measures, str) else None,
        "seconds": _seconds(searches, results),
        "most_frequent_error": None if errors.empty else errors.index[0],
        "answer": "",
    }
    found["answer"] = answer(found)
    return found


def _outline(study: StudySummary, table: pd.DataFrame) -> Outline:
    """What of a study's summary is compared.

    A test metric that no trial reports, or that selects the configurations, is left out. The names
    of metrics are as the table has them.
    """
    metric, test = legible(study["metric"]), study["test_metric"] and legible(study["test_metric"])
    return {
        "study": study["study"],
        "metric": metric,
        "mode": study["mode"],
        "test_metric": test if test in table.columns and test != metric else None,
        "test_mode": study["test_mode"],
        "metric_kind": study["metric_kind"],
        "split_seeds": study["split_seeds"] if study["data"] else None,
        "hyperparameters": study["hyperparameters"],
    }


def _scores(trials: pd.DataFrame, outline: Outline) -> list[pd.DataFrame]:
    """Of each repetition of a search the scores of every configuration, NaN where it has none."""
    columns = [outline["metric"], *filter(None, [outline["test_metric"]])]
    return [
        configuration_scores(run, columns).reindex(range(run["index"].nunique()))
        for _, run in trials.groupby("repeat")
    ]


def _matches(
    searches: dict[str, SearchFindings], runs: Runs, outline: Outline, rows: dict[str, int] | None
) -> list[Match]:
    """For each random search and each other design, how many random trials match it."""
    random = [name for name, search in searches.items() if search["sampler"] == "random"]
    others = [name for name in searches if name not in random]
    matches: list[Match] = []
    for name, other in product(random, others):
        match = matching(runs[name], runs[other], outline, rows)
        if match:
            matches.append({"random": name, "other": other, **match})
    return matches


def _coverage(table: pd.DataFrame, scales: dict[str, Scale]) -> dict[str, Coverage]:
    """How well the first repetition of each search covers the box that all trials span.

    The number of distinct values of each hyperparameter, and the centred L2 discrepancy of the
    configurations in the unit cube (smaller is more even). Hyperparameters that some
    configurations lack are left out of the discrepancy.
    """
    first = configurations(table[table["repeat"] == 0])
    cube = unit_cube(first, scales)
    whole = cube.dropna(axis="columns").to_numpy()
    found: dict[str, Coverage] = {}
    for name, places in first.groupby("search", sort=False).indices.items():
        values = first.iloc[places][list(cube.columns)].nunique()
        found[name] = {
            "configurations": len(places),
            "values": {key: int(count) for key, count in values.items()},
            "discrepancy": discrepancy(whole[places]) if whole.shape[1] else None,
        }
    return found


def _importance(table: pd.DataFrame, runs: Runs, outline: Outline) -> Importance | NoImportance:
    """`importance.importance` of the random search with the most configurations.

    All its repetitions are taken together.
    """
    random = table[table["sampler"] == "random"]
    if random.empty:
        return "too few"
    name = configurations(random)["search"].value_counts().idxmax()
    scores = pd.concat(runs[name])[outline["metric"]].to_numpy()
    scored = ~np.isnan(scores)
    chosen = configurations(random[random["search"] == name])[scored]
    scales, larger = outline["hyperparameters"], sign(outline["mode"])
    cube = unit_cube(chosen, scales)
    measures = importance(cube, larger * scores[scored], categorical(chosen, scales))
    return measures if isinstance(measures, str) else {"search": name, **measures}


def _seconds(searches: dict[str, SearchFindings], results: str) -> Seconds:
    """What a trial is said to cost, by the records of the best trials.

    CPU time is the same on a busy machine as on an idle one, which wall time is not; but a trial
    that waits for a GPU spends little of it.
    """
    best = [search["best"]["trial_id"] for search in searches.values() if search["best"]]
    records = (read_record(Path(paths.record(trial, results)), trial) for trial in best)
    devices = [str(record.get("environment", {}).get("device")) for record in records]
    gpu = any(device.startswith("cuda") for device in devices)
    return "train_seconds" if gpu else "cpu_seconds"
