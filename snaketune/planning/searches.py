"""The searches of a study: their budgets, their spaces, and the configurations that they draw."""

from snaketune.base.errors import StudyError, inside, show
from snaketune.base.identity import canonical
from snaketune.base.words import plural
from snaketune.planning.spaces import Spaces
from snaketune.planning.study import Search
from snaketune.planning.yamlfile import Spec
from snaketune.space.samplers import SOBOL_DIMENSIONS, Design, Seed, grid, sample
from snaketune.space.space import Space

MAX_TRIALS = 100_000  # of a study that does not set max_trials
_MOST_WAITING = 100  # searches in a row, each with the budget of the next
_MOST_DRAWS = 50_000_000  # trials times hyperparameters of a search: 400 MB of numbers

# The keys of a search: of every one, of a grid, and of one that draws.
_COMMON_KEYS = {"sampler", "space", "constraints", "include", "repeats"}
_GRID_KEYS = {"points", "ends", "shuffle"}
_DRAWN_KEYS = {"trials", "seed", "distinct"}


def build_searches(content: Spec) -> tuple[Search, ...]:
    """The searches of a study file, in its order.

    `content` has the right shape. Raises `StudyError`, with the whole path of the fault.
    """
    spaces = Spaces(content)
    for name, spec in content["searches"].items():
        with inside("searches", name):
            _check_keys(spec)
    searches = _Searches(content["searches"], spaces, content.get("max_trials", MAX_TRIALS))
    return tuple(searches.build(name) for name in content["searches"])


class _Searches:
    """Builds each search once, since the budget of one may be that of another."""

    def __init__(self, specs: dict[str, Spec], spaces: Spaces, limit: int) -> None:
        self._specs, self._spaces, self._limit = specs, spaces, limit
        self._built: dict[str, Search] = {}

    def build(self, name: str, waiting: tuple[str, ...] = ()) -> Search:
        """The search `name`; the searches in `waiting` wait for its budget."""
        if name not in self._built:
            self._built[name] = self._search(name, self._budget(name, waiting))
        return self._built[name]

    def _budget(self, name: str, waiting: tuple[str, ...]) -> int | None:
        """The number of trials of one repetition; None for a grid, which has it from its cells."""
        budget: int | dict[str, str] | None = self._specs[name].get("trials")
        if not isinstance(budget, dict):
            return budget
        other, path = budget["match"], ("searches", name, "trials", "match")
        if other not in self._specs:
            names = ", ".join(self._specs)
            raise StudyError(f"there is no search '{other}'", f"Name one of {names}", path)
        if len(waiting) > _MOST_WAITING:
            raise StudyError(
                f"more than {_MOST_WAITING} searches wait for one another's budgets",
                "Give some of them a number",
                path,
            )
        if other in (*waiting, name):
            raise StudyError(
                f"'{name}' matches itself"
                if other == name
                else f"'{name}' and '{other}' wait for each other's budget",
                "Give one of them a number",
                path,
            )
        return self.build(other, (*waiting, name)).trials

    def _search(self, name: str, trials: int | None) -> Search:
        spec, path = self._specs[name], ("searches", name)
        spaces = self._spaces.of_search(spec, path)
        try:
            include = _included(spec.get("include", []), spaces, self._spaces.shared)
            designs = _designs(spec, spaces, include, trials, self._limit)
        except StudyError as error:
            raise self._spaces.placed(error, path, "constraints" in spec) from None
        seed = None if trials is None else spec.get("seed", 0)
        return Search(name, spec["sampler"], seed, spaces, designs)


def _designs(
    spec: Spec, spaces: tuple[Space, ...], include: list[Spec], trials: int | None, limit: int
) -> tuple[Design, ...]:
    """The configurations of each repetition of a search."""
    repeats = spec.get("repeats", 1)
    if trials is not None:
        _check_budget(trials, include, limit, spec.get("distinct", False))
        _check_repeats(trials, repeats, limit)
        _check_draws(trials, spaces, spec["sampler"])
    designs: list[Design] = []
    for repeat in range(repeats):
        if trials is None:
            shuffle = _stream(spec["shuffle"], repeat) if "shuffle" in spec else None
            points, ends = spec.get("points"), spec.get("ends", False)
            designs.append(grid(spaces, points, ends, include, shuffle, limit))
            _check_repeats(len(designs[0].configurations), repeats, limit)
        else:
            seed, distinct = _stream(spec.get("seed", 0), repeat), spec.get("distinct", False)
            designs.append(sample(spaces, spec["sampler"], trials, seed, include, distinct))
    return tuple(designs)


