"""The figures: what is drawn, what it says, and the table beside it."""

import math
import random

import pandas as pd
import pytest

from snaketune.comparing.trials import leading
from snaketune.reporting.figures import efficiency, importance, learning, performance, space
from snaketune.reporting.figures.catalogue import planned_figures
from snaketune.reporting.limits import left_out
from snaketune.reporting.style import MANY
from tests.unit.made_up import STUDY, analyse_in, analyse_repeated, random_trials, record
from tests.unit.reporting import SVG, saved, titles

A, B, C = (0.9, 0.8), (0.7, 0.85), (0.9, 0.6)
CASES = {
    "usual": {"a": [A, B], "grid": [C, A]},
    "nothing complete": {"a": [(None, 0)], "b": [(math.nan, 0)]},
    "one trial": {"a": [A]},
    "all the same": {"a": [A, A, A]},
    "one far off": {"a": [A, B, (-1e6, 0)]},
    "zero on a log axis": {"a": [A, B, C]},
    "nothing but zero on a log axis": {"a": [A, B]},
    "thirty": {"a": [(math.sin(i), math.cos(i)) for i in range(30)], "grid": [A, B]},
}


@pytest.mark.slow
@pytest.mark.parametrize("case", CASES)
def test_every_figure_can_be_drawn_and_is_the_same_each_time(tmp_path, monkeypatch, case):
    trials = {
        name: random_trials(*s, first=100 * i) for i, (name, s) in enumerate(CASES[case].items())
    }
    if case == "usual":
        trials["a"][0] = record({"lr": 1.0, "act": "tanh"}, 0.3)
    if "zero" in case:
        trials["a"][0] = record({"lr": 0.0, "act": "tanh"}, 0.3)
    if case.startswith("nothing but zero"):
        trials["a"] = trials["a"][:1]
    (tmp_path / "results").mkdir()
    table, comparison = analyse_in(tmp_path / "results", trials)
    monkeypatch.chdir(tmp_path)
    for figure in planned_figures(["random"], maps=[]):
        for attempt in ("first", "second"):
            drawing = figure.draw(table, comparison)
            root, _ = saved(drawing, tmp_path, attempt)
        assert root.get("aria-label") == drawing.shows
        assert len(drawing.shows) > 20
        for suffix in (".svg", ".csv"):
            first = (tmp_path / f"first{suffix}").read_bytes()
            assert first == (tmp_path / f"second{suffix}").read_bytes()


@pytest.fixture(scope="module")
def large(tmp_path_factory):
    """Sixty random trials in which only the learning rate matters, against a grid."""
    draw = random.Random(0)

    def trial(lr, act):
        score = 1 - (math.log10(lr) + 2) ** 2
        return record({"lr": lr, "act": act}, score, score - 0.1)

    acts = ("relu", "tanh")
    trials = {
        "random": [trial(10 ** draw.uniform(-4, 0), draw.choice(acts)) for _ in range(60)],
        "grid": [trial(lr, act) for lr in (0.001, 0.1) for act in acts],
    }
    study = {**STUDY, "hyperparameters": {"act": "category", "lr": "log"}}
    return analyse_in(tmp_path_factory.mktemp("large"), trials, study)


def test_what_matters_most_comes_first(large, tmp_path):
    table, comparison = large
    assert leading(table, comparison) == ["lr", "act"]
    assert leading(table, {**comparison, "importance": None}) == ["act", "lr"]
    drawing = importance.draw_importance(table, comparison)
    assert "matters most is lr by fANOVA" in drawing.shows
    _, data = saved(drawing, tmp_path)
    shares = data[data["measure"] == "fanova"].groupby("refit")["value"].sum()
    assert shares.between(0.9, 1).all()  # of all variance; lr alone decides here


def test_the_map_is_bright_where_the_score_is_high(large):
    drawing = importance.draw_response(*large)
    axes = drawing.figure.axes[0]
    (mesh,) = [c for c in axes.collections if hasattr(c, "get_coordinates")]
    expected = mesh.get_array().reshape(2, -1)
    peak = expected.argmax(axis=1) / (expected.shape[1] - 1)
    assert peak == pytest.approx([0.5, 0.5], abs=0.1)  # lr = 0.01, in the middle of the log axis


def test_points_name_their_trial(large, tmp_path):
    table, comparison = large
    root, data = saved(space.draw_designs(table, comparison), tmp_path)
    texts = titles(root)
    assert len(texts) == len(table) == len(data)
    row = table.iloc[0]
    assert f"random, lr {row['lr']:.4g}, act {row['act']}, val_score" in texts[0]


def test_curves_name_their_trial(tmp_path):
    trials = random_trials(A, B)
    by_id = {r["trial_id"]: r for r in trials}
    table, comparison = analyse_in(tmp_path, {"a": trials})
    drawing = learning.draw_learning_curves(table, comparison, by_id.__getitem__)
    root, data = saved(drawing, tmp_path)
    assert sorted(titles(root)) == [
        "lr 1, act relu: 0.2 after epoch 2",
        "lr 2, act relu: 0.2 after epoch 2",
    ]
    assert data["val_score"].tolist() == [0.1, 0.2, 0.1, 0.2]
    assert "goes from 0.1 after epoch 1 to 0.2 after epoch 2" in drawing.shows


