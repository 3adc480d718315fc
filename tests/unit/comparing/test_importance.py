"""Importance against functions of which the shares are known."""

import json
import subprocess
import sys
import warnings

import numpy as np
import optuna
import pandas as pd
import pytest

from snaketune.comparing.cube import unit_cube
from snaketune.comparing.findings import IMPORTANCE_MINIMUM
from snaketune.comparing.importance import importance

KINDS = ("fanova", "ped_anova", "relevance")


def drawn(n: int, *names: str, seed: int = 0) -> pd.DataFrame:
    """Uniform positions of n trials."""
    return pd.DataFrame(np.random.default_rng(seed).random((n, len(names))), columns=list(names))


def medians(found: dict, kind: str) -> dict[str, float]:
    return {name: np.median(values) for name, values in found[kind].items()}


@pytest.fixture(scope="module")
def additive():
    """Of 2·x + y, x explains 4/5 of the variance and y the rest."""
    cube = drawn(256, "x", "y", "z")
    return cube, importance(cube, 2 * cube["x"] + cube["y"], refits=5)


def test_shares_of_an_additive_function(additive):
    shares = medians(additive[1], "fanova")
    assert shares == pytest.approx({"x": 0.8, "y": 0.2, "z": 0}, abs=0.05)


@pytest.mark.parametrize("kind", KINDS)
def test_the_order_of_importance(additive, kind):
    assert medians(additive[1], kind)["x"] > medians(additive[1], kind)["y"]
    assert all(np.array(additive[1][kind]["y"]) > additive[1][kind]["z"])


def test_the_result_is_json_with_a_number_per_refit(additive):
    _, found = additive
    assert json.loads(json.dumps(found)) == found
    assert found["trials"] == 256
    assert found["used"] == dict.fromkeys(KINDS, 256)
    assert found["refits"] == dict.fromkeys(KINDS, 5)
    for kind in KINDS:
        assert list(found[kind]) == ["x", "y", "z"]
        assert {len(values) for values in found[kind].values()} == {5}
    assert np.sum(list(found["ped_anova"].values()), axis=0) == pytest.approx(np.ones(5))
    assert all(0.9 < total <= 1 for total in np.sum(list(found["fanova"].values()), axis=0))
    assert 0.9 < found["explained"] < 1
    assert all(0 < np.std(found[kind]["x"]) < 0.1 for kind in KINDS)


@pytest.mark.parametrize("trials", [30, 50, 256])
def test_of_noise_nothing_is_said(trials):
    said = []
    for seed in range(5):
        noise = np.random.default_rng(100 + seed).normal(size=trials)
        said.append(importance(drawn(trials, "x", "y", seed=seed), noise, refits=1))
    assert said.count("noise") >= 4


def test_a_lookup_table_of_noise_is_noise():
    """Few distinct configurations that were drawn again and again, each with one random score."""
    cells = np.random.default_rng(5).integers(4, size=(60, 2))
    scores = np.random.default_rng(6).normal(size=(4, 4))[tuple(cells.T)]
    cube = pd.DataFrame((cells + 0.5) / 4, columns=["x", "y"])
    assert importance(cube, scores, {"x", "y"}, refits=1) == "noise"


@pytest.mark.slow
def test_an_interaction_is_not_told_as_effects_of_single_hyperparameters():
    """Of (x − ½)(y − ½) both main effects are zero; of x · y they are 3/7 each."""
    cube = drawn(256, "x", "y")
    product = importance(cube, (cube["x"] - 0.5) * (cube["y"] - 0.5), refits=3)
    assert sum(medians(product, "fanova").values()) < 0.25
    assert product["explained"] > 0.5
    raised = importance(cube, cube["x"] * cube["y"], refits=3)
    assert medians(raised, "fanova") == pytest.approx({"x": 3 / 7, "y": 3 / 7}, abs=0.06)


def test_what_a_forest_explains_is_what_is_no_noise():
    """Half of the variance is noise, which no forest predicts."""
    cube, noise = drawn(256, "x", "y"), np.random.default_rng(7).normal(size=256)
    found = importance(cube, np.sqrt(12) * cube["x"] + noise, refits=1)
    assert 0.25 < found["explained"] < 0.55


@pytest.mark.parametrize(("weights", "dimension"), [([5, 1], 1), ([1, 1, 0.1], 2), ([1] * 4, 4)])
def test_effective_dimension(weights, dimension):
    cube = drawn(150, *"abcde")
    found = importance(cube, cube.to_numpy()[:, : len(weights)] @ weights, refits=2)
    assert found["effective_dimension"] == [dimension] * 2


