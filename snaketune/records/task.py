"""One trial to run, as the workflow hands it to the process that runs it."""

import json
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Literal, cast

from snaketune.records.record import Identity

Keep = Literal["all", "best", "none"]


@dataclass(frozen=True)
class Task:
    """One trial to run.

    `spec` is the canonical JSON of all that decides the result (an `Identity`); the rest is where
    things are, and what the trial may take. `study` is the study file, for messages, `plan` the
    study's plan.csv. `seconds` and `memory` (bytes) are limits, or None; `memory` is that of the
    first of at most `attempts`. `head` is the process that waits for the result. `merged_epochs` is
    that of `running.trial.Trial`. `keep` says which of the files that trials leave are kept.
    """

    spec: str
    study: str
    metric: str
    entrypoint: str | None = None
    command: str | None = None
    plan: str | None = None
    data: str | None = None
    threads: int = 1
    device: str | None = None
    seconds: float | None = None
    memory: int | None = None
    attempts: int = 1
    stop_on_failure: bool = False
    head: int | None = None
    merged_epochs: int | None = None
    keep: Keep = "all"

    @cached_property
    def identity(self) -> Identity:
        """What `spec` says."""
        return cast(Identity, json.loads(self.spec))

    def to_json(self) -> str:
        """The task as one line of JSON."""
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> "Task":
        """The task that `to_json` wrote."""
        return cls(**json.loads(text))
