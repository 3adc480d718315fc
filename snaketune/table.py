"""The columns of trials.csv, and how a value stands in a cell of it."""

from snaketune.identity import canonical

# Around the columns of hyperparameters and metrics, whose names have to be others.
LEADING = ("search", "sampler", "index", "trial_id", "seed", "status")
TRAILING = ("epochs", "train_seconds", "cpu_seconds", "error")


def cell(value) -> str:
    """A value as a table shows it: text as it is, null as nothing, all else as JSON."""
    if value is None:
        return ""
    return value if isinstance(value, str) else canonical(value)
