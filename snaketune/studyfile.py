"""Reading a study file: its shape by JSON Schema, then its meaning, then the study.

Every fault is one `StudyError` that names file, key path, what is wrong and what would be right.
"""

import difflib
import math
import os
import sys
from collections.abc import Callable
from pathlib import Path

import jsonschema
import yaml

from snaketune import command, entrypoint
from snaketune.data import describe as describe_data
from snaketune.errors import StudyError, show, suggest
from snaketune.identity import canonical
from snaketune.logs import FAULT
from snaketune.resources import parse_resources
from snaketune.samplers import Design, grid, sample
from snaketune.sources import watched
from snaketune.space import Space
from snaketune.study import Objective, Search, Study
from snaketune.table import LEADING, TRAILING
from snaketune.yamlfile import load_yaml, read_scalars

SCHEMA = Path(__file__).parent.parent / "workflow" / "schemas" / "config.schema.yaml"

MAX_TRIALS = 100_000

# The keys of a search: of every one, of a grid, and of one that draws.
_COMMON_KEYS = {"sampler", "space", "constraints", "include", "repeats"}
_GRID_KEYS = {"points", "ends", "shuffle"}
_DRAWN_KEYS = {"trials", "seed", "distinct"}


def load_study(file, overrides: dict | None = None) -> Study:
    """The study in the YAML `file`, with `overrides` (Snakemake's ``--config``) merged over it.

    Raises `StudyError` that names file, key path, fault and remedy.
    """
    content = load_yaml(file)
    try:
        content = _merge(content, read_scalars(overrides or {}))
        _check_finite(content)
        _check_shape(content)
        return _build(content, str(file))
    except StudyError as error:
        raise error.inside(file=error.file or file) from None


def open_study(files, overrides: dict) -> Study:
    """`load_study` for the Snakefile: of one file, ending the process with the error's own words.

    Snakemake would merge several config files, and print a traceback under an error.
    """
    shown = [os.path.relpath(file) for file in files]
    try:
        if len(shown) != 1:
            raise StudyError(
                f"{len(shown)} config files are given ({', '.join(shown)})",
                "A study is one file; for small changes there is --config key=value",
            )
        return load_study(shown[0], overrides)
    except StudyError as error:
        sys.exit(f"{FAULT} {error}")


def _merge(base: dict, over: dict) -> dict:
    """`base` with `over` laid over it, key by key, as Snakemake merges ``--config``."""
    merged = dict(base)
    for key, value in over.items():
        both = isinstance(value, dict) and isinstance(merged.get(key), dict)
        merged[key] = _merge(merged[key], value) if both else value
    return merged


def _check_finite(value, path: tuple = ()):
    if isinstance(value, float) and not math.isfinite(value):
        raise StudyError(f"{value} is not a finite number", "Write a number", path)
    if isinstance(value, dict | list):
        for key, item in value.items() if isinstance(value, dict) else enumerate(value):
            _check_finite(item, (*path, key))


def _is_integer(_, value) -> bool:
    """JSON Schema counts 9.0 as an integer; a budget written as 9.0 is more likely a slip."""
    return isinstance(value, int) and not isinstance(value, bool)


_Validator = jsonschema.validators.extend(
    jsonschema.Draft202012Validator,
    type_checker=jsonschema.Draft202012Validator.TYPE_CHECKER.redefine("integer", _is_integer),
)


def _check_shape(content: dict):
    """Raise the first fault that the schema finds, in the words of the schema's descriptions."""
    schema = yaml.load(SCHEMA.read_text(encoding="utf-8"), yaml.CSafeLoader)
    error = jsonschema.exceptions.best_match(_Validator(schema).iter_errors(content))
    if error is None:
        return
    described = error
    while described.parent is not None and "description" not in described.schema:
        described = described.parent  # inside anyOf: the description is on the outside
    path = tuple(error.absolute_path)
    description = described.schema["description"]
    expected = f"Expected is {description}"
    match error.validator:
        case "required":
            missing = next(key for key in error.validator_value if key not in error.instance)
            wanted = error.schema["properties"].get(missing, {}).get("description", description)
            raise StudyError(f"the key '{missing}' is missing", f"Expected is {wanted}", path)
        case "additionalProperties" if error.validator_value is False:
            known = list(error.schema["properties"])
            unknown = next(key for key in error.instance if key not in known)
            hint = suggest(unknown, known, f"Known are {', '.join(known)}")
            raise StudyError("there is no such key", hint, (*path, unknown))
        case "type":
            raise StudyError(f"{show(error.instance)} is not {_kind(error)}", expected, path)
        case "minItems" | "minProperties":
            raise StudyError(f"{show(error.instance)} has too few entries", expected, path)
        case _:
            raise StudyError(f"{show(error.instance)} can't stand here", expected, path)


def _kind(error) -> str:
    names = {"object": "a mapping", "array": "a list", "integer": "a whole number"}
    names["string"] = "text"
    return names.get(error.validator_value, f"a {error.validator_value}")


