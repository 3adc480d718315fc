"""Reading a study file: its shape by JSON Schema, then its meaning, then the study.

Every fault is one `StudyError` that names file, key path, what is wrong and what would be right.
"""

import os
import sys

from snaketune.base.errors import StudyError
from snaketune.data.description import describe as describe_data
from snaketune.planning.objective import build_objective
from snaketune.planning.resources import parse_resources
from snaketune.planning.searches import MAX_TRIALS, Searches
from snaketune.planning.shape import _inside, check_finite, check_shape
from snaketune.planning.study import Study
from snaketune.planning.yamlfile import load_yaml, read_scalars
from snaketune.records.logs import FAULT


def load_study(file, overrides: dict | None = None) -> Study:
    """The study in the YAML `file`, with `overrides` (Snakemake's ``--config``) merged over it.

    Raises `StudyError` that names file, key path, fault and remedy.
    """
    content = load_yaml(file)
    try:
        content = _merge(content, read_scalars(overrides or {}))
        check_finite(content)
        check_shape(content)
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


def _build(content: dict, file: str) -> Study:
    """The study of a `content` whose shape has been checked."""
    data = content.get("data")
    searches = Searches(content).build()
    study = Study(
        name=content["study"],
        file=file,
        objective=build_objective(content["objective"], searches),
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
