"""From trials.csv to the answer: what is best, what it cost, who won, and how it is told."""

import json
import math
import statistics

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from snaketune import figures
from snaketune.answer import answer, number
from snaketune.comparison import compare, read_trials
from snaketune.identity import canonical, digest
from snaketune.records import trials_table

STUDY = {
    "study": "s",
    "metric": "val_score",
    "mode": "max",
    "test_metric": "test_score",
    "hyperparameters": {"lr": "log", "act": "category"},
}
FAILED = {"status": "failed", "metrics": {}, "error": {"type": "ValueError", "message": "no"}}


def record(config, val, test=0.0, seed=0, seconds=1.0):
    """A record as a trial leaves it; `val` None is a trial that failed, NaN one that diverged."""
    spec = {
        "config": config,
        "data": None,
        "objective": {"code": "", "function": "train"},
        "seed": seed,
        "settings": {},
    }
    told = {
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
    }
    if val is None:
        told.update(FAILED)
    return {**spec, **told, "trial_id": digest(canonical(spec))}


@pytest.fixture
def analyse(tmp_path):
    """Write records and a plan, and analyse them as the workflow does."""

    def analyse(searches: dict[str, list[dict]], study: dict = STUDY):
        lines = ["search,sampler,repeat,index,trial_id,seed,lr,act"]
        for name, records in searches.items():
            indices = {}
            for r in records:
                index = indices.setdefault(canonical(r["config"]), len(indices))
                config = r["config"]
                lines.append(
                    f"{name},random,0,{index},{r['trial_id']},{r['seed']},"
                    f"{config['lr']},{config.get('act', '')}"
                )
                path = tmp_path / "trials" / r["trial_id"]
                path.mkdir(parents=True, exist_ok=True)
                (path / "record.json").write_text(json.dumps(r))
        (tmp_path / "plan.csv").write_text("\n".join(lines) + "\n")
        output = tmp_path / "trials.csv"
        trials_table(tmp_path / "plan.csv", tmp_path / "trials", study["metric"], output)
        table = read_trials(output)
        return table, compare(table, study, tmp_path / "trials")

    return analyse


def random_trials(*scores, first=0.0):
    return [record({"lr": first + i + 1, "act": "relu"}, v, t) for i, (v, t) in enumerate(scores)]


def test_the_table_has_the_plans_rows_in_order(analyse):
    table, _ = analyse(
        {"b": random_trials((0.5, 0.4), (0.25, 1.0)), "a": random_trials((1, 1), first=5)}
    )
    assert ",".join(table.columns) == (
        "search,sampler,repeat,index,trial_id,seed,fold,status,lr,act,val_score,test_score,"
        "epochs,train_seconds,cpu_seconds,peak_memory_mib,error"
    )
    assert table["search"].tolist() == ["b", "b", "a"]
    assert table["val_score"].tolist() == [0.5, 0.25, 1]
    assert table["status"].tolist() == ["complete"] * 3


def test_best_is_chosen_by_validation_alone(analyse):
    _, told = analyse({"r": random_trials((0.5, 0.1), (0.9, 0.2), (0.7, 0.99))})
    best = told["searches"]["r"]["best"]
    assert (best["index"], best["validation"], best["test"]) == (1, 0.9, 0.2)
    assert best["config"] == {"lr": 2.0, "act": "relu"}


def test_smaller_is_better_with_mode_min(analyse):
    study = {**STUDY, "mode": "min"}
    _, told = analyse(
        {"a": random_trials((0.5, 0), (0.2, 0.4)), "b": random_trials((0.3, 0.3), first=9)}, study
    )
    assert told["searches"]["a"]["best"]["validation"] == 0.2
    assert told["winner"] == {"searches": ["a"], "margin": pytest.approx(0.1)}
    assert "a found the better configuration: val_score 0.2 against 0.3 for b" in told["answer"]
    assert "there b is ahead" in told["answer"]


@given(scores=st.lists(st.sampled_from([0.1, 0.2, 0.3]), min_size=1, max_size=6))
def test_among_equals_the_first_wins_and_ties_are_counted(tmp_path_factory, scores):
    analyse_in = analyse.__wrapped__(tmp_path_factory.mktemp("ties"))
    _, told = analyse_in({"r": random_trials(*((s, 0) for s in scores))})
    best = told["searches"]["r"]["best"]
    assert best["index"] == scores.index(max(scores))
    assert best["ties"] == scores.count(max(scores)) - 1


