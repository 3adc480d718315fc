"""Importing the user's code, so that it finds its own modules and hides no others."""

import importlib
import importlib.util
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.machinery import ModuleSpec, PathFinder
from pathlib import Path
from types import ModuleType

from snaketune.usercode.modules import STANDARD, remember_search_path
from snaketune.usercode.sources import placed


def load_module(place: str) -> ModuleType:
    """Import `path/file.py` or `package.module`; raises whatever the code raises.

    From then on, imports find the modules beside its file and in the working directory. Those win
    over installed packages, but never hide a module of the standard library.
    """
    remember_search_path()
    here = Path.cwd()
    if not place.endswith(".py"):
        sys.path[:] = _local_first(here)
        return importlib.import_module(place)
    module, folders = placed(Path(place).resolve())
    sys.path[:] = _local_first(*folders, here)
    if "." in module.name or module.folders:
        return importlib.import_module(module.name)
    assert module.file is not None  # it has just been read
    return _load_file(module.name, module.file, (*folders, here))


def _load_file(name: str, path: Path, folders: tuple[Path, ...]) -> ModuleType:
    if not _is_free(name, path, folders):
        sys.meta_path.insert(0, _Elsewhere(name, path))
        name = f"snaketune_entrypoint_{name}"
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None and spec.loader is not None  # which it has for every name in .py
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module  # so that classes defined in it can be pickled
    spec.loader.exec_module(module)
    return module


class _Elsewhere:
    """Has `import` find the module `name` elsewhere than in `file`, which has another name."""

    def __init__(self, name: str, file: Path) -> None:
        self._name, self._folder = name, str(file.parent)

    def find_spec(self, name: str, path: object = None, target: object = None) -> ModuleSpec | None:
        """The spec that Python would find without the file."""
        if name != self._name:
            return None
        return PathFinder.find_spec(name, [entry for entry in sys.path if entry != self._folder])


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
    standard = [entry for entry in sys.path if entry in (STANDARD, f"{STANDARD}/lib-dynload")]
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
