"""The network of examples/bergstra2012 beside the same in plain PyTorch, pass by pass.

    python benchmarks/paper_training.py

The first configurations of the study's random search are trained for some passes each over the
1,000 rows of `rectangles`, on one thread: by network.py, by a module with autograd and
torch.optim.SGD on batches that are taken by index, and by the same with a DataLoader, as tutorials
have it. All score the validation rows after each pass. The contestants take turns, in every round.
"""

import contextlib
import statistics
import sys
import time
from pathlib import Path

import torch
from torch import nn
from torch.nn import functional as F
from torch.utils.data import DataLoader, TensorDataset

from snaketune.planning.studyfile import load_study

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT / "examples/bergstra2012"))

import network  # noqa: E402
import rectangles  # noqa: E402

ROUNDS = 5
TRIALS = 6
PASSES = 20


class Ours:
    """network.py, without its reports and checkpoints."""

    def __init__(self, config, train, validation):
        x, y = train
        self.weights = network.draw_weights(config, x.shape[1], 2)
        self.passes = network.Passes(config, x, F.one_hot(y, 2).to(x.dtype))
        self.config, self.validation = config, validation

    def train(self, epoch: int) -> float:
        """One pass; the validation accuracy after it."""
        self.passes.train(self.weights, epoch)
        if not network.is_finite(self.weights):
            sys.exit(f"{self.config} diverges")
        return network.accuracy(self.weights, self.config, *self.validation)


class Plain:
    """The same network from the same weights, by autograd."""

    def __init__(self, config, train, validation):
        self.config, self.rows, self.validation = config, TensorDataset(*train), validation
        weights = network.draw_weights(config, train[0].shape[1], 2)
        activation = {"sigmoid": nn.Sigmoid, "tanh": nn.Tanh}[config["activation"]]
        self.model = nn.Sequential(
            nn.Linear(*weights["hidden"].shape), activation(), nn.Linear(config["hidden"], 2)
        )
        for layer, name in ((self.model[0], "hidden"), (self.model[2], "output")):
            layer.weight.data.copy_(weights[name].T)
            layer.bias.data.zero_()
        decayed = [self.model[0].weight, self.model[2].weight]
        biases = [self.model[0].bias, self.model[2].bias]
        groups = [{"params": decayed, "weight_decay": 2 * config["l2"]}, {"params": biases}]
        self.optimizer = torch.optim.SGD(groups, lr=config["lr"])
        self.batch = 0

    def batches(self):
        """The mini-batches of one pass."""
        for rows in torch.randperm(len(self.rows)).split(self.config["batch_size"]):
            yield self.rows[rows]

    def train(self, epoch: int) -> float:
        """One pass; the validation accuracy after it."""
        for x, y in self.batches():
            self.batch += 1
            for group in self.optimizer.param_groups:
                group["lr"] = network.learning_rate(self.config, self.batch)
            self.optimizer.zero_grad()
            F.cross_entropy(self.model(x), y).backward()
            self.optimizer.step()
        with torch.no_grad():
            x, y = self.validation
            return (self.model(x).argmax(dim=1) == y).float().mean().item()


class Loader(Plain):
    """Plain PyTorch with its DataLoader."""

    def batches(self):
        return DataLoader(self.rows, batch_size=self.config["batch_size"], shuffle=True)


CONTESTANTS = {"network.py": Ours, "autograd": Plain, "autograd, DataLoader": Loader}


def seconds(contestant, config: dict, *data) -> float:
    """Seconds per pass; the first, which warms up, is not counted."""
    torch.manual_seed(config["init_seed"])
    training = contestant(config, *data)
    training.train(1)
    start = time.perf_counter()
    for epoch in range(2, PASSES + 2):
        training.train(epoch)
    return (time.perf_counter() - start) / PASSES


def configurations() -> list[dict]:
    """The first of the study's random search."""
    with contextlib.chdir(ROOT):
        study = load_study("examples/bergstra2012/rectangles.yaml")
    return [trial.config for trial in study.plan if trial.search == "random"][:TRIALS]


def measure(configs: list[dict]) -> dict[str, list[list[float]]]:
    """Seconds per pass of each contestant, by configuration and round."""
    sizes = [rectangles.SIZES[part] for part in ("train", "validation")]
    data = [
        tuple(map(torch.from_numpy, rectangles.rectangles(n, [i]))) for i, n in enumerate(sizes)
    ]
    spent = {name: [[] for _ in configs] for name in CONTESTANTS}
    for _ in range(ROUNDS):
        for i, config in enumerate(configs):
            for name, contestant in CONTESTANTS.items():
                spent[name][i].append(seconds(contestant, config, *data))
    return spent


def ratio(theirs: list[float], ours: list[float]) -> float:
    """How many times as long theirs take, the median of the rounds."""
    return statistics.median(a / b for a, b in zip(theirs, ours, strict=True))


def row(*cells) -> str:
    """A line of the table."""
    return f"| {' | '.join(map(str, cells))} |"


def main():
    """Print the table in ms a pass: medians of the rounds, and of the ratios in each round."""
    torch.set_num_threads(1)
    configs = configurations()
    spent = measure(configs)
    ours, *others = CONTESTANTS
    print(row("hidden", "batch", *CONTESTANTS, *(f"{name} takes" for name in others)))
    print(row(*["---:"] * (2 + len(CONTESTANTS) + len(others))))
    for i, config in enumerate(configs):
        times = [f"{1000 * statistics.median(spent[name][i]):.1f}" for name in CONTESTANTS]
        ratios = [f"{ratio(spent[name][i], spent[ours][i]):.1f} ×" for name in others]
        print(row(config["hidden"], config["batch_size"], *times, *ratios))
    total = {name: [sum(c) for c in zip(*spent[name], strict=True)] for name in CONTESTANTS}
    rates = [f"{60 * TRIALS / (100 * statistics.median(total[n])):.0f}" for n in CONTESTANTS]
    ratios = [f"{ratio(total[name], total[ours]):.1f} ×" for name in others]
    print(row("trials of 100 passes", "a minute", *rates, *ratios))


if __name__ == "__main__":
    main()
