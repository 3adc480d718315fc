"""."""

import difflib

from snaketune.base.errors import StudyError, show
from snaketune.space.domains import (
    Choice,
    Domain,
    LogRandInt,
    LogUniform,
    Normal,
    Quantized,
    RandInt,
    Uniform,
)

_ENDS, _STEPS = ("low", "high"), ("low", "high", "q")


# Name in the study file -> (its arguments, those that may be left out, how they make a domain).
DOMAINS = {
    "uniform": (_ENDS, (), Uniform),
    "loguniform": (_ENDS, (), LogUniform),
    "quniform": (_STEPS, (), lambda low, high, q: Quantized(Uniform(low, high), q)),
    "qloguniform": (_STEPS, (), lambda low, high, q: Quantized(LogUniform(low, high), q)),
    "randint": (_ENDS, (), RandInt),
    "lograndint": (_ENDS, (), LogRandInt),
    "normal": (("mean", "standard deviation"), _ENDS, Normal),
}


NAMES = ("choice", *DOMAINS)


def parse_domain(spec) -> Domain:
    """The domain that a study file writes as `spec`.

    A mapping with one key, the name of a domain, gives that domain: ``{uniform: [0, 1]}``. A list
    is a choice, whose members may be such mappings; anything else is a constant. Raises
    `StudyError` with the path inside `spec`.
    """
    if isinstance(spec, list):
        return _parse_choice(spec)
    if isinstance(spec, str) and spec.partition("(")[0].strip() in NAMES and "(" in spec:
        raise StudyError(
            f"{show(spec)} is text and no domain",
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
    try:
        if name == "choice":
            return _parse_choice(arguments)
        return _parse_distribution(name, arguments)
    except StudyError as error:
        raise error.inside(name) from None


def _parse_choice(members) -> Choice:
    if not isinstance(members, list):
        raise StudyError(f"choice does not take {show(members)}", "Write choice: [value, value, …]")
    parsed = []
    for position, member in enumerate(members):
        try:
            parsed.append(parse_domain(member) if isinstance(member, dict) else member)
        except StudyError as error:
            raise error.inside(position) from None
    return Choice(tuple(parsed))


def _parse_distribution(name: str, arguments) -> Domain:
    needed, optional, make = DOMAINS[name]
    forms = dict.fromkeys([needed, needed + optional])
    if not isinstance(arguments, list) or len(arguments) not in map(len, forms):
        written = " or ".join(f"[{', '.join(form)}]" for form in forms)
        raise StudyError(f"{name} does not take {show(arguments)}", f"Write {name}: {written}")
    return make(*arguments)
