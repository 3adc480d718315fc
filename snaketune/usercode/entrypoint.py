"""Functions that a study names: read as source to plan, imported to run.

Planning must not import what it plans: the objective imports torch, and every cluster job plans.
"""

import ast
import importlib
import importlib.util
import sys
from collections.abc import Callable
from pathlib import Path

from snaketune.base.errors import StudyError
from snaketune.usercode import sources

_CONSTANTS = (ast.Constant, ast.List, ast.Tuple, ast.Dict, ast.Set, ast.JoinedStr)


def check(entrypoint: str, takes: tuple[str, ...]):
    """Raise `StudyError` where there is no such function, or it does not take these arguments."""
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
    """The fingerprint of the function's file and the local modules that it imports.

    Local are those beside the file and in the working directory, as Python finds them. Of a
    function that is kept, it is that of the code as it was loaded. Raises `StudyError` where a file
    is not there or is not Python.
    """
    if entrypoint in _kept:
        return _kept[entrypoint][1]
    place = entrypoint.rsplit(":", 1)[0]
    source = _source(place)
    beside = [source.parent] if place.endswith(".py") else []
    return sources.fingerprint(source, [*beside, Path.cwd()])


_kept: dict[str, tuple[Callable, str]] = {}  # what `keep` has imported, and its fingerprint


def keep(entrypoint: str):
    """Import the function for all that load it in this process, or in a fork of it, hereafter."""
    _kept[entrypoint] = load(entrypoint), fingerprint(entrypoint)


def load(entrypoint: str) -> Callable:
    """Import and return the function.

    The file's folder and the working directory go on `sys.path`, as for a script.
    """
    if entrypoint in _kept:
        return _kept[entrypoint][0]
    place, function = entrypoint.rsplit(":", 1)
    if place.endswith(".py"):
        path = Path(place).resolve()
        sys.path[:0] = [str(path.parent), str(Path.cwd())]
        spec = importlib.util.spec_from_file_location(path.stem, path)
        module = importlib.util.module_from_spec(spec)
        sys.modules[path.stem] = module  # so that classes defined in it can be pickled
        spec.loader.exec_module(module)
    else:
        sys.path.insert(0, str(Path.cwd()))
        module = importlib.import_module(place)
    return getattr(module, function)


def _source(place: str) -> Path:
    """The source file behind `path/file.py` or `package.module`."""
    path = Path(place) if place.endswith(".py") else _module_file(place)
    if path is None or not path.is_file():
        raise StudyError(
            f"there is no {place} (seen from {Path.cwd()})",
            "Write path/file.py:function, or package.module:function of a module in Python source",
        )
    return path


def _module_file(module: str) -> Path | None:
    """Where `module` lies, found without running its packages' `__init__`."""
    package, *inner = module.split(".")
    sys.path.insert(0, str(Path.cwd()))
    try:
        spec = importlib.util.find_spec(package)
    except ValueError:
        spec = None
    finally:
        sys.path.pop(0)
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
    """The top-level node that binds `name`: a def, a class, an import or an assigned value."""
    found = None
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
