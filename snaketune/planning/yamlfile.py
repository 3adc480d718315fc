"""Reading YAML without its traps.

PyYAML follows YAML 1.1, where ``1e-3`` is text, ``on`` is true, ``010`` is eight, ``1:30`` is
ninety, and of two equal keys the second wins silently. A study file is read by YAML 1.2's core
schema (yaml.org/spec/1.2.2, section 10.3) instead. Words that the two versions read differently,
and duplicate keys, are errors. So is whatever JSON does not have, such as sets and dates, and what
only an attack or an accident writes: a value inside itself, or one that aliases make huge.
"""

import re
from os import PathLike
from pathlib import Path
from typing import Any

import yaml

from snaketune.base.errors import StudyError, inside

Spec = dict[str, Any]  # a mapping of a study file

_TAG = "tag:yaml.org,2002:"
_MAX_DEPTH = 50  # of values inside one another
_MAX_VALUES = 1_000_000  # of a file, each counted as often as aliases repeat it


class _Loader(yaml.SafeLoader):
    """A safe loader with YAML 1.2's plain scalars, which refuses duplicate keys."""

    # Empty, as the base class has those of YAML 1.1; those of YAML 1.2 are added below.
    yaml_implicit_resolvers = {}  # noqa: RUF012 - as the base class declares it

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen = set()
        for key_node, _ in node.value:
            if key_node.tag == _TAG + "merge":
                continue
            key, line = self.construct_object(key_node, deep=True), _line(key_node)
            key = _as_text(key)
            if not isinstance(key, str):
                raise StudyError(f"the key {key!r} in line {line} is not text", "Put it in quotes")
            if key in seen:
                raise StudyError(
                    f"the key '{key}' appears twice, the second time in line {line}",
                    "Remove one of the two, or give it another name",
                )
            seen.add(key)
        return {_as_text(key): item for key, item in super().construct_mapping(node, deep).items()}


def _as_text(key: object) -> object:
    """An integer as text, for JSON has no other keys; all else as it is."""
    return str(key) if isinstance(key, int) and not isinstance(key, bool) else key


def _line(node: yaml.Node) -> int:
    """The line in which a node begins, counted from 1."""
    return int(node.start_mark.line) + 1


def _word(loader: _Loader, node: yaml.ScalarNode) -> None:
    raise StudyError(
        f"'{node.value}' in line {_line(node)} can be read as true/false or as text",
        f"Write true or false, or put it in quotes: '{node.value}'",
    )


def _number(loader: _Loader, node: yaml.ScalarNode) -> None:
    binary = "b" in node.value
    plain = "a decimal number" if binary else node.value.replace("_", "")
    raise StudyError(
        f"'{node.value}' in line {_line(node)} can be read as a number or as text",
        f"Write {plain}, or put it in quotes: '{node.value}'",
    )


def _int(loader: _Loader, node: yaml.ScalarNode) -> int:
    """PyYAML's own follows YAML 1.1 (010, 1:30)."""
    text = node.value.lstrip("-+")
    if len(text) > 100:
        raise StudyError(
            f"the number in line {_line(node)} has {len(text):,} digits",
            "Put it in quotes if it is text",
        )
    base = {"0x": 16, "0o": 8}.get(text[:2], 10)
    return int(node.value, base)


def _float(loader: _Loader, node: yaml.ScalarNode) -> float:
    special = {".inf": "inf", "+.inf": "inf", "-.inf": "-inf", ".nan": "nan"}
    text = str(node.value)
    return float(special.get(text.lower(), text))


def _text(loader: _Loader, node: yaml.ScalarNode) -> str:
    """JSON writes a character beyond the first 65,536 as two escapes, which PyYAML leaves apart."""
    try:
        return str(node.value).encode("utf-16", "surrogatepass").decode("utf-16")
    except UnicodeDecodeError:
        raise StudyError(
            f"the text in line {_line(node)} has an escape that is half a character",
            "Write both halves, or the character itself",
        ) from None


# By tag: the plain scalars that have it, and the characters that they can begin with.
_SCALARS = {
    "null": (r"~|null|Null|NULL|", "~nN"),
    "bool": (r"true|True|TRUE|false|False|FALSE", "tTfF"),
    "int": (r"[-+]?[0-9]+|0x[0-9a-fA-F]+|0o[0-7]+", "-+0123456789"),
    "float": (
        r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?"
        r"|[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)",
        "-+.0123456789",
    ),
    "merge": (r"<<", "<"),
}
for _tag, (_pattern, _first) in _SCALARS.items():
    _Loader.add_implicit_resolver(
        _TAG + _tag,
        re.compile(rf"^(?:{_pattern})\Z"),
        [*_first, ""] if _tag == "null" else list(_first),
    )
# What YAML 1.1 and 1.2 read differently, by tags of our own.
_WORD, _NUMBER = "!word", "!number"
_Loader.add_implicit_resolver(
    _WORD, re.compile(r"^(?:yes|no|on|off)\Z", re.IGNORECASE), list("yYnNoO")
)
_Loader.add_implicit_resolver(
    _NUMBER,
    re.compile(r"^[-+]?(?:0b[01_]+|(?=.*_)[0-9][0-9_]*(?:\.[0-9_]*)?(?:[eE][-+]?[0-9]+)?)\Z"),
    list("-+0123456789"),
)
_Loader.add_constructor(_WORD, _word)
_Loader.add_constructor(_NUMBER, _number)
_Loader.add_constructor(_TAG + "int", _int)
_Loader.add_constructor(_TAG + "float", _float)
_Loader.add_constructor(_TAG + "str", _text)