@pytest.mark.slow
def test_the_raw_scale_hides_what_the_log_scale_shows():
    random = np.random.default_rng(1)
    table = pd.DataFrame({"lr": 10 ** random.uniform(-6, 0, 200), "drop": random.random(200)})
    scores = np.exp(-((np.log10(table["lr"]) + 4) ** 2)) + 0.5 * table["drop"]
    shares = {}
    for scale in ("log", "linear"):
        cube = unit_cube(table, {"lr": scale, "drop": "linear"})
        shares[scale] = medians(importance(cube, scores, refits=3), "fanova")["lr"]
    variance = np.var(np.exp(-((np.linspace(-6, 0, 10001) + 4) ** 2)))
    assert shares["log"] == pytest.approx(variance / (variance + 0.25 / 12), abs=0.05)
    assert shares["linear"] < 0.1


def test_relevances_of_a_function_drawn_from_the_process():
    cube, true = drawn(250, "c", "a", "b"), np.array([0.1, 3.0, 1.0])
    scaled = cube.to_numpy() * true
    squares = ((scaled[:, None] - scaled[None]) ** 2).sum(axis=-1)
    random = np.random.default_rng(3)
    scores = random.multivariate_normal(np.zeros(250), np.exp(-squares) + 1e-3 * np.eye(250))
    found = medians(importance(cube, scores, refits=3), "relevance")
    assert found["a"] == pytest.approx(3, rel=0.2)
    assert found["b"] == pytest.approx(1, rel=0.2)
    assert found["c"] < 0.3


@pytest.mark.slow
def test_a_category_has_its_share_wherever_its_odd_value_stands():
    """One of six values is different; together they explain half of the variance."""
    random = np.random.default_rng(4)
    values, cube = random.integers(6, size=240), drawn(240, "x", "y")
    effect = (np.arange(6) == 2) / np.std(np.arange(6) == 2)
    scores = effect[values] + np.sqrt(12) * cube["x"]
    found = []
    for order in (np.arange(6), np.array([2, 5, 1, 0, 4, 3])):
        cube["kind"] = (order[values] + 0.5) / 6
        found.append(importance(cube, scores, {"kind"}, refits=3))
    assert medians(found[0], "fanova") == pytest.approx({"kind": 0.5, "x": 0.5, "y": 0}, abs=0.05)
    for kind in KINDS:
        assert found[0][kind] == {n: pytest.approx(v, 1e-4) for n, v in found[1][kind].items()}
        assert medians(found[0], kind)["kind"] > 5 * medians(found[0], kind)["y"]


@pytest.fixture(scope="module")
def conditional():
    """Half of the trials have a momentum, and a text with it."""
    cube = drawn(200, "lr", "momentum", "idle")
    without = np.arange(200) % 2 == 0
    cube["text"] = np.where(cube.index % 4 == 1, 0.25, 0.75)
    return cube.mask(np.outer(without, [False, True, True, True])), ~without


def test_a_conditional_hyperparameter_matters_where_it_is(conditional):
    cube, _ = conditional
    found = importance(cube, cube["momentum"].fillna(0) + 0.3 * cube["lr"], {"text"}, refits=3)
    assert found["trials"] == found["used"]["ped_anova"] == 200
    for kind in KINDS:
        typical = medians(found, kind)
        assert max(typical, key=typical.get) == "momentum"
        assert typical["momentum"] > 2 * max(typical["idle"], typical["text"])


def test_that_a_value_is_there_can_matter(conditional):
    cube, there = conditional
    cube = cube.assign(single=np.where(there, 0.3, np.nan))
    for column, categories in (("idle", ()), ("text", {"text"}), ("single", ())):
        found = importance(cube[["lr", column]], there + 0.5 * cube["lr"], categories, refits=2)
        # A presence in half of the trials has the variance 1/4, of which the forest sees a part
        # as the cell of what is not there is smaller than that.
        assert medians(found, "fanova")[column] > 0.7
        assert medians(found, "relevance")[column] > medians(found, "relevance")["lr"]
        assert medians(found, "ped_anova")[column] < 0.5  # among those that have it, it does not


def test_a_few_disasters_do_not_decide(additive):
    cube, found = additive
    scores = (2 * cube["x"] + cube["y"]).to_numpy(copy=True)
    scores[[3, 77, 150, 201, 250]] = [-1e6, -1e9, -1e6, -1e12, -1e300]
    hit = importance(cube, scores, refits=3)
    for kind in KINDS:
        assert medians(hit, kind)["x"] > medians(hit, kind)["y"]
    assert medians(hit, "fanova")["x"] == pytest.approx(0.8, abs=0.15)
    assert hit["ped_anova"]["x"] == pytest.approx(found["ped_anova"]["x"][:3], abs=0.05)


