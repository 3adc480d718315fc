"""The shape of a study file: which keys there are, and of what type their values.

That is written in study.schema.yaml, as JSON Schema 2020-12. A fault that the schema finds is
reported in the words of the schema's descriptions.
"""

import functools
import math
import re
from collections.abc import Iterator
from importlib import resources
from typing import Any, cast

import jsonschema
import yaml

from snaketune.base.errors import Key, StudyError, show, suggest
from snaketune.planning.yamlfile import plain_scalar

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


def read_overrides(given: dict[str, Any]) -> dict[str, Any]:
    """What ``--config`` gives, with its types.

    Inside a ``--config key={...}`` Snakemake leaves all as text, without its quotes. What is text
    in the schema stays text, and all else is read as a plain YAML scalar. Raises `StudyError` for a
    word that YAML's versions read differently.

    >>> read_overrides({"searches": {"random": {"trials": "5", "sampler": "sobol"}}})
    {'searches': {'random': {'trials': 5, 'sampler': 'sobol'}}}
    >>> read_overrides({"objective": {"version": "3.10"}})
    {'objective': {'version': '3.10'}}
    """
    return cast(dict[str, Any], _typed(given, [_schema()]))


def _typed(value: Any, schemas: list[dict[str, Any]]) -> Any:
    """`value` with the types that one of the `schemas` has for the texts in it."""
    schemas = [each for schema in schemas for each in _alternatives(schema)]
    if isinstance(value, list):
        inner = [schema["items"] for schema in schemas if "items" in schema]
        return [_typed(item, inner) for item in value]
    if isinstance(value, dict):
        return {
            key: _typed(item, [_property(schema, key) for schema in schemas])
            for key, item in value.items()
        }
    if isinstance(value, str) and not any(_is_text(schema) for schema in schemas):
        return plain_scalar(value)
    return value


def _alternatives(schema: dict[str, Any]) -> list[dict[str, Any]]:
    if "$ref" in schema:
        schema = _schema()["$defs"][schema["$ref"].rpartition("/")[2]]
    if "anyOf" not in schema:
        return [schema]
    return [each for alternative in schema["anyOf"] for each in _alternatives(alternative)]


def _property(schema: dict[str, Any], key: str) -> dict[str, Any]:
    found = schema.get("properties", {}).get(key, schema.get("additionalProperties"))
    return found if isinstance(found, dict) else {}


def _is_text(schema: dict[str, Any]) -> bool:
    return schema.get("type") == "string" or "enum" in schema


@functools.cache
def _schema() -> dict[str, Any]:
    return cast(dict[str, Any], yaml.load(SCHEMA.read_text(encoding="utf-8"), yaml.CSafeLoader))


def check_shape(content: dict[str, Any]) -> None:
    """Raise a `StudyError` for the most relevant fault that the schema finds in a study file."""
    error = jsonschema.exceptions.best_match(_Validator(_schema()).iter_errors(content))
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
