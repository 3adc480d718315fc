"""Finding the function that a study tunes: read as source to plan, imported to run.

Planning must not import what it plans: the objective imports torch, and every cluster job plans.
"""

import ast
import importlib
import importlib.util
import sys
from collections.abc import Callable
from pathlib import Path

from snaketune.errors import StudyError
from snaketune.identity import code_fingerprint

_CONSTANTS = (ast.Constant, ast.List, ast.Tuple, ast.Dict, ast.Set, ast.JoinedStr)


def fingerprint(entrypoint: str) -> str:
    """The fingerprint of the objective's source file, which is read and not imported.

    Raises `StudyError` where the file is not there or not Python, or the function is not in it.
    """
    place, function = entrypoint.rsplit(":", 1)
    source = _source(place)
    try:
        text = source.read_text(encoding="utf-8")
        tree = ast.parse(text)
    except (SyntaxError, UnicodeDecodeError) as error:
        line = f", line {error.lineno}" if isinstance(error, SyntaxError) else ""
        raise StudyError(
            f"{source}{line} is not Python: {error.args[0]}", "Mend the file"
        ) from None
    definition = _definition(tree, function)
    if definition is None:
        raise StudyError(
            f"{source} defines no '{function}'",
            f"Define 'def {function}(config, trial)' there, or name another function",
        )
    if isinstance(definition, _CONSTANTS):
        raise StudyError(
            f"'{function}' in {source} is not callable",
            "Name a function that takes (config, trial) and returns a dict of metrics",
        )
    if isinstance(definition, ast.FunctionDef) and not _takes_two(definition.args):
        raise StudyError(
            f"'{function}' in {source} can't be called with two arguments",
            f"Write 'def {function}(config, trial)'",
        )
    return code_fingerprint(text)


def load(entrypoint: str) -> Callable:
    """Import and return the objective. Its file's folder goes on `sys.path`, as for a script."""
    place, function = entrypoint.rsplit(":", 1)
    if place.endswith(".py"):
        path = Path(place).resolve()
        sys.path.insert(0, str(path.parent))
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


def _takes_two(arguments: ast.arguments) -> bool:
    """Whether a function can be called as ``f(config, trial)``."""
    positional = len(arguments.posonlyargs) + len(arguments.args)
    required = positional - len(arguments.defaults)
    named_only = any(default is None for default in arguments.kw_defaults)
    return required <= 2 and (positional >= 2 or arguments.vararg is not None) and not named_only


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
