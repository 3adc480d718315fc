"""The imports in Python source: statements wherever they are, and calls with a literal name."""

import ast
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

_CALLS = ("import_module", "__import__", "run_module")


class Import(NamedTuple):
    """An import of the module `name`, in full.

    The first `known` of its names are packages that have been imported before. With `optional`, its
    last name may be one that a module defines. `guarded`: in a `try` or an `if`.
    """

    name: str
    line: int
    guarded: bool
    known: int = 0
    optional: bool = False


@lru_cache(maxsize=4)
def levels(tree: ast.Module) -> int:
    """How many packages the relative imports of a module are inside of, at least.

    One in a `try` may fail, as in a file that is a module of a package and a script as well.
    """
    nodes = (node for node, guarded in _nodes(tree, False) if not guarded)
    return max((node.level for node in nodes if isinstance(node, ast.ImportFrom)), default=0)


def imports(tree: ast.Module, package: str, guarded: bool = False) -> Iterator[Import]:
    """All imports of a module that is in `package` ("" for none), and may be `guarded` itself."""
    for node, in_choice in _nodes(tree, guarded):
        match node:
            case ast.Import():
                for alias in node.names:
                    yield Import(alias.name, node.lineno, in_choice)
            case ast.ImportFrom():
                yield from _from(node, package, in_choice)
            case ast.Call():
                yield from _called(node, package, in_choice)


def _nodes(tree: ast.Module, guarded: bool) -> Iterator[tuple[ast.AST, bool]]:
    """All nodes, each with whether it is in a `try` or an `if`."""
    waiting: list[tuple[ast.AST, bool]] = [(tree, guarded)]
    while waiting:
        node, guarded = waiting.pop()
        yield node, guarded
        guarded = guarded or isinstance(node, ast.Try | ast.TryStar | ast.If)
        waiting += [(child, guarded) for child in ast.iter_child_nodes(node)]


def base_of(node: ast.ImportFrom, package: str) -> list[str] | None:
    """The names of the package that an import starts from; None beyond the outermost package."""
    return _base(package, node.level) if node.level else []


def _from(node: ast.ImportFrom, package: str, guarded: bool) -> Iterator[Import]:
    base = base_of(node, package)
    if base is None:
        return
    for alias in node.names:
        name = ".".join([*base, *filter(None, [node.module]), alias.name])
        yield Import(name, node.lineno, guarded, len(base), optional=True)


def _called(node: ast.Call, package: str, guarded: bool) -> Iterator[Import]:
    """The import of ``importlib.import_module("name")`` and the like."""
    if called(node) not in _CALLS or not node.args:
        return
    match node.args[0]:
        case ast.Constant(value=str(name)) if name.strip("."):
            inner = name.lstrip(".")
            base = _base(package, len(name) - len(inner)) if inner != name else []
            if base is not None:
                yield Import(".".join([*base, inner]), node.lineno, guarded, len(base))


def exported(tree: ast.Module | None) -> Iterator[str]:
    """The names in ``__all__``, as far as a list is written out: a star import imports them."""
    for node in tree.body if tree else ():
        match node:
            case ast.Assign(targets=[ast.Name(id="__all__")], value=ast.List(elts=elements)):
                yield from (str(e.value) for e in elements if isinstance(e, ast.Constant))


def called(node: ast.Call) -> str:
    """The last name of what is called: ``join`` for ``os.path.join(…)``."""
    match node.func:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
    return ""


def _base(package: str, level: int) -> list[str] | None:
    """The package that a relative import starts from; None where it goes beyond the outermost."""
    names = package.split(".") if package else []
    return names[: len(names) - level + 1] if level <= len(names) else None