def _build(content: dict, file: str) -> Study:
    """The study of a `content` whose shape has been checked."""
    data = content.get("data")
    searches = _Searches(content).build()
    study = Study(
        name=content["study"],
        file=file,
        objective=_build_objective(content["objective"], searches),
        data_source=data,
        data=_inside("data", describe_data, data) if data is not None else None,
        seeds=tuple(content.get("seeds", [0])),
        searches=searches,
        resources=_inside("resources", parse_resources, content.get("resources", {})),
        retries=content.get("retries", 0),
        stop_on_failure=content.get("on_failure") == "stop",
        retry_failed=content.get("retry_failed", False),
        refit=content.get("refit", False),
        warm=content.get("warm", True),
    )
    limit = content.get("max_trials", MAX_TRIALS)
    if study.refit and (study.objective.command or not study.data):
        raise StudyError(
            "only a function that gets its data from the study can be trained on training and "
            "validation data together",
            "Name the data under 'data', or remove this",
            ("refit",),
        )
    runs = len(study.seeds) * len(study.folds)
    trials = sum(s.trials * len(s.designs) for s in study.searches) * runs
    if trials > limit:
        raise StudyError(
            f"the study plans {trials:,} trials; the limit is {limit:,}",
            "Take fewer, or raise max_trials",
            ("max_trials",),
        )
    return study


def _inside(key: str, build: Callable, spec):
    """What `build` makes of a part of the study; a fault is told with the key where it stands."""
    try:
        return build(spec)
    except StudyError as error:
        raise error.inside(key) from None


def _build_objective(spec: dict, searches: tuple[Search, ...]) -> Objective:
    kinds = [key for key in ("entrypoint", "command") if key in spec]
    if len(kinds) != 1:
        raise StudyError(
            "both entrypoint and command are given" if kinds else "there is nothing to run",
            "Name either a function, 'entrypoint: file.py:train', or a command",
            ("objective",),
        )
    metric = spec["metric"]
    return Objective(
        entrypoint=spec.get("entrypoint"),
        command=spec.get("command"),
        identity=_inside("objective", lambda spec: _identity(spec, searches), spec),
        metric=metric,
        test_metric=spec.get("test_metric", _test_metric(metric)),
        mode=spec["mode"],
        settings=spec.get("settings", {}),
    )


def _identity(spec: dict, searches: tuple[Search, ...]) -> dict:
    """What of the objective decides a trial's result."""
    if "command" in spec:
        _check_command(spec, searches)
        identity = {"command": spec["command"]}
        code = {"files": _inside("command", command.files, spec["command"])}
    else:
        _inside(
            "entrypoint", lambda e: entrypoint.check(e, ("config", "trial")), spec["entrypoint"]
        )
        identity = {"function": spec["entrypoint"].rsplit(":", 1)[1]}
        code = {"code": _inside("entrypoint", entrypoint.fingerprint, spec["entrypoint"])}
    identity |= {"version": spec["version"]} if "version" in spec else code
    if "watch" in spec:
        identity["watch"] = watched(spec["watch"])
    if "early_stopping" in spec:
        identity["early_stopping"] = _early_stopping(spec)
    return identity


def _check_command(spec: dict, searches: tuple[Search, ...]):
    for key in ("settings", "early_stopping"):
        if key in spec:
            raise StudyError(f"a command gets no {key}", "Write it into the command", (key,))
    spaces = [space for search in searches for space in search.spaces]
    known = list(dict.fromkeys(name for space in spaces for name in space.domains))
    for name in known:
        if name in command.PLACES:
            raise StudyError(
                f"'{name}' is a hyperparameter, and {{{name}}} in a command is "
                f"{command.PLACES[name]}",
                f"Rename the hyperparameter, for example to '{name}_'",
                ("command",),
            )
    named = _inside("command", command.placeholders, spec["command"])
    for name in named:
        if name not in known and name not in command.PLACES:
            raise StudyError(
                f"'{{{name}}}' is not known",
                f"Known are {', '.join([*known, *command.PLACES])}; a brace that is meant as one "
                "is doubled: {{",
                ("command",),
            )
        if name in known and not all(
            name in s.domains and name not in s.conditions for s in spaces
        ):
            raise StudyError(
                f"not every configuration has a '{name}'",
                "Have the command read the configuration from {config}, a JSON file",
                ("command",),
            )
    if "metrics" not in named:
        raise StudyError(
            "the command is not told where to write its metrics",
            "Pass it {metrics}, the name of a JSON file to write",
            ("command",),
        )
    for name in known if "config" not in named else ():
        if name not in named:
            raise StudyError(
                f"the command does not get '{name}', so its value would make no difference",
                f"Pass it {{{name}}}, or {{config}}, a JSON file with the configuration",
                ("command",),
            )


def _early_stopping(spec: dict) -> dict:
    """The rule in full: another metric or mode is another result."""
    rule = spec["early_stopping"]
    if ("patience" in rule) == ("patience_factor" in rule):
        raise StudyError(
            "either patience or patience_factor has to be given",
            "Write 'patience: 10' to stop after 10 epochs without a better score",
            ("early_stopping",),
        )
    if "metric" in rule and rule["metric"] != spec["metric"] and "mode" not in rule:
        raise StudyError(
            f"it is not said whether a larger {rule['metric']} is better",
            "Add 'mode: max' or 'mode: min'",
            ("early_stopping",),
        )
    return {"metric": spec["metric"], "mode": spec["mode"], "min_epochs": 0, **rule}


def _test_metric(metric: str) -> str | None:
    """``val_loss`` -> ``test_loss``; None where the name does not say that it is validation."""
    part, _, rest = metric.partition("_")
    return f"test_{rest}" if part in ("val", "valid", "validation") and rest else None


class _Searches:
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
