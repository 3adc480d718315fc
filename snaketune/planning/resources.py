"""What one trial may take, and how it is told to Snakemake."""

import math
from dataclasses import dataclass

from snaketune.base.errors import StudyError

_GRACE = 120  # seconds to start and to write the record in, beyond what a trial may train


@dataclass(frozen=True)
class Resources:
    """Limits and requests of one trial; None is no limit, or the choice of the machine.

    `memory` is in bytes, `seconds` the longest time from its start.
    """

    threads: int = 1
    memory: int | None = None
    seconds: float | None = None
    gpus: int | None = None
    device: str | None = None

    def requests(self) -> dict:
        """The resources of the rule `trial`, in Snakemake's names; memory grows by the attempt."""
        asked = {"attempt": lambda wildcards, attempt: attempt}
        if self.memory is not None:
            megabytes = math.ceil(self.memory / 1e6)
            asked["mem_mb"] = lambda wildcards, attempt: megabytes * attempt
        if self.seconds is not None:
            asked["runtime"] = math.ceil((self.seconds + _GRACE) / 60)
        if self.gpus is not None:
            asked["gpu"] = self.gpus
        return asked


def parse_resources(spec: dict) -> Resources:
    """The resources that a study names. Raises `StudyError`."""
    given = {key: spec[key] for key in ("threads", "gpus", "device") if key in spec}
    for key, name, kind, example in (
        ("memory", "memory", "size", "2 GiB"),
        ("time", "seconds", "timespan", "30 min"),
    ):
        if key in spec:
            given[name] = _parse(key, kind, spec[key], example)
    return Resources(**given)


def _parse(key: str, kind: str, text: str, example: str):
    import humanfriendly  # only a study that sets a limit waits for it

    invalid = humanfriendly.InvalidSize, humanfriendly.InvalidTimespan
    try:
        number = getattr(humanfriendly, f"parse_{kind}")(text)
    except invalid:
        number = 0
    if number <= 0 or text.strip().replace(".", "").isdigit():
        raise StudyError(
            f"'{text}' is no {key}", f"Write a number and a unit, such as {example}", (key,)
        )
    return number
