"""A module of the user with the name of an installed one: fine, unless other packages need that."""

import re
from importlib import metadata

from snaketune.base.errors import StudyError
from snaketune.usercode.modules import Search
from snaketune.usercode.sources import Code, shown


def check_hidden(code: Code, search: Search) -> None:
    """Raise `StudyError` where the code imports a module that hides an installed one from others.

    Its folder comes before installed packages, and that holds for what they import, too.
    """
    for name in sorted(code.imported):
        module = search.hiding(name)
        package = _dependent(name) if module else None
        if module and package:
            raise StudyError(
                f"{shown(module)} hides the installed package '{name}', which {package} needs",
                "Give the file, or the folder, another name",
            )


def _dependent(name: str) -> str | None:
    """An installed package that needs the one which has the module `name`."""
    providers = set(map(_plain, metadata.packages_distributions().get(name, [])))
    for distribution in metadata.distributions():
        for requirement in distribution.requires or []:
            needed = re.match(r"[\w.-]+", requirement)
            if needed and _plain(needed[0]) in providers and "extra ==" not in requirement:
                return str(distribution.metadata["Name"])
    return None


def _plain(name: str) -> str:
    """The name of a distribution as package indexes compare it."""
    return re.sub(r"[-_.]+", "-", name).lower()
