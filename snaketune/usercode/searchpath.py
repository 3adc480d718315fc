"""The folders that Python source adds to `sys.path`, where it writes them in a way that is common.

Paths are literal, or made of `__file__` and the working directory by `os.path` and `pathlib`.
"""

import ast
import os
from collections.abc import Iterator
from pathlib import Path

from snaketune.usercode.imports import called

_SAME = {"str", "fspath", "Path", "PurePath", "as_posix"}
_RESOLVED = {"abspath", "realpath", "normpath", "resolve", "absolute"}


def added_folders(tree: ast.Module, file: Path) -> Iterator[tuple[str, bool]]:
    """Each folder that a module adds to `sys.path`, and whether it is put in front."""
    names = {
        target.id: node.value
        for node in tree.body
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    for node in ast.walk(tree):
        for value, first in _added(node):
            path = _Paths(file, names).value(value)
            if path is not None:
                yield os.path.abspath(path), first


def _added(node: ast.AST) -> Iterator[tuple[ast.expr, bool]]:
    match node:
        case ast.Call(func=ast.Attribute(value=owner, attr=name), args=[*_, last]):
            if not _is_search_path(owner):
                return
            if name in ("insert", "append"):
                yield last, name == "insert"
            elif name == "extend" and isinstance(last, ast.List | ast.Tuple):
                yield from ((element, False) for element in last.elts)
        case ast.AugAssign(target=owner, value=ast.List(elts=elements)) if _is_search_path(owner):
            yield from ((element, False) for element in elements)


def _is_search_path(node: ast.expr) -> bool:
    match node:
        case ast.Attribute(value=ast.Name(id="sys"), attr="path"):
            return True
    return False


class _Paths:
    """Evaluates expressions for paths in the module `file`, in which `names` are assigned."""

    def __init__(self, file: Path, names: dict[str, ast.expr]) -> None:
        self._file, self._names = file, names

    def value(self, node: ast.expr) -> str | None:
        """The path, or None where it can't be told."""
        match node:
            case ast.Constant(value=str(text)):
                return text
            case ast.Name(id="__file__"):
                return str(self._file)
            case ast.Name(id=name) if name in self._names:
                # Without the name: an assignment may refer to the value before it.
                rest = {key: value for key, value in self._names.items() if key != name}
                return _Paths(self._file, rest).value(self._names[name])
            case ast.Attribute(value=inner, attr="parent"):
                return self._up(inner, 1)
            case ast.Subscript(
                value=ast.Attribute(value=inner, attr="parents"), slice=ast.Constant(value=int(n))
            ):
                return self._up(inner, n + 1)
            case ast.BinOp(left=left, op=ast.Div(), right=right):
                return self._joined([left, right])
            case ast.Call():
                return self._called(node)
        return None

    def _called(self, node: ast.Call) -> str | None:
        name = called(node)
        if name in ("getcwd", "cwd"):
            return os.getcwd()
        if name == "join":
            return self._joined(node.args)
        if name == "joinpath" and isinstance(node.func, ast.Attribute):
            return self._joined([node.func.value, *node.args])
        if name == "dirname" and node.args:
            return self._up(node.args[0], 1)
        if name not in _SAME | _RESOLVED:
            return None
        inner = node.args[0] if node.args else getattr(node.func, "value", None)
        path = self.value(inner) if inner is not None else None
        return os.path.abspath(path) if path is not None and name in _RESOLVED else path

    def _joined(self, nodes: list[ast.expr]) -> str | None:
        parts = [self.value(node) for node in nodes]
        known = [part for part in parts if part is not None]
        return os.path.join(*known) if known and len(known) == len(parts) else None

    def _up(self, node: ast.expr, levels: int) -> str | None:
        path = self.value(node)
        for _ in range(levels if path is not None else 0):
            path = os.path.dirname(path or "")
        return path
