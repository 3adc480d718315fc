"""One file of Python source: its syntax tree, and the fingerprint of that."""

import ast
import os
import sys
import warnings
from functools import lru_cache
from pathlib import Path

from snaketune.base.errors import StudyError
from snaketune.base.identity import file_digest, tree_fingerprint

_DEEPEST = 1000  # levels of a syntax tree


def read_python(path: Path) -> ast.Module:
    """The syntax tree of a Python file. Raises `StudyError` where it is not Python."""
    try:
        return _tree(path.read_bytes())
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        line = f", line {error.lineno}" if isinstance(error, SyntaxError) and error.lineno else ""
        said = error.args[0] if error.args else "it is nested too deeply"
        fault = f"{os.path.relpath(path)}{line} is not Python: {said}"
        raise StudyError(fault, "Mend the file") from None


@lru_cache(maxsize=4)  # planning reads a file for several purposes, one after another
def _tree(content: bytes) -> ast.Module:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of escapes that Python warns of when it runs them
        return ast.parse(content)


def parsed(file: Path, guarded: bool) -> ast.Module | None:
    """The syntax tree of a file; None for one that is no Python source by its name.

    None as well for one that is not Python where its import is `guarded`, so that it may fail.
    Raises `StudyError` otherwise.
    """
    if file.suffix != ".py" or not file.is_file():
        return None
    try:
        return read_python(file)
    except StudyError:
        if guarded:
            return None
        raise


def fingerprint_of(tree: ast.Module, file: Path) -> str:
    """The fingerprint of a file's code; that of its bytes where it is nested too deeply.

    A sum of so many terms is. Not where Python would give up: that differs between its versions.
    """
    waiting: list[ast.AST] = [tree]
    depth = 0
    while waiting:
        depth += 1
        waiting = [child for node in waiting for child in ast.iter_child_nodes(node)]
    if depth > _DEEPEST:
        return file_digest(file)
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(max(limit, 10 * _DEEPEST))
    try:
        return tree_fingerprint(tree)
    finally:
        sys.setrecursionlimit(limit)
