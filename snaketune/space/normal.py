"""A hyperparameter that is normally distributed."""

import math
from dataclasses import dataclass
from statistics import NormalDist

from snaketune.base.errors import StudyError
from snaketune.space.checks import check_draws, check_interval, check_number, is_number
from snaketune.space.domains import LAST, Domain, Value, between, tidy


@dataclass(frozen=True)
class Normal(Domain):
    """Normal with the given mean and standard deviation, truncated to [low, high] if given.

    Truncation is that of the distribution (SciPy's `truncnorm`): no weight gathers at the ends.
    """

    mean: float
    deviation: float
    low: float | None = None
    high: float | None = None

    def __post_init__(self) -> None:
        check_number(self.mean, "the mean")
        check_number(self.deviation, "the standard deviation")
        if self.deviation <= 0:
            raise StudyError(
                f"the standard deviation {self.deviation} is not positive",
                "Write [mean, standard deviation]",
            )
        if self.low is None or self.high is None:
            check_draws(self.from_unit(0), self.from_unit(LAST))
            return
        check_interval(self.low, self.high)
        if self._mass <= 1e-6:
            raise StudyError(
                f"less than a millionth of the distribution lies in [{self.low}, {self.high}]",
                "Choose low and high within about four standard deviations of the mean",
            )
        check_draws(self.from_unit(0), self.from_unit(LAST))

    @property
    def _start(self) -> float:
        """The cumulative distribution function at `low`."""
        return 0.0 if self.low is None else self._cdf(self.low)

    @property
    def _mass(self) -> float:
        """The probability of [low, high] before truncation."""
        if self.low is None or self.high is None:
            return 1.0
        return self._cdf(self.high) - self._cdf(self.low)

    def _cdf(self, value: float) -> float:
        # Not NormalDist.cdf, which loses all digits in the lower tail.
        return math.erfc((self.mean - value) / self.deviation / math.sqrt(2)) / 2

    def from_unit(self, u: float) -> float:
        # At 0 the normal would be minus infinity; 2^-54 is half a step of the 53-bit draws.
        place = min(max(self._start + u * self._mass, 2.0**-54), LAST)
        value = tidy(NormalDist(self.mean, self.deviation).inv_cdf(place))
        if self.low is None or self.high is None:
            return value
        return between(self.low, value, self.high)

    def to_unit(self, value: float) -> float:
        return (self._cdf(value) - self._start) / self._mass

    def contains(self, value: Value) -> bool:
        if self.low is None or self.high is None:
            return is_number(value)
        return is_number(value) and self.low <= value <= self.high

    def grid(self, points: int, ends: bool = False) -> list[float]:
        if ends and self.low is None:
            raise StudyError(
                "a normal has no ends", "Give it low and high, or leave the ends of the grid out"
            )
        return super().grid(points, ends)
