"""The shape of a study file: which keys there are, and of what type their values.

That is written in study.schema.yaml, as JSON Schema 2020-12. A fault that the schema finds is
reported in the words of the schema's descriptions.
"""

import math
import re
from collections.abc import Iterator
from importlib import resources
from typing import Any, cast

import jsonschema
import yaml

from snaketune.base.errors import Key, StudyError, show, suggest

SCHEMA = resources.files("snaketune.planning") / "study.schema.yaml"

_TYPES = {"object": "a mapping", "array": "a list", "integer": "a whole number", "string": "text"}


def check_numbers(value: object, path: tuple[Key, ...] = ()) -> None:
    """Raise `StudyError` for a number in `value` that JSON lacks, or other programs can't read.

    These are NaN, infinities, and integers of more than 64 bits.

    >>> check_numbers({"uniform": [0.0, float("inf")]})
    Traceback (most recent call last):
    snaketune.base.errors.StudyError: uniform[1]: inf is not a finite number. Write a number.
    """
    if isinstance(value, float) and not math.isfinite(value):
        raise StudyError(f"{value} is not a finite number", "Write a number", path)
    if isinstance(value, int) and not -(2**63) <= value < 2**63:
        raise StudyError(
            "the integer has more than 64 bits",
            "Write a smaller one, or a text in quotes",
            path,
        )
    if isinstance(value, dict | list):
        for key, item in value.items() if isinstance(value, dict) else enumerate(value):
            check_numbers(item, (*path, key))


def check_shape(content: dict[str, Any]) -> None:
    """Raise a `StudyError` for the most relevant fault that the schema finds in a study file."""
    schema = yaml.load(SCHEMA.read_text(encoding="utf-8"), yaml.CSafeLoader)
    error = jsonschema.exceptions.best_match(_Validator(schema).iter_errors(content))
    if error is not None:
        raise _fault(error)


def _is_integer(_: object, value: object) -> bool:
    """JSON Schema counts 9.0 as an integer; a budget written as 9.0 is more likely a slip."""
    return isinstance(value, int) and not isinstance(value, bool)


def _matches(_: object, pattern: str, instance: object, __: object) -> Iterator[Any]:
    """In JSON Schema, `$` is the end of the text; in Python it also matches before a line end."""
    if isinstance(instance, str) and not re.search(pattern.replace("$", r"\Z"), instance):
        yield jsonschema.ValidationError("the text does not match")


_Validator = jsonschema.validators.extend(  # type: ignore[no-untyped-call]  # so in its stubs
    jsonschema.Draft202012Validator,
    validators={"pattern": _matches},
    type_checker=jsonschema.Draft202012Validator.TYPE_CHECKER.redefine("integer", _is_integer),
)


def _fault(error: jsonschema.ValidationError) -> StudyError:
    # The stubs allow for parts of an error that are not set yet; here they are.
    schema, rule = cast(Any, error.schema), cast(Any, error.validator_value)
    instance = cast(Any, error.instance)
    path, found, description = tuple(error.absolute_path), show(instance), _description(error)
    expected = f"Expected is {description}"
    match error.validator:
        case "required":
            missing = next(key for key in rule if key not in instance)
            wanted = schema["properties"].get(missing, {}).get("description", description)
            return StudyError(f"the key '{missing}' is missing", f"Expected is {wanted}", path)
        case "additionalProperties" if rule is False:
            known = list(schema["properties"])
            unknown = next(key for key in instance if key not in known)
            remedy = suggest(unknown, known, f"Known keys are {', '.join(known)}")
            return StudyError("unknown key", remedy, (*path, unknown))
        case "type":
            return StudyError(f"{found} is not {_TYPES.get(rule, f'a {rule}')}", expected, path)
        case "minItems" | "minProperties":
            return StudyError(f"{found} has too few entries", expected, path)
        case "maxLength":
            fault = f"a text of {len(instance):,} characters is too long here"
            return StudyError(fault, f"{expected}, of at most {rule}", path)
        case "maximum":
            return StudyError(f"{found} is above {rule:,}", expected, path)
        case _:
            return StudyError(f"{found} is not allowed here", expected, path)


def _description(error: jsonschema.ValidationError) -> str:
    """What the schema says of the place of a fault, or of the nearest place around it."""
    described = cast(Any, error)
    while described.parent is not None and "description" not in described.schema:
        described = described.parent  # an alternative of `anyOf`, which describes them all
    return str(described.schema["description"])
