"""Reading a study file: its shape by JSON Schema, then its meaning, then the study.

Every fault is one `StudyError` that names file, key path, what is wrong and what would be right.
"""

import difflib
import math
import os
import sys
from pathlib import Path

import jsonschema
import yaml

from snaketune import objective
from snaketune.data import parse_data
from snaketune.errors import StudyError, show
from snaketune.space import Space, grid_size
from snaketune.study import Objective, Search, Study
from snaketune.table import LEADING, TRAILING
from snaketune.yamlfile import load_yaml, read_scalars

SCHEMA = Path(__file__).parent.parent / "workflow" / "schemas" / "config.schema.yaml"

# Which keys, beside sampler and space, a search has.
_SAMPLER_KEYS = {"grid": {"points"}, "random": {"trials", "seed"}}


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
        sys.exit(f"Error in the study. {error}")


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
    expected = f"Expected is {described.schema['description']}"
    match error.validator:
        case "required":
            missing = next(key for key in error.validator_value if key not in error.instance)
            wanted = error.schema["properties"].get(missing, {}).get("description", expected)
            raise StudyError(f"the key '{missing}' is missing", f"Expected is {wanted}", path)
        case "additionalProperties" if error.validator_value is False:
            known = list(error.schema["properties"])
            unknown = next(key for key in error.instance if key not in known)
            close = difflib.get_close_matches(unknown, known, 1)
            hint = f"Did you mean '{close[0]}'?" if close else f"Known are {', '.join(known)}"
            raise StudyError("there is no such key", hint, (*path, unknown))
        case "type":
            raise StudyError(f"{show(error.instance)} is not {_article(error)}", expected, path)
        case "minItems" | "minProperties":
            raise StudyError(f"{show(error.instance)} has too few entries", expected, path)
        case _:
            raise StudyError(f"{show(error.instance)} can't stand here", expected, path)


def _article(error) -> str:
    names = {"object": "a mapping", "array": "a list", "integer": "a whole number"}
    return names.get(error.validator_value, f"a {error.validator_value}")


def _build(content: dict, file: str) -> Study:
    """The study of a `content` whose shape has been checked."""
    searches = _build_searches(content)
    study = Study(
        name=content["study"],
        file=file,
        objective=_build_objective(content["objective"]),
        data=_build_data(content.get("data")),
        seeds=tuple(content.get("seeds", [0])),
        searches=searches,
    )
    trials = sum(search.trials for search in searches) * len(study.seeds)
    limit = content.get("max_trials", 100_000)
    if trials > limit:
        largest = max(searches, key=lambda search: search.trials)
        raise StudyError(
            f"the study plans {trials:,} trials, {largest.trials:,} of them per training seed in "
            f"'{largest.name}'; the limit is {limit:,}",
            "Take fewer, or raise max_trials",
            ("max_trials",),
        )
    return study


def _build_objective(spec: dict) -> Objective:
    try:
        code = objective.fingerprint(spec["entrypoint"])
    except StudyError as error:
        raise error.inside("objective", "entrypoint") from None
    metric = spec["metric"]
    return Objective(
        entrypoint=spec["entrypoint"],
        fingerprint=code,
        metric=metric,
        test_metric=spec.get("test_metric", _test_metric(metric)),
        mode=spec["mode"],
        settings=spec.get("settings", {}),
    )


def _test_metric(metric: str) -> str | None:
    """``val_loss`` -> ``test_loss``; None where the name does not say that it is validation."""
    part, _, rest = metric.partition("_")
    return f"test_{rest}" if part in ("val", "valid", "validation") and rest else None


def _build_data(spec) -> dict | None:
    try:
        return parse_data(spec) if spec is not None else None
    except StudyError as error:
        raise error.inside("data") from None


def _build_searches(content: dict) -> tuple[Search, ...]:
    """All searches, those whose budget matches another's after the one they match."""
    specs = content["searches"]
    for name, spec in specs.items():
        _check_keys(name, spec)
    spaces = {name: _build_space(content["space"], name, spec) for name, spec in specs.items()}
    return tuple(
        Search(
            name=name,
            sampler=spec["sampler"],
            space=spaces[name],
            trials=_budget(name, specs, spaces),
            seed=spec.get("seed", 0),
            points=spec.get("points"),
        )
        for name, spec in specs.items()
    )


def _check_keys(name: str, spec: dict):
    sampler = spec["sampler"]
    for key in spec:
        if key not in _SAMPLER_KEYS[sampler] | {"sampler", "space"}:
            remedy = "Remove it; a grid's budget is the number of its cells"
            raise StudyError(
                f"a {sampler} search has no '{key}'",
                remedy if (sampler, key) == ("grid", "trials") else "Remove it",
                ("searches", name, key),
            )
    if sampler == "random" and "trials" not in spec:
        raise StudyError(
            "the key 'trials' is missing",
            "Give a budget, a whole number of at least 1, or {match: <search>}",
            ("searches", name),
        )


def _build_space(common: dict, name: str, spec: dict) -> Space:
    """The study's space, with the search's own entries in place of the common ones."""
    own = spec.get("space", {})
    for key in own:
        if key not in common:
            close = difflib.get_close_matches(key, common, 1)
            raise StudyError(
                "the study's space has no such hyperparameter to override",
                f"Did you mean '{close[0]}'?" if close else "Add it to 'space'; one value will do",
                ("searches", name, "space", key),
            )
    for key in {**common, **own}:
        if key in LEADING + TRAILING:
            raise StudyError(
                "this name is taken by a column of trials.csv",
                f"Rename the hyperparameter, for example to '{key}_'",
                ("searches", name, "space", key) if key in own else ("space", key),
            )
    for path, entries in ((("space",), common), (("searches", name, "space"), own)):
        try:
            Space.parse(entries)
        except StudyError as error:
            raise error.inside(*path) from None
    return Space.parse({**common, **own})


def _budget(name: str, specs: dict, spaces: dict, asked: tuple = ()) -> int:
    """How many configurations a search has; a `match` is followed to the search it names."""
    spec = specs[name]
    if spec["sampler"] == "grid":
        try:
            return grid_size(spaces[name].axes(spec.get("points")))
        except StudyError as error:
            raise error.inside("searches", name) from None
    budget = spec["trials"]
    if isinstance(budget, int):
        return budget
    path, other = ("searches", name, "trials", "match"), budget["match"]
    if other not in specs:
        raise StudyError(f"there is no search '{other}'", f"Name one of {', '.join(specs)}", path)
    if other == name or other in asked:
        raise StudyError(
            f"'{name}' and '{other}' wait for each other's budget"
            if other != name
            else f"'{name}' matches itself",
            "Give one of them a number",
            path,
        )
    return _budget(other, specs, spaces, (*asked, name))
