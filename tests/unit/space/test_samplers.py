"""Searches are stable under change, and fill their space as they say."""

import os
import re
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from scipy.stats import qmc
from sklearn.model_selection import ParameterGrid

from snaketune.base.errors import StudyError
from snaketune.base.identity import canonical
from snaketune.space.samplers import draws, grid, sample
from snaketune.space.space import Space

SEEDS = st.integers(0, 2**40)
SIZES = st.integers(0, 40)
LR = {"loguniform": [0.001, 0.1]}
SEQUENCES = ("random", "sobol", "halton")


def configurations(spec, sampler="random", trials=30, seed=7, constraints=(), **options):
    spaces = [Space.parse(s, constraints) for s in (spec if isinstance(spec, list) else [spec])]
    return sample(spaces, sampler, trials, seed, **options).configurations


def cells(spec, points=None, ends=False, include=(), shuffle=None, limit=1000, constraints=()):
    spaces = [Space.parse(s, constraints) for s in (spec if isinstance(spec, list) else [spec])]
    return grid(spaces, points, ends, include, shuffle, limit)


@given(seed=SEEDS, small=SIZES, more=SIZES)
def test_a_larger_budget_keeps_the_earlier_draws(seed, small, more):
    assert draws(seed, "lr", small + more)[:small] == draws(seed, "lr", small)


@given(seed=SEEDS)
def test_draws_depend_on_seed_and_name(seed):
    assert draws(seed, "lr", 20) != draws(seed, "hidden", 20)
    assert draws(seed, "lr", 20) != draws(seed + 1, "lr", 20)
    assert draws(seed, "lr", 20) != draws([seed, 1], "lr", 20)
    assert len(set(draws(seed, "lr", 20))) == 20


def test_draws_are_uniform_and_uncorrelated():
    x, y = draws(0, "lr", 50_000), draws(0, "hidden", 50_000)
    assert min(x) >= 0
    assert max(x) < 1
    assert stats.kstest(x, "uniform").pvalue > 0.01
    assert abs(stats.pearsonr(x, y).statistic) < 0.01
    assert abs(stats.pearsonr(x[1:], x[:-1]).statistic) < 0.01


def test_the_same_draws_in_another_process_with_another_hash_seed():
    code = "from snaketune.space.samplers import draws; print(draws(3, 'lr', 11))"
    for hash_seed in ("0", "1"):
        done = subprocess.run(
            [sys.executable, "-c", code],
            env={**os.environ, "PYTHONHASHSEED": hash_seed},
            capture_output=True,
            text=True,
            check=True,
        )
        assert done.stdout.strip() == str(draws(3, "lr", 11))


def test_these_draws_will_be_the_same_in_a_year():
    """Fixed values: whoever changes the generator changes every study's trials."""
    assert draws(0, "lr", 3) == [0.023928321765557925, 0.6372812915770707, 0.27431898545291555]


SPACE = {
    "optimizer": ["sgd", "adam"],
    "momentum": {"uniform": [0, 1], "when": {"optimizer": "sgd"}},
    "lr": LR,
    "layers": {"randint": [1, 5]},
}


@pytest.mark.parametrize("sampler", SEQUENCES)
@pytest.mark.parametrize("constraints", [(), ("layers * momentum < 1.5",)])
@given(seed=SEEDS, small=st.integers(1, 20), more=SIZES)
def test_a_larger_budget_keeps_the_earlier_trials(sampler, constraints, seed, small, more):
    if sampler != "random" and seed > 3:
        seed %= 4  # SciPy's engines are slow to start
    few = configurations(SPACE, sampler, small, seed, constraints)
    many = configurations(SPACE, sampler, small + more, seed, constraints)
    assert many[:small] == few


def test_adding_or_reordering_hyperparameters_leaves_the_others_draws():
    small = configurations({"lr": LR, "hidden": [32, 64]})
    large = configurations({"depth": [1, 2, 3], "hidden": [32, 64], "lr": LR})
    for a, b in zip(small, large, strict=True):
        assert a["lr"] == b["lr"]
        assert a["hidden"] == b["hidden"]


@pytest.mark.parametrize("sampler", [*SEQUENCES, "lhs"])
def test_the_order_of_the_keys_moves_no_sampler(sampler):
    forward = configurations(SPACE, sampler)
    backward = configurations(dict(reversed(SPACE.items())), sampler)
    assert forward == backward


