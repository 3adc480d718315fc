"""Metrics as an objective gives them, and as plain JSON holds them."""

import math
import operator
import reprlib
from collections.abc import Container, Mapping
from contextlib import suppress
from typing import Any

from snaketune.base.words import readable
from snaketune.records.record import Metrics

_NAME = 200  # characters of a metric's name
_INT64 = range(-(2**63), 2**63)


def as_number(name: str, value: object) -> float | int | None:
    """A metric as JSON holds it: an int or a float, and None for NaN and infinities.

    Takes whatever Python can make a number of (Decimal, NumPy's scalars), whatever has one element
    (an array, a tensor), and bools as 0 and 1. An integer beyond 64 bits becomes a float. Raises
    `TypeError` for the rest.
    """
    try:
        number = _plain(value)
        if isinstance(number, float) or number not in _INT64:
            number = float(number)
            return number if math.isfinite(number) else None
    except OverflowError:
        return None
    except Exception:  # of a class that is not ours
        raise TypeError(f"the metric '{name}' is {shown(value)}, not a number") from None
    return number


def _plain(value: Any) -> float | int:
    """The number that a value is. Raises `TypeError`, or what a method of the value raises."""
    if hasattr(value, "item"):
        value = value.item()
    if hasattr(type(value), "__index__"):
        return operator.index(value)
    if not hasattr(type(value), "__float__"):  # `float` would read text, too
        raise TypeError
    return float(value)


def as_metrics(given: Mapping[Any, object], needed: Container[str], warned: set[str]) -> Metrics:
    """What of `given` is a metric: numbers by their names.

    What is no number, or has no text for a name, is left out; that is printed, unless it is
    `warned` of already. Raises `TypeError` for what is no number but `needed`.
    """
    metrics: Metrics = {}
    for key, value in given.items():
        # Exactly a str: a subclass may be one that only this process knows.
        name = readable(str.__str__(key), _NAME) if isinstance(key, str) else ""
        try:
            if not name:
                raise TypeError(f"a metric is called {shown(key)}, which is no text")
            metrics[name] = as_number(name, value)
        except TypeError as error:
            if name in needed:
                raise
            if (line := f"Left out: {error}.") not in warned:
                warned.add(line)
                with suppress(ValueError, AttributeError):  # the objective has closed its output
                    print(line, flush=True)
    return metrics


def shown(value: object) -> str:
    """A value in an error: short, and whatever its class does.

    >>> shown("high"), shown([1] * 1000)
    ("'high'", '[1, 1, 1, 1, 1, 1, ...]')
    """
    return readable(reprlib.repr(value), 100)
