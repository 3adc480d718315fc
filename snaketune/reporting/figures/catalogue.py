"""The figures of the report by their names."""

from snaketune.reporting.figures.importance import importance, response
from snaketune.reporting.figures.learning import curve, learning_curves
from snaketune.reporting.figures.performance import best_so_far, efficiency, experiments
from snaketune.reporting.figures.space import designs, heatmap, hyperparameters, parallel

__all__ = [
    "best_so_far",
    "curve",
    "designs",
    "efficiency",
    "experiments",
    "heatmap",
    "hyperparameters",
    "importance",
    "learning_curves",
    "parallel",
    "response",
]
