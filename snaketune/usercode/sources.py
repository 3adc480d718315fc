"""The code behind a trial: a file, the user's modules that it imports, and their fingerprint.

Files are read and never imported: planning must not import what it plans.
"""

import glob
import os
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from snaketune.base.errors import StudyError, inside
from snaketune.base.identity import (
    canonical,
    code_fingerprint,
    digest,
    file_digest,
    tree_fingerprint,
)
from snaketune.usercode.imports import Import, exported, imports, levels
from snaketune.usercode.modules import Module, Search
from snaketune.usercode.pythonfile import fingerprint_of, parsed, read_python
from snaketune.usercode.searchpath import added_folders, run_files

_EMPTY = code_fingerprint("")


@dataclass
class Code:
    """The code that begins with a module, and what it imports that is not to be found.

    `prints` has the fingerprint of each file, by a name that does not depend on where the project
    lies. `missing` are sentences, one for each import; `imported` has the names, without those of
    submodules, of all that is imported otherwise than by a relative import.
    """

    prints: dict[str, str] = field(default_factory=dict)
    missing: list[str] = field(default_factory=list)
    imported: set[str] = field(default_factory=set)

    @property
    def fingerprint(self) -> str:
        """The fingerprint of all of it."""
        return digest(canonical(self.prints))

    def warn(self, key: str) -> None:
        """Say on standard error what is missing; `key` is the key path that names the code."""
        for missing in self.missing:
            print(
                f"Warning: {key}: {missing}, so that no change in it trains anything again. If it "
                "is yours, name it under 'watch'.",
                file=sys.stderr,
            )


def code_of(main: Module, search: Search) -> Code:
    """The code of `main`, and of the user's modules that it imports, directly or through others.

    Comments, docstrings and layout of Python source don't count. Raises `StudyError` where a file
    is not Python, but for one that is only imported in a `try` or an `if`.
    """
    return _Walk(main, search).code


def code_of_file(file: Path, python_path: Iterable[Path] = ()) -> Code:
    """The code of a Python file with what it imports, as Python finds it for a script.

    `python_path` are folders in which its imports look after its own. Raises `StudyError` where it
    is not Python.
    """
    main, folders = placed(file.resolve())
    return code_of(main, Search([*folders, *python_path], main, script=True))


def fingerprint(file: Path) -> str:
    """The fingerprint of the code of a Python file, or of the bytes of another one."""
    return code_of_file(file).fingerprint if file.suffix == ".py" else file_digest(file)


def placed(file: Path) -> tuple[Module, list[Path]]:
    """The module that a Python file is, and the folders in which its imports look first.

    With relative imports it is part of a package, which its folders name: those with an
    `__init__.py`, and as many as the imports go up. Raises `StudyError` where it is not Python.
    """
    level = levels(read_python(file))
    depth = 0
    while (file.parents[depth] / "__init__.py").is_file():
        depth += 1
    depth = min(max(depth, level), len(file.parents) - 1)
    names = file.with_suffix("").parts[-depth - 1 :] if level else (file.stem,)
    folders: tuple[str, ...] = ()
    if level and file.stem == "__init__":
        names, folders = names[:-1], (str(file.parent),)
    found = dict.fromkeys([file.parent, file.parents[depth]])
    return Module(".".join(names), file, folders), list(found)


