"""Figures of values of all types: null, texts that look like numbers, dollars, bad trials."""

import pandas as pd
import pytest
from matplotlib import pyplot as plt
from matplotlib.cbook import is_math_text

from snaketune.reporting.figures import performance, space
from snaketune.reporting.figures.catalogue import planned_figures
from snaketune.reporting.svg import Drawing, hover
from tests.unit.made_up import STUDY, analyse_in, random_trials, record
from tests.unit.reporting import SVG, saved, titles


def made_up(tmp_path, configs, scales, name="grid", scores=None, **study):
    """A study with one search that has these configurations, scored 0, 1, 2, … or as given."""
    scores = scores or range(len(configs))
    trials = [record(config, score) for config, score in zip(configs, scores, strict=True)]
    return analyse_in(tmp_path, {name: trials}, {**STUDY, "hyperparameters": scales, **study})


def ticks(ruler) -> list[str]:
    return [label.get_text() for label in ruler.get_ticklabels()]


def test_a_map_has_a_place_for_null_and_for_what_a_trial_lacks(tmp_path):
    configs = [
        {"kind": kind, "depth": depth} for kind in ("tree", None) for depth in (None, 2, 10, 3)
    ]
    scales = {"kind": "category", "depth": "linear", "rate": "linear"}
    configs += [{"kind": "boost", "depth": None, "rate": rate} for rate in (0.5, 1.0)]
    drawing = space.draw_heatmap(*made_up(tmp_path, configs, scales), "grid")
    axes = drawing.figure.axes[0]
    assert ticks(axes.xaxis) == ["null", "2", "3", "10"]
    assert ticks(axes.yaxis) == ["boost", "null", "tree"]
    cells = drawing.data.set_index(["kind", "depth"])["val_score"].to_dict()
    assert cells == {
        ("boost", "null"): 9,
        ("null", "null"): 4,
        ("null", "2"): 5,
        ("null", "3"): 7,
        ("null", "10"): 6,
        ("tree", "null"): 0,
        ("tree", "2"): 1,
        ("tree", "3"): 3,
        ("tree", "10"): 2,
    }
    assert "The best cell of grid is kind boost, depth null with 9" in drawing.shows


def test_a_map_of_a_conditional_hyperparameter_has_a_column_without_it(tmp_path):
    configs = [{"opt": "sgd", "momentum": m} for m in (0.5, 0.9)] + [{"opt": "adam"}]
    scales = {"opt": "category", "momentum": "linear"}
    drawing = space.draw_heatmap(*made_up(tmp_path, configs, scales), "grid")
    assert ticks(drawing.figure.axes[0].xaxis) == ["0.5", "0.9", "none"]
    assert drawing.data.iloc[0].tolist() == ["adam", "", 2.0]


def test_texts_that_look_like_numbers_are_as_many_as_they_are(tmp_path):
    values = ["1.0", "1.00", "1", 1, True, "true", None, ""]
    configs = [{"a": value, "b": b} for value in values for b in (1, 2)]
    table, comparison = made_up(tmp_path, configs, {"a": "category", "b": "linear"})
    drawing = space.draw_heatmap(table, comparison, "grid")
    shown = ['"1.0"', '"1.00"', '"1"', "1", "true", '"true"', "null", '""']
    assert ticks(drawing.figure.axes[0].yaxis) == shown[::-1]
    assert ticks(space.draw_hyperparameters(table, comparison).figure.axes[0].xaxis) == shown


@pytest.mark.parametrize("scale", ["linear", "log"])
def test_null_among_numbers_has_a_place_at_the_left(tmp_path, scale):
    values = [None, 0.001, 0.1, 0.01]
    table, comparison = made_up(tmp_path, [{"wd": v} for v in values], {"wd": scale}, "r")
    drawing = space.draw_hyperparameters(table, comparison)
    axes = drawing.figure.axes[0]
    assert ticks(axes.xaxis)[0] == "null"
    place = axes.get_xticks()[0]
    assert axes.get_xlim()[0] < place < 0.001
    at = [x for points in axes.collections for x, _ in points.get_offsets()]
    assert at == pytest.approx([place, 0.001, 0.1, 0.01])
    assert len(titles(saved(drawing, tmp_path)[0])) == 4
    assert drawing.data["wd"].tolist() == ["null", *values[1:]]


def test_one_bad_trial_is_a_hollow_point_at_the_edge(tmp_path):
    scores = [(0.7, 0.71), (0.8, 0.81), (0.75, 0.7), (-50.0, -50.0), (0.77, 0.7)]
    drawing = performance.draw_experiments(*analyse_in(tmp_path, {"r": random_trials(*scores)}))
    texts = titles(saved(drawing, tmp_path)[0])
    assert sorted(text for text in texts if "one of 1:" in text) == [
        "r, one of 1: -50",
        "r, one of 1: 0.7",
        "r, one of 1: 0.7",
        "r, one of 1: 0.71",
        "r, one of 1: 0.81",
    ]
    assert "hollow points are" in drawing.figure.get_suptitle()
    low, _ = drawing.figure.axes[0].get_ylim()
    assert all(y >= low for p in drawing.figure.axes[0].collections for _, y in p.get_offsets())


def test_points_keep_their_texts_where_others_are_beyond_the_figure(tmp_path):
    figure, axes = plt.subplots()
    points = axes.scatter([0, 1, 2, 3], [0, 1e9, 2, 3])
    axes.set(xlim=(-1, 4), ylim=(-1, 4))
    hover(points, "abcd")
    root, _ = saved(Drawing(figure, pd.DataFrame({"x": [1]}), "points"), tmp_path)
    heights = {
        use.find(f"{SVG}title").text: float(use.get("y"))
        for use in root.iter(f"{SVG}use")
        if use.find(f"{SVG}title") is not None
    }
    assert heights["a"] > heights["c"] > heights["d"]


def test_dollars_are_dollars(tmp_path):
    configs = [{"a": value, "b": b} for value in ("$x^2$", "$", "\\$y_$") for b in (1, 2)]
    study = {"hyperparameters": {"a": "category", "b": "linear"}, "metric": "$\\frac$"}
    trials = [record(config, 0.5) for config in configs]
    for i, trial in enumerate(trials):
        trial["metrics"] = {study["metric"]: float(i)}
        trial["history"] = []
    (tmp_path / "results").mkdir()
    table, comparison = analyse_in(tmp_path / "results", {"grid": trials}, {**STUDY, **study})
    for figure in planned_figures(["grid"], maps=["grid"]):
        if figure.name != "learning_curves":
            saved(figure.draw(table, comparison), tmp_path)
    drawing = space.draw_heatmap(table, comparison, "grid")
    labels = drawing.figure.axes[0].get_yticklabels()
    assert [label.get_text().replace(r"\$", "$") for label in labels] == ["\\$y_$", "$", "$x^2$"]
    assert not any(is_math_text(label.get_text()) for label in labels)
