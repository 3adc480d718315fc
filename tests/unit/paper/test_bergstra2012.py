"""The experiment of Bergstra & Bengio (2012): its data, its gradients, its training."""

import importlib.util
import math
from itertools import combinations
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from torch.nn import functional as F

from snaketune.data.prepared import Part
from snaketune.planning.studyfile import load_study
from snaketune.running.trial import Trial
from tests.project import ROOT

FOLDER = ROOT / "examples/bergstra2012"


def load(name):
    """A module of the example."""
    spec = importlib.util.spec_from_file_location(name, FOLDER / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


rectangles, convex, network = map(load, ("rectangles", "convex", "network"))


@pytest.mark.parametrize("draw", [rectangles.rectangles, convex.labelled], ids=["tall", "convex"])
def test_images_are_black_and_white_and_labels_in_balance(draw):
    x, y = draw(1001, 0)
    assert (x.shape, x.dtype, y.shape, y.dtype) == ((1001, 784), "float32", (1001,), "int64")
    assert set(np.unique(x)) == {0, 1}
    assert set(np.unique(y)) == {0, 1}
    assert abs(y.mean() - 0.5) < 3.3 * 0.5 / math.sqrt(1001)


@pytest.mark.parametrize("draw", [rectangles.rectangles, convex.labelled], ids=["tall", "convex"])
def test_the_same_seed_draws_the_same_bytes(draw):
    (x, y), (same_x, same_y), (other_x, _) = draw(300, [1]), draw(300, [1]), draw(300, [2])
    assert (x.tobytes(), y.tobytes()) == (same_x.tobytes(), same_y.tobytes())
    assert not (x == other_x).all(axis=1).any()


@pytest.mark.parametrize(
    ("module", "function", "sizes"),
    [
        (rectangles, "load_rectangles", (1_000, 200, 50_000)),
        (convex, "load_convex", (6_500, 1_500, 50_000)),
    ],
    ids=["tall", "convex"],
)
def test_the_parts_have_the_papers_sizes_and_streams_of_their_own(
    module, function, sizes, monkeypatch
):
    assert tuple(module.SIZES.values()) == sizes
    monkeypatch.setattr(module, "SIZES", dict.fromkeys(module.SIZES, 50))
    data = getattr(module, function)()
    assert list(data) == ["train", "validation", "test"]
    for (x, _), (other, _) in combinations(data.values(), 2):
        assert not np.array_equal(x, other)


def test_a_rectangle_is_the_outline_that_its_label_says():
    x, y = rectangles.rectangles(500, 3)
    heights, widths = [], []
    for image, label in zip(x.reshape(-1, 28, 28), y, strict=True):
        rows, columns = image.any(axis=1).nonzero()[0], image.any(axis=0).nonzero()[0]
        (top, bottom), (left, right) = rows[[0, -1]], columns[[0, -1]]
        outline = np.zeros((28, 28))
        outline[top : bottom + 1, [left, right]] = 1
        outline[[top, bottom], left : right + 1] = 1
        assert np.array_equal(image, outline)
        heights.append(bottom - top + 1)
        widths.append(right - left + 1)
        assert label == (heights[-1] > widths[-1])
    assert (abs(np.subtract(heights, widths)) >= 3).all()
    assert (min(heights), max(heights)) == (min(widths), max(widths)) == (3, 28)


def test_corners_are_uniform_where_the_rectangle_fits():
    rng = np.random.default_rng(0)
    inside, ends = rectangles.spans(np.full(3000, 25), rng)
    assert (inside.sum(axis=1) == 25).all()
    assert (ends.sum(axis=1) == 2).all()
    places = np.bincount(inside.argmax(axis=1))
    assert len(places) == 4
    assert (abs(places - 750) < 3.3 * math.sqrt(3000 * 3 / 16)).all()


def convex_by_brute_force(image):
    """Whether each pixel on the line between any two of the set is in the set."""
    inside = set(zip(*image.nonzero(), strict=True))
    for (top, left), (bottom, right) in combinations(sorted(inside), 2):
        steps = math.gcd(int(bottom - top), int(right - left))
        down, along = (bottom - top) // steps, (right - left) // steps
        if any((top + k * down, left + k * along) not in inside for k in range(1, steps)):
            return False
    return True


def test_convexity_against_brute_force_on_small_images():
    every = (np.arange(2**9)[:, None] >> np.arange(9) & 1).astype(bool).reshape(-1, 3, 3)
    rng = np.random.default_rng(0)
    several = [rng.random((150, side, side)) < 0.5 for side in (4, 5, 7)]
    nearly = ~(rng.random((150, 7, 7)) < 0.1)
    sparse = rng.random((300, 9, 9)) < 0.04  # two or three pixels, mostly far from each other
    for images in (every, *several, nearly, sparse):
        expected = [convex_by_brute_force(image) for image in images]
        assert convex.is_convex(images).tolist() == expected
    assert 0.1 < np.mean(expected) < 0.9


def test_the_classes_are_what_they_are_called():
    x, y = convex.labelled(120, 1)
    images = x.reshape(-1, 28, 28)
    small = x.sum(axis=1) < 200  # brute force is slow
    assert convex.is_convex(images.astype(bool)).tolist() == (y == 1).tolist()
    for label in (0, 1):
        for image in images[small & (y == label)][:20]:
            assert convex_by_brute_force(image) == label


def test_convex_sets_have_as_many_pixels_and_half_planes_as_published():
    rng = np.random.default_rng(0)
    assert convex.convex_images(300, rng).sum(axis=(1, 2)).min() >= 19
    pieces = convex.convex_sets(300, rng, **convex.PIECE)
    assert 10 <= pieces.sum(axis=(1, 2)).min() < 19
    assert convex.is_convex(pieces).all()
    cut = convex.half_planes(2000, rng).mean(axis=(1, 2))
    assert abs(cut.mean() - 0.5) < 3.3 * cut.std() / math.sqrt(2000)


def test_the_classes_have_the_same_mean_pixel():
    x, y = convex.labelled(4000, 2)
    pixels = [x[y == label].sum(axis=1) for label in (0, 1)]
    error = math.sqrt(sum(p.var() / len(p) for p in pixels))
    assert abs(pixels[0].mean() - pixels[1].mean()) < 3.3 * error
    assert abs(pixels[1].mean() - 161) < 3.3 * pixels[1].std() / math.sqrt(2000)


CONFIG = {
    "hidden": 30,
    "activation": "tanh",
    "weight_draw": "uniform",
    "weight_scale": "fan_in_and_out",
    "lr": 0.3,
    "t0": 300,
    "batch_size": 20,
    "l2": 1e-5,
    "init_seed": 1,
}
SCALED = {"weight_scale": "fan_in", "multiplier": 1.5}


@pytest.mark.parametrize("activation", ["sigmoid", "tanh"])
@pytest.mark.parametrize("l2", [0, 0.01])
def test_gradients_against_autograd(activation, l2):
    config = {**CONFIG, "activation": activation, "l2": l2}
    torch.manual_seed(0)
    weights = {k: w.double() for k, w in network.draw_weights(config, 12, 3).items()}
    model = torch.nn.Sequential(
        torch.nn.Linear(12, 30),
        {"sigmoid": torch.nn.Sigmoid(), "tanh": torch.nn.Tanh()}[activation],
        torch.nn.Linear(30, 3),
    ).double()
    names = [("hidden", "hidden_bias"), None, ("output", "output_bias")]
    with torch.no_grad():
        for layer, (weight, bias) in ((model[0], names[0]), (model[2], names[2])):
            layer.weight.copy_(weights[weight].T)
            layer.bias.copy_(weights[bias])
    optimizer = torch.optim.SGD(model.parameters(), lr=1)
    for rate in (0.5, 0.4, 0.3, 0.2, 0.1):
        x, y = torch.rand(20, 12, dtype=torch.float64), torch.randint(3, (20,))
        network.step(weights, config, rate, x, F.one_hot(y, 3).double())
        optimizer.param_groups[0]["lr"] = rate
        optimizer.zero_grad()
        penalty = (model[0].weight ** 2).sum() + (model[2].weight ** 2).sum()
        (F.cross_entropy(model(x), y) + l2 * penalty).backward()
        optimizer.step()
    for layer, (weight, bias) in ((model[0], names[0]), (model[2], names[2])):
        assert layer.weight.grad.abs().max() > 0
        torch.testing.assert_close(weights[weight].T, layer.weight.data, rtol=0, atol=1e-12)
        torch.testing.assert_close(weights[bias], layer.bias.data, rtol=0, atol=1e-12)


def test_the_rate_falls_after_t0_mini_batches_over_all_passes(monkeypatch):
    config = {**CONFIG, "lr": 2, "t0": 4}
    rates = []
    monkeypatch.setattr(network, "step", lambda weights, config, rate, *_: rates.append(rate))
    passes = network.Passes(config, torch.zeros(50, 5), torch.zeros(50, 2))
    for epoch in (1, 2, 3):
        passes.train({}, epoch)
    assert rates == [2, 2, 2, 2, 8 / 5, 8 / 6, 8 / 7, 8 / 8, 8 / 9]


@pytest.mark.parametrize(
    ("draw", "deviation"), [("uniform", 1 / math.sqrt(3)), ("normal", 1)], ids=str
)
@pytest.mark.parametrize(
    ("scale", "factor"),
    [(SCALED, 1.5 / math.sqrt(784)), ({}, math.sqrt(6 / (784 + 30)))],
    ids=["fan_in", "fan_in_and_out"],
)
def test_weights_are_drawn_as_the_configuration_says(draw, deviation, scale, factor):
    torch.manual_seed(0)
    weights = network.draw_weights({**CONFIG, **scale, "weight_draw": draw}, 784, 2)
    assert weights["hidden"].std().item() == pytest.approx(deviation * factor, rel=0.02)
    assert (weights["hidden"].abs().max() <= factor) == (draw == "uniform")
    assert {k: tuple(w.shape) for k, w in weights.items()} == {
        "hidden": (784, 30),
        "hidden_bias": (30,),
        "output": (30, 2),
        "output_bias": (2,),
    }
    assert not any(w.any() for k, w in weights.items() if k != "hidden")


RULE = {"metric": "val_accuracy", "mode": "max", "patience_factor": 2, "min_epochs": 40}


class Killed(Exception):
    """In place of a signal."""


@pytest.fixture(scope="module")
def data():
    parts = {"train": 400, "validation": 200, "test": 500}
    drawn = [Part(*rectangles.rectangles(n, [i])) for i, n in enumerate(parts.values())]
    return SimpleNamespace(**dict(zip(parts, drawn, strict=True)), features=784, classes=2)


@pytest.fixture
def train(data, tmp_path):
    """Train in a folder, perhaps killed after an epoch; the metrics and the trial."""

    def train(folder="trial", die_at=None, seed=0, **changes):
        def report(kind, content):
            if kind == "report" and content["epoch"] == die_at:
                raise Killed

        spec = {
            "config": {**CONFIG, **changes},
            "data": None,
            "objective": {"early_stopping": RULE},
            "seed": seed,
            "settings": {"epochs": 60},
        }
        (tmp_path / folder).mkdir(exist_ok=True)
        trial = Trial(spec, tmp_path / folder, device="cpu", report=report)
        trial.data = data
        return network.train({**CONFIG, **changes}, trial), trial

    return train


def test_it_learns_and_scores_the_weights_of_the_best_pass(train, data):
    metrics, trial = train()
    assert metrics["test_accuracy"] > 0.65
    scores = [row["val_accuracy"] for row in trial.history]
    assert metrics["val_accuracy"] == max(scores) == scores[metrics["best_epoch"] - 1]
    assert len(scores) >= 40
    x, y = map(torch.from_numpy, data.test)
    assert network.accuracy(trial.weights, CONFIG, x, y) == metrics["test_accuracy"]


def test_both_seeds_count_and_nothing_else_is_random(train):
    histories = [
        train(folder, **seeds)[1].history
        for folder, seeds in [
            ("a", {}),
            ("b", {}),
            ("c", {"init_seed": 2}),
            ("d", {"seed": 1}),
        ]
    ]
    assert histories[0] == histories[1]
    assert histories[0] not in histories[2:]
    assert histories[2] != histories[3]


@pytest.mark.parametrize("deaths", [[7], [14], [9, 12, 31]], ids=str)
def test_a_killed_trial_ends_with_the_same_bits(train, monkeypatch, deaths):
    monkeypatch.setattr(network, "CHECKPOINT_EVERY", 5)
    changes = {"lr": 0.05, "t0": 300, "hidden": 50}
    whole, undisturbed = train("whole", **changes)
    assert len(undisturbed.history) > max(deaths)
    for epoch in deaths:
        with pytest.raises(Killed):
            train("killed", die_at=epoch, **changes)
    resumed, trial = train("killed", **changes)
    assert resumed == whole
    assert trial.history == undisturbed.history
    for name, weights in undisturbed.weights.items():
        assert torch.equal(trial.weights[name], weights)


def test_divergence_ends_the_trial(train):
    metrics, trial = train(lr=1e38)
    assert math.isnan(metrics["val_accuracy"])
    assert len(trial.history) == 1
    assert trial.history[0]["val_accuracy"] is None


@pytest.mark.parametrize("name", ["rectangles", "convex"])
def test_the_studies_plan_96_cells_and_the_quick_one_shares_its_trials(name, monkeypatch):
    monkeypatch.chdir(ROOT)
    study = load_study(f"examples/bergstra2012/{name}.yaml")
    quick = load_study(
        f"examples/bergstra2012/{name}.yaml",
        {"study": "quick", "searches": {"random": {"trials": 64}}},
    )
    assert [search.trials for search in study.searches] == [96, 256]
    assert [search.trials for search in quick.searches] == [96, 64]
    assert set(quick.specs) < set(study.specs)
    multiplied = ["multiplier" in trial.config for trial in study.plan if trial.search == "random"]
    assert 0.4 < np.mean(multiplied) < 0.6