def _check_node(node: yaml.Node, sizes: dict[int, int], inside: tuple[int, ...] = ()) -> int:
    """How many values a node has, each counted as often as aliases repeat it.

    `sizes` has the nodes that are counted already, `inside` those around this one. Raises
    `StudyError` for what JSON does not have, for a value inside itself, and for too many values.
    """
    if id(node) in inside:
        raise StudyError(
            f"the value in line {_line(node)} contains itself", "Write it without the alias"
        )
    if len(inside) > _MAX_DEPTH:
        raise StudyError(
            f"the value in line {_line(node)} is nested more than {_MAX_DEPTH} deep",
            "Write it flatter",
        )
    if id(node) not in sizes:
        _check_tag(node)
        parts = [] if isinstance(node, yaml.ScalarNode) else node.value
        parts = [part for pair in parts for part in (pair if isinstance(pair, tuple) else [pair])]
        around = (*inside, id(node))
        sizes[id(node)] = 1 + sum(_check_node(part, sizes, around) for part in parts)
        if sizes[id(node)] > _MAX_VALUES:
            raise StudyError(
                f"the value in line {_line(node)} has more than {_MAX_VALUES:,} values in it",
                "Write fewer, or fewer aliases",
            )
    return sizes[id(node)]


def _check_tag(node: yaml.Node) -> None:
    """Raise `StudyError` unless a node is what JSON has, and written as its tag says."""
    scalars = ("str", *_SCALARS)
    kinds: dict[type[yaml.Node], tuple[str, ...]] = {
        yaml.MappingNode: ("map",),
        yaml.SequenceNode: ("seq",),
        yaml.ScalarNode: scalars,
    }
    kind = node.tag.removeprefix(_TAG)
    if node.tag in (_WORD, _NUMBER):
        return
    written = kind not in _SCALARS or re.fullmatch(_SCALARS[kind][0], str(node.value))
    if kind not in kinds[type(node)] or not written:
        raise StudyError(
            f"the value in line {_line(node)} is no {kind}"
            if kind in (*scalars, "map", "seq")
            else f"the tag '{node.tag}' in line {_line(node)} is none of JSON's types",
            "Write a number, a text, true, false, null, a list or a mapping, without a tag",
        )


def _load(text: str) -> Any:
    """What `text` writes. Raises `StudyError` as `parse_yaml` does, and `yaml.YAMLError`."""
    loader = _Loader(text)
    try:
        node = loader.get_single_node()
        if node is None:
            return None
        _check_node(node, {})
        return loader.construct_document(node)
    except RecursionError:
        raise StudyError("values are nested too deep", "Write them flatter") from None
    finally:
        loader.dispose()


def plain_scalar(text: str) -> Any:
    """What `text` is in YAML without quotes.

    Raises `StudyError` for a word that YAML's versions read differently.

    >>> plain_scalar("1e-3"), plain_scalar("sobol"), plain_scalar("[1")
    (0.001, 'sobol', '[1')
    """
    loader = _Loader("")
    start = yaml.Mark("", 0, 0, 0, None, 0)
    tag = loader.resolve(yaml.ScalarNode, text, (True, False))  # type: ignore[no-untyped-call]
    return loader.construct_object(yaml.ScalarNode(tag, text, start, start))


def read_text(path: str | PathLike[str]) -> str:
    """The text of the file `path`, in UTF-8, with its line ends as they are.

    Raises `StudyError`, which names the file, if it can't be read or is not UTF-8.
    """
    try:
        return Path(path).read_bytes().decode()
    except OSError as error:
        fault = error.strerror or str(error)
        raise StudyError(fault, "Name a study file that exists", file=path) from None
    except UnicodeDecodeError:
        raise StudyError("this is not a text file", "Save it as UTF-8", file=path) from None


def parse_yaml(text: str) -> Spec:
    """The mapping that `text` writes in YAML.

    Raises `StudyError` if it is not YAML or not a mapping, has a key twice, or has a word that
    YAML's versions read differently.

    >>> parse_yaml("lr: 1e-3")
    {'lr': 0.001}
    """
    try:
        content = _load(text)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        place = f"line {mark.line + 1}, column {mark.column + 1}: " if mark else ""
        problem = getattr(error, "problem", None) or str(error).splitlines()[0]
        raise StudyError(f"{place}{problem}", "The file has to be valid YAML") from None
    if not isinstance(content, dict):
        raise StudyError("the file has no keys", "A study starts with 'study: <name>'")
    return content


def load_yaml(path: str | PathLike[str]) -> Spec:
    """The mapping in the YAML file `path`.

    Raises `StudyError`, which names the file, as `read_text` and `parse_yaml` do.
    """
    with inside(file=path):
        return parse_yaml(read_text(path))
