"""Domains against SciPy, and the properties that every sampler relies on."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from snaketune.base.errors import StudyError
from snaketune.space.notation import NAMES, parse_domain

EXAMPLES = [
    {"choice": ["a", None, True, 1.5, [1, 2]]},
    {"uniform": [-1, 3]},
    {"loguniform": [1e-5, 10]},
    {"quniform": [0, 1, 0.1]},
    {"quniform": [10, 200, 5]},
    {"qloguniform": [1, 1000, 1]},
    {"randint": [3, 20]},
    {"lograndint": [18, 1024]},
    {"normal": [2, 0.5]},
    {"normal": [2, 0.5, 1.2, 4]},
    {"choice": [None, {"loguniform": [1e-6, 1e-2]}, {"choice": ["a", {"randint": [3, 9]}]}]},
]
UNIT = st.integers(0, 2**53 - 1).map(lambda bits: bits * 2.0**-53)  # what a sampler draws


def test_examples_cover_all_domains():
    assert {name for example in EXAMPLES for name in example} == set(NAMES)


@pytest.mark.parametrize("spec", EXAMPLES, ids=str)
@given(u=UNIT)
def test_values_lie_in_the_domain_and_come_back(spec, u):
    domain = parse_domain(spec)
    value = domain.from_unit(u)
    back = domain.to_unit(value)
    assert 0 <= back <= 1
    assert domain.contains(value)
    ((name, arguments),) = spec.items()
    if name == "normal":
        assert len(arguments) == 2 or arguments[2] <= value <= arguments[3]
    elif name != "choice":
        low, high = arguments[:2]
        assert low <= value <= high
        assert value < high or name not in ("randint", "lograndint")
    if name == "normal":  # so steep in its tails that values can't be compared there
        assert back == pytest.approx(u, rel=1e-6, abs=2**-52 if len(arguments) == 2 else 1e-9)
        return
    again = domain.from_unit(min(back, 1 - 2**-53))
    if isinstance(value, float):
        assert again == pytest.approx(value, rel=1e-8, abs=1e-8)
    else:
        assert again == value
        assert type(again) is type(value)


@pytest.mark.parametrize("spec", [e for e in EXAMPLES if "choice" not in e], ids=str)
@given(u=UNIT, v=UNIT)
def test_values_rise_with_u(spec, u, v):
    domain = parse_domain(spec)
    low, high = sorted((u, v))
    assert domain.from_unit(low) <= domain.from_unit(high)


def many(spec) -> np.ndarray:
    domain = parse_domain(spec)
    return np.array([domain.from_unit(u) for u in (np.arange(20_000) + 0.5) / 20_000])


@pytest.mark.parametrize(
    ("spec", "peer"),
    [
        ({"uniform": [-1, 3]}, stats.uniform(-1, 4)),
        ({"loguniform": [1e-5, 10]}, stats.loguniform(1e-5, 10)),
        ({"normal": [2, 0.5]}, stats.norm(2, 0.5)),
        ({"normal": [2, 0.5, 1, 4]}, stats.truncnorm(-2, 4, 2, 0.5)),
    ],
    ids=["uniform", "loguniform", "normal", "truncated normal"],
)
def test_continuous_distributions_are_scipys(spec, peer):
    assert stats.kstest(many(spec), peer.cdf).statistic < 1e-4  # the quantiles themselves


def test_discrete_distributions():
    values = many({"randint": [3, 7]})
    assert np.bincount(values).tolist() == [0, 0, 0, 5000, 5000, 5000, 5000]
    # P(k) of the integer part of a log-uniform on [2, 6) is log((k+1)/k) / log(6/2).
    values = many({"lograndint": [2, 6]})
    for k in (2, 3, 4, 5):
        assert np.mean(values == k) == pytest.approx(np.log((k + 1) / k) / np.log(3), abs=1e-4)
    # Rounding gives the two ends half the weight of the steps between.
    values = many({"quniform": [0, 1, 0.25]})
    shares = {v: float(np.mean(values == v)) for v in np.unique(values)}
    assert shares == pytest.approx({0: 1 / 8, 0.25: 1 / 4, 0.5: 1 / 4, 0.75: 1 / 4, 1: 1 / 8})


def test_quantised_values_are_the_numbers_a_person_would_write():
    assert set(many({"quniform": [0, 1, 0.1]})) == {k / 10 for k in range(11)}
    assert {type(v) for v in many({"quniform": [10, 20, 5]}).tolist()} == {int}


def test_grid_points_are_cell_centres_in_the_domains_own_scale():
    assert parse_domain({"uniform": [0, 1]}).grid(4) == [0.125, 0.375, 0.625, 0.875]
    assert parse_domain({"loguniform": [1e-3, 1e3]}).grid(3) == pytest.approx([1e-2, 1, 1e2])


def test_grid_points_with_the_ends():
    assert parse_domain({"uniform": [0, 1]}).grid(3, ends=True) == [0, 0.5, 1]
    assert parse_domain({"loguniform": [0.01, 1]}).grid(3, ends=True) == pytest.approx(
        [0.01, 0.1, 1]
    )
    assert parse_domain({"randint": [0, 10]}).grid(2, ends=True) == [0, 9]
    with pytest.raises(StudyError, match="a normal has no ends"):
        parse_domain({"normal": [0, 1]}).grid(3, ends=True)
    with pytest.raises(StudyError, match="one point can't be at both ends"):
        parse_domain({"uniform": [0, 1]}).grid(1, ends=True)


def test_a_nested_domain_has_the_share_of_a_value():
    domain = parse_domain([None, {"uniform": [0, 1]}])
    draws = [domain.from_unit((k + 0.5) / 1000) for k in range(1000)]
    assert draws[:500] == [None] * 500
    assert draws[500:] == pytest.approx([(k + 0.5) / 500 for k in range(500)])
    assert domain.values is None
    assert domain.grid(2) == [None, 0.25, 0.75]
    assert tuple(parse_domain([0, {"randint": [3, 6]}]).values) == (0, 3, 4, 5)


@pytest.mark.parametrize(
    ("spec", "inside", "outside"),
    [
        ([1, "a", None, [1, 2]], [1, "a", None, [1, 2]], [True, 2, "b", [1]]),
        ({"uniform": [0, 1]}, [0, 0.5, 1], [-0.1, 1.1, "a", None, True]),
        ({"quniform": [0, 1, 0.25]}, [0, 0.25, 1.0], [0.3, 1.25]),
        ({"randint": [0, 3]}, [0, 2], [3, -1, 1.0, True]),
        ({"lograndint": [1, 3]}, [1, 2], [0, 3, 1.5]),
        ({"normal": [0, 1]}, [-99, 3.5], [None]),
        ({"normal": [0, 1, -1, 1]}, [-1, 0.5], [1.1]),
        ([None, {"uniform": [0, 1]}], [None, 0.5], [0.5j, 2]),
    ],
    ids=str,
)
def test_what_a_domain_contains(spec, inside, outside):
    domain = parse_domain(spec)
    assert [value for value in inside if not domain.contains(value)] == []
    assert [value for value in outside if domain.contains(value)] == []


def test_lists_and_constants():
    assert parse_domain([1, 2]).values == (1, 2)
    assert parse_domain("relu").from_unit(0.7) == "relu"
    assert parse_domain(None).from_unit(0.7) is None
    assert parse_domain([True, 1]).values == (True, 1)  # different to an objective


@pytest.mark.parametrize(
    ("values", "scale"),
    [
        ([32, 64, 128, 256], "log"),
        ([0.1, 0.01, 0.001], "log"),
        ([1, 2, 3, 4], "linear"),
        ([0, 1, 10], "linear"),
        ([0.0, 0.5], "linear"),
        (["a", "b"], "category"),
        ([True, False], "category"),
        ([1, None], "category"),
        ([None, {"loguniform": [1, 2]}], "log"),
        ([0, {"uniform": [1, 2]}], "linear"),
        (["a", {"uniform": [1, 2]}], "category"),
    ],
)
def test_scale_of_a_choice(values, scale):
    assert parse_domain(values).scale == scale


@pytest.mark.parametrize(
    ("spec", "words"),
    [
        (["a", None, 1.5], '"a", null, 1.5'),
        ({"uniform": [0, 1]}, "0.0 to 1.0 (continuous)"),
        ({"randint": [0, 3]}, "0, 1, 2"),
        ({"randint": [0, 300]}, "0 to 299"),
        ([None, {"loguniform": [1, 2]}], "null, 1.0 to 2.0 (continuous)"),
    ],
    ids=str,
)
def test_the_values_in_words(spec, words):
    assert parse_domain(spec).described() == words


@pytest.mark.parametrize(
    ("spec", "listed", "others"),
    [
        ([1, "a", None], [1, "a", None], [True, 2]),
        ({"randint": [0, 3]}, [0, 2], [3]),
        ({"uniform": [0, 1]}, [], [0.5]),
        ([None, {"uniform": [0, 1]}, {"randint": [3, 5]}], [None, 4], [0.5, 5]),
    ],
    ids=str,
)
def test_what_a_condition_can_compare_with(spec, listed, others):
    domain = parse_domain(spec)
    assert [value for value in listed if not domain.lists(value)] == []
    assert [value for value in others if domain.lists(value)] == []


def test_a_value_outside_a_list_has_no_place_in_the_unit_interval():
    with pytest.raises(ValueError, match="3 is not in the list"):
        parse_domain([1, 2]).to_unit(3)
