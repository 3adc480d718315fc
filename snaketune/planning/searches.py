"""."""

import difflib

from snaketune.base.errors import StudyError, show
from snaketune.base.identity import canonical
from snaketune.planning.study import Search
from snaketune.records.table import LEADING, TRAILING
from snaketune.space.samplers import Design, grid, sample
from snaketune.space.space import Space

MAX_TRIALS = 100_000


# The keys of a search: of every one, of a grid, and of one that draws.
_COMMON_KEYS = {"sampler", "space", "constraints", "include", "repeats"}


_GRID_KEYS = {"points", "ends", "shuffle"}


_DRAWN_KEYS = {"trials", "seed", "distinct"}


class Searches:
    """Builds the searches of a study; the budget of one may wait for another."""

    def __init__(self, content: dict):
        self._specs: dict[str, dict] = content["searches"]
        self._common: dict = content.get("space", {})
        self._constraints: list[str] = content.get("constraints", [])
        self._limit: int = content.get("max_trials", MAX_TRIALS)
        self._built: dict[str, Search] = {}

    def build(self) -> tuple[Search, ...]:
        """All searches in the file's order."""
        _check_names(self._common, ("space",))
        self._check_common()
        for name, spec in self._specs.items():
            _check_keys(name, spec)
        return tuple(self._search(name, ()) for name in self._specs)

    def _check_common(self):
        """Tell a fault in the common space where it stands, and not in a search."""
        self._common_space = self._space({}, [], (), (), ())
        try:
            self._common_space.check_conditions()
        except StudyError as error:
            raise error.inside("space") from None

    def _search(self, name: str, waiting: tuple[str, ...]) -> Search:
        if name not in self._built:
            spec, path = self._specs[name], ("searches", name)
            trials = self._budget(name, waiting)
            spaces = self._spaces(spec, path)
            try:
                include = [
                    self._included(i, config, spaces)
                    for i, config in enumerate(spec.get("include", []))
                ]
                designs = [
                    _design(spec, spaces, include, trials, repeat, self._limit)
                    for repeat in range(spec.get("repeats", 1))
                ]
            except StudyError as error:
                raise self._placed(error, spec, path) from None
            seed = None if spec["sampler"] == "grid" else spec.get("seed", 0)
            self._built[name] = Search(name, spec["sampler"], seed, spaces, tuple(designs))
        return self._built[name]

    def _budget(self, name: str, waiting: tuple[str, ...]) -> int | None:
        """The number of trials of a search: None for a grid, another's where it matches one."""
        budget = self._specs[name].get("trials")
        if not isinstance(budget, dict):
            return budget
        other, path = budget["match"], ("searches", name, "trials", "match")
        if other not in self._specs:
            names = ", ".join(self._specs)
            raise StudyError(f"there is no search '{other}'", f"Name one of {names}", path)
        if other in (*waiting, name):
            fault = f"'{name}' and '{other}' wait for each other's budget"
            raise StudyError(
                f"'{name}' matches itself" if other == name else fault,
                "Give one of them a number",
                path,
            )
        return self._search(other, (*waiting, name)).trials

    def _spaces(self, spec: dict, path: tuple) -> tuple[Space, ...]:
        """The space of a search, or its spaces: each laid over the study's."""
        own = spec.get("space", {})
        constraints = [*self._constraints, *spec.get("constraints", [])]
        listed = own if isinstance(own, list) else [own]
        known = list({**self._common, **{name: None for entries in listed for name in entries}})
        if not known:
            raise StudyError(
                "there are no hyperparameters",
                "Write a space here, or one for the whole study",
                (*path, "space"),
            )
        spaces = []
        for position, entries in enumerate(listed):
            place = (*path, "space", position) if isinstance(own, list) else (*path, "space")
            _check_names(entries, place)
            self._check_overrides(entries, place)
            spaces.append(self._space(entries, constraints, known, place, path))
        return tuple(spaces)

    def _check_overrides(self, entries: dict, path: tuple):
        """An entry of a search overrides one of the study's; a list of spaces may add others."""
        for name in entries if self._common else ():
            close = difflib.get_close_matches(name, self._common, 1)
            if name not in self._common and (close or path[-1] == "space"):
                raise StudyError(
                    "the study's space has no such hyperparameter to override",
                    f"Did you mean '{close[0]}'?"
                    if close
                    else "Add it to 'space'; one value will do",
                    (*path, name),
                )

    def _space(self, entries: dict, constraints: list, known, place: tuple, path: tuple) -> Space:
        """`entries` over the common space; a fault is told with the path where it stands."""
        kept = {name: self._kept(name, entry) for name, entry in entries.items()}
        try:
            return Space.parse({**self._common, **kept}, constraints, known)
        except StudyError as error:
            first, *rest = error.path
            if first == "constraints":
                raise self._placed(error, {}, path) from None
            at = (*(place if first in entries else ("space",)), first, *rest)
            raise StudyError(error.fault, error.remedy, at) from None

    def _placed(self, error: StudyError, spec: dict, path: tuple) -> StudyError:
        """A fault in a search, with the path where it stands: a constraint may be the study's."""
        first, *rest = error.path or ("",)
        if first == "constraints" and rest:
            own = rest[0] - len(self._constraints)
            at = (*path, first, own) if own >= 0 else (first, rest[0])
            return StudyError(error.fault, error.remedy, at)
        if first == "constraints" and "constraints" not in spec:
            return error
        return error.inside(*path)

    def _kept(self, name: str, entry):
        """An override, which keeps the condition of what it overrides unless it has its own."""
        above = self._common.get(name)
        if not isinstance(above, dict) or "when" not in above:
            return entry
        if not isinstance(entry, dict):
            entry = {"choice": entry if isinstance(entry, list) else [entry]}
        return {"when": above["when"], **entry}

    def _included(self, position: int, config: dict, spaces: tuple[Space, ...]) -> dict:
        """A hand-picked configuration, if it is one of a space or of the study's."""
        faults = []
        for space in spaces:
            try:
                return _check_included(config, space, self._common_space)
            except StudyError as error:
                faults.append(error)
        raise faults[0].inside("include", position)


