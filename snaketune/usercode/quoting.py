"""Where the placeholders of a command stand: a value that is quoted for the shell has to stand
outside quotes. Inside, its own quotes would end those around it, and its text could be run."""

import string
from collections.abc import Iterator

_CLOSES = {"'": "'", "$'": "'", '"': '"', "`": "`", "(": ")", "((": ")", "${": "}", "$[": "]"}
_PLACES = {
    "'": "inside single quotes",
    "$'": "inside single quotes",
    '"': "inside double quotes",
    "`": "inside backquotes",
    "((": "in arithmetic",
    "$[": "in arithmetic",
    "${": "inside ${…}",
    "#": "in a comment",
    "<<": "in a here-document",
}


def misplaced(template: str) -> tuple[str, str] | None:
    """The first placeholder whose value the shell would not take as it is, and where it stands.

    >>> misplaced("run --x={x} '{y}'")
    ('y', 'inside single quotes')
    """
    shell = _Shell()
    for text, name, _, _ in string.Formatter().parse(template):
        for character in text:
            shell.read(character)
        if name is not None and (place := shell.place()):
            return name, place
        shell.read("x")  # stands for the value: a part of a word
    return None


class _Shell:
    """Reads a command as bash does, as far as quotes go. Errs by taking more for quoted."""

    def __init__(self) -> None:
        self._open: list[str] = []  # what has been opened and not closed, the innermost last
        self._before = " \n"  # the two characters before
        self._escaped = False
        self._document = False  # whether a here-document begins with the next line

    def place(self) -> str | None:
        """Where a value would stand that came next; None where it would be taken as it is."""
        if self._escaped:
            return "behind a backslash"
        inner = self._open[-1] if self._open else "("
        if inner == "(":
            return "behind a $" if self._before[-1] == "$" else None
        return _PLACES[inner]

    def read(self, character: str) -> None:
        """Go on by a character."""
        seen = character
        if self._escaped:
            self._escaped, seen = False, "x"
        else:
            self._act(character, self._open[-1] if self._open else "(")
        if self._before[-1] + character == "$$":  # a variable, after which nothing can open
            seen = "x"
        self._before = self._before[-1] + seen

    def _act(self, character: str, inner: str) -> None:
        if inner == "#":
            if character != "\n":
                return
            self._open.pop()
        if inner in ("'", "<<"):  # nothing has a meaning but the end
            if character == "'" == inner:
                self._open.pop()
        elif character == "\\":
            self._escaped = True
        elif self._open and character == _CLOSES.get(inner):
            self._open.pop()
        elif inner != "$'":
            self._open.extend(self._opened(character, inner))

    def _opened(self, character: str, inner: str) -> Iterator[str]:
        """What a character opens."""
        dollar = self._before[-1] == "$"
        if character == "`" or (character in "{[" and dollar):
            yield {"`": "`", "{": "${", "[": "$["}[character]
        elif character == "(":
            if self._before[-1] == "(" and inner == "(":
                self._open[-1] = "(("
                yield "(("
            elif dollar or inner in ("(", "(("):
                yield inner if inner == "((" and not dollar else "("
        elif character == '"':
            yield '"'
        elif inner != '"' and character == "'":
            yield "$'" if dollar else "'"
        elif inner == "(":
            yield from self._words(character)

    def _words(self, character: str) -> Iterator[str]:
        """What a character opens where commands stand."""
        if character == "#" and self._before[-1] in " \t\n;&|()":
            yield "#"
        elif character == "<":
            self._document = self._before[-1] == "<" and self._before[0] != "<"
        elif character == "\n" and self._document:
            yield "<<"