@pytest.mark.parametrize("sampler", ["sobol", "halton", "lhs"])
def test_quasi_random_designs_are_scipys_and_more_even_than_random(sampler):
    spec = {name: {"uniform": [0, 1]} for name in "abc"}
    for seed in range(5):
        points = np.array([list(c.values()) for c in configurations(spec, sampler, 64, seed)])
        random = np.array([list(c.values()) for c in configurations(spec, "random", 64, seed)])
        assert qmc.discrepancy(points) < qmc.discrepancy(random)
        if sampler == "lhs":  # one point in each of 64 slices, on every axis
            assert np.array_equal(np.sort((points * 64).astype(int), axis=0).T, [range(64)] * 3)
    engine = {"sobol": qmc.Sobol, "halton": qmc.Halton, "lhs": qmc.LatinHypercube}[sampler]
    peer = engine(3, rng=np.random.default_rng(4)).random(64)
    assert points == pytest.approx(peer, abs=1e-9)


@pytest.mark.parametrize("sampler", [*SEQUENCES, "lhs"])
@pytest.mark.parametrize("trials", [1, 2, 9])
def test_budgets_that_are_no_power_of_two(sampler, trials, recwarn):
    assert len(configurations(SPACE, sampler, trials)) == trials
    assert len(recwarn) == 0


@pytest.mark.parametrize("sampler", [*SEQUENCES, "lhs"])
def test_inactive_hyperparameters_are_absent(sampler):
    found = configurations(SPACE, sampler, 64)
    assert {("momentum" in c) for c in found if c["optimizer"] == "sgd"} == {True}
    assert {("momentum" in c) for c in found if c["optimizer"] == "adam"} == {False}


def test_chains_of_conditions_in_any_order_of_the_file():
    spec = {
        "c": {"uniform": [0, 1], "when": {"b": [2, 3]}},
        "b": {"choice": [1, 2, 3], "when": {"a": True}},
        "a": [True, False],
    }
    keys = {tuple(c) for c in configurations(spec, trials=200)}
    assert keys == {("a",), ("a", "b"), ("a", "b", "c")}
    assert len(cells(spec, points=2).configurations) == 1 + 1 + 2 * 2


SQUARE = {"x": {"uniform": [0, 1]}, "y": {"uniform": [0, 1]}}
BOUNDS = ["x + y <= 1.5", "abs(x - y) < 0.9"]


def holds(config):
    return config["x"] + config["y"] <= 1.5 and abs(config["x"] - config["y"]) < 0.9


@pytest.mark.parametrize("sampler", ["random", "lhs"])
def test_constraints_hold_and_only_trials_that_violate_them_move(sampler):
    free = configurations(SQUARE, sampler, 100)
    bound = configurations(SQUARE, sampler, 100, constraints=BOUNDS)
    for before, after in zip(free, bound, strict=True):
        assert holds(after)
        assert (before == after) == holds(before)


@pytest.mark.parametrize("sampler", ["sobol", "halton"])
def test_a_sequence_goes_on_to_the_next_points_that_meet_the_constraints(sampler):
    bound = configurations(SQUARE, sampler, 100, constraints=BOUNDS)
    free = configurations(SQUARE, sampler, 256)
    assert bound == [config for config in free if holds(config)][:100]


def test_samplers_stay_different_under_a_constraint():
    found = [
        canonical(config)
        for sampler in (*SEQUENCES, "lhs")
        for config in configurations(SQUARE, sampler, 8, constraints=["x < 0.1"])
    ]
    assert len(set(found)) == 32


@pytest.mark.parametrize(
    ("constraint", "left"),
    [
        ("b", [True]),
        ("not b", [False, None]),
        ("b == true", [True]),
        ("b == True or b == null", [True, None]),
        ("b != false and b != null", [True]),
        ("b in [true, false]", [True, False]),
    ],
)
def test_booleans_and_null_are_written_as_in_the_study(constraint, left):
    found = cells({"b": [True, False, None]}, constraints=[constraint]).configurations
    assert [c["b"] for c in found] == left


def test_redrawn_trials_are_uniform_on_what_is_admitted():
    found = configurations({"x": {"uniform": [0, 1]}}, trials=5000, constraints=["x < 0.25"])
    assert stats.kstest([c["x"] for c in found], stats.uniform(0, 0.25).cdf).pvalue > 0.01


def test_a_space_that_admits_almost_nothing_is_an_error():
    with pytest.raises(StudyError, match=r"1,000 draws in a row violated a constraint \(x > 2\)"):
        configurations({"x": {"uniform": [0, 1]}}, constraints=["x > 2"])
    with pytest.raises(StudyError, match="no cell of the grid"):
        cells({"x": [0, 1]}, constraints=["x > 2"])


def test_cells_that_violate_a_constraint_are_left_out_and_counted():
    spec = {"hidden": [64, 128, 256], "layers": [1, 2, 4], "act": ["relu", "tanh"]}
    design = cells(
        spec, constraints=["hidden * layers <= 256", "act != 'tanh' or layers in [1, 2]"]
    )
    expected = [
        c
        for c in ParameterGrid(spec)
        if c["hidden"] * c["layers"] <= 256 and (c["act"] != "tanh" or c["layers"] in (1, 2))
    ]
    assert {canonical(c) for c in design.configurations} == {canonical(c) for c in expected}
    left_out = 18 - len(expected)
    assert design.notes == [f"left out for violating a constraint: {left_out} cells of 18"]


