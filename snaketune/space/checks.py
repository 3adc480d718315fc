"""."""

import math

from snaketune.base.errors import StudyError, show


def is_number(value) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def is_integer(value) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def check_number(value, what: str):
    if not is_number(value) or not math.isfinite(value):
        raise StudyError(f"{what} is {value!r}, not a finite number", "Write a number")


def check_interval(low, high, log: bool = False):
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


def check_integers(low, high):
    for name, value in (("low", low), ("high", high)):
        if not is_integer(value):
            raise StudyError(f"{name} is {value!r}, not a whole number", "Write whole numbers")
        if abs(value) > 2**53:
            raise StudyError(
                f"{name} = {value} is beyond 2^53, finer than a draw can be",
                "Use uniform or loguniform for numbers of this size",
            )


def check_plain(value, path: tuple = ()):
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
            check_plain(item, (*path, position))
