"""A peer of snaketune on the same trials: `python peers.py NAME TRIALS DATA`."""

import sys
import tempfile

import numpy as np
import objective

HIDDEN, LR = [16, 32, 64, 128], (0.01, 1.0)


def joblib(trials: int, x, y):
    """A bare loop over two processes, which writes nothing."""
    from joblib import Parallel, delayed

    random = np.random.default_rng(0)
    hidden, lr = random.choice(HIDDEN, trials), 10 ** random.uniform(-2, 0, trials)
    configs = [{"hidden": int(h), "lr": float(r)} for h, r in zip(hidden, lr, strict=True)]
    Parallel(n_jobs=2)(delayed(objective.fit)(config, x, y, 0) for config in configs)


def optuna(trials: int, x, y):
    """RandomSampler with a SQLite file, two threads."""
    import optuna

    def fit(trial):
        hidden = trial.suggest_categorical("hidden", HIDDEN)
        lr = trial.suggest_float("lr", *LR, log=True)
        return objective.fit({"hidden": hidden, "lr": lr}, x, y, 0)

    optuna.logging.set_verbosity(optuna.logging.WARNING)
    with tempfile.TemporaryDirectory() as folder:
        study = optuna.create_study(
            direction="maximize",
            sampler=optuna.samplers.RandomSampler(seed=0),
            storage=f"sqlite:///{folder}/study.db",
        )
        study.optimize(fit, n_trials=trials, n_jobs=2)


def ray(trials: int, x, y):
    """Ray Tune with two CPUs and actors that are used again."""
    import ray
    from ray import tune

    class Trial(tune.Trainable):
        def setup(self, config, x=None, y=None):
            self.config, self.x, self.y = config, x, y

        def step(self):
            return {"val_accuracy": objective.fit(self.config, self.x, self.y, 0), "done": True}

        def reset_config(self, config):
            self.config = config
            return True

        def save_checkpoint(self, folder):
            return None

        def load_checkpoint(self, state):
            pass

    with tempfile.TemporaryDirectory() as folder:
        ray.init(num_cpus=2, include_dashboard=False, log_to_driver=False, logging_level="error")
        tune.Tuner(
            tune.with_parameters(Trial, x=x, y=y),
            param_space={"hidden": tune.choice(HIDDEN), "lr": tune.loguniform(*LR)},
            tune_config=tune.TuneConfig(
                metric="val_accuracy", mode="max", num_samples=trials, reuse_actors=True
            ),
            run_config=tune.RunConfig(storage_path=folder, verbose=0),
        ).fit()


if __name__ == "__main__":
    name, trials, data = sys.argv[1:]
    with np.load(data) as stored:
        train = stored["part"] == 0
        {"joblib": joblib, "optuna": optuna, "ray": ray}[name](
            int(trials), stored["x"][train], stored["y"][train]
        )
