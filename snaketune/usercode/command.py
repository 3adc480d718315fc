"""An objective that is a command, in any language: a template in, metrics in a JSON file out."""

import json
import shlex
import string
import subprocess
import sys
from collections import deque
from pathlib import Path

from snaketune.base.errors import StudyError
from snaketune.base.words import cell
from snaketune.usercode import sources

# What a template may name beside the hyperparameters.
PLACES = {
    "config": "a JSON file with the configuration",
    "metrics": "where to write the metrics, as a JSON mapping",
    "seed": "the training seed",
    "fold": "the fold that is for validation",
    "threads": "the number of CPU threads granted",
    "device": "cpu or cuda",
    "data": "the prepared data set (NPZ)",
    "workdir": "a folder for the trial's own files",
}
_TOLD = 30  # lines of output that a record keeps of a command that failed


def placeholders(template: str) -> list[str]:
    """The names in braces. Raises `StudyError` where the template can't be read."""
    try:
        fields = list(string.Formatter().parse(template))
        shlex.split(template)
    except ValueError as error:
        raise StudyError(
            f"the command can't be read: {error}",
            "Names stand in braces, as in {lr}; a brace that is meant as one is doubled: {{",
        ) from None
    for _, name, form, conversion in fields:
        if form or conversion or name == "":
            raise StudyError(
                f"'{{{name}{'!' if conversion else ':'}…}}' is no placeholder",
                "Write the name alone, as in {lr}; a brace that is meant as one is doubled: {{",
            )
    return [name for _, name, _, _ in fields if name is not None]


def files(template: str) -> dict[str, str]:
    """The words of a command that are files seen from here, each with its fingerprint."""
    words = [Path(word) for word in shlex.split(template)]
    here = [word for word in words if not word.is_absolute() and word.is_file()]
    return {word.as_posix(): sources.fingerprint(word, [word.parent]) for word in here}


def fill(template: str, values: dict) -> str:
    """The command with every placeholder replaced by its value, quoted for the shell."""
    parts = []
    for text, name, _, _ in string.Formatter().parse(template):
        parts.append(text)
        if name is not None:
            value = values[name]
            parts.append(shlex.quote("null" if value is None else cell(value)))
    return "".join(parts)


def run(template: str, config: dict, trial) -> dict:
    """Run the command for a configuration and return the metrics that it wrote.

    What it prints goes on to this process' output. A list under ``history`` in the JSON file is
    reported row by row, as by `Trial.report`. Raises `RuntimeError`, whose notes have the end of
    the output, where the command fails or leaves no metrics.
    """
    written = {name: trial.workdir / f".{name}.json" for name in ("config", "metrics")}
    names = placeholders(template)
    places = {
        **{name: str(path) for name, path in written.items()},
        "seed": trial.seed,
        "fold": trial.fold,
        "threads": trial.threads,
        "device": trial.device if "device" in names else None,
        "data": str(trial.data_file) if trial.data_file else None,
        "workdir": str(trial.workdir),
    }
    try:
        written["config"].write_text(json.dumps(config), encoding="utf-8")
        _call(fill(template, {**config, **places}))
        try:
            metrics = json.loads(written["metrics"].read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise RuntimeError(f"the command left no metrics in {{metrics}}: {error}") from None
        if not isinstance(metrics, dict):
            raise RuntimeError(f"the command's metrics are {metrics!r}, not a mapping")
        for number, row in enumerate(metrics.pop("history", []), start=1):
            trial.report(**{"epoch": number, **row})
        return metrics
    finally:
        for path in written.values():
            path.unlink(missing_ok=True)


def _call(command: str):
    with subprocess.Popen(
        command, shell=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, errors="replace"
    ) as process:
        last = deque(maxlen=_TOLD)
        for line in process.stdout:
            sys.stdout.write(line)
            last.append(line)
    if process.returncode:
        end = last[-1].strip() if last else "(no output)"
        error = RuntimeError(f"the command ended with exit code {process.returncode}: {end}")
        error.add_note("".join([f"{command}\n", *last]))
        raise error
