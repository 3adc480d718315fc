"""Values and lists as people read them."""

from collections.abc import Iterable
from typing import Any

from snaketune.base.identity import canonical


def percent(share: float) -> str:
    """A share of 1 in whole percent.

    >>> percent(0.955)
    '96 %'
    """
    return f"{100 * share:.0f} %"


def join(words: Iterable[str]) -> str:
    """Words, of which there is at least one, as a list in a sentence.

    >>> join(["a"]), join(["a", "b"]), join(["a", "b", "c"])
    ('a', 'a and b', 'a, b and c')
    """
    *most, last = words
    return f"{', '.join(most)} and {last}" if most else last


def plural(count: int, noun: str) -> str:
    """A count with its noun.

    >>> plural(1, "trial"), plural(1200, "trial")
    ('1 trial', '1,200 trials')
    """
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def shown(value: Any) -> str:
    """A value of a hyperparameter or a metric for people.

    >>> shown(0.123456), shown("relu"), shown(True)
    ('0.1235', 'relu', 'True')
    """
    return number(value) if isinstance(value, float) else str(value)


def number(value: float | None) -> str:
    """A score or a cost for people: four significant digits, integers in full.

    None and NaN give a dash. Floats beyond 1e15, as of a loss that explodes, are too long in full.

    >>> number(0.123456), number(1797.0), number(1e30), number(None)
    ('0.1235', '1,797', '1e+30', '–')
    """
    if value is None or value != value:
        return "–"
    if isinstance(value, int) or (float(value).is_integer() and abs(value) < 1e15):
        return f"{int(value):,}"
    return f"{value:.4g}"


def cell(value: Any) -> str:
    """A value in a CSV file: text as it is, null as nothing, all else as JSON.

    >>> cell("relu"), cell(None), cell(0.1), cell(True), cell([1, 2])
    ('relu', '', '0.1', 'true', '[1,2]')
    """
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    # JSON writes floats by repr as well; without the detour a large plan is twice as fast.
    return repr(value) if isinstance(value, float) else canonical(value)
