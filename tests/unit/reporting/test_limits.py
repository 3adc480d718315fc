"""What the figures leave out of a large study, and that the page says so."""

import random

import pytest

from snaketune.reporting.figures import learning, space
from snaketune.reporting.figures.catalogue import figure_named
from snaketune.reporting.limits import left_out
from tests.unit.made_up import STUDY, analyse_in, record


@pytest.fixture(scope="module")
def wide(tmp_path_factory):
    """Twenty searches of three trials with fifteen hyperparameters and long histories."""
    draw = random.Random(0)
    folder = tmp_path_factory.mktemp("wide")
    names = [f"h{i}" for i in range(15)]
    searches = {
        f"s{place}": [record({n: draw.random() for n in names}, place + i / 10) for i in range(3)]
        for place in range(20)
    }
    for trial in (trial for trials in searches.values() for trial in trials):
        trial["cost"]["epochs"] = 2000
        trial["history"] = [{"epoch": e, "val_score": -1 / e} for e in range(1, 2001)]
    study = {**STUDY, "hyperparameters": dict.fromkeys(names, "linear")}
    records = {trial["trial_id"]: trial for trials in searches.values() for trial in trials}
    return *analyse_in(folder, searches, study), records


def test_of_many_searches_the_best_are_shown(wide):
    table, comparison, _ = wide
    best = {f"s{place}" for place in range(8, 20)}
    for name in ("efficiency", "best_so_far", "designs", "hyperparameters", "parallel"):
        assert set(figure_named(name).draw(table, comparison).data["search"]) == best
        said = " ".join(left_out(name, table, comparison))
        assert "Of 20 searches, the 12 with the best configurations are shown" in said


def test_of_many_hyperparameters_some_have_a_panel(wide):
    table, comparison, _ = wide
    drawing = space.draw_hyperparameters(table, comparison)
    assert sum(axes.get_visible() for axes in drawing.figure.axes) == 12
    assert len(space.draw_parallel(table, comparison).figure.axes[0].get_xticks()) == 12
    for kind in ("hyperparameters", "parallel"):
        said = left_out(kind, table, comparison)[-1]
        assert said.startswith("Of the 15 hyperparameters that vary, the 12 that come first")


def test_a_long_curve_keeps_its_ends(wide):
    table, comparison, records = wide
    data = learning.draw_learning_curves(table, comparison, records.__getitem__).data
    for _, curve in data.groupby("trial_id"):
        assert len(curve) == 500
        assert curve["epoch"].iloc[[0, -1]].tolist() == [1, 2000]
        assert curve["epoch"].diff().max() <= 5
    assert "500 are drawn" in " ".join(left_out("learning_curves", table, comparison))
