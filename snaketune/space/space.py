"""The space of a search: which hyperparameters it has, what each may be, and when."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from snaketune.base.errors import StudyError, inside, show
from snaketune.base.words import join
from snaketune.space.choice import Choice, same
from snaketune.space.constraints import Constraint
from snaketune.space.domains import Domain, Value
from snaketune.space.notation import parse_domain

_INACTIVE = object()  # in place of a value
_MOST_WAITING = 100  # conditions in a row, each on a hyperparameter that is written below it

Config = dict[str, Value]  # a configuration: hyperparameter -> value
Condition = dict[str, list[Value]]  # another hyperparameter -> the values to wait for


@dataclass(frozen=True)
class Space:
    """Hyperparameters by name, in the order of the study file.

    `conditions` maps a hyperparameter to the values that others need to have for it to be active:
    ``{"momentum": {"optimizer": ["sgd"]}}``. An inactive one is absent from the configuration.
    """

    domains: dict[str, Domain]
    conditions: dict[str, Condition] = field(default_factory=dict)
    constraints: tuple[Constraint, ...] = ()

    @classmethod
    def parse(
        cls, spec: Mapping[str, Any], constraints: Sequence[str] = (), known: Collection[str] = ()
    ) -> "Space":
        """The space that a study file writes as `spec`, with constraints as expressions.

        A constraint may name the hyperparameters in `known`, or without it those of `spec`. Raises
        `StudyError` with a path inside the space, or one that begins with ``constraints``.

        >>> space = Space.parse({"lr": {"uniform": [0, 1]}, "act": ["relu", "tanh"]})
        >>> space.configuration({"lr": 0.25, "act": 0.5})
        {'lr': 0.25, 'act': 'tanh'}
        """
        domains, conditions = {}, {}
        for name, entry in spec.items():
            with inside(name):
                if isinstance(entry, dict) and "when" in entry:
                    conditions[name] = _parse_condition(entry["when"])
                    entry = {key: value for key, value in entry.items() if key != "when"}
                domains[name] = parse_domain(entry)
        _check_parents(domains, conditions)
        return cls(
            _parents_first(domains, conditions),
            conditions,
            tuple(Constraint(text, i, known or domains) for i, text in enumerate(constraints)),
        )

    def check_conditions(self) -> None:
        """Raise `StudyError` where a condition waits for a value that its parent never has."""
        for name, condition in self.conditions.items():
            for parent, values in condition.items():
                for value in values:
                    if not self.domains[parent].lists(value):
                        raise StudyError(
                            f"{show(value)} is not a listed value of '{parent}'",
                            "A condition needs a value from a list; the values are "
                            f"{self.domains[parent].described()}",
                            (name, "when", parent),
                        )

    def is_active(self, name: str, config: Config) -> bool:
        """Whether `name` belongs in a configuration whose earlier hyperparameters are `config`."""
        return all(
            parent in config and any(same(config[parent], value) for value in values)
            for parent, values in self.conditions.get(name, {}).items()
        )

    def configuration(self, units: Mapping[str, float]) -> Config:
        """The configuration at one point of the unit cube: a u in [0, 1) per hyperparameter."""
        if not self.conditions:
            return {name: domain.from_unit(units[name]) for name, domain in self.domains.items()}
        config: Config = {}
        for name, domain in self.domains.items():
            if self.is_active(name, config):
                config[name] = domain.from_unit(units[name])
        return config

    def admits(self, config: Config) -> bool:
        """Whether `config` satisfies every constraint. Raises `StudyError` (`Constraint.holds`)."""
        return not self.constraints or all(c.holds(config) for c in self.constraints)

    def axes(
        self, points: int | dict[str, int] | None, ends: bool, most: int
    ) -> dict[str, Sequence[Value]]:
        """The values that a grid tries of each hyperparameter.

        Countable domains give all their values, unless `points` names them; the others give
        `points` values (one number for all of them, or a number per name), cell centres or, with
        `ends`, from end to end. Raises `StudyError` where a continuous axis has no number, and for
        a number above `most`.
        """
        named = points if isinstance(points, dict) else {}
        common = points if isinstance(points, int) else None
        if common is not None:
            _check_points(common, most, ("points",))
        for name, number in named.items():
            if name not in self.domains:
                raise StudyError(
                    f"there is no hyperparameter '{name}'",
                    f"Name one of {', '.join(self.domains)}",
                    ("points", name),
                )
            _check_points(number, most, ("points", name))
        return {
            name: _axis(name, domain, named.get(name), common, ends)
            for name, domain in self.domains.items()
        }

    def cells(self, axes: Mapping[str, Sequence[Value]], most: int) -> list[Config]:
        """The configurations of a grid, row by row: the last axis changes fastest.

        A hyperparameter that is inactive in a row adds no cells to it. The list is cut behind
        `most` cells.
        """
        rows: list[Config] = [{}]
        for name in self.domains:
            longer = (
                row if value is _INACTIVE else {**row, name: value}
                for row in rows
                for value in (axes[name] if self.is_active(name, row) else [_INACTIVE])
            )
            rows = list(islice(longer, most))
        return rows


def _check_points(number: int, most: int, path: tuple[str, ...]) -> None:
    """Raise `StudyError` for an axis with so many points that the grid has too many cells."""
    if number > most:
        raise StudyError(
            f"{number:,} points are more than max_trials = {most:,}", "Take fewer", path
        )


def _axis(
    name: str, domain: Domain, named: int | None, common: int | None, ends: bool
) -> Sequence[Value]:
    """The values of one axis; `named` and `common` are numbers of points, see `Space.axes`."""
    if named is None and domain.values is not None:
        return domain.values
    if named is not None and domain.values is not None and isinstance(domain, Choice):
        raise StudyError(
            f"'{name}' is a list, of which a grid tries all values",
            f"Remove it from 'points', or shorten the list under 'space.{name}'",
            ("points", name),
        )
    points = named or common
    if points is None:
        raise StudyError(
            "a grid needs a list of values here, because the domain is continuous",
            f"List the values to try, or add 'points: {{{name}: 5}}' to the search",
            ("space", name),
        )
    with inside("points", name):
        return domain.grid(points, ends)


def _parse_condition(when: Any) -> Condition:
    if not isinstance(when, dict) or not when:
        raise StudyError(
            f"{show(when)} is not a condition",
            "Write when: {optimizer: sgd}, or with a list of values",
            ("when",),
        )
    return {
        parent: values if isinstance(values, list) else [values] for parent, values in when.items()
    }


def _check_parents(domains: Mapping[str, Domain], conditions: Mapping[str, Condition]) -> None:
    """Raise `StudyError` where a condition names something that is not a hyperparameter."""
    for name, condition in conditions.items():
        for parent in condition:
            if parent not in domains:
                raise StudyError(
                    f"there is no hyperparameter '{parent}'",
                    f"Name one of {', '.join(other for other in domains if other != name)}",
                    (name, "when", parent),
                )


def _parents_first(
    domains: Mapping[str, Domain], conditions: Mapping[str, Condition]
) -> dict[str, Domain]:
    """The hyperparameters in the file's order, but each after those that its condition names."""
    ordered: dict[str, Domain] = {}

    def place(name: str, waiting: tuple[str, ...]) -> None:
        if name in ordered:
            return
        if len(waiting) > _MOST_WAITING:
            raise StudyError(
                f"more than {_MOST_WAITING} conditions wait for one another",
                "Write hyperparameters after those that their conditions name",
                (name, "when"),
            )
        if name in waiting:
            raise StudyError(
                f"the conditions of {join(waiting)} wait for each other",
                "Leave one of them without a condition",
                (name, "when"),
            )
        for parent in conditions.get(name, {}):
            place(parent, (*waiting, name))
        ordered[name] = domains[name]

    for name in domains:
        place(name, ())
    return ordered
