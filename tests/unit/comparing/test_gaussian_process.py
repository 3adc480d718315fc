"""The likelihood of the Gaussian process against scikit-learn's."""

import numpy as np
import pytest
from scipy.optimize import check_grad
from sklearn.gaussian_process import GaussianProcessRegressor
from sklearn.gaussian_process.kernels import RBF, ConstantKernel, WhiteKernel

from snaketune.comparing.gaussian_process import negative_log_likelihood


def test_the_likelihood_is_scikit_learns_with_another_length():
    random = np.random.default_rng(2)
    places, target = random.random((40, 3)), random.normal(size=40)
    squares = (places.T[:, :, None] - places.T[:, None, :]) ** 2
    theta = np.log([0.7, 0.2, 3.0, 1.0, 0.3])
    peer = GaussianProcessRegressor(
        ConstantKernel(0.7) * RBF(np.exp(-theta[2:]) / np.sqrt(2)) + WhiteKernel(0.2),
        optimizer=None,
        alpha=0,
    ).fit(places, target)
    value, gradient = negative_log_likelihood(theta, squares, target)
    assert -value == pytest.approx(peer.log_marginal_likelihood_value_)
    error = check_grad(
        lambda t: negative_log_likelihood(t, squares, target)[0], lambda _: gradient, theta
    )
    assert error < 1e-4
