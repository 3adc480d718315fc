"""What every contestant trains: a small network on scikit-learn's digits, in about 25 ms."""

import numpy as np
import torch
from torch import nn

STEPS = 110


def fit(config: dict, x: np.ndarray, y: np.ndarray, seed: int) -> float:
    """Train on the first 1,000 rows of `x` (n, 64) and `y`; the accuracy on the rest."""
    torch.manual_seed(seed)
    torch.set_num_threads(1)
    x, y = torch.from_numpy(x).float() / 16, torch.from_numpy(y).long()
    model = nn.Sequential(
        nn.Linear(64, config["hidden"]), nn.ReLU(), nn.Linear(config["hidden"], 10)
    )
    optimizer = torch.optim.SGD(model.parameters(), lr=config["lr"], momentum=0.9)
    for step in range(STEPS):
        rows = slice(100 * (step % 10), 100 * (step % 10) + 100)
        optimizer.zero_grad()
        nn.functional.cross_entropy(model(x[:1000][rows]), y[:1000][rows]).backward()
        optimizer.step()
    with torch.no_grad():
        return float((model(x[1000:]).argmax(dim=1) == y[1000:]).float().mean())


def train(config, trial):
    """The trial as snaketune runs it."""
    return {"val_accuracy": fit(config, *trial.data.train, trial.seed)}
