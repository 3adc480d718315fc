"""A small convolutional network that reads 8×8 pixels, and can be killed at any moment."""

import math

import torch
from torch import nn
from torch.nn import functional as F


def make_model(config: dict, classes: int) -> nn.Module:
    """The network of a configuration: it takes images of shape (rows, 1, 8, 8), values 0 to 1."""
    channels = config["channels"]
    return nn.Sequential(
        nn.Conv2d(1, channels, kernel_size=3, padding=1),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(channels, 2 * channels, kernel_size=3, padding=1),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Dropout(config["dropout"]),
        nn.Linear(2 * channels * 4, classes),
    )


def make_optimizer(config: dict, model: nn.Module) -> torch.optim.Optimizer:
    """SGD has a momentum in its configuration; Adam has none."""
    if config["optimizer"] == "sgd":
        return torch.optim.SGD(model.parameters(), lr=config["lr"], momentum=config["momentum"])
    return torch.optim.Adam(model.parameters(), lr=config["lr"])


def train(config: dict, trial) -> dict:
    """Train until the validation loss stops falling; score the weights of the best epoch."""
    data = trial.data
    (x, y), validation, test = (
        as_images(part, trial.device) for part in (data.train, data.validation, data.test)
    )
    model = make_model(config, data.classes).to(trial.device)
    optimizer = make_optimizer(config, model)

    if state := trial.resume():
        model.load_state_dict(state["model"])
        optimizer.load_state_dict(state["optimizer"])
    for epoch in trial.epochs(trial.settings["epochs"]):
        model.train()
        for batch in torch.randperm(len(x)).split(trial.settings["batch_size"]):
            optimizer.zero_grad()
            F.cross_entropy(model(x[batch]), y[batch]).backward()
            optimizer.step()
        scores = score(model, *validation)
        trial.report(epoch, **{f"val_{name}": value for name, value in scores.items()})
        if not math.isfinite(scores["loss"]):
            return {"val_loss": math.nan}
        if trial.improved:
            trial.save_weights(model.state_dict())
        trial.checkpoint({"model": model.state_dict(), "optimizer": optimizer.state_dict()})

    model.load_state_dict(trial.weights)
    return {
        "best_epoch": trial.best_epoch,
        **{f"val_{name}": value for name, value in score(model, *validation).items()},
        **{f"test_{name}": value for name, value in score(model, *test).items()},
    }


def as_images(part, device: str) -> tuple[torch.Tensor, torch.Tensor]:
    """Rows of 64 grey values from 0 to 16 as images."""
    images = torch.from_numpy(part.x).reshape(-1, 1, 8, 8) / 16
    return images.to(device), torch.from_numpy(part.y).to(device)


@torch.no_grad()
def score(model: nn.Module, x: torch.Tensor, y: torch.Tensor) -> dict[str, float]:
    """Mean cross-entropy (nats) and accuracy."""
    model.eval()
    logits = model(x)
    return {
        "loss": F.cross_entropy(logits, y).item(),
        "accuracy": (logits.argmax(dim=1) == y).float().mean().item(),
    }
