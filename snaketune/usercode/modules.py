"""Where Python finds the modules that user code imports, without importing any of them.

Planning must not import what it plans: the objective imports torch, and every cluster job plans.
"""

import os
import site
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib.machinery import ModuleSpec, PathFinder
from pathlib import Path

# The library is not part of what is tuned: no trial gets another name when it is upgraded.
_LIBRARY = "snaketune"
STANDARD = os.path.dirname(os.__file__)  # the folder of the standard library
_PACKAGES = {"site-packages", "dist-packages"}  # folders that installers fill

_before_load: list[str] = []  # `sys.path` before it was changed for, and by, the user's code


@dataclass(frozen=True)
class Module:
    """A module by its full name. `file` is None for a package without `__init__.py`; `folders` are
    those in which the modules of a package are, and empty where it is none."""

    name: str
    file: Path | None
    folders: tuple[str, ...] = ()

    @property
    def package(self) -> str:
        """The package that its relative imports start from."""
        return self.name if self.folders else self.name.rpartition(".")[0]

    @property
    def top(self) -> Path | None:
        """The folder of the outermost package that it is in; its file where it is in none."""
        outer = self.name.count(".") + bool(self.folders)
        return self.file.parents[outer - 1] if self.file and outer else self.file


class Search:
    """The modules that code finds in `folders`, in the standard library, and where Python looks.

    The standard library comes before `folders`, as `loading.load_module` has it; with `script` it
    comes after them and after `PYTHONPATH`, as for a script that Python runs. The code begins with
    the module `main`: where that has the name of a module elsewhere, an import means the other one.
    """

    def __init__(
        self, folders: Iterable[Path], main: Module | None = None, script: bool = False
    ) -> None:
        self._main = main
        self._folders = list(dict.fromkeys(map(str, folders)))
        self._ahead = [*self._folders, *_python_path()] if script else []
        _forget_folders()

    def add(self, folder: str, first: bool) -> bool:
        """Search in a folder that code adds to `sys.path`; returns whether that is new."""
        if folder in self._folders:
            return False
        self._folders.insert(0 if first else len(self._folders), folder)
        return True

    def locate(self, name: str) -> list[Module]:
        """The modules that ``import name`` runs, packages first; fewer than its names where one is
        missing."""
        first, *inner = name.split(".")
        module = self._top(first)
        found: list[Module] = []
        while module is not None:
            found.append(module)
            module = _inside(module, inner.pop(0)) if inner else None
        return found

    def find(self, name: str) -> tuple[list[Module], bool]:
        """The user's modules that ``import name`` runs, packages first, and whether all are there.

        Modules of the standard library and installed ones are there, but are not the user's.
        """
        if name.split(".")[0] in (_LIBRARY, "__main__"):
            return [], True
        found = self.locate(name)
        for position, module in enumerate(found):
            if module.file is not None and not self._is_users(module.file):
                return found[:position], True
        return found, len(found) == len(name.split("."))

    def hiding(self, name: str) -> Module | None:
        """The module of this name in `folders` that an installed one would be without."""
        module = self._top(name)
        if not module or not module.file or is_installed(module.file) or not module.top:
            return None
        elsewhere = [entry for entry in search_path() if entry not in self._folders]
        other = _module(name, PathFinder.find_spec(name, elsewhere))
        hides = str(module.top.parent) in self._folders and other and other.file
        return module if hides and is_installed(hides) else None

    def _is_users(self, file: Path) -> bool:
        own = self._main.top if self._main else None
        return not is_installed(file) or (own is not None and file.is_relative_to(own))

    def _top(self, name: str) -> Module | None:
        """The module of a name without dots."""
        entries = [*self._ahead, *_standard()]
        if name not in sys.stdlib_module_names:
            entries += [*self._folders, *search_path()]
        module = _module(name, PathFinder.find_spec(name, entries))
        if module and self._main and module.file == self._main.file:
            beside = os.path.dirname(str(module.file))
            others = [entry for entry in entries if entry != beside]
            module = _module(name, PathFinder.find_spec(name, others)) or module
        if module is None and name in sys.stdlib_module_names:
            return Module(name, Path(STANDARD))  # built into Python, or for another platform
        return module or _module(name, _editable(name))


def search_path() -> list[str]:
    """Where Python looks for modules before any user code is loaded, without the standard library.

    The working directory only counts where `PYTHONPATH` names it: whether Snakemake has it there
    depends on how Snakemake is started.
    """
    first = _python_path()
    here = os.getcwd()
    # An entry that is no path may stand for the finder of an editable package.
    given = _before_load or sys.path
    entries = [os.path.abspath(e) if os.path.exists(e) else e for e in given if e]
    skipped = {*first, *_standard(), here}
    return list(dict.fromkeys([*first, *(entry for entry in entries if entry not in skipped)]))


def remember_search_path() -> None:
    """Have `search_path` answer as of now, whatever code that is loaded later does to it."""
    _before_load[:] = _before_load or sys.path


def _forget_folders() -> None:
    """Have Python look again at what lies in the folders that it searches.

    `PathFinder.invalidate_caches` does more, and imports what takes as long as all of planning.
    """
    for entry, finder in list(sys.path_importer_cache.items()):
        if finder is None:
            del sys.path_importer_cache[entry]
        elif hasattr(finder, "invalidate_caches"):
            finder.invalidate_caches()


def is_installed(file: Path) -> bool:
    """Whether a file belongs to Python or to an installed package, and so not to the user."""
    if _PACKAGES.intersection(file.parts):
        return True
    return any(file.is_relative_to(folder) for folder in _installations(os.getcwd()))


@cache
def _installations(here: str) -> list[str]:
    """The folders in which what is installed lies."""
    folders = [STANDARD, *site.getsitepackages(), site.getusersitepackages()]
    environment = os.path.abspath(sys.prefix)
    # Where a project lies inside the environment, not all there is installed.
    if sys.prefix != sys.base_prefix and not Path(here).is_relative_to(environment):
        folders.append(environment)
    return folders


def _standard() -> list[str]:
    return [STANDARD, f"{STANDARD}/lib-dynload"]


def _python_path() -> list[str]:
    entries = os.environ.get("PYTHONPATH", "").split(os.pathsep)
    return [os.path.abspath(entry) for entry in entries if entry]


def _inside(package: Module, name: str) -> Module | None:
    """The module `name` of a package."""
    full = f"{package.name}.{name}"
    if not package.folders:
        return None
    # By its last name: for its full name, Python would look for the package among what is loaded.
    return _module(full, PathFinder.find_spec(name, package.folders) or _editable(full, package))


def _module(name: str, spec: ModuleSpec | None) -> Module | None:
    if spec is None:
        return None
    file = Path(spec.origin) if spec.has_location and spec.origin else None
    return Module(name, file, tuple(spec.submodule_search_locations or ()))


def _editable(name: str, package: Module | None = None) -> ModuleSpec | None:
    """What the finders of packages that are installed as editable say of a module.

    The build backends (setuptools, hatchling's `editables`, meson-python, scikit-build-core) all
    name the modules of these finders so.
    """
    folders = list(package.folders) if package else None
    for finder in sys.meta_path:
        owner = getattr(finder, "__module__", None) or ""
        if "editable" in owner and (spec := finder.find_spec(name, folders)) is not None:
            return spec
    return None
