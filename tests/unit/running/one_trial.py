"""One made-up trial, of the function `train` in o.py."""

from snaketune.base.identity import canonical, digest
from snaketune.records.task import Task

SPEC = {
    "config": {"x": 2},
    "data": None,
    "objective": {"version": 0, "function": "train"},
    "seed": 3,
    "settings": {},
}
TASK = Task(canonical(SPEC), "my.yaml", "val", entrypoint="o.py:train")
ID = digest(TASK.spec)
BEST = {"config": {"x": 2}, "trial_ids": [ID]}
