"""The space of a search: which hyperparameters there are, and what each may be."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product

from snaketune.domains import Choice, Domain, parse_domain
from snaketune.errors import StudyError


@dataclass(frozen=True)
class Space:
    """Hyperparameters by name, in the order of the study file."""

    domains: dict[str, Domain]

    @classmethod
    def parse(cls, spec: dict) -> "Space":
        """The space that a study file writes as `spec`; raises `StudyError` with a path in it."""
        domains = {}
        for name, domain in spec.items():
            try:
                domains[name] = parse_domain(domain)
            except StudyError as error:
                raise error.inside(name) from None
        return cls(domains)

    def configuration(self, units: dict[str, float]) -> dict:
        """The configuration at one point of the unit cube: a u in [0, 1) per hyperparameter."""
        return {name: domain.from_unit(units[name]) for name, domain in self.domains.items()}

    def axes(self, points: int | dict[str, int] | None) -> dict[str, Sequence]:
        """The values that a grid tries on each axis.

        Countable domains give all their values, unless `points` names them; the others give
        `points` cell centres (one number for all of them, or a number per name).
        Raises `StudyError` where a continuous axis has no number of points.
        """
        named = points if isinstance(points, dict) else {}
        for name in named:
            if name not in self.domains:
                raise StudyError(
                    f"there is no hyperparameter '{name}'",
                    f"Name one of {', '.join(self.domains)}",
                    ("points", name),
                )
        return {
            name: _axis(name, domain, named.get(name), points if isinstance(points, int) else None)
            for name, domain in self.domains.items()
        }


def _axis(name: str, domain: Domain, own: int | None, common: int | None) -> Sequence:
    if own is not None and isinstance(domain, Choice):
        raise StudyError(
            f"'{name}' is a list, of which a grid tries all values",
            f"Remove it from 'points', or shorten the list under 'space.{name}'",
            ("points", name),
        )
    if own is None and domain.values is not None:
        return domain.values
    if own is None and common is None:
        raise StudyError(
            "a grid needs a list of values here, for the domain is continuous",
            f"List the values to try, or add 'points: {{{name}: 5}}' to the search",
            ("space", name),
        )
    # Quantised domains and those of few integers can give a value for several cells.
    return list(dict.fromkeys(domain.grid(own or common)))


def grid_size(axes: dict[str, Sequence]) -> int:
    """How many cells a grid has."""
    return math.prod(len(values) for values in axes.values())


def grid_cells(axes: dict[str, Sequence]) -> Iterator[dict]:
    """The configurations of a grid, row by row: the last axis changes fastest."""
    for values in product(*axes.values()):
        yield dict(zip(axes, values, strict=True))