def test_a_constraint_on_an_inactive_hyperparameter_is_met():
    found = configurations(SPACE, trials=100, constraints=["momentum > 0.5"])
    assert {c["optimizer"] for c in found} == {"sgd", "adam"}
    assert min(c["momentum"] for c in found if "momentum" in c) > 0.5


def test_distinct_redraws_repetitions_and_ends_with_an_error_when_all_are_drawn():
    spec = {"a": [1, 2, 3], "b": [True, False]}
    plain = configurations(spec, trials=6)
    distinct = configurations(spec, trials=6, distinct=True)
    assert len({canonical(c) for c in plain}) < 6
    assert len({canonical(c) for c in distinct}) == 6
    assert configurations(spec, trials=4, distinct=True) == distinct[:4]
    with pytest.raises(StudyError, match=r"there are only 6 different configurations.*distinct"):
        configurations(spec, trials=7, distinct=True)


def test_what_is_drawn_again_is_counted():
    spec, bounds = {"a": [1, 2, 3], "b": [True, False]}, ["a > 1"]
    for constraints, distinct, reasons in (
        (bounds, False, "violating a constraint"),
        ([], True, "duplicating another"),
        (bounds, True, "violating a constraint or duplicating another"),
    ):
        design = sample([Space.parse(spec, constraints)], "random", 4, 0, distinct=distinct)
        (note,) = design.notes
        assert re.fullmatch(rf"drawn again for {reasons}: \d+ draws?", note)
    assert sample([Space.parse(spec)], "random", 4, 0).notes == []


@pytest.mark.parametrize("sampler", [*SEQUENCES, "lhs"])
def test_included_configurations_come_first_and_move_no_other(sampler):
    picked = [{"x": 0.5, "y": 0.25}, {"x": 1.0, "y": 0.0}]
    spec = {"x": {"uniform": [0, 1]}, "y": {"uniform": [0, 1]}}
    found = configurations(spec, sampler, 8, include=picked)
    assert found[:2] == picked
    assert found[2:] == configurations(spec, sampler, 8)[2:]
    assert configurations(spec, sampler, 2, include=picked) == picked


def test_a_list_of_spaces_is_searched_together():
    spec = [
        {"kernel": "linear", "c": {"loguniform": [0.1, 10]}},
        {"kernel": "rbf", "gamma": {"uniform": [0, 1]}},
    ]
    found = configurations(spec, trials=2000)
    linear = [c for c in found if c["kernel"] == "linear"]
    assert {tuple(c) for c in found} == {("kernel", "c"), ("kernel", "gamma")}
    assert len(linear) == pytest.approx(1000, abs=100)
    lists = [{"kernel": ["linear"], "c": [1, 10]}, {"kernel": ["rbf"], "c": [1], "g": [1, 2]}]
    assert {canonical(c) for c in cells(lists).configurations} == {
        canonical(c) for c in ParameterGrid(lists)
    }


VALUES = st.lists(st.integers(-9, 9), min_size=1, max_size=4, unique=True)


@given(axes=st.dictionaries(st.sampled_from("abcd"), VALUES, min_size=1))
def test_a_grid_is_scikit_learns(axes):
    found = cells(axes).configurations
    assert len(found) == len(ParameterGrid(axes))
    assert {canonical(c) for c in found} == {canonical(c) for c in ParameterGrid(axes)}


def test_a_grid_runs_row_by_row_in_the_files_order():
    found = cells({"b": [2, 1], "a": ["x", "y"]}).configurations
    assert [(c["b"], c["a"]) for c in found] == [(2, "x"), (2, "y"), (1, "x"), (1, "y")]


def test_a_shuffled_grid_has_the_same_cells_in_an_order_of_its_seed():
    spec = {"a": list(range(6)), "b": list(range(5))}
    plain = cells(spec).configurations
    orders = [cells(spec, shuffle=seed).configurations for seed in (0, 0, 1)]
    assert orders[0] == orders[1] != orders[2]
    assert plain not in orders
    for order in orders:
        assert {canonical(c) for c in order} == {canonical(c) for c in plain}


def test_points_of_a_grid():
    spec = {"lr": {"uniform": [0, 1]}, "n": {"randint": [0, 4]}, "m": {"uniform": [0, 8]}}
    axes = Space.parse(spec).axes({"lr": 2, "m": 1}, ends=False, most=9)
    assert axes["lr"] == [0.25, 0.75]
    assert list(axes["n"]) == [0, 1, 2, 3]  # countable: all of it
    assert Space.parse(spec).axes(2, ends=False, most=9)["m"] == [2.0, 6.0]
    assert Space.parse(spec).axes(2, ends=True, most=9)["m"] == [0.0, 8.0]
    assert Space.parse(spec).axes({"lr": 1, "m": 1, "n": 2}, ends=False, most=9)["n"] == [1, 3]


