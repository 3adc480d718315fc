"""What a hyperparameter may be.

A domain is a small immutable object that maps u in [0, 1) to a value by the inverse of its
cumulative distribution function. That one map serves every sampler: random search fills the unit
cube at random, a grid takes the centres of k equal cells of it. Names and arguments follow Ray
Tune and SciPy; in particular the upper end of `randint` and `lograndint` is excluded.
"""

import math
from dataclasses import dataclass
from itertools import pairwise
from statistics import NormalDist

from snaketune.errors import StudyError, show


def tidy(x: float) -> float:
    """`x` to 10 significant digits.

    exp and log differ in their last digit between C libraries. A drawn value is part of its
    trial's identity, so the noise is cut off: a study plans the same trials on every machine.
    """
    return float(f"{x:.10g}")


class Domain:
    """What all domains offer. `scale` is the axis they are drawn on: linear, log or category."""

    scale = "linear"
    values: tuple | None = None  # all values in order where they can be counted, else None

    def from_unit(self, u: float):
        """The value at u in [0, 1), by the inverse of the cumulative distribution function."""
        raise NotImplementedError

    def to_unit(self, value) -> float:
        """A u in [0, 1] that `from_unit` maps to (within `tidy`'s 10 digits) `value`."""
        raise NotImplementedError

    def grid(self, points: int) -> list:
        """The values at the centres of `points` equal cells of [0, 1), in ascending u."""
        return [self.from_unit((k + 0.5) / points) for k in range(points)]


@dataclass(frozen=True)
class Choice(Domain):
    """One of `values`, each as likely as the others."""

    values: tuple

    def __post_init__(self):
        if not self.values:
            raise StudyError("the list is empty", "Give at least one value")
        seen = {}
        for position, value in enumerate(self.values):
            _check_plain(value, (position,))
            first = seen.setdefault(_same(value), position)
            if first != position:
                raise StudyError(
                    f"the value {show(value)} stands twice (at [{first}] and [{position}])",
                    "Remove one of the two",
                )

    @property
    def scale(self):
        """Log for positive numbers that rather multiply than add up, else linear or category."""
        if not all(_is_number(value) for value in self.values):
            return "category"
        ordered = sorted(self.values)
        if len(ordered) < 3 or ordered[0] <= 0:
            return "linear"
        steps = [b - a for a, b in pairwise(ordered)]
        ratios = [b / a for a, b in pairwise(ordered)]
        return "log" if max(ratios) / min(ratios) < max(steps) / min(steps) else "linear"

    def from_unit(self, u):
        return self.values[int(u * len(self.values))]

    def to_unit(self, value):
        position = [_same(member) for member in self.values].index(_same(value))
        return (position + 0.5) / len(self.values)

    def grid(self, points):
        """All values: the members of a list are its grid, whatever `points` says."""
        return list(self.values)


@dataclass(frozen=True)
class Uniform(Domain):
    """Uniform on [low, high]."""

    low: float
    high: float

    def __post_init__(self):
        _check_interval(self.low, self.high)

    def from_unit(self, u):
        return min(max(tidy(self.low + u * (self.high - self.low)), self.low), self.high)

    def to_unit(self, value):
        return (value - self.low) / (self.high - self.low)


@dataclass(frozen=True)
class LogUniform(Domain):
    """exp of a uniform on [log low, log high]: every decade is as likely as the next."""

    low: float
    high: float
    scale = "log"

    def __post_init__(self):
        _check_interval(self.low, self.high, log=True)

    def from_unit(self, u):
        value = self.low * math.exp(u * math.log(self.high / self.low))
        return min(max(tidy(value), self.low), self.high)

    def to_unit(self, value):
        return math.log(value / self.low) / math.log(self.high / self.low)


@dataclass(frozen=True)
class Quantized(Domain):
    """A continuous domain rounded to multiples of `q`, as Ray Tune's `quniform` is.

    The two end values get the half cells that lie inside [low, high]. Both ends have to be
    multiples of `q`, so that rounding never leaves the interval.
    """

    inner: Uniform | LogUniform
    q: float

    def __post_init__(self):
        _check_number(self.q, "q")
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


@dataclass(frozen=True)
class RandInt(Domain):
    """An integer from low to high − 1, each as likely as the others."""

    low: int
    high: int

    def __post_init__(self):
        _check_integers(self.low, self.high)
        _check_interval(self.low, self.high)

    @property
    def values(self):
        return range(self.low, self.high)

    def from_unit(self, u):
        return self.low + int(u * (self.high - self.low))

    def to_unit(self, value):
        return (value - self.low + 0.5) / (self.high - self.low)


