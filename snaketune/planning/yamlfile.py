"""Reading YAML without its traps.

PyYAML follows YAML 1.1, where ``1e-3`` is text, ``on`` is true, ``010`` is eight, ``1:30`` is
ninety, and of two equal keys the second wins silently. A study file is read by YAML 1.2's core
schema (yaml.org/spec/1.2.2, section 10.3) instead. Words that the two versions read differently,
and duplicate keys, are errors.
"""

import re
from collections.abc import Callable
from os import PathLike
from pathlib import Path
from typing import Any

import yaml

from snaketune.base.errors import StudyError, inside

Spec = dict[str, Any]  # a mapping of a study file


class _Loader(yaml.SafeLoader):
    """A safe loader with YAML 1.2's plain scalars, which refuses duplicate keys."""

    # Empty, as the base class has those of YAML 1.1; those of YAML 1.2 are added below.
    yaml_implicit_resolvers = {}  # noqa: RUF012 - as the base class declares it

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen = set()
        for key_node, _ in node.value:
            if key_node.tag == "tag:yaml.org,2002:merge":
                continue
            key, line = self.construct_object(key_node, deep=True), _line(key_node)
            if not isinstance(key, str):
                raise StudyError(f"the key {key!r} in line {line} is not text", "Put it in quotes")
            if key in seen:
                raise StudyError(
                    f"the key '{key}' appears twice, the second time in line {line}",
                    "Remove one of the two, or give it another name",
                )
            seen.add(key)
        return super().construct_mapping(node, deep)


def _line(node: yaml.Node) -> int:
    """The line in which a node begins, counted from 1."""
    return int(node.start_mark.line) + 1


def _ambiguous(loader: _Loader, node: yaml.ScalarNode) -> None:
    raise StudyError(
        f"'{node.value}' in line {_line(node)} can be read as true/false or as text",
        f"Write true or false, or put it in quotes: '{node.value}'",
    )


def _number(parse: Callable[[str], float]) -> Callable[[_Loader, yaml.ScalarNode], float]:
    """A constructor that parses the scalar itself: PyYAML's own follow YAML 1.1 (010, 1:30)."""
    return lambda loader, node: parse(node.value)


def _float(text: str) -> float:
    special = {".inf": "inf", "+.inf": "inf", "-.inf": "-inf", ".nan": "nan"}
    return float(special.get(text.lower(), text))


# By tag: the plain scalars that have it, and the characters that they can begin with.
_SCALARS = {
    "null": (r"~|null|Null|NULL|", "~nN"),
    "bool": (r"true|True|TRUE|false|False|FALSE", "tTfF"),
    "int": (r"[-+]?[0-9]+", "-+0123456789"),
    "float": (
        r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?"
        r"|[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)",
        "-+.0123456789",
    ),
    "merge": (r"<<", "<"),
}
for _tag, (_pattern, _first) in _SCALARS.items():
    _Loader.add_implicit_resolver(
        f"tag:yaml.org,2002:{_tag}",
        re.compile(f"^(?:{_pattern})$"),
        [*_first, ""] if _tag == "null" else list(_first),
    )
_Loader.add_implicit_resolver(
    "!ambiguous",
    re.compile("^(?:yes|no|on|off)$", re.IGNORECASE),
    list("yYnNoO"),
)
_Loader.add_constructor("!ambiguous", _ambiguous)
_Loader.add_constructor("tag:yaml.org,2002:int", _number(int))
_Loader.add_constructor("tag:yaml.org,2002:float", _number(_float))


def read_scalars(value: Any) -> Any:
    """`value` with each text in it read as a YAML scalar.

    Snakemake leaves what is inside a ``--config key={...}`` as text. Raises `StudyError` for a
    word that YAML's versions read differently.

    >>> read_scalars({"random": {"trials": "5", "sampler": "sobol"}})
    {'random': {'trials': 5, 'sampler': 'sobol'}}
    """
    if isinstance(value, dict):
        return {key: read_scalars(item) for key, item in value.items()}
    if isinstance(value, list):
        return [read_scalars(item) for item in value]
    return yaml.load(value, _Loader) if isinstance(value, str) else value


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
        content = yaml.load(text, _Loader)
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
