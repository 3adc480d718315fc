"""Functions that a study names: read as source to plan, imported to run.

Planning must not import what it plans: the objective imports torch, and every cluster job plans.
"""

import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

from snaketune.base.errors import StudyError, suggest
from snaketune.usercode.definitions import Definitions, fault
from snaketune.usercode.hiding import check_hidden
from snaketune.usercode.loading import load_module
from snaketune.usercode.modules import Module, Search, is_installed
from snaketune.usercode.sources import Code, code_of, placed, relative, shown

Function = Callable[..., Any]

_TOO_LITTLE = ("MemoryError", "OutOfMemoryError")  # of Python, and of PyTorch on a GPU


def check(entrypoint: str, takes: tuple[str, ...]) -> None:
    """Raise `StudyError` where the function does not exist, or does not accept these arguments.

    What only running the code could tell is accepted: what a decorator or an installed package
    makes of the function.
    """
    place, function = entrypoint.rsplit(":", 1)
    module, search = _source(place)
    definitions = Definitions(search)
    found = definitions.of(module, function)
    if found is None:
        return
    signature = f"def {function}({', '.join(takes)})"
    if not found:
        file, name = definitions.lacking or (module, function)
        otherwise = f"Define '{signature}' there, or name another function"
        raise StudyError(
            f"{shown(file)} defines no '{name}'", suggest(name, definitions.known, otherwise)
        )
    faults = [fault(node, len(takes)) for node in found]
    if None not in faults:
        raise StudyError(
            f"'{function}' in {shown(module)} {faults[-1]}",
            f"Write '{signature}', a function that takes ({', '.join(takes)})",
        )


def code(entrypoint: str) -> Code:
    """The code of the function: its file, and the user's modules that it imports.

    Raises `StudyError` where a file does not exist, is not Python, or hides an installed package.
    """
    module, search = _source(entrypoint.rsplit(":", 1)[0])
    found = code_of(module, search)
    check_hidden(found, search)
    return found


def fingerprint(entrypoint: str) -> str:
    """The fingerprint of the `code` of the function.

    For a function that has been kept, it is that of the code which was loaded.
    """
    return _kept[entrypoint][1] if entrypoint in _kept else code(entrypoint).fingerprint


_kept: dict[str, tuple[Function, str]] = {}  # functions that `keep` has loaded, and fingerprints


def keep(entrypoint: str) -> None:
    """Load the function once for all later calls of `load` in this process and its forks."""
    _kept[entrypoint] = load(entrypoint), fingerprint(entrypoint)


def load(entrypoint: str) -> Function:
    """Import and return the function, as `loading.load_module` does.

    Where that fails, it prints the traceback and raises `StudyError`; but the error itself where
    there is too little memory, which another attempt may have.
    """
    if entrypoint in _kept:
        return _kept[entrypoint][0]
    place, name = entrypoint.rsplit(":", 1)
    try:
        function: Function = getattr(load_module(place), name)
    except (Exception, SystemExit) as error:
        if type(error).__name__ in _TOO_LITTLE or isinstance(error, StudyError):
            raise
        traceback.print_exc()
        raise _not_imported(place, error) from None
    return function


def _not_imported(place: str, error: BaseException) -> StudyError:
    """The error of an import that fails, with the last line of the user's code that it came to."""
    frames = traceback.extract_tb(error.__traceback__)
    lines = [(f.filename, f.lineno) for f in frames if _is_users(f.filename)]
    if isinstance(error, SyntaxError) and error.filename:
        lines.append((error.filename, error.lineno))
    where = "".join(f" ({relative(file)}, line {number})" for file, number in lines[-1:])
    words = " ".join(traceback.format_exception_only(error)[-1].split())
    return StudyError(
        f"{place} can't be imported: {words}{where}",
        "Mend the code; the log has the whole traceback",
    )


def _is_users(filename: str) -> bool:
    path = Path(filename)
    return path.is_file() and path.parent != Path(__file__).parent and not is_installed(path)


def _source(place: str) -> tuple[Module, Search]:
    """The module behind `path/file.py` or `package.module`, and where its imports look.

    Raises `StudyError` where there is none in Python source.
    """
    here = Path.cwd()
    if not place.endswith(".py"):
        found = Search([here]).locate(place)
        if len(found) <= place.count(".") or not _is_source(found[-1].file):
            raise _missing(place)
        return found[-1], Search([here], found[-1])
    if not Path(place).is_file():
        raise _missing(place)
    module, folders = placed(Path(place).resolve())
    search = Search([*folders, here], module)
    if "." in module.name or module.folders:
        _check_package(place, module, search)
    return module, search


def _check_package(place: str, module: Module, search: Search) -> None:
    """Raise `StudyError` where the module of a package can't be imported by its full name."""
    found = search.locate(module.name)
    if not found or found[-1].file != module.file:
        first = module.name.split(".")[0]
        raise StudyError(
            f"{place} has relative imports, so it is imported as {module.name}, but '{first}' is "
            "another module",
            f"Rename the folder '{first}', or import without leading dots",
        )


def _is_source(file: Path | None) -> bool:
    return file is not None and file.suffix == ".py" and file.is_file()


def _missing(place: str) -> StudyError:
    remedy = "Write path/file.py:function, or package.module:function of a module in Python source"
    if place.endswith(".py"):
        path = Path(place)
        beside = sorted(each.stem for each in path.parent.glob("*.py"))
        remedy = suggest(path.stem, beside, remedy)
    return StudyError(f"there is no {place} (seen from {Path.cwd()})", remedy)
