"""What is tuned: a network with one hidden layer that reads handwritten digits.

Any function `train(config, trial)` that returns a dict of metrics can stand in its place: name it
under `objective` in the study file. `config` is one configuration of the search space; `trial`
has the training seed, the data, the settings of the study and somewhere to report to.
"""

import math

import torch
from torch import nn


class Standardize(nn.Module):
    """Scales each feature by the mean and deviation of the training rows, kept with the weights."""

    def __init__(self, features: int):
        super().__init__()
        self.register_buffer("mean", torch.zeros(features))
        self.register_buffer("deviation", torch.ones(features))

    def fit(self, x: torch.Tensor):
        """Take mean and deviation from `x` (rows, features); a constant feature is left alone."""
        deviation = x.std(dim=0)
        self.mean.copy_(x.mean(dim=0))
        self.deviation.copy_(torch.where(deviation > 0, deviation, torch.ones_like(deviation)))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """The scaled features."""
        return (x - self.mean) / self.deviation


def make_model(config: dict, features: int, classes: int) -> nn.Module:
    """The network of a configuration; load a best trial's `weights.pt` into it."""
    return nn.Sequential(
        Standardize(features),
        nn.Linear(features, config["hidden"]),
        nn.ReLU(),
        nn.Linear(config["hidden"], classes),
    )


def train(config: dict, trial) -> dict[str, float]:
    """Train by Adam and score on validation after every epoch; the best epoch's weights count.

    Which epoch that is, and when to stop, is for `early_stopping` in the study to say. Test is
    scored once, with those weights; it selects nothing.
    """
    data, settings = trial.data, trial.settings
    (x, y), validation, test = (
        as_tensors(part, trial.device) for part in (data.train, data.validation, data.test)
    )
    model = make_model(config, data.features, data.classes).to(trial.device)
    model[0].fit(x)
    optimizer = torch.optim.Adam(model.parameters(), lr=config["lr"])

    for epoch in trial.epochs(settings["epochs"]):
        model.train()
        for batch in torch.randperm(len(x)).split(settings["batch_size"]):
            optimizer.zero_grad()
            nn.functional.cross_entropy(model(x[batch]), y[batch]).backward()
            optimizer.step()
        accuracy, loss = score(model, *validation)
        trial.report(epoch, val_accuracy=accuracy, val_loss=loss)
        if not math.isfinite(loss):
            return {"val_accuracy": math.nan}
        if trial.improved:
            trial.save_weights(model.state_dict())

    model.load_state_dict(trial.weights)
    scores = {"best_epoch": trial.best_epoch}
    scores["val_accuracy"], scores["val_loss"] = score(model, *validation)
    scores["test_accuracy"], scores["test_loss"] = score(model, *test)
    return scores


def as_tensors(part, device) -> tuple[torch.Tensor, torch.Tensor]:
    """One part of the data in the device's memory: no DataLoader is needed."""
    return torch.from_numpy(part.x).to(device), torch.from_numpy(part.y).to(device)


@torch.no_grad()
def score(model: nn.Module, x: torch.Tensor, y: torch.Tensor) -> tuple[float, float]:
    """Accuracy and mean cross-entropy (nats)."""
    model.eval()
    logits = model(x)
    accuracy = (logits.argmax(dim=1) == y).sum().item() / len(y)
    return accuracy, nn.functional.cross_entropy(logits, y).item()
