"""Simulated targets (Bergstra & Bengio 2012, section 4): a free oracle for samplers."""

import importlib.util

import numpy as np
import pytest

from tests.project import ROOT

spec = importlib.util.spec_from_file_location("st", ROOT / "benchmarks/simulated_targets.py")
simulated = importlib.util.module_from_spec(spec)
spec.loader.exec_module(simulated)


@pytest.mark.parametrize("shape", ["cube", "box"])
@pytest.mark.parametrize("dimensions", [3, 5])
def test_targets_have_their_volume_and_lie_inside(shape, dimensions):
    low, high = simulated.targets(shape, dimensions, 1000, 0)
    assert low.shape == (1000, dimensions)
    assert np.allclose((high - low).prod(axis=1), 0.01)
    assert low.min() >= 0
    assert high.max() <= 1
    equal_sides = np.allclose((high - low).std(axis=1), 0)
    assert equal_sides == (shape == "cube")


@pytest.mark.parametrize("shape", ["cube", "box"])
@pytest.mark.parametrize("dimensions", [3, 5])
def test_random_search_hits_as_often_as_the_analytic_curve_says(shape, dimensions):
    # 400 designs against one target each: independent, so the binomial error is known.
    sizes = np.array([8, 32, 100, 125, 200, 243])
    low, high = simulated.targets(shape, dimensions, 400, 1)
    hits = np.array(
        [
            simulated.first_hits(
                simulated.design("random", dimensions, 243, seed), low[[seed]], high[[seed]]
            )[0]
            for seed in range(400)
        ]
    )
    for size in sizes:
        expected = 1 - 0.99**size
        error = np.sqrt(expected * (1 - expected) / 400)
        assert abs((hits <= size).mean() - expected) < 3.3 * error


@pytest.mark.parametrize("shape", ["cube", "box"])
@pytest.mark.parametrize("ticks", [(4, 5, 5), (4, 4, 4), (1, 2, 7), (2,) * 5, (3,) * 5], ids=str)
def test_a_grid_hits_as_often_as_the_product_over_its_axes_says(ticks, shape):
    low, high = simulated.targets(shape, len(ticks), 4000, 4)
    hit = np.isfinite(simulated.first_hits(simulated.grid(ticks), low, high))
    expected = simulated.grid_chance(ticks, high - low)
    error = np.sqrt((expected * (1 - expected)).sum()) / len(hit)
    assert abs(hit.mean() - expected.mean()) <= 3.3 * error


def test_the_grid_of_100_points_misses_cubes_on_its_coarse_axis_only():
    side = 0.01 ** (1 / 3)  # 0.215: more than 1/5, and between 1/8 and 1/4
    expected = (2 * side + 1 / 4) / (1 - side)
    chance = simulated.grid_chance((4, 5, 5), np.full((1, 3), side))
    assert chance == pytest.approx(expected)
    assert 1 - 0.99**100 < expected < 1
    assert simulated.grid_chance((5, 5, 5), np.full((1, 3), side)) == 1


def test_the_printed_table_has_the_sizes_and_the_closed_form(monkeypatch):
    assert {100, 125, 200, 243} < set(simulated.SIZES)
    monkeypatch.setattr(simulated, "DESIGNS", 1)
    monkeypatch.setattr(simulated, "TARGETS", 50)
    table = simulated.run()
    grids = table[table.design == "grid"].groupby("dimensions").points.unique()
    assert {100, 125} < set(grids[3])
    assert 243 in grids[5]
    header, _, first, *_ = simulated.printed(table).splitlines()
    assert header.split()[1:] == [str(size) for size in simulated.SIZES]
    assert first.split()[-1] == f"{round(1 - 0.99**512, 3)}"
    assert first.split()[-7] == f"{round(1 - 0.99**100, 3)}"


@pytest.mark.parametrize("dimensions", [3, 5])
def test_a_grid_hits_every_cube_as_soon_as_its_step_is_no_wider(dimensions):
    side = 0.01 ** (1 / dimensions)
    enough = int(np.ceil(1 / side))  # 5 ticks in 3 dimensions, 3 in 5
    low, high = simulated.targets("cube", dimensions, 1000, 2)
    assert np.isfinite(
        simulated.first_hits(simulated.grid((enough,) * dimensions), low, high)
    ).all()
    fewer = simulated.first_hits(simulated.grid((enough - 1,) * dimensions), low, high)
    # Just short of that, a target is missed where it falls between two ticks on some axis.
    assert 0 < np.isfinite(fewer).mean() < 1


@pytest.mark.parametrize("dimensions", [3, 5])
def test_a_grid_falls_behind_on_boxes_and_sobol_is_ahead(dimensions):
    points = 5**3 if dimensions == 3 else 3**5
    low, high = simulated.targets("box", dimensions, 1000, 3)

    def share(design):
        return np.isfinite(simulated.first_hits(design, low, high)).mean()

    def mean_share(sampler):
        return np.mean(
            [share(simulated.design(sampler, dimensions, points, seed)) for seed in range(10)]
        )

    random, sobol = mean_share("random"), mean_share("sobol")
    assert share(simulated.grid((5,) * 3 if dimensions == 3 else (3,) * 5)) < random - 0.1
    assert sobol > random + 0.02
    assert sobol > mean_share("lhs") + 0.01