def test_a_configuration_is_judged_by_the_mean_over_its_seeds(analyse):
    lucky = [
        record({"lr": 1.0}, v, t, seed) for seed, (v, t) in enumerate([(1.0, 1.0), (0.0, 0.0)])
    ]
    solid = [
        record({"lr": 2.0}, v, t, seed) for seed, (v, t) in enumerate([(0.7, 0.5), (0.6, 0.7)])
    ]
    broken = [record({"lr": 3.0}, v, 1.0, seed) for seed, v in enumerate([0.99, None])]
    _, told = analyse({"r": [*lucky, *solid, *broken]})
    best = told["searches"]["r"]["best"]
    assert (best["index"], best["trial_ids"]) == (1, [r["trial_id"] for r in solid])
    assert best["validation_sd"] == pytest.approx(statistics.stdev([0.7, 0.6]))
    assert best["test_sd"] == pytest.approx(statistics.stdev([0.5, 0.7]))
    assert best["validation"] == pytest.approx(0.65)
    assert best["test"] == pytest.approx(0.6)


def test_failed_and_diverged_trials_are_counted_and_never_best(analyse):
    trials = random_trials((None, 0), (math.nan, 0), (0.1, 0.2))
    table, told = analyse({"r": trials})
    search = told["searches"]["r"]
    assert [search[s] for s in ("trials", "complete", "failed", "diverged")] == [3, 1, 1, 1]
    assert search["best"]["index"] == 2
    assert table["error"].tolist()[0] == "ValueError: no"


def test_nothing_complete_is_told_and_no_crash(analyse):
    _, told = analyse({"a": random_trials((None, 0), (math.nan, 0)), "b": random_trials((None, 0))})
    assert told["winner"] is None
    assert told["answer"].startswith(
        "Nothing can be compared: no trial is complete (2 failed, 1 di"
    )


def test_cost_counts_a_configuration_drawn_twice_once(analyse):
    trial = record({"lr": 1.0}, 0.5, seconds=2.5)
    _, told = analyse({"r": [trial, trial, record({"lr": 2.0}, 0.4)]})
    search = told["searches"]["r"]
    assert (search["trials"], search["distinct"]) == (3, 2)
    assert search["cost"] == {"epochs": 4, "train_seconds": 3.5, "cpu_seconds": 3.5}


def test_the_first_repetition_is_compared_and_all_are_there(analyse, tmp_path):
    first, second = random_trials((0.5, 0.4), (0.6, 0.3)), random_trials((0.9, 0.1), first=9)
    other, more = random_trials((0.55, 0.2), first=20), random_trials((0.65, 0.2), first=30)
    analyse({"a": [*first, *second], "b": [*other, *more]})
    plan = pd.read_csv(tmp_path / "plan.csv", dtype=object)
    plan["repeat"], plan["index"] = [0, 0, 1, 0, 1], [0, 1, 0, 0, 0]
    plan.to_csv(tmp_path / "plan.csv", index=False)
    trials_table(tmp_path / "plan.csv", tmp_path / "trials", "val_score", tmp_path / "trials.csv")
    told = compare(read_trials(tmp_path / "trials.csv"), STUDY, tmp_path / "trials")
    assert [best["validation"] for best in told["searches"]["a"]["repeats"]] == [0.6, 0.9]
    assert told["searches"]["a"]["best"]["validation"] == 0.6
    assert told["winner"]["searches"] == ["a"]
    assert "the val_score is 0.75 for a and 0.6 for b and the test_score" in told["answer"]
    only_a = told["searches"] | {
        "b": {**told["searches"]["b"], "repeats": told["searches"]["b"]["repeats"][:1]}
    }
    words = answer({**told, "searches": only_a, "verdicts": []})
    assert "over all of them the mean is 0.75 for a (2 times). The budgets differ. One run" in words


@pytest.fixture
def repeated(analyse, tmp_path):
    """Analyse searches that are repeated: for each repetition the scores of its configurations."""

    def repeated(searches: dict[str, list[list]], study: dict = STUDY):
        trials, repeats, indices = {}, [], []
        for place, (name, runs) in enumerate(searches.items()):
            rows = [(repeat, i, s) for repeat, run in enumerate(runs) for i, s in enumerate(run)]
            trials[name] = random_trials(*(s for _, _, s in rows), first=1000 * place)
            repeats += [repeat for repeat, _, _ in rows]
            indices += [i for _, i, _ in rows]
        analyse(trials, study)
        plan = pd.read_csv(tmp_path / "plan.csv", dtype=object)
        plan["repeat"], plan["index"] = repeats, indices
        plan.to_csv(tmp_path / "plan.csv", index=False)
        output = tmp_path / "trials.csv"
        trials_table(tmp_path / "plan.csv", tmp_path / "trials", study["metric"], output)
        return compare(read_trials(output), study, tmp_path / "trials")

    return repeated


