"""What a name stands for at the top level of a module, as far as its source tells."""

import ast
from collections.abc import Iterator

from snaketune.usercode.imports import base_of
from snaketune.usercode.modules import Module, Search
from snaketune.usercode.pythonfile import read_python

_CONSTANTS = (ast.Constant, ast.List, ast.Tuple, ast.Dict, ast.Set, ast.JoinedStr)
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)


class Definitions:
    """Follows a name through assignments, and through imports of the user's modules.

    Where it finds no definition, `lacking` is the module that lacks one and the name that it has
    none for, and `known` are the names that it does define.
    """

    def __init__(self, search: Search) -> None:
        self._search = search
        self._seen: set[tuple[str, str]] = set()
        self.lacking: tuple[Module, str] | None = None
        self.known: list[str] = []

    def of(self, module: Module, name: str) -> list[ast.AST] | None:
        """The nodes that may define the name, none where nothing does; None if that can't be told.

        Raises `StudyError` where a file is not Python.
        """
        if module.file is None or module.file.suffix != ".py" or (module.name, name) in self._seen:
            return None
        self._seen.add((module.name, name))
        bound = bindings(read_python(module.file))
        if "__getattr__" in bound:
            return None
        found = [self._behind(module, name, node) for node in bound.get(name, [])]
        if name not in bound:
            self.lacking = module, name
            self.known = [key for key in bound if _may_be_called(bound[key])]
            found = [self._behind(module, name, node) for node in bound.get("*", [])]
        if None in found:
            return None
        return [node for nodes in found if nodes is not None for node in nodes]

    def _behind(self, module: Module, name: str, node: ast.AST) -> list[ast.AST] | None:
        """The definitions behind a node that binds the name."""
        match node:
            case ast.ImportFrom():
                base = base_of(node, module.package)
                there = [a.name for a in node.names if name == (a.asname or a.name)] or [name]
                if base is None:
                    return None
                return self._imported([*base, *filter(None, [node.module])], there[0])
            case ast.Name(id=other):
                return self.of(module, other) or None  # of Python itself, where it is not bound
            case ast.Attribute(value=ast.Name(id=owner), attr=attribute):
                names = _module_named(module, owner)
                return self._imported(names, attribute) if names else None
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef() | ast.Lambda():
                return [node]
        return [node] if isinstance(node, _CONSTANTS) else None

    def _imported(self, names: list[str], name: str) -> list[ast.AST] | None:
        modules, _ = self._search.find(".".join([*names, name]))
        # More would be a module of that name, fewer are not the user's.
        return self.of(modules[-1], name) if len(modules) == len(names) else None


def bindings(tree: ast.Module) -> dict[str, list[ast.AST]]:
    """The nodes that may bind each name when the module has run; a star import binds "*"."""
    found: dict[str, list[ast.AST]] = {}
    for name, node, certain in _bound(tree.body, True):
        if certain and name != "*":
            found[name] = []
        found.setdefault(name, []).append(node)
    return found


def fault(node: ast.AST, takes: int) -> str | None:
    """Why a definition is no function that is called with so many arguments; None if it is one."""
    if isinstance(node, _CONSTANTS):
        return "is not callable"
    if not isinstance(node, _FUNCTIONS) or getattr(node, "decorator_list", []):
        return None  # what a decorator makes of a function, only running it tells
    if isinstance(node, ast.AsyncFunctionDef):
        return "is a coroutine ('async def'), which nothing awaits"
    if isinstance(node, ast.FunctionDef) and _yields(node):
        return "is a generator (it has 'yield'), which returns nothing when it is called"
    if not _takes(node.args, takes):
        counted = ("no arguments", "one argument", "two arguments")[takes]
        return f"can't be called with {counted}"
    return None


def _bound(body: list[ast.stmt], certain: bool) -> Iterator[tuple[str, ast.AST, bool]]:
    """Names that statements bind, each with the node behind it, and whether that is certain."""
    for node in body:
        match node:
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
                yield name, node, certain
                yield from _globals(node)
                continue
            case ast.ClassDef(name=name):
                yield name, node, certain
                continue
            case ast.Import() | ast.ImportFrom():
                for alias in node.names:
                    yield alias.asname or alias.name.split(".")[0], node, certain
            case ast.Assign(targets=targets, value=value):
                for target in targets:
                    plain = isinstance(target, ast.Name)
                    for name in _names(target):
                        yield name, value if plain else node, certain
            case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value):
                yield name, value, certain
            case ast.AugAssign(target=target):
                yield from ((name, node, certain) for name in _names(target))
            case ast.For(target=target):
                yield from ((name, node, False) for name in _names(target))
            case ast.With(items=items):
                targets = [item.optional_vars for item in items if item.optional_vars]
                yield from ((name, node, certain) for t in targets for name in _names(t))
        inner = list(_blocks(node))
        for block in inner:
            yield from _bound(block, False)
        if not inner:
            for each in ast.walk(node):
                if isinstance(each, ast.NamedExpr):
                    yield each.target.id, each.value, certain


def _blocks(node: ast.stmt) -> Iterator[list[ast.stmt]]:
    """The blocks of a statement such as `if`, `try`, `with`, `for`, `while` and `match`.

    But not those that don't run when a module is imported.
    """
    idle = isinstance(node, ast.If) and _is_false(node.test)
    for name in ("orelse",) if idle else ("body", "orelse", "finalbody"):
        if block := getattr(node, name, None):
            yield block
    for inner in [*getattr(node, "handlers", []), *getattr(node, "cases", [])]:
        yield inner.body


def _is_false(test: ast.expr) -> bool:
    """Whether it is ``__name__ == "__main__"`` or ``TYPE_CHECKING``."""
    match test:
        case ast.Compare(left=ast.Name(id="__name__"), ops=[ast.Eq()]):
            return True
        case ast.Name(id="TYPE_CHECKING") | ast.Attribute(attr="TYPE_CHECKING"):
            return True
    return False


def _globals(function: ast.AST) -> Iterator[tuple[str, ast.AST, bool]]:
    for node in ast.walk(function):
        if isinstance(node, ast.Global):
            yield from ((name, node, False) for name in node.names)


def _names(target: ast.AST) -> list[str]:
    """The names that an assignment to `target` binds."""
    stored = (node for node in ast.walk(target) if isinstance(node, ast.Name))
    return [node.id for node in stored if isinstance(node.ctx, ast.Store)]


def _module_named(module: Module, owner: str) -> list[str]:
    """The names of the module that a module imports under the name `owner`; [] if there is none."""
    assert module.file is not None
    for node in bindings(read_python(module.file)).get(owner, []):
        for alias in node.names if isinstance(node, ast.Import) else ():
            if owner in (alias.asname, alias.name):
                return alias.name.split(".")
    return []


def _may_be_called(nodes: list[ast.AST]) -> bool:
    return not any(isinstance(node, _CONSTANTS) for node in nodes)


def _yields(function: ast.FunctionDef) -> bool:
    """Whether calling the function makes a generator."""
    waiting: list[ast.AST] = list(function.body)
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.Yield | ast.YieldFrom):
            return True
        if not isinstance(node, (*_FUNCTIONS, ast.ClassDef)):
            waiting += ast.iter_child_nodes(node)
    return False


def _takes(arguments: ast.arguments, number: int) -> bool:
    """Whether a function can be called with so many positional arguments."""
    positional = len(arguments.posonlyargs) + len(arguments.args)
    required = positional - len(arguments.defaults)
    named_only = any(default is None for default in arguments.kw_defaults)
    enough = positional >= number or arguments.vararg is not None
    return required <= number and enough and not named_only
