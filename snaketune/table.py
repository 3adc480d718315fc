"""The columns of trials.csv, and how a value stands in a cell of it."""

from snaketune.identity import canonical

# Around the columns of hyperparameters and metrics, whose names have to be others.
LEADING = ("search", "sampler", "repeat", "index", "trial_id", "seed", "fold", "status")
TRAILING = ("epochs", "train_seconds", "cpu_seconds", "peak_memory_mib", "error")


def cell(value) -> str:
    """A value as a table shows it: text as it is, null as nothing, all else as JSON."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    # JSON writes floats by repr as well; without the detour a large plan is twice as fast.
    return repr(value) if isinstance(value, float) else canonical(value)