def test_many_points_are_pixels(large, tmp_path):
    table, comparison = large
    many = pd.concat([table] * (MANY // 50), ignore_index=True)
    for draw in (space.draw_designs, space.draw_hyperparameters):
        root, _ = saved(draw(many, comparison), tmp_path)
        assert len(list(root.iter(f"{SVG}image"))) >= 1
        assert (tmp_path / "figure.svg").stat().st_size < 1e6


def test_the_efficiency_table_is_what_the_comparison_says(large, tmp_path):
    _, comparison = large
    drawing = efficiency.draw_efficiency(*large)
    _, data = saved(drawing, tmp_path)
    for name, search in comparison["searches"].items():
        rows = data[(data["search"] == name) & (data["data"] == "validation")]
        for column in ("score", "chance"):
            assert rows[column].tolist() == search["efficiency"]["validation"][column]
        assert rows["configurations"].tolist() == search["efficiency"]["sizes"]
        assert rows["epochs"].tolist() == [2 * n for n in search["efficiency"]["sizes"]]
    assert set(data["statistic"]) == {"median"}
    assert "random, validation, median: " in drawing.shows


def labels(drawing) -> set[str]:
    """What the legend of a figure names."""
    return {text.get_text() for text in drawing.figure.legends[0].get_texts()}


def test_the_legend_says_what_a_curve_is(tmp_path):
    runs = {"random": [[A, B], [B, C]], "grid": [[A, B]]}
    drawing = efficiency.draw_efficiency(*analyse_repeated(tmp_path, runs))
    assert labels(drawing) == {"random (mean of 2)", "grid (median)", "grid in its own order"}


def test_a_wide_interval_does_not_flatten_the_curves(tmp_path):
    runs = {"random": [[(0.5, 0), (0.6, 0)], [(0.4, 0), (0.7, 0)]]}
    table, comparison = analyse_repeated(tmp_path, runs)
    curve = comparison["searches"]["random"]["efficiency"]["validation"]
    assert curve["high"][1] > 1.2
    low, high = efficiency.draw_efficiency(table, comparison).figure.axes[0].get_ylim()
    assert low < 0.5 < 0.65 < high < 0.9


def test_what_may_find_nothing_says_so(tmp_path):
    """Most trials fail: the line is missing where a result is not likely, and faint up to 95 %."""
    runs = [[(0.5 + i / 10, 0), (None, 0), (None, 0), (None, 0)] for i in range(3)]
    drawing = efficiency.draw_efficiency(*analyse_repeated(tmp_path, {"random": runs}))
    assert "random, validation, mean of 3: 0.6 for 3, 0.6 for 4; " in drawing.shows
    assert "for 1 the chance of a result is 25 %" in drawing.shows
    alphas = [line.get_alpha() for line in drawing.figure.axes[0].lines if line.get_marker() == "o"]
    assert alphas == [None, 0.35]


def test_experiments_draw_boxes_for_ten_or_more(large, tmp_path):
    drawing = performance.draw_experiments(*large)
    labels = {patch.get_facecolor()[3] for patch in drawing.figure.axes[0].patches}
    assert len(drawing.figure.axes[0].patches) == 3  # 60, 30 and 15 experiments
    assert labels == {0.35}
    texts = titles(saved(drawing, tmp_path)[0])
    assert sum(text.startswith("random, one of 8") for text in texts) == 7
    assert sum(text.startswith("grid: ") for text in texts) == 1


def test_failed_experiments_rank_last(tmp_path):
    """Of 20 experiments of one trial 12 fail: the box reaches below the axis."""
    scores = [(None, 0)] * 12 + [(0.5, 0.5 + i / 100) for i in range(8)]
    drawing = performance.draw_experiments(*analyse_in(tmp_path, {"r": random_trials(*scores)}))
    assert "median test score of the best: no result of 1, no result of 2" in drawing.shows
    (box, *_) = drawing.figure.axes[0].patches
    bottom = drawing.figure.axes[0].get_ylim()[0]
    assert box.get_path().vertices[:, 1].min() < bottom
    assert bottom > 0
    assert drawing.data["score"].isna().sum() > 12


def test_heatmap_shows_the_best_over_the_other_hyperparameters():
    cells = [(lr, n, k, lr * n * k) for lr in (1, 2) for n in (3, 4) for k in (1, 5)]
    table = pd.DataFrame(cells, columns=["lr", "n", "k", "val_score"])
    table = table.assign(search="g", status="complete")
    comparison = {**STUDY, "hyperparameters": dict.fromkeys(("lr", "n", "k"), "linear")}
    drawing = space.draw_heatmap(table, comparison, "g")
    axes = drawing.figure.axes[0]
    shown = [text.get_text() for text in axes.texts]
    assert shown == ["30", "40", "15", "20"]  # lr = 2 above lr = 1, n = 3 and 4, k = 5
    assert "best over the other" in axes.get_title()
    assert "The best cell of g is lr 2, n 4 with 40; the cells lie between 15 and 40" in (
        drawing.shows
    )


def test_a_map_without_scores_says_so(tmp_path):
    trials = [record({"lr": lr, "act": act}, None) for lr in (1.0, 2.0) for act in ("relu", "tanh")]
    drawing = space.draw_heatmap(*analyse_in(tmp_path, {"grid": trials}), "grid")
    assert drawing.shows == "No cell of grid has a score."
    assert drawing.data.empty


def test_designs_counts_the_values_that_each_search_tried(tmp_path):
    grid = [record({"lr": lr, "act": act}, 0.5) for lr in (1.0, 2.0) for act in ("relu", "tanh")]
    rand = [
        record({"lr": lr, "act": act}, 0.5)
        for lr, act in zip("3456", ["relu", "tanh"] * 2, strict=True)
    ]
    drawing = space.draw_designs(*analyse_in(tmp_path, {"grid": grid, "random": rand}))
    shown = [axes.get_title() for axes in drawing.figure.axes]
    for title in ("grid: 4 trials, 2 values of lr, 2 of act", "random: 4 trials, 4 values of lr"):
        assert any(text.startswith(title) for text in shown)
        assert title in drawing.shows


def test_parallel_coordinates_have_a_place_for_missing_values(tmp_path):
    rows = [
        {"lr": 10.0**-i, "act": "relu" if i % 2 else "tanh", "decay": None if i < 2 else 0.1 * i}
        for i in range(5)
    ]
    table = pd.DataFrame(rows).assign(
        search="r",
        sampler="random",
        repeat=0,
        index=range(5),
        trial_id=list("abcde"),
        status="complete",
        val_score=[0.1, 0.2, 0.3, 0.4, 0.5],
    )
    comparison = {
        **STUDY,
        "hyperparameters": {"lr": "log", "act": "category", "decay": "linear"},
        "searches": {"r": {}},
    }
    drawing = space.draw_parallel(table, comparison)
    (lines,) = drawing.figure.axes[0].collections
    heights = sorted(segment[2][1] for segment in lines.get_segments())
    assert heights[:2] == [space.MISSING] * 2
    assert heights[2:] == pytest.approx([0, 0.5, 1])
    assert "none" in [text.get_text() for text in drawing.figure.axes[0].texts]


def test_numbers_and_text_mixed_are_categories(tmp_path):
    """`lr: [0.1, auto]` has a place for each."""
    trials = [record({"lr": lr, "act": "relu"}, 0.5) for lr in (0.1, "auto", 0.01)]
    table, comparison = analyse_in(tmp_path, {"grid": trials})
    drawing = space.draw_hyperparameters(table, comparison)
    labels = [label.get_text() for label in drawing.figure.axes[0].get_xticklabels()]
    assert labels == ["0.1", "auto", "0.01"]
    assert drawing.shows == "Scores against lr. The best of 3 trials has lr 0.1."
    assert space.draw_designs(table, comparison).data["lr"].tolist() == ["0.1", "auto", "0.01"]


def test_of_a_study_of_usual_size_nothing_is_left_out(large):
    for figure in planned_figures(["random"], maps=[]):
        assert left_out(figure.entry.name, *large) == []


@pytest.mark.parametrize("seconds", ["cpu_seconds", "train_seconds"])
def test_the_cost_of_the_best_so_far_is_what_the_comparison_says(large, seconds):
    table, comparison = large
    table = table.assign(cpu_seconds=2.0, train_seconds=3.0)
    data = performance.draw_best_so_far(table, {**comparison, "seconds": seconds}).data
    ends = data.groupby("search")[seconds].max()
    assert ends["random"] == 60 * (2 if seconds == "cpu_seconds" else 3)


def test_a_test_metric_with_a_mode_of_its_own_is_drawn_by_it(tmp_path):
    """The worst of many accuracies leaves the axis, and not the best of them."""
    study = {**STUDY, "mode": "min", "test_mode": "max"}
    scores = [(i / 100, 0.9 - i / 1000) for i in range(1, 20)]
    searches = {"random": [[*scores, (5.0, -900.0)]], "grid": [scores[:4]]}
    table, comparison = analyse_repeated(tmp_path, searches, study)
    drawing = performance.draw_experiments(table, comparison)
    assert "higher is better" in drawing.figure.get_suptitle()
    low, high = drawing.figure.axes[0].get_ylim()
    assert 0 < low < 0.88
    assert 0.9 < high < 1
    assert drawing.shows.startswith("random, median test score of the best: ")
    title = efficiency.draw_efficiency(table, comparison).figure.get_suptitle()
    assert "val_score: lower is better; test_score: higher is better" in " ".join(title.split())
