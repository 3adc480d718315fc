"""The score as a smooth function of two hyperparameters, for a map."""

import warnings
from collections.abc import Mapping

import numpy as np
import pandas as pd

from snaketune.comparing.cube import categorical, unit_cube
from snaketune.records.summary import Scale

_MOST = 256  # trials that the process learns from: more cost much time and change little


def surface(
    trials: pd.DataFrame, scores: pd.Series, at: pd.DataFrame, scales: Mapping[str, Scale]
) -> np.ndarray:
    """The expected score at the m rows of `at`, learned from n `trials` and their scores.

    `trials` and `at` have a column for each key of `scales` ("linear", "log", "category"). A
    Gaussian process with noise, to which all other hyperparameters are part of the noise; an array
    of m scores. Trials that lack one of the hyperparameters are left out.
    """
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.gaussian_process import GaussianProcessRegressor
    from sklearn.gaussian_process.kernels import RBF, ConstantKernel, WhiteKernel

    complete = trials[list(scales)].notna().all(axis=1)
    known = trials[complete].sample(min(_MOST, int(complete.sum())), random_state=0)
    both = pd.concat([known[list(scales)], at[list(scales)]], ignore_index=True)
    unordered = categorical(both, scales)
    cube = pd.get_dummies(
        unit_cube(both, scales), columns=[name for name in scales if name in unordered]
    ).to_numpy(dtype=float)
    kernel = ConstantKernel() * RBF(np.full(cube.shape[1], 0.3)) + WhiteKernel(0.1)
    process = GaussianProcessRegressor(kernel, normalize_y=True, random_state=0)
    with warnings.catch_warnings():
        # A length scale at its bound is a hyperparameter that plays no part.
        warnings.simplefilter("ignore", ConvergenceWarning)
        process.fit(cube[: len(known)], scores[known.index])
        expected: np.ndarray = process.predict(cube[len(known) :])
    return expected