def test_a_verdict_is_by_the_test_scores_of_whole_runs(repeated):
    """Each run is judged by the test score of what it chose by validation, and by nothing else."""
    strong = [[(0.9, 0.8 + i / 1000), (0.1, 1.0)] for i in range(10)]
    weak = [[(0.95, 0.7 + i / 1000), (0.2, 0.99)] for i in range(10)]
    told = repeated({"a": strong, "b": weak})
    (verdict,) = told["verdicts"]
    assert (verdict["probability"], verdict["interval"]) == (1, (1, 1))
    assert told["answer"].startswith(
        "a is better than b: one run of a beats one of b on test data with a probability of 100 % "
        "(100 % to 100 %, from 10 and 10 repetitions)."
    )
    less = repeated({"a": strong, "b": weak}, {**STUDY, "mode": "min"})
    assert less["answer"].startswith("b is better than a: ")


def test_equal_searches_are_not_told_apart(repeated):
    runs = [[(0.5, 0.5 + i / 100)] for i in range(6)]
    told = repeated({"a": runs, "b": runs})
    (verdict,) = told["verdicts"]
    assert verdict["probability"] == 0.5
    assert told["answer"].startswith("Whether a or b is better, these repetitions cannot tell: ")


def test_a_run_in_which_everything_failed_loses(repeated):
    told = repeated({"a": [[(None, 0)]] * 3, "b": [[(0.5, 0.5)]] * 3})
    assert told["verdicts"][0]["probability"] == 0
    assert told["answer"].startswith("b is better than a: ")


def test_several_pairs_share_the_error(repeated):
    """Three pairs have wider intervals than one."""
    runs = {
        name: [[(0.5, ((7 * i + shift) % 10) / 10)] for i in range(8)]
        for shift, name in enumerate("abc")
    }
    three = repeated(runs)
    two = repeated({name: runs[name] for name in "ab"})
    low, high = two["verdicts"][0]["interval"]
    wide = three["verdicts"][0]["interval"]
    assert wide[0] <= low < high <= wide[1]
    assert wide != (low, high)
    assert "All of these intervals hold together with 95 %." in three["answer"]


def test_efficiency_is_the_mean_over_repetitions_of_the_estimator(repeated):
    runs = [[(0.1, 0.3), (0.5, 0.2), (None, 0)], [(0.2, 0.9), (0.4, 0.5), (0.3, 0.1)]]
    found = repeated({"a": runs})["searches"]["a"]["efficiency"]
    assert (found["sizes"], found["repeats"]) == ([1, 2, 3], 2)
    # Pairs of the first: the failed one counts as the worst. 0.5 in two of three, 0.1 in one.
    first = [0.3, (0.5 + 0.5 + 0.1) / 3, 0.5]
    second = [0.3, (0.4 + 0.4 + 0.3) / 3, 0.4]
    mean = [(a + b) / 2 for a, b in zip(first, second, strict=True)]
    assert found["validation"]["mean"] == pytest.approx(mean)
    assert found["test"]["mean"][2] == pytest.approx((0.2 + 0.5) / 2)
    assert found["validation"]["low"][2] <= mean[2] <= found["validation"]["high"][2]


def test_metric_of_another_study_is_judged_anew(analyse):
    trials = random_trials((math.nan, 0.5), (0.3, 0.4))
    table, told = analyse({"r": trials}, {**STUDY, "metric": "test_score", "test_metric": None})
    assert table["status"].tolist() == ["complete", "complete"]
    assert told["searches"]["r"]["best"]["index"] == 0
    assert told["searches"]["r"]["best"]["test"] is None


def test_text_that_looks_like_nothing_stays_text(analyse):
    table, _ = analyse({"r": [record({"lr": 1.0, "act": "None"}, 0.1)]})
    assert table["act"].tolist() == ["None"]


A, B, C = (0.9, 0.8), (0.7, 0.85), (0.9, 0.6)


