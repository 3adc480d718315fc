"""."""

import math
from collections.abc import Callable
from pathlib import Path

import jsonschema
import yaml

from snaketune.base.errors import StudyError, show, suggest

SCHEMA = Path(__file__).parent / "study.schema.yaml"


def check_finite(value, path: tuple = ()):
    if isinstance(value, float) and not math.isfinite(value):
        raise StudyError(f"{value} is not a finite number", "Write a number", path)
    if isinstance(value, dict | list):
        for key, item in value.items() if isinstance(value, dict) else enumerate(value):
            check_finite(item, (*path, key))


def _is_integer(_, value) -> bool:
    """JSON Schema counts 9.0 as an integer; a budget written as 9.0 is more likely a slip."""
    return isinstance(value, int) and not isinstance(value, bool)


_Validator = jsonschema.validators.extend(
    jsonschema.Draft202012Validator,
    type_checker=jsonschema.Draft202012Validator.TYPE_CHECKER.redefine("integer", _is_integer),
)


def check_shape(content: dict):
    """Raise the first fault that the schema finds, in the words of the schema's descriptions."""
    schema = yaml.load(SCHEMA.read_text(encoding="utf-8"), yaml.CSafeLoader)
    error = jsonschema.exceptions.best_match(_Validator(schema).iter_errors(content))
    if error is None:
        return
    described = error
    while described.parent is not None and "description" not in described.schema:
        described = described.parent  # inside anyOf: the description is on the outside
    path = tuple(error.absolute_path)
    description = described.schema["description"]
    expected = f"Expected is {description}"
    match error.validator:
        case "required":
            missing = next(key for key in error.validator_value if key not in error.instance)
            wanted = error.schema["properties"].get(missing, {}).get("description", description)
            raise StudyError(f"the key '{missing}' is missing", f"Expected is {wanted}", path)
        case "additionalProperties" if error.validator_value is False:
            known = list(error.schema["properties"])
            unknown = next(key for key in error.instance if key not in known)
            hint = suggest(unknown, known, f"Known are {', '.join(known)}")
            raise StudyError("there is no such key", hint, (*path, unknown))
        case "type":
            raise StudyError(f"{show(error.instance)} is not {_kind(error)}", expected, path)
        case "minItems" | "minProperties":
            raise StudyError(f"{show(error.instance)} has too few entries", expected, path)
        case _:
            raise StudyError(f"{show(error.instance)} can't stand here", expected, path)


def _kind(error) -> str:
    names = {"object": "a mapping", "array": "a list", "integer": "a whole number"}
    names["string"] = "text"
    return names.get(error.validator_value, f"a {error.validator_value}")


def _inside(key: str, build: Callable, spec):
    """What `build` makes of a part of the study; a fault is told with the key where it stands."""
    try:
        return build(spec)
    except StudyError as error:
        raise error.inside(key) from None
