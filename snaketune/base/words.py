"""Values and lists as people read them."""

import json
import re
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from snaketune.base.identity import canonical

DIGITS = 12  # scores that agree in so many are equal: in the others, sums of floats differ

_STARTS = frozenset('"-0123456789[{tfn \t\r\n')  # of texts that may be JSON
_LINE = 300  # characters: errors and values may be megabytes long
_QUOTED = re.compile('[",\r\n]')
_ILLEGIBLE = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def percent(share: float) -> str:
    """A share of 1 in whole percent, with decimals where only these show that it is not 0 or 1.

    >>> percent(0.955), percent(1), percent(0.998)
    ('96 %', '100 %', '99.8 %')
    """
    return percents([share, round(share)])[0]


def percents(shares: Sequence[float]) -> list[str]:
    """Shares of 1 in percent, with as many decimals as tell them apart, and at most four.

    >>> percents([0.6, 0.501, 0.5])
    ['60.0 %', '50.1 %', '50.0 %']
    """
    return _apart(shares, range(5), lambda share, decimals: f"{100 * share:.{decimals}f} %")


def numbers(values: Sequence[float]) -> list[str]:
    """Scores as `number` shows them, but with as many digits as tell them apart.

    >>> numbers([0.91234, 0.91228]), numbers([0.5, 0.5]), numbers([1e-7, 1.0])
    (['0.91234', '0.91228'], ['0.5', '0.5'], ['1e-07', '1'])
    """
    return _apart(values, range(4, DIGITS + 1), number)


def _apart(values: Sequence[float], digits: range, show: Callable[[float, int], str]) -> list[str]:
    """Values as text, with the least of these numbers of digits that tells them apart.

    Where none does, with the first of them: the values are practically equal.
    """
    different = len({f"{value:.{DIGITS}g}" for value in values})
    tries = ([show(value, count) for value in values] for count in digits)
    apart = (texts for texts in tries if len({t.replace(",", "") for t in texts}) >= different)
    return next(apart, [show(value, digits[0]) for value in values])


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


def number(value: float | None, digits: int = 4) -> str:
    """A score or a cost for people: four significant digits, integers in full.

    None and NaN give a dash. Numbers beyond 1e15, as of a loss that explodes, are too long in full.
    What rounds to 1 without being 1, as an accuracy may, has more digits.

    >>> number(0.123456), number(1797.0), number(1e30), number(None), number(0.99999)
    ('0.1235', '1,797', '1e+30', '–', '0.99999')
    """
    if value is None or value != value:
        return "–"
    if abs(value) < 1e15 and value == int(value):
        return f"{int(value):,}"
    text = f"{value:.{digits}g}"
    return number(value, digits + 1) if text in ("1", "-1") and digits < 17 else text


def cell(value: Any) -> str:
    """A value in a CSV file, from which `read_cell` makes the same value again.

    Text is written as it is, unless it could be taken for something else or has control characters.
    That and all else is JSON.

    >>> cell("relu"), cell("10"), cell(10), cell(None), cell(0.1), cell([1, 2])
    ('relu', '"10"', '10', 'null', '0.1', '[1,2]')
    """
    if isinstance(value, str):
        plain = value and value.isprintable() and not _is_json(value)
        return value if plain else json.dumps(value)
    # JSON writes floats by repr as well; without the detour a large plan is twice as fast.
    return repr(value) if isinstance(value, float) else canonical(value)


def readable(text: str, most: int) -> str:
    """A text of others, such as an exception's, `legible`, and of at most about `most` characters.

    Of a longer one the middle is left out.

    >>> readable("half \\ud800", 80), readable("0123456789" * 9, 40)
    ('half \\\\ud800', '01234 … (80 characters) … 56789')
    """
    plain = legible(text)
    if len(plain) <= most:
        return plain
    half = (most - 30) // 2  # beside the words in between
    return f"{plain[:half]} … ({len(plain) - 2 * half} characters) … {plain[-half:]}"


def read_cell(text: str) -> Any:
    """The value that `cell` has written.

    >>> read_cell("010"), read_cell('"10"'), read_cell("10"), read_cell("null"), read_cell('""')
    ('010', '10', 10, None, '')
    """
    return json.loads(text) if _is_json(text) else text


def _is_json(text: str) -> bool:
    """Whether a text is a value in JSON."""
    if text[:1] not in _STARTS:
        return False
    try:
        json.loads(text, parse_constant=_refuse)
    except (ValueError, RecursionError):
        return False
    return True


def _refuse(constant: str) -> None:
    """Python's JSON has NaN and infinities, which here are words like others."""
    raise ValueError(constant)


def csv_line(cells: Iterable[str]) -> str:
    r"""A line of a CSV file. Python's own writer leaves a carriage return bare before 3.13.

    >>> csv_line(["a", 'b, "c" d', ""])
    'a,"b, ""c"" d",\n'
    """
    quoted = (f'"{c.replace(chr(34), chr(34) * 2)}"' if _QUOTED.search(c) else c for c in cells)
    return ",".join(quoted) + "\n"


def cut(text: str) -> str:
    """The beginning of a text of which only so much is shown.

    >>> len(cut("a" * 10_000_000)), cut("short")
    (300, 'short')
    """
    return text if len(text) <= _LINE else f"{text[: _LINE - 1]}…"


def legible(text: str) -> str:
    r"""Text in which all is escaped that UTF-8 or XML can't hold, as control characters are.

    >>> print(legible("red: \x1b[31m, a half: \ud800"))
    red: \x1b[31m, a half: \ud800
    """
    return _ILLEGIBLE.sub(lambda found: found[0].encode("unicode_escape").decode(), text)
