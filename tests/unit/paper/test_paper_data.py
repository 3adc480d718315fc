"""The readings of how the images of Larochelle et al. (2007) were drawn."""

import importlib.util

import numpy as np
import pytest

from tests.project import ROOT

spec = importlib.util.spec_from_file_location("paper_data", ROOT / "benchmarks/paper_data.py")
paper_data = importlib.util.module_from_spec(spec)
spec.loader.exec_module(paper_data)


@pytest.mark.parametrize("reading", paper_data.CONVEX, ids=lambda reading: reading.name)
def test_every_reading_draws_images_of_both_classes(reading):
    x, y = reading.images(20, 0)
    assert (x.shape, x.dtype, y.tolist()) == ((20, 784), "float32", [1] * 10 + [0] * 10)
    images = x.reshape(-1, 28, 28).astype(bool)
    assert paper_data.convex.is_convex(images[:10]).all()
    assert (x[:10].sum(axis=1) >= 19).all()
    if not reading.midpoints:
        assert not paper_data.convex.is_convex(images[10:]).any()


def test_a_set_of_no_half_planes_is_the_whole_image():
    reading = paper_data.ConvexReading("", start=0, rejected="set")
    sets = reading.candidates(400, np.random.default_rng(0), 0.195)
    assert abs(sets.all(axis=(1, 2)).mean() - 0.195) < 3.3 * np.sqrt(0.195 * 0.805 / 400)


def test_half_planes_of_one_pixel_leave_no_set_empty():
    reading = paper_data.ConvexReading("", rejected="set", common=True)
    sets = reading.candidates(400, np.random.default_rng(0), 0.07)
    assert sets.any(axis=(1, 2)).all()


def test_rounded_midpoints_against_all_pairs():
    images = np.random.default_rng(0).random((200, 6, 6)) < 0.1
    for image, holds in zip(images, paper_data.holds_midpoints(images), strict=True):
        pixels = np.argwhere(image)
        middle = ((pixels[:, None] + pixels) // 2).reshape(-1, 2)
        assert holds == image[middle[:, 0], middle[:, 1]].all()


def test_rectangles_of_a_reading_have_its_sides_and_place():
    x, y = paper_data.rectangle_images((10, 26, 3), 300, 1)
    images = x.reshape(-1, 28, 28)
    assert not images[:, [0, -1]].any()
    assert not images[:, :, [0, -1]].any()
    heights, widths = images.any(axis=2).sum(axis=1), images.any(axis=1).sum(axis=1)
    assert (heights.min(), heights.max()) == (widths.min(), widths.max()) == (10, 26)
    assert ((heights > widths) == y).all()
    assert paper_data.rectangles.LEAST == 3  # as it was


def test_the_machine_tells_rectangles_apart():
    parts = [paper_data.rectangle_images((3, 28, 3), n, [k]) for k, n in enumerate((300, 200, 200))]
    assert paper_data.svm_error(*parts) < 0.3