@pytest.mark.parametrize(
    ("searches", "told", "not_told"),
    [
        (
            {"grid": [A], "random": [B]},
            "grid found the better configuration: val_score 0.9 against 0.7 for random "
            "(1 trial each). On the test data, which selected nothing, the test_score is 0.8 for "
            "grid and 0.85 for random: there random is ahead. One run of each search cannot tell",
            "tie",
        ),
        (
            {"grid": [A], "random": [C, B]},
            "grid and random tie: the best of each reaches a val_score of 0.9 (grid 1 trial and "
            "random 2 trials). On the test data, which selected nothing, the test_score is 0.8 "
            "for grid and 0.6 for random. The budgets differ. One run",
            "better",
        ),
        ({"random": [A, B]}, "The best of 2 trials reaches a val_score of 0.9.", "One run"),
        (
            {"grid": [(None, 0)], "random": [A]},
            "Only random has a complete trial; its best reaches a val_score of 0.9.",
            "better",
        ),
        (
            {"a": [A], "b": [B], "c": [(0.1, 0.8)]},
            "a found the best configuration: val_score 0.9 against 0.7 for b and 0.1 for c",
            "better",
        ),
        (
            {"a": [A], "b": [C], "c": [B]},
            "a and b tie for the best configuration: val_score 0.9 against 0.7 for c",
            "found",
        ),
    ],
)
def test_the_answer_says_what_the_numbers_carry(analyse, searches, told, not_told):
    _, comparison = analyse(
        {name: random_trials(*s, first=100 * i) for i, (name, s) in enumerate(searches.items())}
    )
    assert told in comparison["answer"]
    assert not_told not in comparison["answer"]


@pytest.mark.parametrize(
    ("value", "text"),
    [(None, "–"), (math.nan, "–"), (3, "3"), (12345, "12,345"), (0.97222, "0.9722"), (2.0, "2")],
)
def test_numbers_for_people(value, text):
    assert number(value) == text


CASES = {
    "usual": {"a": [A, B], "b": [C, A]},
    "nothing complete": {"a": [(None, 0)], "b": [(math.nan, 0)]},
    "one trial": {"a": [A]},
    "all the same": {"a": [A, A, A]},
    "one far off": {"a": [A, B, (-1e6, 0)]},
    "nought on a log axis": {"a": [A, B, C]},
    "nothing but nought on a log axis": {"a": [A, B]},
}


@pytest.mark.parametrize("case", CASES)
def test_every_figure_can_be_drawn_and_is_the_same_each_time(analyse, tmp_path, case):
    trials = {
        name: random_trials(*s, first=100 * i) for i, (name, s) in enumerate(CASES[case].items())
    }
    if case == "usual":
        trials["a"][0] = record({"lr": 1.0, "act": "tanh"}, 0.3)
    if "nought" in case:
        trials["a"][0] = record({"lr": 0.0, "act": "tanh"}, 0.3)
    if case.startswith("nothing but nought"):
        trials["a"] = trials["a"][:1]
    by_id = {r["trial_id"]: r for records in trials.values() for r in records}
    table, comparison = analyse(trials)
    for draw in (
        figures.designs,
        figures.best_so_far,
        figures.efficiency,
        figures.hyperparameters,
        lambda t, c: figures.learning_curves(t, c, by_id.__getitem__),
    ):
        for name in ("first.svg", "second.svg"):
            figures.save(draw(table, comparison), tmp_path / name)
        first = (tmp_path / "first.svg").read_bytes()
        assert b"</svg>" in first
        assert first == (tmp_path / "second.svg").read_bytes()


def test_heatmap_shows_the_best_over_the_other_hyperparameters():
    cells = [(lr, n, k, lr * n * k) for lr in (1, 2) for n in (3, 4) for k in (1, 5)]
    table = pd.DataFrame(cells, columns=["lr", "n", "k", "val_score"])
    table = table.assign(search="g", status="complete")
    comparison = {**STUDY, "hyperparameters": dict.fromkeys(("lr", "n", "k"), "linear")}
    figure = figures.heatmap(table, comparison, "g")
    shown = [text.get_text() for text in figure.axes[0].texts]
    assert shown == ["30", "40", "15", "20"]  # lr = 2 above lr = 1, n = 3 and 4, k = 5
    assert "best over the other" in figure.axes[0].get_title()


def test_designs_counts_the_values_that_each_search_tried(analyse):
    grid = [record({"lr": lr, "act": act}, 0.5) for lr in (1.0, 2.0) for act in ("relu", "tanh")]
    rand = [
        record({"lr": lr, "act": act}, 0.5)
        for lr, act in zip("3456", ["relu", "tanh"] * 2, strict=True)
    ]
    table, comparison = analyse({"grid": grid, "random": rand})
    titles = [axes.get_title() for axes in figures.designs(table, comparison).axes]
    assert "grid: 4 trials, 2 values of lr, 2 of act" in titles
    assert "random: 4 trials, 4 values of lr, 2 of act" in titles
