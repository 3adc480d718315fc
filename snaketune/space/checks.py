"""Checks of what a study file gives to a domain. Each raises `StudyError` with a remedy."""

import math
from typing import TypeGuard

from snaketune.base.errors import Key, StudyError, show


def is_number(value: object) -> TypeGuard[int | float]:
    """Whether a value is an int or a float; a bool is neither, although Python says so."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def is_integer(value: object) -> TypeGuard[int]:
    """Whether a value is an int; a bool is none, although Python says so."""
    return isinstance(value, int) and not isinstance(value, bool)


def check_number(value: object, what: str) -> None:
    """Raise `StudyError` unless `value`, called `what` in the message, is a finite number."""
    if not is_number(value) or not math.isfinite(value):
        raise StudyError(f"{what} is {value!r}, not a finite number", "Write a number")


def check_interval(low: float, high: float, log: bool = False) -> None:
    """Raise `StudyError` unless low < high, both finite, and positive if `log`."""
    check_number(low, "low")
    check_number(high, "high")
    if low >= high:
        raise StudyError(
            f"low = {low} is not below high = {high}", "Write the smaller number first"
        )
    if log and low <= 0:
        raise StudyError(
            f"low = {low} has no logarithm",
            "Start above zero, or use a domain without 'log'",
        )


def check_draws(low: float, high: float) -> None:
    """Raise `StudyError` unless the draws from `low` to `high` are finite, and several numbers."""
    if not (math.isfinite(low) and math.isfinite(high)):
        raise StudyError(
            "some draws are beyond the largest number, 1.8e308", "Choose a narrower domain"
        )
    if low == high:
        raise StudyError(
            f"every draw is {show(low)}, since draws have 10 significant digits",
            "Choose a wider domain, or write the value itself",
        )


def check_integers(low: int, high: int) -> None:
    """Raise `StudyError` unless both are integers that a draw of 53 bits can tell apart."""
    for name, value in (("low", low), ("high", high)):
        if not is_integer(value):
            raise StudyError(f"{name} is {value!r}, not a whole number", "Write whole numbers")
        if abs(value) > 2**53:
            raise StudyError(
                f"{name} = {value} is beyond 2^53, finer than a draw can be",
                "Use uniform or loguniform for numbers of this size",
            )


def check_plain(value: object, path: tuple[Key, ...] = ()) -> None:
    """Raise `StudyError` for NaN and infinities, which JSON lacks. `path` leads to `value`."""
    if isinstance(value, float) and not math.isfinite(value):
        raise StudyError(f"{value} is not a finite number", "Write a number", path)
    if isinstance(value, dict | list):
        for key, item in value.items() if isinstance(value, dict) else enumerate(value):
            check_plain(item, (*path, key))
