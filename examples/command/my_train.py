"""The k nearest neighbours by themselves: arguments in, a JSON file with metrics out."""

import argparse
import json

import numpy as np

TRAIN, VALIDATION, TEST = 0, 1, -1  # the part of each row in the prepared data set


def classify(rows, x, y, neighbours: int, power: float):
    """The majority among the nearest rows of `x`, by Minkowski's distance of that power."""
    distances = (np.abs(rows[:, None] - x[None]) ** power).sum(axis=2)
    nearest = y[distances.argsort(axis=1)[:, :neighbours]]
    return np.array([np.bincount(labels).argmax() for labels in nearest])


parser = argparse.ArgumentParser()
parser.add_argument("--data", required=True)
parser.add_argument("--seed", type=int)  # nothing here is drawn at random
parser.add_argument("--neighbours", type=int, required=True)
parser.add_argument("--power", type=float, required=True)
parser.add_argument("--out", required=True)
given = parser.parse_args()

with np.load(given.data) as stored:
    x, y, part = stored["x"], stored["y"], stored["part"]
train = part == TRAIN
x = (x - x[train].mean(axis=0)) / x[train].std(axis=0)
metrics = {}
for name, number in (("val_accuracy", VALIDATION), ("test_accuracy", TEST)):
    rows = part == number
    found = classify(x[rows], x[train], y[train], given.neighbours, given.power)
    metrics[name] = float((found == y[rows]).mean())
with open(given.out, "w") as out:
    json.dump(metrics, out)