def _stream(seed: int, repeat: int) -> Seed:
    """The seed of a repetition; the first one's is that of a search without repetitions."""
    return [seed, repeat] if repeat else seed


def _check_budget(trials: int, include: list[Spec], limit: int, distinct: bool) -> None:
    if trials > limit:
        raise StudyError(
            f"{trials:,} trials are more than max_trials = {limit:,}",
            "Plan fewer trials, or raise max_trials",
            ("trials",),
        )
    if len(include) > trials:
        raise StudyError(
            f"{len(include)} configurations are more than the budget of {trials}",
            "Raise 'trials', or include fewer",
            ("include",),
        )
    if distinct and len({canonical(config) for config in include}) < len(include):
        raise StudyError(
            "two configurations are the same",
            "Include each once, or leave out 'distinct'",
            ("include",),
        )


def _check_repeats(trials: int, repeats: int, limit: int) -> None:
    """Refuse so many repetitions before they are drawn."""
    if trials * repeats > limit:
        raise StudyError(
            f"{repeats:,} repetitions of {plural(trials, 'trial')} are more than "
            f"max_trials = {limit:,}",
            "Repeat it less often, or raise max_trials",
            ("repeats",),
        )


def _check_draws(trials: int, spaces: tuple[Space, ...], sampler: str) -> None:
    """Refuse what no sampler can draw, or no memory holds."""
    names = len({name for space in spaces for name in space.domains})
    if trials * names > _MOST_DRAWS:
        raise StudyError(
            f"{trials:,} trials of {plural(names, 'hyperparameter')} are more than "
            f"{_MOST_DRAWS:,} draws",
            "Plan fewer trials",
            ("trials",),
        )
    if sampler == "sobol" and names >= SOBOL_DIMENSIONS:
        raise StudyError(
            f"a Sobol' sequence has at most {SOBOL_DIMENSIONS - 1:,} hyperparameters",
            "Take another sampler",
            ("sampler",),
        )


def _included(configs: list[Spec], spaces: tuple[Space, ...], shared: Space) -> list[Spec]:
    """The hand-picked configurations of a search, each with its keys in the space's order.

    Each has to be a configuration of one of the `spaces`; a value may also be one of the domain
    that the study's space, `shared`, has for it.
    """
    found = []
    for position, config in enumerate(configs):
        misfits = []
        for space in spaces:
            misfit = _misfit(config, space, shared)
            if misfit is None:
                found.append({name: config[name] for name in space.domains if name in config})
                break
            misfits.append(misfit)
        else:
            raise misfits[0].inside("include", position)
    return found


def _misfit(config: Spec, space: Space, shared: Space) -> StudyError | None:
    """Why `config` is not a configuration of `space`; None if it is one."""
    active = [name for name in space.domains if space.is_active(name, config)]
    for name, value in config.items():
        if name not in active:
            return StudyError(
                f"'{name}' is not a hyperparameter of this configuration",
                f"Its hyperparameters are {', '.join(active)}",
                (name,),
            )
        domains = (space.domains[name], shared.domains.get(name))
        if not any(domain.contains(value) for domain in domains if domain):
            return StudyError(
                f"{show(value)} is not a value of '{name}'",
                f"Its values are {space.domains[name].described()}",
                (name,),
            )
    for name in active:
        if name not in config:
            return StudyError(
                f"'{name}' is missing in the configuration",
                "Give a value for every hyperparameter that is active in it",
            )
    for constraint in space.constraints:
        if not constraint.holds(config):
            return StudyError(
                f"the configuration violates the constraint {constraint.text}",
                "Change the configuration or the constraint",
            )
    return None


def _check_keys(spec: Spec) -> None:
    """Refuse keys that the sampler of a search does not have, and a missing budget."""
    sampler = spec["sampler"]
    known = _COMMON_KEYS | (_GRID_KEYS if sampler == "grid" else _DRAWN_KEYS)
    for key in spec:
        if key not in known:
            remedy = "Remove it; a grid's budget is the number of its cells"
            raise StudyError(
                f"a {sampler} search has no '{key}'",
                remedy if (sampler, key) == ("grid", "trials") else "Remove it",
                (key,),
            )
    if sampler != "grid" and "trials" not in spec:
        raise StudyError(
            "the key 'trials' is missing",
            "Give a budget, a whole number of at least 1, or {match: <search>}",
        )
