"""From the table of trials to the comparison: what is best, its cost, which search did better."""

import json
import math
import statistics

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from snaketune.comparing.answer import runner_up_sentence
from snaketune.comparing.findings import Comparison
from tests.unit.made_up import STUDY, analyse_in, analyse_repeated, random_trials, record


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
    _, comparison = analyse({"r": random_trials((0.5, 0.1), (0.9, 0.2), (0.7, 0.99))})
    best = comparison["searches"]["r"]["best"]
    assert (best["index"], best["validation"], best["test"]) == (1, 0.9, 0.2)
    assert best["config"] == {"lr": 2.0, "act": "relu"}


def test_smaller_is_better_with_mode_min(analyse):
    study = {**STUDY, "mode": "min", "test_mode": "min"}
    _, comparison = analyse(
        {"a": random_trials((0.5, 0), (0.2, 0.4)), "b": random_trials((0.3, 0.3), first=9)}, study
    )
    assert comparison["searches"]["a"]["best"]["validation"] == 0.2
    assert comparison["winner"] == {
        "judged_by": "test",
        "searches": ["b"],
        "margin": pytest.approx(0.1),
        "rows": None,
        "close": [],
    }


@given(scores=st.lists(st.sampled_from([0.1, 0.2, 0.3]), min_size=1, max_size=6))
def test_among_equals_the_first_wins_and_ties_are_counted(tmp_path_factory, scores):
    trials = random_trials(*((s, 0) for s in scores))
    _, comparison = analyse_in(tmp_path_factory.mktemp("ties"), {"r": trials})
    best = comparison["searches"]["r"]["best"]
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
    _, comparison = analyse({"r": [*lucky, *solid, *broken]})
    best = comparison["searches"]["r"]["best"]
    assert (best["index"], best["trial_ids"]) == (1, [r["trial_id"] for r in solid])
    assert best["validation_sd"] == pytest.approx(statistics.stdev([0.7, 0.6]))
    assert best["test_sd"] == pytest.approx(statistics.stdev([0.5, 0.7]))
    assert best["validation"] == pytest.approx(0.65)
    assert best["test"] == pytest.approx(0.6)


def test_failed_and_diverged_trials_are_counted_and_never_best(analyse):
    trials = random_trials((None, 0), (math.nan, 0), (0.1, 0.2))
    table, comparison = analyse({"r": trials})
    search = comparison["searches"]["r"]
    assert [search[s] for s in ("trials", "complete", "failed", "diverged")] == [3, 1, 1, 1]
    assert search["best"]["index"] == 2
    assert table["error"].tolist()[0] == "ValueError: no"


def test_where_nothing_is_complete_the_answer_says_so(analyse):
    _, comparison = analyse(
        {"a": random_trials((None, 0), (math.nan, 0)), "b": random_trials((None, 0))}
    )
    assert comparison["winner"] is None
    assert comparison["answer"].startswith(
        "Nothing can be compared: no trial is complete (2 failed, 1 di"
    )


def test_cost_counts_a_configuration_drawn_twice_once(analyse):
    trial = record({"lr": 1.0}, 0.5, seconds=2.5)
    _, comparison = analyse({"r": [trial, trial, record({"lr": 2.0}, 0.4)]})
    search = comparison["searches"]["r"]
    assert (search["trials"], search["distinct"]) == (3, 2)
    assert search["cost"] == {"epochs": 4, "train_seconds": 3.5, "cpu_seconds": 3.5}


@pytest.mark.parametrize(
    ("devices", "seconds"),
    [(["cpu", "cpu"], "cpu_seconds"), (["cpu", "cuda:1"], "train_seconds"), ([], "cpu_seconds")],
)
def test_cost_is_cpu_time_unless_a_gpu_was_used(analyse, devices, seconds):
    searches = {"a": random_trials((0.5, 0.1)), "b": random_trials((0.5, 0.1), first=9)}
    for (trial,), device in zip(searches.values(), devices, strict=False):
        trial["environment"] = {"device": device}
    assert analyse(searches)[1]["seconds"] == seconds


def test_every_repetition_has_its_best(repeated):
    runs = {"a": [[(0.5, 0.4), (0.6, 0.3)], [(0.9, 0.1), (0.2, 0.9)]], "b": [[(0.55, 0.2)]] * 2}
    searches = repeated(runs)["searches"]
    assert [best["validation"] for best in searches["a"]["repeats"]] == [0.6, 0.9]
    assert searches["a"]["best"]["validation"] == 0.6


