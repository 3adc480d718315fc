"""What a hyperparameter may be: intervals and integers. Normals are in `normal`, lists in `choice`.

A domain is a small immutable object that maps u in [0, 1) to a value by the inverse of its
cumulative distribution function. That one map serves every sampler: random search fills the unit
cube at random, a grid takes the centres of k equal cells of it. Names and arguments follow Ray
Tune and SciPy; in particular the upper end of `randint` and `lograndint` is excluded.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from snaketune.base.errors import StudyError, show
from snaketune.space.checks import (
    check_draws,
    check_integers,
    check_interval,
    check_number,
    is_integer,
    is_number,
)

Scale = Literal["linear", "log", "category"]
Value = Any  # a number, text, true, false, null, or a list or mapping of these

LAST = 1 - 2.0**-53  # the largest u below 1 that a draw of 53 bits can be


def tidy(x: float) -> float:
    """`x` to 10 significant digits.

    exp and log differ in their last digit between C libraries. A drawn value is part of its
    trial's identity, so the noise is cut off: a study plans the same trials on every machine.

    >>> tidy(0.1 + 0.2)
    0.3
    """
    return float(f"{x:.10g}")


def between(low: float, value: float, high: float) -> float:
    """`value`, which rounding may have carried just over an end of [low, high], as a float."""
    if low <= value <= high:
        return value
    return float(low if value < low else high)


class Domain:
    """What all domains offer.

    It is not an `abc.ABC`: `isinstance`, which every draw of a choice calls, would be slower.
    """

    @property
    def scale(self) -> Scale:
        """The axis on which values are drawn in a figure."""
        return "linear"

    @property
    def values(self) -> Sequence[Value] | None:
        """All values in order, or None where they can't be counted."""
        return None

    def from_unit(self, u: float) -> Value:
        """The value at u in [0, 1), by the inverse of the cumulative distribution function."""
        raise NotImplementedError

    def to_unit(self, value: Value) -> float:
        """A u in [0, 1] that `from_unit` maps to `value`, but for the digits that `tidy` cuts off.

        `value` has to lie in the domain, see `contains`.
        """
        raise NotImplementedError

    def contains(self, value: Value) -> bool:
        """Whether `from_unit` can give `value`."""
        raise NotImplementedError

    def lists(self, value: Value) -> bool:
        """Whether `value` is one of countably many, so that a condition can compare with it."""
        return self.values is not None and self.contains(value)

    def described(self) -> str:
        """The values in a few words for a message."""
        if self.values is None:
            return f"{show(self.from_unit(0))} to {show(self.from_unit(LAST))} (continuous)"
        if len(self.values) <= 12:
            return ", ".join(map(show, self.values))
        return f"{show(self.values[0])} to {show(self.values[-1])}"

    def grid(self, points: int, ends: bool = False) -> list[Value]:
        """`points` values in ascending u: the centres of as many equal cells of [0, 1).

        With `ends`, the values are evenly spaced in u from the lower to the upper end instead.
        Raises `StudyError` for the ends of a domain that has none, and of a single point.

        >>> Uniform(0, 1).grid(2), Uniform(0, 1).grid(3, ends=True)
        ([0.25, 0.75], [0.0, 0.5, 1.0])
        """
        if not ends:
            return [self.from_unit((k + 0.5) / points) for k in range(points)]
        if points < 2:
            raise StudyError("one point can't be at both ends", "Ask for two points or more")
        return [self.from_unit(min(k / (points - 1), LAST)) for k in range(points)]


@dataclass(frozen=True)
class Uniform(Domain):
    """Uniform on [low, high]."""

    low: float
    high: float

    def __post_init__(self) -> None:
        check_interval(self.low, self.high)
        check_draws(self.from_unit(0), self.from_unit(LAST))

    def from_unit(self, u: float) -> float:
        width = self.high - self.low
        inside = self.low + u * width if width < math.inf else (1 - u) * self.low + u * self.high
        return between(self.low, tidy(inside), self.high)

    def to_unit(self, value: float) -> float:
        scale = 2 if self.high - self.low == math.inf else 1
        low, high = self.low / scale, self.high / scale
        return (value / scale - low) / (high - low)

    def contains(self, value: Value) -> bool:
        return is_number(value) and self.low <= value <= self.high