class _Walk:
    """Through the files that a module runs; the result is `code`."""

    def __init__(self, main: Module, search: Search) -> None:
        assert main.file is not None and main.top is not None  # code begins with a file
        self.code = Code()
        self._search = search
        self._start = main.file.parent
        self._homes = (main.top.parent, Path.cwd())
        self._seen = {main.file}
        self._waiting = [(main, False)]
        self._missing: list[tuple[Module, Import]] = []
        if "." in main.name:
            self._packages_of(main)
        self._follow_all()
        self.code.missing = list(dict.fromkeys(_said(*missing) for missing in self._missing))

    def _packages_of(self, main: Module) -> None:
        """Add the `__init__.py` of the packages that `main` is in, where they have any code."""
        for package in self._search.locate(main.name)[:-1]:
            tree = read_python(package.file) if package.file else None
            if tree is not None and tree_fingerprint(tree) != _EMPTY:
                self._meet([package], guarded=False)

    def _follow_all(self) -> None:
        while self._waiting:
            if self._follow(*self._waiting.pop()):
                # What was missing may be in a folder that has been added to `sys.path`.
                again, self._missing = self._missing, []
                for module, found in again:
                    self._find(module, found)

    def _follow(self, module: Module, guarded: bool) -> bool:
        """Note the code of a module and what it imports; returns whether it adds to `sys.path`."""
        assert module.file is not None  # only those with one wait
        tree = parsed(module.file, guarded)
        name = self._name(module)
        if tree is None:
            self.code.prints[name] = file_digest(_on_disk(module.file))
            return False
        self.code.prints[name] = fingerprint_of(tree, module.file)
        added = [self._search.add(*each) for each in added_folders(tree, module.file)]
        for found in imports(tree, module.package, guarded):
            self._find(module, found)
        for file in run_files(tree, module.file):
            self._meet([Module(file.stem, file)], guarded)
        return any(added)

    def _find(self, module: Module, found: Import) -> None:
        if not found.known:
            self.code.imported.add(found.name.split(".")[0])
        modules, complete = self._search.find(found.name)
        self._meet(modules[found.known :], found.guarded)
        if found.name.endswith(".*") and modules and modules[-1].file and modules[-1].folders:
            for name in exported(parsed(modules[-1].file, found.guarded)):
                self._find(module, found._replace(name=f"{modules[-1].name}.{name}"))
        required = found.name.count(".") + 1 - found.optional
        if not complete and len(modules) < required and not found.guarded:
            self._missing.append((module, found))

    def _meet(self, modules: list[Module], guarded: bool) -> None:
        for module in modules:
            if module.file is not None and module.file not in self._seen:
                self._seen.add(module.file)
                self._waiting.append((module, guarded))

    def _name(self, module: Module) -> str:
        """A file of the project is named by its place in it, another by its module."""
        assert module.file is not None
        if any(module.file.is_relative_to(home) for home in self._homes):
            return Path(os.path.relpath(module.file, self._start)).as_posix()
        return f"module {module.name}"


def _on_disk(file: Path) -> Path:
    """The file, or the archive that it is in."""
    return next(path for path in (file, *file.parents) if path.is_file())


def _said(module: Module, found: Import) -> str:
    name = found.name.rpartition(".")[0] if found.optional else found.name
    return f"{shown(module)}, line {found.line}, imports '{name}', which is not found"


def shown(module: Module) -> str:
    """The file of a module, for people."""
    assert module.file is not None  # only code that has a file is read
    return relative(module.file)


def relative(file: str | Path) -> str:
    """A file as it is seen from the working directory, where it is in there."""
    return os.path.relpath(file) if Path(file).is_relative_to(Path.cwd()) else str(file)


def existing_file(name: str) -> Path:
    """The file of that name. Raises `StudyError` where it does not exist."""
    path = Path(name)
    if not path.is_file():
        raise StudyError(
            f"there is no file {path} (seen from {Path.cwd()})",
            "Name a file as it is seen from the folder where Snakemake runs",
        )
    return path


def watched(names: list[str]) -> dict[str, str]:
    """The fingerprints of what a study names under `watch`, by these names.

    A pattern has `*`, `?`, `[…]` or `**`. Of a folder all files count, also those in folders
    inside it, but for hidden ones and what Python and this study make. Raises `StudyError` where
    a name or a pattern has no file.
    """
    prints = {}
    for position, name in enumerate(names):
        with inside("watch", position):
            if Path(name).is_file():
                prints[name] = fingerprint(Path(name))
            else:
                prints[name] = _of_all(name)
    return prints


def _of_all(name: str) -> str:
    """The fingerprint of all files in a folder, or of all that a pattern names."""
    found = [name] if Path(name).is_dir() else glob.glob(name, recursive=True)
    inside = _is_made(Path(name))  # by another study, and meant
    places = [Path(place) for place in found if inside or not _is_made(Path(place))]
    files = {file.as_posix(): _alone(file) for place in places for file in _files(place)}
    if not files:
        raise StudyError(
            f"there is no file {name} (seen from {Path.cwd()})",
            "Name a file, a folder or a pattern as it is seen from the folder where Snakemake runs",
        )
    return digest(canonical(files))


def _files(place: Path) -> Iterator[Path]:
    """The file, or all files in the folder but hidden ones and what is made."""
    meant = _is_made(place)
    if place.is_file():
        yield place
    for folder, folders, files in os.walk(place):
        here = Path(folder)
        seen = [name for name in folders if not name.startswith(".")]
        folders[:] = [name for name in seen if meant or not _is_made(here / name)]
        yield from (here / name for name in files if not name.startswith("."))


def _is_made(path: Path) -> bool:
    """Whether Python or a study here makes what is there."""
    return "__pycache__" in path.parts or path.absolute().is_relative_to(Path.cwd() / "results")


def _alone(file: Path) -> str:
    """The fingerprint of a file without what it imports: that is among the files, or is not."""
    tree = parsed(file, guarded=True)
    return file_digest(file) if tree is None else fingerprint_of(tree, file)
