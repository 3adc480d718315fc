"""Reading YAML without its traps.

PyYAML follows YAML 1.1, where ``1e-3`` is text, ``on`` is true, ``010`` is eight, ``1:30`` is
ninety and the second of two equal keys wins silently. A study is read as YAML 1.2's core schema
(yaml.org/spec/1.2.2, section 10.3) instead; the words that the two versions read differently and
keys that stand twice are errors.
"""

import re
from typing import ClassVar

import yaml

from snaketune.base.errors import StudyError


class _Loader(yaml.SafeLoader):
    """A safe loader with YAML 1.2's plain scalars, in which no key may stand twice."""

    yaml_implicit_resolvers: ClassVar = {}  # none of YAML 1.1's; those of 1.2 follow

    def construct_mapping(self, node, deep=False):
        seen = set()
        for key_node, _ in node.value:
            if key_node.tag == "tag:yaml.org,2002:merge":
                continue
            key = self.construct_object(key_node, deep=True)
            if not isinstance(key, str):
                raise StudyError(
                    f"the key {key!r} in line {key_node.start_mark.line + 1} is not text",
                    "Keys are names; put quotes around it if it is meant as one",
                )
            if key in seen:
                raise StudyError(
                    f"the key '{key}' stands twice (again in line {key_node.start_mark.line + 1})",
                    "Keep one of the two, or give the second another name",
                )
            seen.add(key)
        return super().construct_mapping(node, deep)


def _ambiguous(loader, node):
    raise StudyError(
        f"'{node.value}' in line {node.start_mark.line + 1} can be read as true/false or as text",
        f"Write true or false, or put it in quotes: '{node.value}'",
    )


def _number(parse):
    """A constructor that parses the scalar itself: PyYAML's own follow YAML 1.1 (010, 1:30)."""
    return lambda loader, node: parse(node.value)


def _float(text: str) -> float:
    special = {".inf": "inf", "+.inf": "inf", "-.inf": "-inf", ".nan": "nan"}
    return float(special.get(text.lower(), text))


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


def read_scalars(value):
    """A nested value whose texts are read as YAML scalars: ``"5"`` becomes 5, ``"a"`` stays.

    Snakemake leaves what is inside a ``--config key={...}`` as text.
    """
    if isinstance(value, dict):
        return {key: read_scalars(item) for key, item in value.items()}
    if isinstance(value, list):
        return [read_scalars(item) for item in value]
    return yaml.load(value, _Loader) if isinstance(value, str) else value


def load_yaml(path) -> dict:
    """The mapping in the YAML file `path`.

    Raises `StudyError`, naming the file, where it can't be read, is not YAML, is not a mapping,
    has a key twice, or holds a word that YAML's versions read differently.
    """
    try:
        with open(path, encoding="utf-8") as stream:
            content = yaml.load(stream, _Loader)
    except StudyError as error:
        raise error.inside(file=path) from None
    except OSError as error:
        raise StudyError(error.strerror, "Name a study file that exists", file=path) from None
    except UnicodeDecodeError:
        raise StudyError("this is not a text file", "Save it as UTF-8", file=path) from None
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        place = f"line {mark.line + 1}, column {mark.column + 1}: " if mark else ""
        problem = getattr(error, "problem", None) or str(error)
        raise StudyError(f"{place}{problem}", "The file has to be valid YAML", file=path) from None
    if not isinstance(content, dict):
        raise StudyError("the file holds no keys", "A study starts with 'study: <name>'", file=path)
    return content