@dataclass(frozen=True)
class LogUniform(Uniform):
    """exp of a uniform on [log low, log high]: every decade is as likely as the next."""

    scale = "log"

    def __post_init__(self) -> None:
        check_interval(self.low, self.high, log=True)
        check_draws(self.from_unit(0), self.from_unit(LAST))

    def from_unit(self, u: float) -> float:
        ratio = self.high / self.low
        value = (
            self.low * math.exp(u * math.log(ratio))
            if ratio < math.inf
            else math.exp((1 - u) * math.log(self.low) + u * math.log(self.high))
        )
        return between(self.low, tidy(value), self.high)

    def to_unit(self, value: float) -> float:
        low = math.log(self.low)
        return (math.log(value) - low) / (math.log(self.high) - low)


@dataclass(frozen=True)
class Quantized(Domain):
    """A continuous domain rounded to multiples of `q`, as Ray Tune's `quniform` is.

    The two end values get the half cells that lie inside [low, high]. Both ends have to be
    multiples of `q`, so that rounding never leaves the interval.
    """

    inner: Uniform
    q: float

    def __post_init__(self) -> None:
        check_number(self.q, "q")
        if self.q <= 0:
            raise StudyError(f"the step q = {self.q} is not positive", "Write [low, high, q]")
        if max(abs(self.inner.low), abs(self.inner.high)) / self.q > 2**53:
            raise StudyError(
                f"there are more than 2^53 steps of q = {self.q}",
                "Choose a larger step, or a domain without steps",
            )
        for end in (self.inner.low, self.inner.high):
            if not self._is_multiple(end):
                raise StudyError(
                    f"{end} is not a multiple of the step q = {self.q}",
                    "Choose low and high as multiples of q",
                )

    @property
    def scale(self) -> Scale:
        return self.inner.scale

    def from_unit(self, u: float) -> float:
        steps = math.floor(self.inner.from_unit(u) / self.q + 0.5)
        return steps * self.q if isinstance(self.q, int) else tidy(steps * self.q)

    def to_unit(self, value: float) -> float:
        return self.inner.to_unit(value)

    def contains(self, value: Value) -> bool:
        return self.inner.contains(value) and self._is_multiple(value)

    def _is_multiple(self, value: float) -> bool:
        return math.isclose(value / self.q, round(value / self.q), rel_tol=1e-9)


@dataclass(frozen=True)
class RandInt(Domain):
    """An integer from low to high − 1, each as likely as the others."""

    low: int
    high: int

    def __post_init__(self) -> None:
        check_integers(self.low, self.high)
        check_interval(self.low, self.high)

    @property
    def values(self) -> range:
        return range(self.low, self.high)

    def from_unit(self, u: float) -> int:
        return self.low + int(u * (self.high - self.low))

    def to_unit(self, value: int) -> float:
        return (value - self.low + 0.5) / (self.high - self.low)

    def contains(self, value: Value) -> bool:
        return is_integer(value) and self.low <= value < self.high


@dataclass(frozen=True)
class LogRandInt(RandInt):
    """The integer part of a log-uniform on [low, high): low to high − 1."""

    scale = "log"

    def __post_init__(self) -> None:
        check_integers(self.low, self.high)
        check_interval(self.low, self.high, log=True)

    def from_unit(self, u: float) -> int:
        # tidy first: exp may land a hair under the integer that u stands for.
        value = math.floor(tidy(self.low * math.exp(u * math.log(self.high / self.low))))
        return min(max(value, self.low), self.high - 1)

    def to_unit(self, value: int) -> float:
        # The geometric middle of the cell [value, value + 1).
        middle = math.sqrt(value * (value + 1))
        return math.log(middle / self.low) / math.log(self.high / self.low)
