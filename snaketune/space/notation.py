"""How a study file writes a domain: a value, a list, or the name of a domain with arguments."""

import difflib
from collections.abc import Callable
from typing import Any, NamedTuple

from snaketune.base.errors import StudyError, inside, show
from snaketune.space.choice import Choice
from snaketune.space.domains import (
    Domain,
    LogRandInt,
    LogUniform,
    Quantized,
    RandInt,
    Uniform,
)
from snaketune.space.normal import Normal


class _Form(NamedTuple):
    """How a domain is written: its arguments, those that may follow, and what they make."""

    needed: tuple[str, ...]
    optional: tuple[str, ...]
    make: Callable[..., Domain]


_ENDS, _STEPS = ("low", "high"), ("low", "high", "q")
_FORMS = {
    "uniform": _Form(_ENDS, (), Uniform),
    "loguniform": _Form(_ENDS, (), LogUniform),
    "quniform": _Form(_STEPS, (), lambda low, high, q: Quantized(Uniform(low, high), q)),
    "qloguniform": _Form(_STEPS, (), lambda low, high, q: Quantized(LogUniform(low, high), q)),
    "randint": _Form(_ENDS, (), RandInt),
    "lograndint": _Form(_ENDS, (), LogRandInt),
    "normal": _Form(("mean", "standard deviation"), _ENDS, Normal),
}

NAMES = ("choice", *_FORMS)


def parse_domain(spec: Any) -> Domain:
    """The domain that a study file writes as `spec`.

    A mapping with one key, the name of a domain, gives that domain. A list is a choice, whose
    members may be such mappings; a mapping with other keys is a value there. Anything else is a
    constant: a choice of one. Raises `StudyError` with the path inside `spec`.

    >>> parse_domain({"uniform": [0, 1]})
    Uniform(low=0, high=1)
    >>> parse_domain([32, 64]), parse_domain("relu")
    (Choice(members=(32, 64)), Choice(members=('relu',)))
    """
    if isinstance(spec, list):
        return _parse_choice(spec)
    if isinstance(spec, str) and spec.partition("(")[0].strip() in NAMES and "(" in spec:
        raise StudyError(
            f"{show(spec)} is text, not a domain",
            "Write a domain as in {uniform: [0, 1]}; if the text is meant, put it in a list",
        )
    if not isinstance(spec, dict):
        return Choice((spec,))
    if len(spec) != 1 or next(iter(spec)) not in NAMES:
        close = difflib.get_close_matches(next(iter(spec), ""), NAMES, 1)
        raise StudyError(
            f"{show(sorted(spec))} does not name one domain",
            f"Did you mean {{{close[0]}: …}}?"
            if len(spec) == 1 and close
            else f"Write one of {', '.join(NAMES)}, as in {{uniform: [0, 1]}}; a list, or a value",
        )
    ((name, arguments),) = spec.items()
    with inside(name):
        return _parse_choice(arguments) if name == "choice" else _parse_form(name, arguments)


def _parse_choice(members: Any) -> Choice:
    if not isinstance(members, list):
        raise StudyError(f"choice does not take {show(members)}", "Write choice: [value, value, …]")
    parsed = []
    for position, member in enumerate(members):
        with inside(position):
            parsed.append(parse_domain(member) if _is_meant_as_domain(member) else member)
    return Choice(tuple(parsed))


def _is_meant_as_domain(member: Any) -> bool:
    """Whether a member of a list is a domain, or a slip in one; any other mapping is a value."""
    if not isinstance(member, dict) or len(member) != 1:
        return False
    return bool(difflib.get_close_matches(next(iter(member)), NAMES, 1))


def _parse_form(name: str, arguments: Any) -> Domain:
    form = _FORMS[name]
    written = dict.fromkeys([form.needed, form.needed + form.optional])
    if not isinstance(arguments, list) or len(arguments) not in map(len, written):
        forms = " or ".join(f"[{', '.join(names)}]" for names in written)
        raise StudyError(f"{name} does not take {show(arguments)}", f"Write {name}: {forms}")
    return form.make(*arguments)
