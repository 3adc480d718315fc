"""Data sets as a study describes them; light enough for planning.

The description is part of each trial's identity: nothing that decides what a trial gets may be
missing in it.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from snaketune.base.errors import StudyError, inside
from snaketune.base.identity import canonical, digest, file_digest
from snaketune.usercode import entrypoint
from snaketune.usercode.sources import existing_file, watched

# scikit-learn's embedded tables: real data that needs no download.
BUILT_IN = {
    "breast_cancer": "classification",
    "diabetes": "regression",
    "digits": "classification",
    "iris": "classification",
    "wine": "classification",
}
FORMATS = (".csv", ".npz", ".parquet")
SOURCES = ("name", "file", "function")


def in_full(spec: str | dict[str, Any]) -> dict[str, Any]:
    """What a study has under `data`, as a mapping.

    >>> in_full("digits")
    {'name': 'digits'}
    """
    return {"name": spec} if isinstance(spec, str) else spec


def describe(spec: str | dict[str, Any]) -> dict[str, Any]:
    """All that decides what a trial gets of a data set; part of each trial's identity.

    A file is described by its content and not by its name, a function by its code. Raises
    `StudyError`.

    >>> describe("digits")
    {'name': 'digits', 'split': [0.6, 0.2, 0.2], 'seed': 0}
    """
    given = in_full(spec)
    sources = [key for key in SOURCES if key in given]
    if len(sources) != 1:
        raise StudyError(
            f"{' and '.join(sources)} are given" if sources else "the source is missing",
            f"Say where the data comes from, by one of {', '.join(SOURCES)}",
        )
    (source,) = sources
    with inside(*([] if isinstance(spec, str) else [source])):
        data = _SOURCES[source](given)
    folds = given.get("folds")
    data["split"] = given.get("split", [0.8, 0.2] if folds else [0.6, 0.2, 0.2])
    data["seed"] = given.get("seed", 0)
    _check_split(data["split"], folds)
    for key, value in given.items():
        if key in ("target", "drop") and source != "file":
            raise StudyError("only a file has columns", "Remove it", (key,))
        if key in ("target", "drop", "task", "folds"):
            data[key] = value
    if "watch" in given:
        data["watch"] = watched(given["watch"])
    return data


def data_name(data: Mapping[str, Any]) -> str:
    """A name for the prepared data set; equal for equal descriptions and different for others.

    >>> data_name({"name": "digits", "split": [0.6, 0.2, 0.2], "seed": 0})
    'digits-45631fda6c3907df'
    """
    kind = data.get("name") or data.get("function") or data["format"]
    return f"{kind}-{digest(canonical(data))}"


def _built_in(given: Mapping[str, Any]) -> dict[str, Any]:
    name = given["name"]
    if name not in BUILT_IN:
        remedy = f"Name one of {', '.join(BUILT_IN)}"
        if name.endswith(FORMATS):
            remedy = f"For a file of your own write 'data: {{file: {name}, target: <column>}}'"
        raise StudyError(f"there is no data set '{name}'", remedy)
    return {"name": name}


def _from_file(given: Mapping[str, Any]) -> dict[str, Any]:
    path = Path(given["file"])
    if path.suffix not in FORMATS:
        raise StudyError(
            f"{path} is none of {', '.join(FORMATS)}",
            "Convert it, or write a function that loads it",
        )
    existing_file(given["file"])
    if path.suffix != ".npz" and "target" not in given:
        raise StudyError("the target is missing", "Say which column to predict: 'target: <column>'")
    return {"content": file_digest(path), "format": path.suffix[1:]}


def _from_function(given: Mapping[str, Any]) -> dict[str, Any]:
    entrypoint.check(given["function"], ())
    code = entrypoint.code(given["function"])
    if "watch" not in given:
        code.warn("data.function")
    return {"code": code.fingerprint, "function": given["function"].rsplit(":", 1)[1]}


_SOURCES = {"name": _built_in, "file": _from_file, "function": _from_function}


def _check_split(split: list[float], folds: int | None) -> None:
    parts = ["train and validation", "test"] if folds else ["train", "validation", "test"]
    if len(split) > len(parts):
        raise StudyError(
            f"{split} has {len(split)} shares",
            f"Write two shares with folds: [{', '.join(parts)}]",
            ("split",),
        )
    if abs(sum(split) - 1) > 1e-9:
        raise StudyError(
            f"the shares {split} add up to {sum(split):g}",
            f"{len(split)} shares [{', '.join(parts[: len(split)])}] add up to 1",
            ("split",),
        )
