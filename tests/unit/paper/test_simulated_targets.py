"""Simulated targets (Bergstra & Bengio 2012, section 4): a free oracle for samplers."""

import importlib.util

import numpy as np
import pytest

from tests.conftest import ROOT

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
    sizes = np.array([8, 32, 128])
    low, high = simulated.targets(shape, dimensions, 400, 1)
    hits = np.array(
        [
            simulated.first_hits(
                simulated.design("random", dimensions, 128, seed), low[[seed]], high[[seed]]
            )[0]
            for seed in range(400)
        ]
    )
    for size in sizes:
        expected = 1 - 0.99**size
        error = np.sqrt(expected * (1 - expected) / 400)
        assert abs((hits <= size).mean() - expected) < 3.3 * error


@pytest.mark.parametrize("dimensions", [3, 5])
def test_a_grid_hits_every_cube_as_soon_as_its_step_is_no_wider(dimensions):
    side = 0.01 ** (1 / dimensions)
    enough = int(np.ceil(1 / side))  # 5 ticks in 3 dimensions, 3 in 5
    low, high = simulated.targets("cube", dimensions, 1000, 2)
    assert np.isfinite(simulated.first_hits(simulated.grid(dimensions, enough), low, high)).all()
    fewer = simulated.first_hits(simulated.grid(dimensions, enough - 1), low, high)
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
    assert share(simulated.grid(dimensions, 5 if dimensions == 3 else 3)) < random - 0.1
    assert sobol > random + 0.02
    assert sobol > mean_share("lhs") + 0.01
