"""A random forest of scikit-learn."""

from sklearn.ensemble import RandomForestRegressor
from sklearn.metrics import root_mean_squared_error


def train(config: dict, trial) -> dict:
    """Fit once; root mean squared errors in the unit of the target."""
    data = trial.data
    forest = RandomForestRegressor(
        n_estimators=config["trees"],
        max_features=config["max_features"],
        min_samples_leaf=config["min_samples_leaf"],
        random_state=trial.seed,
        n_jobs=trial.threads,
    )
    forest.fit(*data.train)
    trial.save_weights(forest)  # stored as model.joblib, for the best configuration only
    return {
        "val_rmse": root_mean_squared_error(data.validation.y, forest.predict(data.validation.x)),
        "test_rmse": root_mean_squared_error(data.test.y, forest.predict(data.test.x)),
    }
