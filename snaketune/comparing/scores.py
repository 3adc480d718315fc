"""The scores of what searches chose, as they are compared and written."""

from collections.abc import Sequence
from math import isfinite

from snaketune.base.modes import Mode, sign
from snaketune.base.words import DIGITS
from snaketune.comparing.findings import Outline, Part
from snaketune.comparing.per_search import Best

Modes = dict[Part, Mode]


def modes_of(outline: Outline) -> Modes:
    """Which scores are better on each part of the data."""
    return {"validation": outline["mode"], "test": outline["test_mode"]}


def larger_in(column: str, metric: str, modes: Modes) -> int:
    """The factor that makes larger better in a column: that of the `metric`, or of the test metric.

    >>> larger_in("val_loss", "val_loss", {"validation": "min", "test": "max"})
    -1
    """
    return sign(modes["validation" if column == metric else "test"])


def score_of(best: Best, part: Part) -> float:
    """The score of what a run chose on a part of the data, `rounded`.

    Raises `ValueError` where it has none.
    """
    score = best[part]
    if score is None:
        raise ValueError(f"no {part} score")
    return rounded(score)


def rounded(score: float) -> float:
    """A score in the digits that count: sums of floats in another order differ in the last ones.

    >>> rounded(0.1 + 0.2) == rounded(0.3)
    True
    """
    return float(f"{score:.{DIGITS}g}")


def mean(scores: Sequence[float]) -> float:
    """The mean of one score or more; finite where all of them are.

    >>> mean([1e308, 1e308, 1e308]) < 1.1e308
    True
    """
    return sum(score / len(scores) for score in scores)


def finite(value: float) -> float | None:
    """A number as JSON can hold it: None where it is not finite."""
    return value if isfinite(value) else None
