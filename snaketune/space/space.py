"""The space of a search: which hyperparameters there are, what each may be, and when."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field

from snaketune.base.errors import StudyError, show
from snaketune.space.constraints import Constraint
from snaketune.space.domains import Choice, Domain
from snaketune.space.notation import parse_domain


@dataclass(frozen=True)
class Space:
    """Hyperparameters by name, in the order of the study file.

    `conditions` maps a hyperparameter to the values that others need to have for it to be active:
    ``{"momentum": {"optimizer": ["sgd"]}}``. An inactive one is absent from the configuration.
    """

    domains: dict[str, Domain]
    conditions: dict[str, dict[str, list]] = field(default_factory=dict)
    constraints: tuple[Constraint, ...] = ()

    @classmethod
    def parse(
        cls, spec: dict, constraints: Sequence[str] = (), known: Collection[str] = ()
    ) -> "Space":
        """The space that a study file writes as `spec`, with constraints as expressions.

        A constraint may name the hyperparameters of `spec` and of `known`, those of other spaces.
        Raises `StudyError` with a path inside the space, or from ``constraints`` on.
        """
        domains, conditions = {}, {}
        for name, entry in spec.items():
            try:
                when = {}
                if isinstance(entry, dict) and "when" in entry:
                    when = _parse_condition(entry["when"])
                    entry = {key: value for key, value in entry.items() if key != "when"}
                domains[name] = parse_domain(entry)
                if when:
                    conditions[name] = when
            except StudyError as error:
                raise error.inside(name) from None
        _check_parents(domains, conditions)
        return cls(
            _parents_first(domains, conditions),
            conditions,
            tuple(Constraint(text, i, known or domains) for i, text in enumerate(constraints)),
        )

    def check_conditions(self):
        """Raise `StudyError` where a condition waits for a value that can't come."""
        for name, condition in self.conditions.items():
            for parent, values in condition.items():
                for value in values:
                    if not self.domains[parent].lists(value):
                        raise StudyError(
                            f"'{parent}' can't be just {show(value)}",
                            f"Name a value that a trial can meet: {self.domains[parent].told()}",
                            (name, "when", parent),
                        )

    def is_active(self, name: str, config: dict) -> bool:
        """Whether `name` is there in a configuration whose earlier hyperparameters are `config`."""
        return all(
            parent in config and config[parent] in values
            for parent, values in self.conditions.get(name, {}).items()
        )

    def configuration(self, units: dict[str, float]) -> dict:
        """The configuration at one point of the unit cube: a u in [0, 1) per hyperparameter."""
        if not self.conditions:
            return {name: domain.from_unit(units[name]) for name, domain in self.domains.items()}
        config = {}
        for name, domain in self.domains.items():
            if self.is_active(name, config):
                config[name] = domain.from_unit(units[name])
        return config

    def admits(self, config: dict) -> bool:
        """Whether `config` meets every constraint."""
        return not self.constraints or all(c.holds(config) for c in self.constraints)

    def axes(self, points: int | dict[str, int] | None, ends: bool = False) -> dict[str, Sequence]:
        """The values that a grid tries of each hyperparameter.

        Countable domains give all their values, unless `points` names them; the others give
        `points` values (one number for all of them, or a number per name), cell centres or, with
        `ends`, from end to end. Raises `StudyError` where a continuous axis has no number.
        """
        named = points if isinstance(points, dict) else {}
        for name in named:
            if name not in self.domains:
                raise StudyError(
                    f"there is no hyperparameter '{name}'",
                    f"Name one of {', '.join(self.domains)}",
                    ("points", name),
                )
        common = points if isinstance(points, int) else None
        return {
            name: _axis(name, domain, named.get(name), common, ends)
            for name, domain in self.domains.items()
        }

    def cells(self, axes: dict[str, Sequence]) -> Iterator[dict]:
        """The configurations of a grid, row by row: the last axis changes fastest.

        A hyperparameter that is inactive in a row adds no cells to it.
        """
        names = list(self.domains)

        def rows(position: int, config: dict) -> Iterator[dict]:
            if position == len(names):
                yield config
            elif self.is_active(names[position], config):
                for value in axes[names[position]]:
                    yield from rows(position + 1, {**config, names[position]: value})
            else:
                yield from rows(position + 1, config)

        return rows(0, {})


def _axis(name: str, domain: Domain, own: int | None, common: int | None, ends: bool) -> Sequence:
    countable = domain.values is not None
    if own is not None and countable and isinstance(domain, Choice):
        raise StudyError(
            f"'{name}' is a list, of which a grid tries all values",
            f"Remove it from 'points', or shorten the list under 'space.{name}'",
            ("points", name),
        )
    if own is None and countable:
        return domain.values
    if own is None and common is None:
        raise StudyError(
            "a grid needs a list of values here, for the domain is continuous",
            f"List the values to try, or add 'points: {{{name}: 5}}' to the search",
            ("space", name),
        )
    try:
        return domain.grid(own or common, ends)
    except StudyError as error:
        raise error.inside("points", name) from None


def _parse_condition(when) -> dict[str, list]:
    if not isinstance(when, dict) or not when:
        raise StudyError(
            f"{show(when)} is no condition",
            "Write when: {optimizer: sgd}, or with a list of values",
            ("when",),
        )
    return {
        parent: values if isinstance(values, list) else [values] for parent, values in when.items()
    }


def _check_parents(domains: dict[str, Domain], conditions: dict[str, dict[str, list]]):
    """Every condition names another hyperparameter."""
    for name, condition in conditions.items():
        for parent in condition:
            if parent not in domains:
                raise StudyError(
                    f"there is no hyperparameter '{parent}'",
                    f"Name one of {', '.join(other for other in domains if other != name)}",
                    (name, "when", parent),
                )


def _parents_first(
    domains: dict[str, Domain], conditions: dict[str, dict[str, list]]
) -> dict[str, Domain]:
    """The hyperparameters in the file's order, but each after those that its condition names."""
    ordered = {}

    def place(name: str, waiting: tuple[str, ...]):
        if name in waiting:
            raise StudyError(
                f"the conditions of {' and '.join(waiting)} wait for each other",
                "Leave one of them without a condition",
                (name, "when"),
            )
        for parent in conditions.get(name, {}):
            place(parent, (*waiting, name))
        ordered[name] = domains[name]

    for name in domains:
        place(name, ())
    return ordered
