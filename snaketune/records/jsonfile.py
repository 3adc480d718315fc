"""Reading JSON that the library wrote: strictly, and only in the shape that its type says."""

import json
from collections.abc import Callable, Iterable
from functools import cache
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints, is_typeddict

from snaketune.base.errors import Key, key_path, show

Keys = tuple[Key, ...]
Check = Callable[[Any, Keys], None]  # of a value, and the key path where it lies

_WORDS = {
    dict: "a mapping",
    list: "a list",
    str: "text",
    bool: "true or false",
    int: "a whole number",
    float: "a number",
    NoneType: "null",
}


def read_json(path: Path) -> Any:
    """The content of a JSON file.

    Raises `OSError` where it can't be read, and `ValueError` where it is no JSON, which has neither
    NaN nor infinities, or has a key twice in one mapping.
    """
    try:
        return json.loads(
            path.read_text(encoding="utf-8"),
            parse_constant=_refuse,
            object_pairs_hook=_unique,
        )
    except RecursionError:
        raise ValueError("it is nested too deeply") from None


def check_shape(value: object, kind: Any) -> None:
    """Raise `ValueError` where `value` is not of the type `kind`.

    `kind` is made of what JSON has: a TypedDict, `dict`, `list`, `Literal`, scalars and unions of
    these. Keys that a TypedDict does not know are allowed: a later version may write them.
    """
    _check_of(kind)(value, ())


@cache  # a table may need 100,000 records
def _check_of(kind: Any) -> Check:
    """The check that a value is of a type."""
    arguments = get_args(kind)
    if is_typeddict(kind):
        return _keys_check(kind)
    if kind is Any:
        return lambda value, path: None
    origin = get_origin(kind)
    if origin is dict:
        return _items_check(dict, dict.items, _check_of(arguments[1]))
    if origin is list:
        return _items_check(list, enumerate, _check_of(arguments[0]))
    if origin is Literal:
        return _literal_check(arguments)
    return _union_check(arguments) if origin in (Union, UnionType) else _type_check(kind)


def _type_check(kind: type) -> Check:
    # Of Python's types, a bool is an int; and JSON writes some floats as integers.
    kinds = (int, float) if kind is float else (kind,)

    def check(value: Any, path: Keys) -> None:
        if type(value) not in kinds:
            raise ValueError(f"{key_path(path) or 'the content'} is not {_WORDS[kind]}")

    return check


def _items_check(kind: type, items: Callable[[Any], Iterable[Any]], item_check: Check) -> Check:
    whole_check = _type_check(kind)

    def check(value: Any, path: Keys) -> None:
        whole_check(value, path)
        for key, item in items(value):
            item_check(item, (*path, key))

    return check


def _keys_check(kind: Any) -> Check:
    whole_check = _type_check(dict)
    checks = {key: _check_of(expected) for key, expected in get_type_hints(kind).items()}

    def check(value: Any, path: Keys) -> None:
        whole_check(value, path)
        if missing := sorted(kind.__required_keys__ - value.keys()):
            raise ValueError(f"{key_path((*path, missing[0]))} is missing")
        for key in checks.keys() & value.keys():
            checks[key](value[key], (*path, key))

    return check


def _literal_check(values: tuple[Any, ...]) -> Check:
    def check(value: Any, path: Keys) -> None:
        if value not in values:
            expected = ", ".join(map(show, values))
            raise ValueError(f"{key_path(path)} is {show(value)}, none of {expected}")

    return check


def _union_check(kinds: tuple[Any, ...]) -> Check:
    """Of null with another type, or with numbers: an integer is a float, too."""
    other = float if float in kinds else next(kind for kind in kinds if kind is not NoneType)
    other_check = _check_of(other)

    def check(value: Any, path: Keys) -> None:
        if value is not None or NoneType not in kinds:
            other_check(value, path)

    return check


def _refuse(constant: str) -> None:
    raise ValueError(f"it has the number {constant}")


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        twice = next(key for key, _ in pairs if [k for k, _ in pairs].count(key) > 1)
        raise ValueError(f"it has the key {show(twice)} twice")
    return found