def test_a_search_without_test_score_is_compared_by_validation(analyse):
    searches = {"a": random_trials((0.5, 0.4)), "b": random_trials((0.6, None), first=9)}
    winner = analyse(searches)[1]["winner"]
    assert (winner["judged_by"], winner["searches"]) == ("validation", ["b"])


def test_the_rows_decide_which_searches_are_close(tmp_path):
    searches = {
        name: random_trials((0.9, test), first=100 * place)
        for place, (name, test) in enumerate({"a": 0.95, "b": 0.948, "c": 0.9}.items())
    }
    study = {**STUDY, "metric_kind": "accuracy"}
    found = {
        rows: analyse_in(tmp_path, searches, study, {"validation": 9, "test": rows})[1]["winner"]
        for rows in (20, 5000, 500_000)
    }
    assert [winner["close"] for winner in found.values()] == [["b", "c"], ["b"], []]
    assert {winner["rows"] for winner in found.values()} == {20, 5000, 500_000}
    _, unknown = analyse_in(tmp_path, searches, STUDY, {"validation": 9, "test": 20})
    assert (unknown["winner"]["rows"], unknown["winner"]["close"]) == (None, [])


def test_a_verdict_is_by_the_test_scores_of_whole_runs(repeated):
    """Each run is judged by the test score of what it chose by validation, and by nothing else."""
    strong = [[(0.9, 0.8 + i / 1000), (0.1, 1.0)] for i in range(10)]
    weak = [[(0.95, 0.7 + i / 1000), (0.2, 0.99)] for i in range(10)]
    (verdict,) = repeated({"a": strong, "b": weak})["verdicts"]
    assert verdict["probability"] == 1
    assert verdict["interval"] == pytest.approx([0.025**0.1, 1])
    assert verdict["ahead"] == pytest.approx(0.1)
    smaller = {**STUDY, "mode": "min", "test_mode": "min"}
    (less,) = repeated({"a": strong, "b": weak}, smaller)["verdicts"]
    assert (less["probability"], less["ahead"]) == (0, pytest.approx(-0.01))


def test_pure_noise_is_no_certainty(repeated):
    """Of two repetitions that are apart by luck, a bootstrap would say 100 % (100 % to 100 %)."""
    comparison = repeated({"a": [[(0.5, 0.61)], [(0.5, 0.6)]], "b": [[(0.5, 0.59)], [(0.5, 0.5)]]})
    (verdict,) = comparison["verdicts"]
    assert verdict["interval"] == pytest.approx([0.025**0.5, 1])
    assert comparison["answer"].startswith(
        "Whether a or b is better, these repetitions cannot tell"
    )


def test_a_run_in_which_everything_failed_loses(repeated):
    (verdict,) = repeated({"a": [[(None, 0)]] * 3, "b": [[(0.5, 0.5)]] * 3})["verdicts"]
    assert (verdict["probability"], verdict["failed"], verdict["ahead"]) == (0, [3, 0], None)


def test_a_run_without_test_score_is_left_out_and_the_rest_judged_by_test(repeated):
    runs = {"a": [[(0.5, 0.6)], [(0.9, None)], [(None, 0)]], "b": [[(0.7, 0.5)]] * 3}
    (verdict,) = repeated(runs)["verdicts"]
    assert (verdict["judged_by"], verdict["repeats"]) == ("test", [2, 3])
    assert (verdict["without_test"], verdict["failed"]) == ([1, 0], [1, 0])
    assert verdict["probability"] == 0.5


def test_without_any_test_score_of_one_search_the_pair_is_judged_by_validation(repeated):
    runs = {"a": [[(0.5, None)]] * 2, "b": [[(0.4, 0.9)]] * 2, "c": [[(0.3, 0.8)]] * 2}
    verdicts = repeated(runs)["verdicts"]
    assert [v["judged_by"] for v in verdicts] == ["validation", "validation", "test"]
    assert [v["probability"] for v in verdicts] == [1, 1, 1]


