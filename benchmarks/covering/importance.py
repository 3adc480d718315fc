"""How often importance is reported, where there is nothing to report and where there is."""

from collections.abc import Callable, Iterator
from functools import partial

import numpy as np
import pandas as pd

from covering import Table, shares
from snaketune.comparing.anova import explained

PART = 8  # one in so many runs: a forest takes a tenth of a second

WORLDS: dict[str, Callable[[np.ndarray, np.ndarray], np.ndarray]] = {
    "noise": lambda x, noise: noise,
    "a fifth of the variance is x": lambda x, noise: (
        np.sqrt(12 * 0.2) * x[0] + np.sqrt(0.8) * noise
    ),
    "(x − ½)(y − ½)": lambda x, noise: (x[0] - 0.5) * (x[1] - 0.5),
    "2x + y": lambda x, noise: 2 * x[0] + x[1],
}


def tables(runs: int) -> Iterator[Table]:
    """One row for each world."""
    trials = (20, 50, 256)
    yield Table(
        f"Importance is reported, of three hyperparameters ({max(runs // PART, 1)} runs)",
        ("scores", *(f"{n} trials" for n in trials)),
        (
            (name, *(share for n in trials for share in _reported(scores, n, runs)))
            for name, scores in WORLDS.items()
        ),
    )


def _reported(
    scores: Callable[[np.ndarray, np.ndarray], np.ndarray], trials: int, runs: int
) -> list[str]:
    return shares(partial(reported, scores=scores, trials=trials), max(runs // PART, 1))


def reported(
    random: np.random.Generator,
    scores: Callable[[np.ndarray, np.ndarray], np.ndarray],
    trials: int,
) -> bool:
    """Whether a forest explains something of the scores."""
    places = random.random((3, trials))
    cube = pd.DataFrame(places.T, columns=["x", "y", "z"])
    return explained(cube, scores(places, random.normal(size=trials)), np.zeros(3, bool)) > 0
