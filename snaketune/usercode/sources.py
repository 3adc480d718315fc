"""The code behind a trial: a file, the local modules that it imports, and their fingerprint.

Files are read and never imported: planning must not import what it plans.
"""

import ast
import os
from collections.abc import Collection, Iterator
from pathlib import Path

from snaketune.base.errors import StudyError, inside
from snaketune.base.identity import canonical, digest, file_digest, tree_fingerprint

# The library is not part of what is tuned: no trial gets another name when it is upgraded.
_LIBRARY = "snaketune"


def fingerprint(file: Path, roots: list[Path], hidden: Collection[str] = ()) -> str:
    """The fingerprint of a file.

    For Python source it covers the local modules that the file imports, directly or through
    others, and ignores comments, docstrings and layout; for another file it is that of its bytes.
    `roots` are the folders in which local modules are looked for, except for those whose name is
    `hidden` by a module elsewhere. Raises `StudyError` where a file does not exist or is not
    Python.
    """
    if file.suffix != ".py":
        return file_digest(file)
    folders = [root.resolve() for root in roots]
    codes: dict[str, str] = {}
    waiting = [file.resolve()]
    while waiting:
        path = waiting.pop()
        name = Path(os.path.relpath(path, file.resolve().parent)).as_posix()
        if name not in codes:
            tree = read_python(path)
            codes[name] = tree_fingerprint(tree)
            waiting += _imported(tree, path, folders, {_LIBRARY, *hidden})
    return digest(canonical(codes))


def existing_file(name: str) -> Path:
    """The file of that name. Raises `StudyError` where it does not exist."""
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
        with inside("watch", position):
            path = existing_file(name)
            prints[name] = fingerprint(path, [path.parent])
    return prints


def read_python(path: Path) -> ast.Module:
    """The syntax tree of a Python file. Raises `StudyError` where it is not Python."""
    try:
        return ast.parse(path.read_text(encoding="utf-8"))
    except (SyntaxError, UnicodeDecodeError) as error:
        line = f", line {error.lineno}" if isinstance(error, SyntaxError) else ""
        place = os.path.relpath(path)
        raise StudyError(f"{place}{line} is not Python: {error.args[0]}", "Mend the file") from None


def _imported(tree: ast.Module, path: Path, roots: list[Path], hidden: set[str]) -> Iterator[Path]:
    """The local files that the imports of a module run, wherever in the module they are."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield from _located(alias.name, roots, hidden)
        elif isinstance(node, ast.ImportFrom):
            # Only a module at the top level can be hidden by another.
            inner = [path.parents[node.level - 1]] if node.level else []
            for alias in node.names:
                module = ".".join(filter(None, [node.module, alias.name]))
                yield from _located(module, inner or roots, {_LIBRARY} if inner else hidden)


def _located(module: str, folders: list[Path], hidden: set[str]) -> list[Path]:
    """The files that ``import module`` runs, packages first; none where it is not local.

    The last part may also be a name that is defined in a module; then the module is found.
    """
    first, *_ = parts = module.split(".")
    for folder in folders if first not in hidden else ():
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
