"""What users have named and written, as texts that matplotlib draws as they are."""

from snaketune.base.words import legible

_LONGEST = 60  # characters: a longer text would leave no room for what is drawn


def plain(text: str) -> str:
    """A text for matplotlib: to it, a pair of dollars encloses mathematics.

    >>> plain("costs $5, not $6")
    'costs \\\\$5, not \\\\$6'
    """
    return legible(shortened(text)).replace("$", r"\$")


def shortened(text: str) -> str:
    """A text without its middle where it is long.

    >>> shortened("a" * 40 + "b" * 40)
    'aaaaaaaaaaaaaaaaaaaaaaaaaaaaa … bbbbbbbbbbbbbbbbbbbbbbbbbbbb'
    """
    part = _LONGEST // 2 - 1
    return text if len(text) <= _LONGEST else f"{text[:part]} … {text[-part + 1 :]}"
