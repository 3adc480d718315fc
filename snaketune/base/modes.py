"""Whether a larger or a smaller metric is better."""

from typing import Literal

Mode = Literal["max", "min"]


def sign(mode: Mode) -> Literal[1, -1]:
    """The factor that makes larger better: 1 for "max" and -1 for "min".

    >>> sign("min") * 0.2 > sign("min") * 0.3
    True
    """
    return 1 if mode == "max" else -1