def test_trials_without_a_score_are_left_out():
    cube = drawn(60, "x", "y")
    scores = cube["x"].to_numpy(copy=True)
    scores[10:40] = np.tile([np.nan, -np.inf, np.inf], 10)
    rest = np.r_[0:10, 40:60]
    assert importance(cube, scores, refits=2) == importance(cube.iloc[rest], scores[rest], refits=2)
    assert importance(cube, scores, refits=2)["trials"] == 30


def test_scores_in_another_unit_and_other_names():
    cube = drawn(80, "x", "y", "z")
    scores = np.sin(5 * cube["x"]) * cube["y"]
    found = importance(cube, scores, refits=2)
    renamed = cube.set_axis(["zoé", "model.lr", "a b"], axis=1)
    other = importance(renamed, 1024 * scores - 3, refits=2)
    for kind in KINDS:
        assert [*other[kind]] == ["zoé", "model.lr", "a b"]
        pairs = zip(found[kind].values(), other[kind].values(), strict=True)
        assert all(a == pytest.approx(b, rel=0.01, abs=0.002) for a, b in pairs)


def test_the_same_again_and_something_else_with_another_seed():
    cube = drawn(40, "x", "y")
    scores = cube["x"] ** 2 + cube["y"]
    found = importance(cube, scores, refits=2)
    assert found == importance(cube.copy(), scores.to_numpy(), refits=2)
    assert found != importance(cube, scores, refits=2, seed=1)


def test_many_trials_are_cut_to_a_random_part():
    cube = drawn(3000, "x", "y")
    scores = np.where(cube.index < 1500, cube["x"], cube["y"])  # not to the first
    found = importance(cube, scores, refits=1)
    assert found["trials"] == 3000
    assert found["used"] == {"fanova": 256, "ped_anova": 500, "relevance": 256}
    # Half of the variance is noise to each, which the forest takes for interactions.
    assert medians(found, "fanova") == pytest.approx({"x": 0.3, "y": 0.3}, abs=0.1)
    few = drawn(20, "x", "y")
    assert importance(few, few["x"].to_numpy())["refits"] == {
        "fanova": 10,
        "ped_anova": 50,
        "relevance": 50,
    }


def test_without_enough_to_learn_from_it_says_so():
    cube = drawn(IMPORTANCE_MINIMUM, "x", "y")
    scores = cube["x"].to_numpy()
    assert importance(cube, scores, refits=1)
    assert importance(cube[1:], scores[1:], refits=1) == "too few"
    assert importance(cube[["x"]], scores, refits=1) == "too few"
    assert importance(cube.assign(y=0.3), scores, refits=1) == "too few"
    assert importance(cube, np.full(IMPORTANCE_MINIMUM, 0.5), refits=1) == "too few"
    assert importance(cube, np.full(IMPORTANCE_MINIMUM, np.nan), refits=1) == "too few"
    assert importance(cube[:0], scores[:0], refits=1) == "too few"


@pytest.mark.parametrize(
    "scores", [np.eye(30)[3], 1 - np.eye(30)[3], np.arange(30) % 2, np.r_[0.0, [1e300] * 29]]
)
def test_odd_scores_and_rare_values_are_no_errors(scores, capfd):
    cube = drawn(30, "x", "y", "rare")
    cube.loc[2:, "rare"] = np.nan
    cube["y"] = np.where(cube["y"] < 0.5, 0.25, 0.75)
    before = optuna.logging.get_verbosity()
    optuna.logging.set_verbosity(optuna.logging.DEBUG)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = importance(cube, scores, {"y"}, refits=4)
    if found != "noise":
        assert np.isfinite([list(found[kind].values()) for kind in KINDS]).all()
    assert optuna.logging.get_verbosity() == optuna.logging.DEBUG
    optuna.logging.set_verbosity(before)
    assert capfd.readouterr() == ("", "")


def test_a_study_too_small_for_it_does_not_import_it():
    code = (
        "import sys, numpy, pandas; from snaketune.comparing.importance import importance\n"
        "cube = pandas.DataFrame({'x': [0, 1], 'y': [1, 0]})\n"
        "assert importance(cube, numpy.arange(2)) == 'too few'\n"
        "assert not {'optuna', 'sklearn'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
