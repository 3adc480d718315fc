"""The shape of a study file: which keys there are, and of what type their values.

That is written in study.schema.yaml, as JSON Schema 2020-12. A fault that the schema finds is
reported in the words of the schema's descriptions.
"""

import math
from importlib import resources
from typing import Any, cast

import jsonschema
import yaml

from snaketune.base.errors import Key, StudyError, show, suggest

SCHEMA = resources.files("snaketune.planning") / "study.schema.yaml"

_TYPES = {"object": "a mapping", "array": "a list", "integer": "a whole number", "string": "text"}


def check_finite(value: object, path: tuple[Key, ...] = ()) -> None:
    """Raise `StudyError` for a number in `value` that is NaN or infinite, which JSON lacks.

    >>> check_finite({"uniform": [0.0, float("inf")]})
    Traceback (most recent call last):
    snaketune.base.errors.StudyError: uniform[1]: inf is not a finite number. Write a number.
    """
    if isinstance(value, float) and not math.isfinite(value):
        raise StudyError(f"{value} is not a finite number", "Write a number", path)
    if isinstance(value, dict | list):
        for key, item in value.items() if isinstance(value, dict) else enumerate(value):
            check_finite(item, (*path, key))


def check_shape(content: dict[str, Any]) -> None:
    """Raise a `StudyError` for the most relevant fault that the schema finds in a study file."""
    schema = yaml.load(SCHEMA.read_text(encoding="utf-8"), yaml.CSafeLoader)
    error = jsonschema.exceptions.best_match(_Validator(schema).iter_errors(content))
    if error is not None:
        raise _fault(error)


def _is_integer(_: object, value: object) -> bool:
    """JSON Schema counts 9.0 as an integer; a budget written as 9.0 is more likely a slip."""
    return isinstance(value, int) and not isinstance(value, bool)


_Validator = jsonschema.validators.extend(  # type: ignore[no-untyped-call]  # so in its stubs
    jsonschema.Draft202012Validator,
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
        case _:
            return StudyError(f"{found} is not allowed here", expected, path)


def _description(error: jsonschema.ValidationError) -> str:
    """What the schema says of the place of a fault, or of the nearest place around it."""
    described = cast(Any, error)
    while described.parent is not None and "description" not in described.schema:
        described = described.parent  # an alternative of `anyOf`, which describes them all
    return str(described.schema["description"])