def _check_included(config: dict, space: Space, common: Space) -> dict:
    for name, value in config.items():
        if name not in space.domains or not space.is_active(name, config):
            active = [n for n in space.domains if space.is_active(n, config)]
            raise StudyError(
                f"there is no '{name}' in this configuration",
                f"Its hyperparameters are {', '.join(active)}",
                (name,),
            )
        domains = (space.domains[name], common.domains.get(name))
        if not any(domain.contains(value) for domain in domains if domain):
            raise StudyError(
                f"'{name}' can't be {show(value)}",
                f"Its values are {space.domains[name].told()}",
                (name,),
            )
    for name in space.domains:
        if space.is_active(name, config) and name not in config:
            raise StudyError(
                f"the configuration has no '{name}'",
                "Give a value for every hyperparameter that is active in it",
            )
    for constraint in space.constraints:
        if not constraint.holds(config):
            raise StudyError(
                f"the configuration breaks the constraint {constraint.text}",
                "Change one of the two",
            )
    return {name: config[name] for name in space.domains if name in config}


def _design(
    spec: dict, spaces, include: list, trials: int | None, repeat: int, limit: int
) -> Design:
    """The configurations of one repetition; each has its own stream of the sampler's seed."""

    def stream(seed: int):
        return [seed, repeat] if repeat else seed

    if spec["sampler"] == "grid":
        shuffle = stream(spec["shuffle"]) if "shuffle" in spec else None
        return grid(spaces, spec.get("points"), spec.get("ends", False), include, shuffle, limit)
    if trials > limit:
        raise StudyError(
            f"{trials:,} trials are more than max_trials = {limit:,}",
            "Take fewer, or raise max_trials",
            ("trials",),
        )
    if len(include) > trials:
        raise StudyError(
            f"{len(include)} configurations are more than the budget of {trials}",
            "Raise 'trials', or include fewer",
            ("include",),
        )
    seed, distinct = stream(spec.get("seed", 0)), spec.get("distinct", False)
    if distinct and len({canonical(config) for config in include}) < len(include):
        raise StudyError(
            "two configurations are the same",
            "Include each once, or leave out 'distinct'",
            ("include",),
        )
    return sample(spaces, spec["sampler"], trials, seed, include, distinct)


def _check_keys(name: str, spec: dict):
    sampler = spec["sampler"]
    own = _GRID_KEYS if sampler == "grid" else _DRAWN_KEYS
    for key in spec:
        if key not in _COMMON_KEYS | own:
            remedy = "Remove it; a grid's budget is the number of its cells"
            raise StudyError(
                f"a {sampler} search has no '{key}'",
                remedy if (sampler, key) == ("grid", "trials") else "Remove it",
                ("searches", name, key),
            )
    if sampler != "grid" and "trials" not in spec:
        raise StudyError(
            "the key 'trials' is missing",
            "Give a budget, a whole number of at least 1, or {match: <search>}",
            ("searches", name),
        )


def _check_names(entries: dict, path: tuple):
    for key in entries:
        if key in LEADING + TRAILING:
            raise StudyError(
                "this name is taken by a column of trials.csv",
                f"Rename the hyperparameter, for example to '{key}_'",
                (*path, key),
            )
