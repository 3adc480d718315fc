"""The one kind of error that a user's input can cause, and how it shows paths and values."""

import difflib
import json
from collections.abc import Iterator
from contextlib import contextmanager


class StudyError(ValueError):
    """A fault in a study, told as: file, key path, what is wrong, what would be right.

    The code that finds a fault rarely knows the whole way to it, so a `StudyError` is raised with
    the part of the path that is known, and callers add theirs with `inside`.
    """

    def __init__(self, fault: str, remedy: str, path: tuple = (), file: str = ""):
        self.fault, self.remedy, self.path, self.file = fault, remedy, tuple(path), str(file)
        super().__init__(fault)

    def inside(self, *keys, file: str = "") -> "StudyError":
        """The same fault, seen from further out: `keys` come before the path so far."""
        return StudyError(self.fault, self.remedy, (*keys, *self.path), file or self.file)

    def __str__(self) -> str:
        where = [part for part in (self.file, key_path(self.path)) if part]
        end = "" if self.remedy.endswith("?") else "."
        return f"{': '.join([*where, self.fault])}. {self.remedy}{end}"

    def __reduce__(self):
        return StudyError, (self.fault, self.remedy, self.path, self.file)


@contextmanager
def inside(*keys: str | int, file: str = "") -> Iterator[None]:
    """Name `keys`, and the file, in front of the path of a `StudyError` that the block raises."""
    try:
        yield
    except StudyError as error:
        raise error.inside(*keys, file=error.file or file) from None


def suggest(name: str, known, otherwise: str) -> str:
    """The remedy for a misspelled name: the nearest known one, or `otherwise`."""
    close = difflib.get_close_matches(name, known, 1)
    return f"Did you mean '{close[0]}'?" if close else otherwise


def key_path(keys) -> str:
    """`('searches', 'grid', 'lr', 0)` as a person writes it: ``searches.grid.lr[0]``."""
    return "".join(f"[{k}]" if isinstance(k, int) else f".{k}" for k in keys).lstrip(".")


def show(value) -> str:
    """A value of a study file as a person would write it there, on one line."""
    return json.dumps(value, ensure_ascii=False, default=str)
