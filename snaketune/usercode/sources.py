"""The code behind a trial: a file, the local modules that it imports, and their fingerprint.

Files are read and never imported: planning must not import what it plans.
"""

import ast
import os
from collections.abc import Iterator
from pathlib import Path

from snaketune.base.errors import StudyError
from snaketune.base.identity import canonical, digest, file_digest, tree_fingerprint

# The library is no part of what is tuned: an upgrade of it names no trial anew.
_NOT_LOCAL = "snaketune"


def fingerprint(file: Path, roots: list[Path]) -> str:
    """The fingerprint of a file.

    For Python source it covers the local modules that the file imports, directly or through
    others, and leaves out comments, docstrings and layout; for another file it is that of its
    bytes. `roots` are the folders in which local modules are looked for. Raises `StudyError`
    where a file is not there or is not Python.
    """
    if file.suffix != ".py":
        return file_digest(file)
    codes, waiting = {}, [file.resolve()]
    while waiting:
        path = waiting.pop()
        name = Path(os.path.relpath(path, file.resolve().parent)).as_posix()
        if name not in codes:
            tree = read_python(path)
            codes[name] = tree_fingerprint(tree)
            waiting += _imported(tree, path, [root.resolve() for root in roots])
    return digest(canonical(codes))


def existing_file(name: str) -> Path:
    """The file of that name. Raises `StudyError` where there is none."""
    path = Path(name)
    if not path.is_file():
        raise StudyError(
            f"there is no file {path} (seen from {Path.cwd()})",
            "Name a file as it is seen from the folder where Snakemake runs",
        )
    return path


def watched(files: list[str]) -> dict[str, str]:
    """The fingerprints of the files that a study names under `watch`. Raises `StudyError`."""
    prints = {}
    for position, name in enumerate(files):
        try:
            path = existing_file(name)
            prints[name] = fingerprint(path, [path.parent])
        except StudyError as error:
            raise error.inside("watch", position) from None
    return prints


def read_python(path: Path) -> ast.Module:
    """The syntax tree of a Python file. Raises `StudyError`."""
    try:
        return ast.parse(path.read_text(encoding="utf-8"))
    except (SyntaxError, UnicodeDecodeError) as error:
        line = f", line {error.lineno}" if isinstance(error, SyntaxError) else ""
        shown = os.path.relpath(path)
        raise StudyError(f"{shown}{line} is not Python: {error.args[0]}", "Mend the file") from None


def _imported(tree: ast.Module, path: Path, roots: list[Path]) -> Iterator[Path]:
    """The local files that the imports of a module run, wherever in it they stand."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield from _located(alias.name, roots)
        elif isinstance(node, ast.ImportFrom):
            package = [path.parents[node.level - 1]] if node.level else roots
            for alias in node.names:
                yield from _located(".".join(filter(None, [node.module, alias.name])), package)


def _located(module: str, folders: list[Path]) -> list[Path]:
    """The files that ``import module`` runs, packages first; nothing where it is not local.

    The last part may also be a name that is defined in a module; then the module is found.
    """
    first, *_ = parts = module.split(".")
    for folder in folders if first != _NOT_LOCAL else ():
        found, place = [], folder
        for part in parts:
            place = place / part
            if place.with_suffix(".py").is_file():
                found.append(place.with_suffix(".py"))
                break
            if (place / "__init__.py").is_file():
                found.append(place / "__init__.py")
            elif not place.is_dir():
                break
        if found:
            return found
    return []
