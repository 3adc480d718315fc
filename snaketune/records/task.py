"""The order to run one trial, as the workflow hands it to the process that does."""

import json
from dataclasses import asdict, dataclass
from functools import cached_property


@dataclass(frozen=True)
class Task:
    """One trial to run.

    `spec` is the canonical JSON of all that decides the result; the rest is where things are and
    what they may take. `seconds` and `memory` (bytes) are limits, or None, the latter of the first
    of at most `attempts`; `head` is the process that waits for the result, and `merged_epochs` is
    that of `Trial`.
    """

    spec: str
    study: str
    metric: str
    entrypoint: str | None = None
    command: str | None = None
    data: str | None = None
    threads: int = 1
    device: str | None = None
    seconds: float | None = None
    memory: int | None = None
    attempts: int = 1
    stop_on_failure: bool = False
    head: int | None = None
    merged_epochs: int | None = None

    @cached_property
    def identity(self) -> dict:
        """What `spec` says."""
        return json.loads(self.spec)

    def to_json(self) -> str:
        """The task as one line of JSON."""
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> "Task":
        """The task that `to_json` wrote."""
        return cls(**json.loads(text))
