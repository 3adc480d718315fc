"""What users have named and written, as texts that matplotlib draws as they are."""

from snaketune.base.words import legible

# Characters of a text, and of one beside an axis: longer ones would leave no room for the rest.
_LONGEST, _LONGEST_TICK = 60, 24


def plain(text: str) -> str:
    """A text for matplotlib: to it, a pair of dollars encloses mathematics.

    >>> plain("costs $5, not $6")
    'costs \\\\$5, not \\\\$6'
    """
    return legible(shortened(text)).replace("$", r"\$")


def tick(label: str) -> str:
    """A value as the label of a tick, for matplotlib."""
    return plain(shortened(label, _LONGEST_TICK))


def shortened(text: str, longest: int = _LONGEST) -> str:
    """A text without its middle where it is long.

    >>> shortened("a" * 40 + "b" * 40, 11)
    'aaaaa…bbbbb'
    """
    part = (longest - 1) // 2
    return text if len(text) <= longest else f"{text[:part]}…{text[-part:]}"
