"""The neural network of Bergstra & Bengio (JMLR 2012, section 2.4), trained by plain SGD.

One hidden layer, softmax, cross-entropy and an ℓ2 penalty. The gradients are written out, as there
are only two layers: a mini-batch costs a dozen calls of PyTorch, and most are one product of
matrices. `tests/unit/paper/test_bergstra2012.py` compares them with autograd's.
"""

import math

import torch
from torch.nn import functional as F

CHECKPOINT_EVERY = 100
ROWS_AT_ONCE = 5000  # when 50,000 are scored

# The derivative of an activation, times what comes back, from the activation's value.
BACKWARD = {
    "sigmoid": torch.ops.aten.sigmoid_backward,
    "tanh": torch.ops.aten.tanh_backward,
}
FORWARD = {"sigmoid": torch.sigmoid_, "tanh": torch.tanh_}

Weights = dict[str, torch.Tensor]


def train(config: dict, trial) -> dict:
    """Train as long as the study's rule says; score the weights of the best pass on test, once."""
    data = trial.data
    (x, y), validation, test = (
        as_tensors(part, trial.device) for part in (data.train, data.validation, data.test)
    )
    # The paper's seed is a hyperparameter. Those of the study, as for repeats, change it as well.
    torch.manual_seed(config["init_seed"] + 1000 * trial.seed)
    weights = trial.resume() or draw_weights(config, data.features, data.classes, trial.device)
    passes = Passes(config, x, F.one_hot(y, data.classes).to(x.dtype))
    for epoch in trial.epochs(trial.settings["epochs"]):
        passes.train(weights, epoch)
        if not is_finite(weights):
            trial.report(epoch, val_accuracy=math.nan)
            return {"val_accuracy": math.nan}
        trial.report(epoch, val_accuracy=accuracy(weights, config, *validation))
        if trial.improved:
            trial.save_weights(weights)
        if epoch % CHECKPOINT_EVERY == 0:
            trial.checkpoint(weights)

    best = {name: tensor.to(trial.device) for name, tensor in trial.weights.items()}
    return {
        "val_accuracy": accuracy(best, config, *validation),
        "test_accuracy": accuracy(best, config, *test),
        "best_epoch": trial.best_epoch,
    }


def as_tensors(part, device: str) -> tuple[torch.Tensor, torch.Tensor]:
    """One part of the data in the device's memory."""
    return torch.from_numpy(part.x).to(device), torch.from_numpy(part.y).to(device)


def draw_weights(config: dict, features: int, classes: int, device: str = "cpu") -> Weights:
    """The weights to begin with: those of the outputs and all biases are zero."""
    hidden = config["hidden"]
    drawn = torch.empty(features, hidden)
    drawn = drawn.normal_() if config["weight_draw"] == "normal" else drawn.uniform_(-1, 1)
    weights = {
        "hidden": drawn * weight_scale(config, features),
        "hidden_bias": torch.zeros(hidden),
        "output": torch.zeros(hidden, classes),
        "output_bias": torch.zeros(classes),
    }
    return {name: tensor.to(device) for name, tensor in weights.items()}


def weight_scale(config: dict, features: int) -> float:
    """What a draw with deviation 1 or from −1 to 1 is multiplied by."""
    if config["weight_scale"] == "fan_in":
        return config["multiplier"] / math.sqrt(features)
    return math.sqrt(6 / (features + config["hidden"]))


def learning_rate(config: dict, batch: int) -> float:
    """The rate at a mini-batch, counted from 1 over all passes (the paper's equation 7)."""
    return config["t0"] * config["lr"] / max(batch, config["t0"])


class Passes:
    """Passes of SGD over the training data, each in an order of its own.

    A pass copies the rows into that order once; the mini-batches are views of the copy, made
    beforehand. `targets` are one-hot rows.
    """

    def __init__(self, config: dict, x: torch.Tensor, targets: torch.Tensor):
        self.config, self.x, self.targets = config, x, targets
        self._x, self._targets = torch.empty_like(x), torch.empty_like(targets)
        size = config["batch_size"]
        self._batches = [*zip(self._x.split(size), self._targets.split(size), strict=True)]

    @torch.inference_mode()
    def train(self, weights: Weights, epoch: int):
        """Change the weights by the pass with that number, counted from 1."""
        order = torch.randperm(len(self.x)).to(self.x.device)
        torch.index_select(self.x, 0, order, out=self._x)
        torch.index_select(self.targets, 0, order, out=self._targets)
        first = (epoch - 1) * len(self._batches) + 1
        for number, batch in enumerate(self._batches, start=first):
            step(weights, self.config, learning_rate(self.config, number), *batch)


def step(weights: Weights, config: dict, rate: float, x: torch.Tensor, targets: torch.Tensor):
    """One step down the gradient of mean cross-entropy + ℓ2 × (squared weights without biases).

    Each `addmm_` is the gradient, the penalty and the update in one product of matrices.
    """
    kept, share = 1 - 2 * rate * config["l2"], rate / len(x)
    hidden = activate(weights, config, x)
    outputs = torch.addmm(weights["output_bias"], hidden, weights["output"])
    delta = torch.softmax(outputs, dim=1).sub_(targets)
    back = BACKWARD[config["activation"]](delta @ weights["output"].T, hidden)
    weights["output"].addmm_(hidden.T, delta, beta=kept, alpha=-share)
    weights["output_bias"].sub_(delta.sum(dim=0), alpha=share)
    weights["hidden"].addmm_(x.T, back, beta=kept, alpha=-share)
    weights["hidden_bias"].sub_(back.sum(dim=0), alpha=share)


def activate(weights: Weights, config: dict, x: torch.Tensor) -> torch.Tensor:
    """What the hidden units say."""
    return FORWARD[config["activation"]](torch.addmm(weights["hidden_bias"], x, weights["hidden"]))


def accuracy(weights: Weights, config: dict, x: torch.Tensor, y: torch.Tensor) -> float:
    """Share of the rows that are classified right."""
    right = 0
    for rows, labels in zip(x.split(ROWS_AT_ONCE), y.split(ROWS_AT_ONCE), strict=True):
        hidden = activate(weights, config, rows)
        outputs = torch.addmm(weights["output_bias"], hidden, weights["output"])
        right += (outputs.argmax(dim=1) == labels).sum().item()
    return right / len(y)


def is_finite(weights: Weights) -> bool:
    """Whether no weight has become infinite or NaN."""
    return all(math.isfinite(tensor.sum().item()) for tensor in weights.values())