def test_duplicate_cells_are_left_out_and_counted():
    design = cells({"n": {"quniform": [0, 2, 1]}}, points=8, include=[{"n": 1}])
    assert [c["n"] for c in design.configurations] == [1, 0, 2]
    assert design.notes == ["left out as duplicates: 6 cells"]


def test_a_condition_tells_true_from_one():
    space = Space.parse({"a": [1, True], "b": {"choice": [5], "when": {"a": 1}}})
    assert [space.configuration({"a": u, "b": 0}) for u in (0.1, 0.9)] == [
        {"a": 1, "b": 5},
        {"a": True},
    ]


def test_a_mapping_is_a_value_like_any_other():
    weights = {"0": 1, "1": 10}
    pairs = [{"lr": 0.1, "batch": 32}, {"lr": 0.01, "batch": 256}]
    spec = {"class_weight": [weights, "balanced"], "pair": pairs}
    spec["extra"] = {"choice": [1], "when": {"pair": pairs[1]}}
    assert cells(spec).configurations == [
        {"class_weight": weight, "pair": pair} | ({"extra": 1} if pair is pairs[1] else {})
        for weight in (weights, "balanced")
        for pair in pairs
    ]


def test_conditions_that_share_parents_are_planned_at_once():
    """Each level has two hyperparameters that both wait for both of the level before."""
    spec = {"a0": [1], "b0": [1]}
    for i in range(1, 31):
        when = {f"a{i - 1}": 1, f"b{i - 1}": 1}
        spec |= {f"{name}{i}": {"choice": [1], "when": when} for name in "ab"}
    assert cells(dict(reversed(spec.items()))).configurations == [dict.fromkeys(spec, 1)]


@pytest.mark.parametrize(
    ("domain", "points"),
    [
        ({"randint": [0, 2**53]}, None),
        ([1, {"randint": [0, 2**53]}], None),
        ({"uniform": [0, 1]}, 2**40),
        ({"uniform": [0, 1]}, {"x": 2**40}),
        ([{"uniform": [0, 1]}, {"normal": [0, 1]}], 2**40),
    ],
)
def test_a_grid_beyond_the_limit_is_refused_before_it_is_made(domain, points):
    with pytest.raises(StudyError, match="than"):
        cells({"x": domain}, points=points)


def test_the_cells_of_all_spaces_count():
    spaces = [Space.parse({"x": {"randint": [0, 600]}})] * 2
    with pytest.raises(StudyError, match="more than 1,000 cells"):
        grid(spaces, None, False, [], None, limit=1000)
    assert len(grid(spaces, None, False, [], None, limit=1200).configurations) == 600


@pytest.mark.parametrize("sampler", ["random", "sobol", "halton", "lhs"])
def test_all_of_a_countable_space_can_be_drawn(sampler):
    """By chance, 1,000 draws would find the last of 3,000 in one case of four."""
    spec = {"x": {"randint": [0, 1000]}, "y": {"choice": ["a", "b"], "when": {"z": True}}}
    spec["z"] = [True, False]
    found = configurations(spec, sampler, 3000, distinct=True)
    assert {canonical(c) for c in found} == {
        canonical(c) for c in cells(spec, limit=3000).configurations
    }
    with pytest.raises(StudyError, match="there are only 3,000 different configurations"):
        configurations(spec, sampler, 3001, distinct=True)


@given(seed=SEEDS, budget=st.integers(1, 12), more=st.integers(0, 12))
def test_a_larger_budget_keeps_what_was_drawn_of_the_rest(seed, budget, more):
    spec = {"x": [1, 2, 3, 4], "y": [1, 2, 3, 4]}
    found = [
        configurations(spec, "random", n, seed, constraints=["x != y"], distinct=True)
        for n in (budget, min(budget + more, 12))
    ]
    assert found[1][:budget] == found[0]


def test_without_an_admitted_configuration_the_constraint_is_named():
    with pytest.raises(StudyError, match=r"violated a constraint \(x > 2\)"):
        configurations({"x": [0, 1]}, trials=1, constraints=["x > 2"], distinct=True)


def test_a_space_that_is_not_countable_has_no_list_of_what_is_left():
    spec = {"x": {"uniform": [0, 1]}, "n": [1, 2]}
    with pytest.raises(StudyError, match="no new configuration after the first 0"):
        configurations(spec, trials=1, constraints=["x > 2"], distinct=True)
