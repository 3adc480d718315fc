"""What a hyperparameter may be.

A domain is a small immutable object that maps u in [0, 1) to a value by the inverse of its
cumulative distribution function. That one map serves every sampler: random search fills the unit
cube at random, a grid takes the centres of k equal cells of it. Names and arguments follow Ray
Tune and SciPy; in particular the upper end of `randint` and `lograndint` is excluded.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import NormalDist

from snaketune.base.errors import StudyError, show
from snaketune.space.checks import (
    check_integers,
    check_interval,
    check_number,
    check_plain,
    is_integer,
    is_number,
)


def tidy(x: float) -> float:
    """`x` to 10 significant digits.

    exp and log differ in their last digit between C libraries. A drawn value is part of its
    trial's identity, so the noise is cut off: a study plans the same trials on every machine.
    """
    return float(f"{x:.10g}")


def _between(low: float, value: float, high: float) -> float:
    """`value`, which rounding may have carried just over an end of [low, high], as a float."""
    if low <= value <= high:
        return value
    return float(low if value < low else high)


class Domain:
    """What all domains offer. `scale` is the axis they are drawn on: linear, log or category."""

    scale = "linear"
    values: Sequence | None = None  # all values in order where they can be counted, else None

    def from_unit(self, u: float):
        """The value at u in [0, 1), by the inverse of the cumulative distribution function."""
        raise NotImplementedError

    def to_unit(self, value) -> float:
        """A u in [0, 1] that `from_unit` maps to (within `tidy`'s 10 digits) `value`.

        `value` has to lie in the domain, see `contains`.
        """
        raise NotImplementedError

    def contains(self, value) -> bool:
        """Whether `value` is one that `from_unit` can give."""
        raise NotImplementedError

    def lists(self, value) -> bool:
        """Whether `value` is one of countably many, which a condition can wait for."""
        return self.values is not None and self.contains(value)

    def told(self) -> str:
        """What the values are, in a few words for a message."""
        if self.values is not None and len(self.values) <= 12:
            return ", ".join(map(show, self.values))
        if self.values is not None:
            return f"{show(self.values[0])} to {show(self.values[-1])}"
        return f"{show(self.from_unit(0))} to {show(self.from_unit(1 - 2.0**-53))}, and no list"

    def grid(self, points: int, ends: bool = False) -> list:
        """`points` values in ascending u: the centres of as many equal cells of [0, 1).

        With `ends`, the values are evenly spaced in u from the lower to the upper end instead.
        Raises `StudyError` for the ends of a domain that has none, and of a single point.
        """
        if not ends:
            return [self.from_unit((k + 0.5) / points) for k in range(points)]
        if points < 2:
            raise StudyError("one point can't be at both ends", "Ask for two points or more")
        return [self.from_unit(min(k / (points - 1), 1 - 2.0**-53)) for k in range(points)]


@dataclass(frozen=True)
class Choice(Domain):
    """One of `members`, each as likely as the others; a member may be a domain of its own.

    A member that is a domain has its whole share of [0, 1) to itself: u is stretched to it.
    """

    members: tuple

    def __post_init__(self):
        if not self.members:
            raise StudyError("the list is empty", "Give at least one value")
        seen = {}
        for position, member in enumerate(self.members):
            if isinstance(member, Domain):
                continue
            check_plain(member, (position,))
            first = seen.setdefault(_same(member), position)
            if first != position:
                raise StudyError(
                    f"the value {show(member)} stands twice (at [{first}] and [{position}])",
                    "Remove one of the two",
                )

    @property
    def values(self):
        nested = [member for member in self.members if isinstance(member, Domain)]
        if not nested:
            return self.members
        if any(domain.values is None for domain in nested):
            return None
        return [
            value
            for member in self.members
            for value in (member.values if isinstance(member, Domain) else [member])
        ]

    @property
    def scale(self):
        """Log for positive numbers that rather multiply than add up, else linear or category.

        Next to a nested domain, whose scale it is, null and zero may stand: the value "none".
        """
        nested = [member.scale for member in self.members if isinstance(member, Domain)]
        plain = [member for member in self.members if not isinstance(member, Domain)]
        if nested:
            mixed = any(member is not None and not is_number(member) for member in plain)
            return "category" if mixed or len(set(nested)) > 1 else nested[0]
        if not all(is_number(value) for value in plain):
            return "category"
        ordered = sorted(plain)
        if len(ordered) < 3 or ordered[0] <= 0:
            return "linear"
        steps = [b - a for a, b in pairwise(ordered)]
        ratios = [b / a for a, b in pairwise(ordered)]
        return "log" if max(ratios) / min(ratios) < max(steps) / min(steps) else "linear"

    def from_unit(self, u):
        place = u * len(self.members)
        member = self.members[int(place)]
        return member.from_unit(place - int(place)) if isinstance(member, Domain) else member

    def to_unit(self, value):
        position = self._position(value)
        member = self.members[position]
        within = member.to_unit(value) if isinstance(member, Domain) else 0.5
        return (position + within) / len(self.members)

    def contains(self, value):
        return self._position(value) is not None

    def lists(self, value):
        position = self._position(value)
        member = None if position is None else self.members[position]
        return member.lists(value) if isinstance(member, Domain) else position is not None

    def told(self):
        return ", ".join(
            member.told() if isinstance(member, Domain) else show(member) for member in self.members
        )

    def grid(self, points, ends=False):
        """All members; of each that is a domain without a list of values, `points` points."""
        return [
            value
            for member in self.members
            for value in (member.grid(points, ends) if isinstance(member, Domain) else [member])
        ]

    def _position(self, value) -> int | None:
        """Where `value` stands in the list: as itself, or within a nested domain."""
        for position, member in enumerate(self.members):
            if isinstance(member, Domain):
                if member.contains(value):
                    return position
            elif _same(member) == _same(value):
                return position
        return None


@dataclass(frozen=True)
class Uniform(Domain):
    """Uniform on [low, high]."""

    low: float
    high: float

    def __post_init__(self):
        check_interval(self.low, self.high)

    def from_unit(self, u):
        return _between(self.low, tidy(self.low + u * (self.high - self.low)), self.high)

    def to_unit(self, value):
        return (value - self.low) / (self.high - self.low)

    def contains(self, value):
        return is_number(value) and self.low <= value <= self.high


@dataclass(frozen=True)
class LogUniform(Uniform):
    """exp of a uniform on [log low, log high]: every decade is as likely as the next."""

    scale = "log"

    def __post_init__(self):
        check_interval(self.low, self.high, log=True)

    def from_unit(self, u):
        value = tidy(self.low * math.exp(u * math.log(self.high / self.low)))
        return _between(self.low, value, self.high)

    def to_unit(self, value):
        return math.log(value / self.low) / math.log(self.high / self.low)


@dataclass(frozen=True)
class Quantized(Domain):
    """A continuous domain rounded to multiples of `q`, as Ray Tune's `quniform` is.

    The two end values get the half cells that lie inside [low, high]. Both ends have to be
    multiples of `q`, so that rounding never leaves the interval.
    """

    inner: Uniform
    q: float

    def __post_init__(self):
        check_number(self.q, "q")
        if self.q <= 0:
            raise StudyError(f"the step q = {self.q} is not positive", "Write [low, high, q]")
        for end in (self.inner.low, self.inner.high):
            if not math.isclose(end / self.q, round(end / self.q), rel_tol=1e-9):
                raise StudyError(
                    f"{end} is not a multiple of the step q = {self.q}",
                    "Choose low and high as multiples of q",
                )

    @property
    def scale(self):
        return self.inner.scale

    def from_unit(self, u):
        steps = math.floor(self.inner.from_unit(u) / self.q + 0.5)
        return steps * self.q if isinstance(self.q, int) else tidy(steps * self.q)

    def to_unit(self, value):
        return self.inner.to_unit(value)

    def contains(self, value):
        if not self.inner.contains(value):
            return False
        return math.isclose(value / self.q, round(value / self.q), rel_tol=1e-9)


@dataclass(frozen=True)
class RandInt(Domain):
    """An integer from low to high − 1, each as likely as the others."""

    low: int
    high: int

    def __post_init__(self):
        check_integers(self.low, self.high)
        check_interval(self.low, self.high)

    @property
    def values(self):
        return range(self.low, self.high)

    def from_unit(self, u):
        return self.low + int(u * (self.high - self.low))

    def to_unit(self, value):
        return (value - self.low + 0.5) / (self.high - self.low)

    def contains(self, value):
        return is_integer(value) and self.low <= value < self.high


@dataclass(frozen=True)
class LogRandInt(RandInt):
    """The integer part of a log-uniform on [low, high): low to high − 1."""

    scale = "log"

    def __post_init__(self):
        check_integers(self.low, self.high)
        check_interval(self.low, self.high, log=True)

    def from_unit(self, u):
        # tidy first: exp may land a hair under the integer that u stands for.
        value = math.floor(tidy(self.low * math.exp(u * math.log(self.high / self.low))))
        return min(max(value, self.low), self.high - 1)

    def to_unit(self, value):
        # The geometric middle of the cell [value, value + 1).
        middle = math.sqrt(value * (value + 1))
        return math.log(middle / self.low) / math.log(self.high / self.low)


@dataclass(frozen=True)
class Normal(Domain):
    """Normal with the given mean and standard deviation, truncated to [low, high] if given.

    Truncation is that of the distribution (SciPy's `truncnorm`): no weight gathers at the ends.
    """

    mean: float
    deviation: float
    low: float | None = None
    high: float | None = None

    def __post_init__(self):
        check_number(self.mean, "the mean")
        check_number(self.deviation, "the standard deviation")
        if self.deviation <= 0:
            raise StudyError(
                f"the standard deviation {self.deviation} is not positive",
                "Write [mean, standard deviation]",
            )
        if self.low is not None:
            check_interval(self.low, self.high)
            if self._mass <= 1e-6:
                raise StudyError(
                    f"less than a millionth of the distribution lies in [{self.low}, {self.high}]",
                    "Choose low and high within about four standard deviations of the mean",
                )

    @property
    def _start(self) -> float:
        return 0.0 if self.low is None else self._cdf(self.low)

    @property
    def _mass(self) -> float:
        return 1.0 if self.low is None else self._cdf(self.high) - self._cdf(self.low)

    def _cdf(self, value: float) -> float:
        # Not NormalDist.cdf, which loses all digits in the lower tail.
        return math.erfc((self.mean - value) / self.deviation / math.sqrt(2)) / 2

    def from_unit(self, u):
        # At 0 the normal would be minus infinity; 2^-54 is half a step of the 53-bit draws.
        place = min(max(self._start + u * self._mass, 2.0**-54), 1 - 2.0**-53)
        value = tidy(NormalDist(self.mean, self.deviation).inv_cdf(place))
        return value if self.low is None else _between(self.low, value, self.high)

    def to_unit(self, value):
        return (self._cdf(value) - self._start) / self._mass

    def contains(self, value):
        return is_number(value) and (self.low is None or self.low <= value <= self.high)

    def grid(self, points, ends=False):
        if ends and self.low is None:
            raise StudyError(
                "a normal has no ends", "Give it low and high, or leave the ends of the grid out"
            )
        return super().grid(points, ends)


def _same(value):
    """A key that is equal for equal values, and tells true from 1."""
    if isinstance(value, list):
        return tuple(_same(item) for item in value)
    return isinstance(value, bool), value
