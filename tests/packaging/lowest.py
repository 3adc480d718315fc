"""Constraints for pip: the lowest versions that pyproject.toml allows, and the rest as pinned.

``python tests/packaging/lowest.py`` prints them: of each package that pyproject.toml names with a
bound its lowest version, of any other package the version in constraints.txt.
"""

import tomllib
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]


def requirements(*extras: str) -> list[Requirement]:
    """What pyproject.toml says snaketune needs, with the named extras."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    optional = project["optional-dependencies"]
    named = project["dependencies"] + [text for extra in extras for text in optional[extra]]
    return [Requirement(text) for text in named]


def lowest(requirement: Requirement) -> str:
    """The lowest version that `requirement` allows.

    Raises ValueError where it is not one lower bound and nothing else.

    >>> lowest(Requirement("pandas>=3.1.0"))
    '3.1.0'
    """
    [bound] = requirement.specifier
    if bound.operator != ">=":
        raise ValueError(f"{requirement}: expected is a lower bound")
    return bound.version


def constraints() -> list[str]:
    """Lines ``name==version`` for all packages, by name."""
    pinned = [Requirement(line) for line in pins()]
    versions = {canonicalize_name(pin.name): str(pin.specifier) for pin in pinned}
    for requirement in requirements("parquet", "cluster"):
        versions[canonicalize_name(requirement.name)] = f"=={lowest(requirement)}"
    return [f"{name}{version}" for name, version in sorted(versions.items())]


def pins() -> list[str]:
    """The lines of constraints.txt without its comments."""
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    return [line for line in lines if not line.startswith("#")]


if __name__ == "__main__":
    print(*constraints(), sep="\n")