@dataclass(frozen=True)
class LogRandInt(Domain):
    """The integer part of a log-uniform on [low, high): low to high − 1."""

    low: int
    high: int
    scale = "log"

    def __post_init__(self):
        _check_integers(self.low, self.high)
        _check_interval(self.low, self.high, log=True)

    @property
    def values(self):
        return range(self.low, self.high)

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
    """Normal with the given mean and standard deviation."""

    mean: float
    deviation: float

    def __post_init__(self):
        _check_number(self.mean, "the mean")
        _check_number(self.deviation, "the standard deviation")
        if self.deviation <= 0:
            raise StudyError(
                f"the standard deviation {self.deviation} is not positive",
                "Write [mean, standard deviation]",
            )

    def from_unit(self, u):
        # u = 0 would be minus infinity; 2^-54 is half a step of the 53-bit draws.
        return tidy(NormalDist(self.mean, self.deviation).inv_cdf(max(u, 2.0**-54)))

    def to_unit(self, value):
        # Not NormalDist.cdf, which loses all digits in the lower tail.
        return math.erfc((self.mean - value) / self.deviation / math.sqrt(2)) / 2


# Name in the study file -> (its arguments there, how they make a domain).
DOMAINS = {
    "choice": (None, lambda *values: Choice(values)),
    "uniform": (("low", "high"), Uniform),
    "loguniform": (("low", "high"), LogUniform),
    "quniform": (("low", "high", "q"), lambda low, high, q: Quantized(Uniform(low, high), q)),
    "qloguniform": (("low", "high", "q"), lambda low, high, q: Quantized(LogUniform(low, high), q)),
    "randint": (("low", "high"), RandInt),
    "lograndint": (("low", "high"), LogRandInt),
    "normal": (("mean", "standard deviation"), Normal),
}


def parse_domain(spec) -> Domain:
    """The domain that a study file writes as `spec`.

    A mapping with one key, the name of a domain, gives that domain: ``{uniform: [0, 1]}``. A list
    is a choice, anything else a constant. Raises `StudyError` with the path inside `spec`.
    """
    if isinstance(spec, list):
        return Choice(tuple(spec))
    if not isinstance(spec, dict):
        _check_plain(spec)
        return Choice((spec,))
    if len(spec) != 1 or next(iter(spec)) not in DOMAINS:
        raise StudyError(
            f"{show(sorted(spec))} does not name one domain",
            f"Write one of {', '.join(DOMAINS)}, as in {{uniform: [0, 1]}}; or a list, or a value",
        )
    ((name, arguments),) = spec.items()
    names, make = DOMAINS[name]
    if not isinstance(arguments, list) or (names and len(arguments) != len(names)):
        wanted = ", ".join(names) if names else "value, value, …"
        raise StudyError(
            f"{name} does not take {show(arguments)}",
            f"Write {name}: [{wanted}]",
            (name,),
        )
    try:
        return make(*arguments)
    except StudyError as error:
        raise error.inside(name) from None


def _is_number(value) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _check_number(value, what: str):
    if not _is_number(value) or not math.isfinite(value):
        raise StudyError(f"{what} is {value!r}, not a finite number", "Write a number")


def _check_interval(low, high, log: bool = False):
    _check_number(low, "low")
    _check_number(high, "high")
    if low >= high:
        raise StudyError(
            f"low = {low} is not below high = {high}", "Write the smaller number first"
        )
    if log and low <= 0:
        raise StudyError(
            f"low = {low} has no logarithm",
            "Start above zero, or use a domain without 'log'",
        )


def _check_integers(low, high):
    for name, value in (("low", low), ("high", high)):
        if not isinstance(value, int) or isinstance(value, bool):
            raise StudyError(f"{name} is {value!r}, not a whole number", "Write whole numbers")
        if abs(value) > 2**53:
            raise StudyError(
                f"{name} = {value} is beyond 2^53, finer than a draw can be",
                "Use uniform or loguniform for numbers of this size",
            )


def _check_plain(value, path: tuple = ()):
    """Refuse what JSON can't hold (NaN, infinities) and mappings, which name domains."""
    if isinstance(value, float) and not math.isfinite(value):
        raise StudyError(f"{value} is not a finite number", "Write a number", path)
    if isinstance(value, dict):
        raise StudyError(
            f"{show(value)} is a mapping, not a value",
            "Write a number, a text, true, false, null, or a list of these",
            path,
        )
    if isinstance(value, list):
        for position, item in enumerate(value):
            _check_plain(item, (*path, position))


def _same(value):
    """A key that is equal for equal values, and tells true from 1."""
    if isinstance(value, list):
        return tuple(_same(item) for item in value)
    return isinstance(value, bool), value
