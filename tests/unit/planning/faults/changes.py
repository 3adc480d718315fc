"""Changes that put a fault into a study."""

from collections.abc import Callable
from typing import Any

Study = dict[str, Any]
Change = Callable[[Study], None]
# A change to a good study; the key path, the fault and the remedy (parts of them) in the message.
Fault = tuple[Change, str, str, str]


def put(path: str, value: Any) -> Change:
    """A change to the study: the value at the dotted path."""

    def change(study: Study) -> None:
        *parents, last = path.split(".")
        for key in parents:
            study = study.setdefault(key, {})
        study[last] = value

    return change


def drop(path: str) -> Change:
    """A change to the study: the key at the dotted path is removed."""

    def change(study: Study) -> None:
        *parents, last = path.split(".")
        for key in parents:
            study = study[key]
        del study[last]

    return change


def command(text: str, *changes: Change) -> Change:
    """A change to the study: a command in place of the function and its settings, and more."""

    def change(study: Study) -> None:
        drop("objective.entrypoint")(study)
        drop("objective.settings")(study)
        put("objective.command", text)(study)
        for another in changes:
            another(study)

    return change