def test_sums_of_floats_do_not_decide(repeated):
    runs = {"a": [[(0.5, 0.1 + 0.2)]] * 3, "b": [[(0.5, 0.3)]] * 3}
    (verdict,) = repeated(runs)["verdicts"]
    assert (verdict["probability"], verdict["ties"]) == (0.5, 1)


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
    assert wide != [low, high]
    assert "All of these intervals hold together with 95 %." in three["answer"]


def test_efficiency_is_the_mean_over_repetitions_of_the_estimator(repeated):
    runs = [[(0.1, 0.3), (0.5, 0.2), (None, 0)], [(0.2, 0.9), (0.4, 0.5), (0.3, 0.1)]]
    search = repeated({"a": runs})["searches"]["a"]
    found = search["efficiency"]
    assert (found["sizes"], found["repeats"], found["statistic"]) == ([1, 2, 3], 2, "mean")
    # Pairs of the first: the failed one counts as the worst. 0.5 in two of three, 0.1 in one. Of
    # single configurations five of six have a result.
    pairs = [(0.5 + 0.5 + 0.1) / 3, (0.4 + 0.4 + 0.3) / 3]
    mean = [(0.1 + 0.5 + 0.2 + 0.4 + 0.3) / 5, sum(pairs) / 2, (0.5 + 0.4) / 2]
    assert found["validation"]["score"] == pytest.approx(mean)
    assert found["validation"]["chance"] == pytest.approx([5 / 6, 1, 1], abs=1e-6)
    assert found["test"]["score"][2] == pytest.approx((0.2 + 0.5) / 2)
    assert found["validation"]["low"][2] <= mean[2] <= found["validation"]["high"][2]


def test_metric_of_another_study_is_judged_anew(analyse):
    trials = random_trials((math.nan, 0.5), (0.3, 0.4))
    table, comparison = analyse(
        {"r": trials}, {**STUDY, "metric": "test_score", "test_metric": None}
    )
    assert table["status"].tolist() == ["complete", "complete"]
    assert comparison["searches"]["r"]["best"]["index"] == 0
    assert comparison["searches"]["r"]["best"]["test"] is None


def test_text_that_looks_like_nothing_stays_text(analyse):
    table, _ = analyse({"r": [record({"lr": 1.0, "act": "None"}, 0.1)]})
    assert table["act"].tolist() == ["None"]


def test_a_grid_has_its_own_order_as_well(analyse):
    scores = [(0.1, 0.3), (None, 0), (0.5, 0.2), (0.4, 0.9)]
    _, comparison = analyse(
        {"grid": random_trials(*scores), "random": random_trials((0.5, 0.5), first=9)}
    )
    found = comparison["searches"]["grid"]["efficiency"]
    assert found["validation"]["in_order"] == [0.1, 0.1, 0.5, 0.5]
    assert found["test"]["in_order"] == [0.3, 0.3, 0.2, 0.2]
    assert "low" not in found["test"]  # the cells of a grid are no sample
    assert "in_order" not in comparison["searches"]["random"]["efficiency"]["test"]


@pytest.mark.parametrize("mode", ["max", "min"])
def test_the_second_best_is_compared_by_pairs_of_the_same_seed(analyse, mode):
    sign = 1 if mode == "max" else -1
    best, second = [0.70, 0.81, 0.90], [0.69, 0.79, 0.86]
    trials = [
        record({"lr": lr, "act": "relu"}, sign * score, seed=seed)
        for lr, scores in ((1.0, second), (2.0, best), (3.0, [0.1] * 3))
        for seed, score in enumerate(scores)
    ]
    _, comparison = analyse({"r": trials}, {**STUDY, "mode": mode})
    found = comparison["searches"]["r"]["runner_up"]
    peer = stats.ttest_rel(best, second).confidence_interval()
    assert found["config"]["lr"] == 1.0
    assert found["interval"] == pytest.approx([peer.low, peer.high])
    assert found["difference"] == pytest.approx(0.07 / 3)
    assert "either may be the better" in runner_up_sentence("r", comparison["searches"]["r"])
    clear = {**comparison["searches"]["r"], "runner_up": {**found, "interval": [0.01, 0.02]}}
    assert "more than the noise" in runner_up_sentence("r", clear)


def test_without_several_seeds_nothing_is_said_of_noise(analyse):
    _, comparison = analyse({"r": random_trials((0.1, 0), (0.2, 0))})
    assert comparison["searches"]["r"]["runner_up"] is None


