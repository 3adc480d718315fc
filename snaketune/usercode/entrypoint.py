"""Functions that a study names: read as source to plan, imported to run.

Planning must not import what it plans: the objective imports torch, and every cluster job plans.
"""

import ast
import importlib
import importlib.util
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any

from snaketune.base.errors import StudyError
from snaketune.usercode import sources

Function = Callable[..., Any]

_CONSTANTS = (ast.Constant, ast.List, ast.Tuple, ast.Dict, ast.Set, ast.JoinedStr)
_STANDARD = os.path.dirname(os.__file__)  # the folder of the standard library


def check(entrypoint: str, takes: tuple[str, ...]) -> None:
    """Raise `StudyError` where the function does not exist, or does not accept these arguments."""
    place, function = entrypoint.rsplit(":", 1)
    source = _source(place)
    definition = _definition(sources.read_python(source), function)
    signature = f"def {function}({', '.join(takes)})"
    if definition is None:
        raise StudyError(
            f"{source} defines no '{function}'",
            f"Define '{signature}' there, or name another function",
        )
    if isinstance(definition, _CONSTANTS):
        raise StudyError(
            f"'{function}' in {source} is not callable",
            f"Name a function that takes ({', '.join(takes)})",
        )
    if isinstance(definition, ast.FunctionDef) and not _takes(definition.args, len(takes)):
        counted = ("no arguments", "one argument", "two arguments")[len(takes)]
        raise StudyError(
            f"'{function}' in {source} can't be called with {counted}",
            f"Write '{signature}'",
        )


def fingerprint(entrypoint: str) -> str:
    """The fingerprint of the function's file and of the local modules that it imports.

    A module is local where `load` finds it beside the file or in the working directory. For a
    function that has been kept, the fingerprint is that of the code which was loaded. Raises
    `StudyError` where a file does not exist or is not Python.
    """
    if entrypoint in _kept:
        return _kept[entrypoint][1]
    place = entrypoint.rsplit(":", 1)[0]
    source = _source(place)
    beside = [source.parent] if place.endswith(".py") else []
    return sources.fingerprint(source, [*beside, Path.cwd()], hidden=sys.stdlib_module_names)


_kept: dict[str, tuple[Function, str]] = {}  # functions that `keep` has loaded, and fingerprints


def keep(entrypoint: str) -> None:
    """Load the function once for all later calls of `load` in this process and its forks."""
    _kept[entrypoint] = load(entrypoint), fingerprint(entrypoint)


def load(entrypoint: str) -> Function:
    """Import and return the function.

    From then on, imports find the modules beside its file and in the working directory. Those win
    over installed packages, but never hide a module of the standard library. Whatever the
    objective's code raises is raised.
    """
    if entrypoint in _kept:
        return _kept[entrypoint][0]
    place, name = entrypoint.rsplit(":", 1)
    if place.endswith(".py"):
        module = _load_file(Path(place).resolve())
    else:
        sys.path[:] = _local_first(Path.cwd())
        module = importlib.import_module(place)
    function: Function = getattr(module, name)
    return function


def _load_file(path: Path) -> ModuleType:
    folders = path.parent, Path.cwd()
    name = path.stem if _is_free(path.stem, path, folders) else f"snaketune_entrypoint_{path.stem}"
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None and spec.loader is not None  # which it has for every name in .py
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module  # so that classes defined in it can be pickled
    sys.path[:] = _local_first(*folders)
    spec.loader.exec_module(module)
    return module


def _is_free(name: str, path: Path, folders: tuple[Path, ...]) -> bool:
    """Whether no module outside `folders` has this name, but perhaps the file `path` itself.

    It counts what could be imported, loaded or not: every process that loads the entrypoint has to
    give its classes the same name, or the pickles of one would not load in another.
    """
    if name in sys.stdlib_module_names:
        return False
    if not name.isidentifier():
        return True  # no import statement can mean it
    local = set(map(str, folders))
    try:
        with _searching([entry for entry in sys.path if os.path.abspath(entry) not in local]):
            spec = importlib.util.find_spec(name)
    except ValueError:
        return False  # a loaded module without a spec, such as __main__
    return spec is None or spec.origin is None or Path(spec.origin).resolve() == path


def _local_first(*folders: Path) -> list[str]:
    """`sys.path` with `folders` after the standard library and before everything else."""
    standard = [entry for entry in sys.path if entry in (_STANDARD, f"{_STANDARD}/lib-dynload")]
    first = list(dict.fromkeys([*standard, *map(str, folders)]))
    # Python itself may have put the working directory in front, by its name or as "".
    return [*first, *(entry for entry in sys.path if os.path.abspath(entry) not in first)]


@contextmanager
def _searching(entries: list[str]) -> Iterator[None]:
    """Search for modules in `entries` within the block."""
    before = sys.path[:]
    sys.path[:] = entries
    try:
        yield
    finally:
        sys.path[:] = before


def _source(place: str) -> Path:
    """The source file behind `path/file.py` or `package.module`. Raises `StudyError`."""
    path = Path(place) if place.endswith(".py") else _module_file(place)
    if path is None or not path.is_file():
        raise StudyError(
            f"there is no {place} (seen from {Path.cwd()})",
            "Write path/file.py:function, or package.module:function of a module in Python source",
        )
    return path


def _module_file(module: str) -> Path | None:
    """Where `load` would find `module`; its packages' `__init__` are not run."""
    package, *inner = module.split(".")
    try:
        with _searching(_local_first(Path.cwd())):
            spec = importlib.util.find_spec(package)
    except ValueError:
        spec = None
    if spec is None or spec.origin is None:
        return None
    if not inner:
        return Path(spec.origin)
    base = Path(spec.origin).parent.joinpath(*inner)
    return base / "__init__.py" if base.is_dir() else base.with_suffix(".py")


def _takes(arguments: ast.arguments, number: int) -> bool:
    """Whether a function can be called with so many positional arguments."""
    positional = len(arguments.posonlyargs) + len(arguments.args)
    required = positional - len(arguments.defaults)
    named_only = any(default is None for default in arguments.kw_defaults)
    enough = positional >= number or arguments.vararg is not None
    return required <= number and enough and not named_only


def _definition(tree: ast.Module, name: str) -> ast.AST | None:
    """The last top-level node that binds `name`: a def, a class, an import or an assigned value."""
    found: ast.AST | None = None
    for node in tree.body:
        match node:
            case ast.FunctionDef() | ast.ClassDef() if node.name == name:
                found = node
            case ast.Import() | ast.ImportFrom():
                if name in [alias.asname or alias.name for alias in node.names]:
                    found = node
            case ast.Assign():
                if any(isinstance(t, ast.Name) and t.id == name for t in node.targets):
                    found = node.value
    return found
