"""Reading a study file: its shape by JSON Schema, then its meaning, then the study.

Every fault is one `StudyError` that names file, key path, what is wrong and what would be right.
"""

import os
import sys
from collections.abc import Sequence
from os import PathLike
from typing import Any

from snaketune.base.errors import StudyError, inside, show
from snaketune.base.words import cut
from snaketune.data.description import describe as describe_data
from snaketune.data.description import in_full
from snaketune.planning.objective import build_objective
from snaketune.planning.resources import parse_resources
from snaketune.planning.searches import MAX_TRIALS, build_searches
from snaketune.planning.shape import check_numbers, check_shape, read_overrides
from snaketune.planning.study import Study
from snaketune.planning.yamlfile import Spec, parse_yaml, read_text
from snaketune.records.logs import FAULT


def load_study(file: str | PathLike[str], overrides: Spec | None = None) -> Study:
    """The study in the YAML `file`, with `overrides` (Snakemake's ``--config``) merged over it.

    Raises `StudyError` that names file, key path, fault and remedy.
    """
    with inside(file=file):
        text = read_text(file)
        given = read_overrides(overrides or {})
        content = _merge(parse_yaml(text), given)
        _check_retired(content)
        check_numbers(content)
        check_shape(content)
        try:
            study = _build(content, file=str(file), text=text, overrides=given)
        except OSError as error:  # of a file that the study names
            raise StudyError(
                f"{show(cut(str(error.filename)))} can't be read: {error.strerror}",
                "Name a file that can be read",
            ) from None
        _check_refit(study)
        _check_size(study, content.get("max_trials", MAX_TRIALS))
        return study


def open_study(files: Sequence[str | PathLike[str]], overrides: Spec) -> Study:
    """`load_study` for the Snakefile: of exactly one file. A fault ends the process, in its words.

    Snakemake itself would merge several config files, and print a traceback under an error.
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


def _merge(base: Spec, over: Spec) -> Spec:
    """`base` with `over` laid over it, key by key, as Snakemake merges ``--config``."""
    merged = dict(base)
    for key, value in over.items():
        both = isinstance(value, dict) and isinstance(merged.get(key), dict)
        merged[key] = _merge(merged[key], value) if both else value
    return merged


def _check_retired(content: Spec) -> None:
    """Refuse a key that studies once had; the schema would suggest another that is like it."""
    if "retry_failed" in content:
        raise StudyError(
            "retry_failed is no longer a key of a study",
            "Run 'python -m snaketune retry <study name>' before the next run",
            ("retry_failed",),
        )


def _build(content: Spec, **origin: Any) -> Study:
    """The study of a `content` whose shape has been checked."""
    source = content.get("data")
    searches = build_searches(content)
    repeats = max(len(search.designs) for search in searches)
    objective = build_objective(content["objective"], searches)
    with inside("data"):
        data = describe_data(source) if source is not None else None
        split_seeds = _split_seeds(source, repeats)
    with inside("resources"):
        resources = parse_resources(content.get("resources", {}))
    return Study(
        name=content["study"],
        **origin,
        objective=objective,
        data_source=source,
        data=data,
        split_seeds=split_seeds,
        seeds=tuple(content.get("seeds", [0])),
        searches=searches,
        resources=resources,
        retries=content.get("retries", 0),
        stop_on_failure=content.get("on_failure") == "stop",
        refit=content.get("refit", False),
        keep=content.get("keep", "all"),
        warm=content.get("warm", True),
    )


def _split_seeds(source: str | Spec | None, repeats: int) -> int:
    """The number of splits that the data is given in, as `source` says, for so many `repeats`."""
    if source is None or in_full(source).get("split_seeds") != "vary":
        return 1
    if repeats == 1:
        raise StudyError(
            "no search is repeated, so there is only one split",
            "Give each search 'repeats', or remove split_seeds",
            ("split_seeds",),
        )
    return repeats


def _check_refit(study: Study) -> None:
    if study.refit and (study.objective.command or not study.data):
        raise StudyError(
            "only a function that gets its data from the study can be trained on training and "
            "validation data together",
            "Name the data under 'data', or remove 'refit'",
            ("refit",),
        )


def _check_size(study: Study, limit: int) -> None:
    """Refuse a study with more than `limit` trials."""
    runs = len(study.seeds) * len(study.folds)
    trials = sum(search.trials * len(search.designs) for search in study.searches) * runs
    if trials > limit:
        raise StudyError(
            f"the study plans {trials:,} trials; the limit is {limit:,}",
            "Plan fewer trials, or raise max_trials",
            ("max_trials",),
        )
