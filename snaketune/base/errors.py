"""The one kind of error that a user's input can cause, and how it shows key paths and values."""

import difflib
import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from os import PathLike

Key = str | int  # a mapping's key, or a position in a list


class StudyError(ValueError):
    """A fault in a study. As text: file: key path: fault. Remedy.

    The code that finds a fault rarely knows the whole key path and the file. It raises the error
    with the part that it knows, and its callers add theirs with `inside`.

    >>> print(StudyError("5 is not a list", "Write [5]", ["seeds"], "my.yaml"))
    my.yaml: seeds: 5 is not a list. Write [5].
    """

    def __init__(
        self, fault: str, remedy: str, path: Iterable[Key] = (), file: str | PathLike[str] = ""
    ) -> None:
        self.fault, self.remedy, self.path, self.file = fault, remedy, tuple(path), str(file)
        super().__init__(fault)

    def inside(self, *keys: Key, file: str | PathLike[str] = "") -> "StudyError":
        """The same fault with `keys` before its path, and in `file` unless it names one already."""
        return StudyError(self.fault, self.remedy, (*keys, *self.path), self.file or file)

    def __str__(self) -> str:
        where = [part for part in (self.file, key_path(self.path)) if part]
        end = "" if self.remedy.endswith("?") else "."
        return f"{': '.join([*where, self.fault])}. {self.remedy}{end}"

    def __reduce__(self) -> tuple[type["StudyError"], tuple[str, str, tuple[Key, ...], str]]:
        # By default an exception is pickled with the arguments of `super().__init__` alone.
        return StudyError, (self.fault, self.remedy, self.path, self.file)


@contextmanager
def inside(*keys: Key, file: str | PathLike[str] = "") -> Iterator[None]:
    """Add `keys` and the file to a `StudyError` that the block raises, as `StudyError.inside`.

    >>> with inside("searches", "grid"):
    ...     raise StudyError("the key is unknown", "Remove it", ["trails"])
    Traceback (most recent call last):
    snaketune.base.errors.StudyError: searches.grid.trails: the key is unknown. Remove it.
    """
    try:
        yield
    except StudyError as error:
        raise error.inside(*keys, file=file) from None


def suggest(name: str, known: Iterable[str], otherwise: str) -> str:
    """The remedy for a misspelled name: the nearest known one, or `otherwise`.

    >>> suggest("gird", ["grid", "random"], "Name a sampler")
    "Did you mean 'grid'?"
    """
    close = difflib.get_close_matches(name, list(known), 1)
    return f"Did you mean '{close[0]}'?" if close else otherwise


def key_path(keys: Iterable[Key]) -> str:
    """Keys as a person writes them.

    >>> key_path(("searches", "grid", "lr", 0))
    'searches.grid.lr[0]'
    """
    steps = (f"[{k}]" if isinstance(k, int) else f".{_step(k)}" for k in keys)
    return "".join(steps).removeprefix(".")


def _step(key: str) -> str:
    """A mapping's key in a path: in quotes where it would not be read as one step."""
    return key if key and key.isprintable() and not set(key) & set(".[]") else show(key)


def show(value: object) -> str:
    """A value of a study file as a person would write it there, on one line.

    >>> show([None, True, "relu"])
    '[null, true, "relu"]'
    """
    return json.dumps(value, ensure_ascii=False, default=str)