def test_coverage_counts_distinct_values_and_compares_discrepancies(analyse):
    grid = [record({"lr": 10.0**a, "act": b}, 0.5) for a in (0, 1, 2) for b in ("relu", "tanh")]
    line = [record({"lr": 10.0 ** (i / 3), "act": "relu"}, 0.5) for i in range(6)]
    _, comparison = analyse({"grid": grid, "line": line})
    assert comparison["coverage"]["grid"]["values"] == {"lr": 3, "act": 2}
    assert comparison["coverage"]["line"]["values"] == {"lr": 6, "act": 1}
    assert (
        comparison["coverage"]["grid"]["discrepancy"]
        < comparison["coverage"]["line"]["discrepancy"]
    )


def test_few_random_trials_say_nothing_of_importance(analyse):
    _, comparison = analyse({"random": random_trials(*((i / 30, 0) for i in range(19)))})
    assert comparison["importance"] is None
    assert comparison["no_importance"] == "too few"


@pytest.mark.parametrize("scale", [1e300, 1e307, 1e308, 1.7e308])
def test_scores_of_any_size_make_json(repeated, scale):
    """Their sums may overflow; what can't be computed is null."""
    runs = [[(s * scale, s * scale) for s in (0.1 + r / 100, 0.99, 0.5)] for r in range(3)]
    comparison = repeated({"grid": runs, "random": [[*run] for run in reversed(runs)]})
    json.dumps(comparison, allow_nan=False)
    assert comparison["searches"]["grid"]["best"]["validation"] == 0.99 * scale


def test_a_smaller_loss_that_goes_with_a_larger_accuracy_wins(tmp_path):
    study = {**STUDY, "mode": "min", "test_mode": "max"}
    bad, good = [(0.9, 0.5), (0.8, 0.6)], [(0.2, 0.9), (0.1, 0.95)]
    _, comparison = analyse_repeated(tmp_path, {"bad": [bad, bad], "good": [good, good]}, study)
    assert comparison["winner"]["searches"] == ["good"]
    (verdict,) = comparison["verdicts"]
    assert (verdict["a"], verdict["b"], verdict["probability"]) == ("bad", "good", 0)
    assert verdict["ahead"] == pytest.approx(0.6 - 0.95)
    experiment = comparison["searches"]["good"]["experiments"][0]
    assert experiment["scores"] == [0.9, 0.95, 0.9, 0.95]
    assert comparison["searches"]["good"]["experiments"][1]["scores"] == [0.95, 0.95]


_PAIRS = st.tuples(st.sampled_from([0.25, 0.5, 0.75]), st.sampled_from([0.125, 0.5, 0.875]))
_RUNS = st.lists(_PAIRS, min_size=3, max_size=3)


@given(
    runs=st.integers(1, 3).flatmap(
        lambda repeats: st.tuples(*2 * [st.lists(_RUNS, min_size=repeats, max_size=repeats)])
    ),
    mode=st.sampled_from(["max", "min"]),
)
@settings(max_examples=30)
def test_a_test_metric_may_be_mirrored_with_its_mode(tmp_path_factory, runs, mode):
    """Test scores with the other sign, of which smaller ones are better, are the same scores."""

    def compared(sign: int, test_mode: str) -> Comparison:
        searches = {
            name: [[(score, sign * test) for score, test in run] for run in repeats]
            for name, repeats in zip(("random", "grid"), runs, strict=True)
        }
        study = {**STUDY, "mode": mode, "test_mode": test_mode}
        return analyse_repeated(tmp_path_factory.mktemp("mirrored"), searches, study)[1]

    plain, mirrored = compared(1, "max"), compared(-1, "min")
    assert plain["winner"] == mirrored["winner"]
    assert plain["verdicts"] == mirrored["verdicts"]
    (match,), (mirrored_match,) = plain["matches"], mirrored["matches"]
    assert match["target"] == -mirrored_match["target"]
    assert [match[key] for key in ("reached", "size", "interval")] == [
        mirrored_match[key] for key in ("reached", "size", "interval")
    ]
    for name in ("random", "grid"):
        curves = [c["searches"][name]["efficiency"]["test"]["score"] for c in (plain, mirrored)]
        assert curves[0] == pytest.approx([-score for score in curves[1]])
