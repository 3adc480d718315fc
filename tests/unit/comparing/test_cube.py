"""Positions in the unit cube, and the discrepancy against closed forms and peers."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import qmc

from snaketune.comparing.cube import categorical, discrepancy, unit_cube


def test_a_log_scale_is_even_in_the_logarithm():
    table = pd.DataFrame({"lr": np.geomspace(1e-5, 10, 7), "drop": np.linspace(0.2, 0.8, 7)})
    cube = unit_cube(table, {"drop": "linear", "lr": "log"})
    assert list(cube) == ["drop", "lr"]
    assert cube["lr"].to_numpy() == pytest.approx(np.linspace(0, 1, 7))
    assert cube["drop"].to_numpy() == pytest.approx(np.linspace(0, 1, 7))


@pytest.mark.parametrize(
    ("values", "scale", "places"),
    [
        ([3, 1, 2], "linear", [1, 0, 0.5]),
        ([0, 1e-6, 1e-4, 1e-2], "log", [0, 0.2, 0.6, 1]),
        ([0, 1.0], "log", [0, 1]),
        ([0, 1e-3], "log", [0, 1]),
        ([-1, 1, 3], "log", [0, 0.5, 1]),
        ([0.9, None, 0.5], "linear", [1, None, 0]),
        ([1e-3, None, 1e-1], "log", [0, None, 1]),
        ([0, None, 1e-3, 1e-1], "log", [0, None, 0.2, 1]),
        (["sgd", "adam", "sgd", "None"], "category", [1 / 6, 3 / 6, 1 / 6, 5 / 6]),
        (["sgd", None, "adam"], "category", [0.25, None, 0.75]),
        ([True, False], "category", [0.25, 0.75]),
        ([32, 8, 32], "category", [0.25, 0.75, 0.25]),
        (["0.1", "auto", "0.5"], "log", [1 / 6, 3 / 6, 5 / 6]),
        ([0.1, "auto", None], "linear", [0.25, 0.75, None]),
    ],
)
def test_positions(values, scale, places):
    cube = unit_cube(pd.DataFrame({"x": values}, index=range(5, 5 + len(values))), {"x": scale})
    assert cube["x"].to_numpy() == pytest.approx(np.array(places, float), nan_ok=True)
    assert cube.index[0] == 5


def test_what_does_not_vary_has_no_position():
    table = pd.DataFrame({"x": [1.0, 1, None], "y": ["a"] * 3, "z": [1, 2, 3], "score": [1, 2, 3]})
    assert list(unit_cube(table, {"x": "log", "y": "category", "z": "linear"})) == ["z"]


def test_numbers_with_text_among_them_are_categories():
    table = pd.DataFrame({"a": [1, 2], "b": ["x", "y"], "c": [1, "auto"], "d": [0.5, None]})
    scales = {"a": "category", "b": "category", "c": "log", "d": "linear"}
    assert categorical(table, scales) == {"a", "b", "c"}


@pytest.mark.parametrize("d", [1, 2, 5])
def test_discrepancy_of_one_point_in_closed_form(d):
    centre = (13 / 12) ** d - 1
    corner = (13 / 12) ** d - 2 * (1 + 0.25 - 0.125) ** d + 1.5**d
    assert discrepancy(np.full((1, d), 0.5)) == pytest.approx(centre)
    assert discrepancy(np.zeros((1, d))) == pytest.approx(corner)


def test_discrepancy_as_written_out():
    """Hickernell, Mathematics of Computation 67 (1998), equation 1.4c, squared."""
    points = np.random.default_rng(5).random((9, 3))
    n, d = points.shape
    off = abs(points - 0.5)
    single = sum(np.prod([1 + z / 2 - z * z / 2 for z in off[i]]) for i in range(n))
    double = sum(
        np.prod(
            [
                1 + off[i, k] / 2 + off[j, k] / 2 - abs(points[i, k] - points[j, k]) / 2
                for k in range(d)
            ]
        )
        for i in range(n)
        for j in range(n)
    )
    written = (13 / 12) ** d - 2 / n * single + double / n**2
    assert discrepancy(points) == pytest.approx(written)


def test_sobol_is_more_even_than_random_and_random_than_a_grid():
    """64 points in three dimensions, of which a grid has four values each; over all pairs."""
    ticks = np.linspace(0, 1, 4)
    grid = np.array(np.meshgrid(ticks, ticks, ticks)).reshape(3, 64).T
    sobol = qmc.Sobol(3, rng=0).random(64)
    random = np.random.default_rng(6).random((50, 64, 3))
    for pair in ([0, 1], [0, 2], [1, 2]):
        typical = np.median([discrepancy(points[:, pair]) for points in random])
        assert 4 * discrepancy(sobol[:, pair]) < typical < discrepancy(grid[:, pair]) / 2


def test_discrepancy_outside_of_the_cube():
    with pytest.raises(ValueError, match="unit hypercube"):
        discrepancy(np.array([[0.5, 1.1]]))
    assert np.isnan(discrepancy(np.array([[0.5, np.nan]])))
