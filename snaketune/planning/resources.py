"""What one trial may take, and how Snakemake is asked for it."""

import math
import re
from collections.abc import Callable
from dataclasses import dataclass

from snaketune.base.errors import StudyError
from snaketune.planning.yamlfile import Spec

# Seconds that a cluster grants beyond the limit of a trial: to start, and to write the record.
_GRACE = 120

# By key: humanfriendly's function that reads its value, an example, and the most: an exabyte, ten
# years. humanfriendly takes any unit of size that begins with the right letter.
_LIMITS = {
    "memory": ("parse_size", "2 GiB", 10**18),
    "time": ("parse_timespan", "30 min", 10 * 366 * 86400),
}


@dataclass(frozen=True)
class Resources:
    """Limits and requests of one trial. `memory` is in bytes, `seconds` counts from its start.

    None is no limit; for `gpus` and `device` it leaves the choice to the machine.
    """

    threads: int = 1
    memory: int | None = None
    seconds: float | None = None
    gpus: int | None = None
    device: str | None = None

    def requests(self) -> dict[str, int | Callable[[object, int], int]]:
        """The resources of the rule `trial`, by Snakemake's names.

        Memory (MB) grows with the attempt; `runtime` is in minutes. Snakemake calls the functions
        by the names of their parameters.
        """
        asked: dict[str, int | Callable[[object, int], int]] = {
            "attempt": lambda wildcards, attempt: attempt
        }
        if self.memory is not None:
            megabytes = math.ceil(self.memory / 1e6)
            asked["mem_mb"] = lambda wildcards, attempt: megabytes * attempt
        if self.seconds is not None:
            asked["runtime"] = math.ceil((self.seconds + _GRACE) / 60)
        if self.gpus is not None:
            asked["gpu"] = self.gpus
        return asked


def parse_resources(spec: Spec) -> Resources:
    """The resources that a study file writes as `spec`.

    Raises `StudyError` for an amount that is not positive or lacks its unit.

    >>> parse_resources({"memory": "2 GiB", "time": "30 min"})
    Resources(threads=1, memory=2147483648, seconds=1800.0, gpus=None, device=None)
    """
    return Resources(
        threads=spec.get("threads", 1),
        memory=int(_parse("memory", spec["memory"])) if "memory" in spec else None,
        seconds=_parse("time", spec["time"]) if "time" in spec else None,
        gpus=spec.get("gpus"),
        device=spec.get("device"),
    )


def _parse(key: str, text: str) -> float:
    import humanfriendly  # here, so that only a study that sets a limit waits for the import

    function, example, most = _LIMITS[key]
    try:
        number: float = getattr(humanfriendly, function)(text)
    except (humanfriendly.InvalidSize, humanfriendly.InvalidTimespan, OverflowError):
        number = 0
    unit = text.strip().lstrip("0123456789.,eE+- ")
    size_unit = key != "memory" or re.fullmatch(r"[kmgtp](i?b)?|b|bytes?", unit, re.IGNORECASE)
    if not (unit and size_unit and 0 < number <= most):
        raise StudyError(
            f"'{text}' is not an amount of {key}",
            f"Write a number and a unit, such as {example}",
            (key,),
        )
    return number
