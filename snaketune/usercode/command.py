"""An objective that is a command, in any language: a template in, metrics in a JSON file out."""

import json
import shlex
import string
import subprocess
import sys
from collections import deque
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol

from snaketune.base.errors import StudyError
from snaketune.base.identity import canonical
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
_LINES = 30  # of the output of a command that failed, which a record keeps


class RunningTrial(Protocol):
    """What `run` needs of the trial that is trained (`snaketune.running.trial.Trial`)."""

    seed: int
    fold: int | None
    threads: int
    workdir: Path
    data_file: Path | None

    @property
    def device(self) -> str:
        """`cpu` or `cuda`; to find that out imports PyTorch."""

    def report(self, epoch: int, **metrics: float) -> None:
        """Note the metrics after an epoch."""


def placeholders(template: str) -> list[str]:
    """The names in braces. Raises `StudyError` where the template can't be read.

    >>> placeholders("python my.py --lr {lr} --out {metrics} {{}}")
    ['lr', 'metrics']
    """
    try:
        fields = list(string.Formatter().parse(template))
        shlex.split(template)
    except ValueError as error:
        raise StudyError(
            f"the command can't be read: {error}",
            "Write names in braces, as in {lr}; a literal brace is doubled: {{",
        ) from None
    for _, name, form, conversion in fields:
        if form or conversion or name == "":
            raise StudyError(
                f"'{{{name}{'!' if conversion else ':'}…}}' is not a placeholder",
                "Write the name alone, as in {lr}; a literal brace is doubled: {{",
            )
    return [name for _, name, _, _ in fields if name is not None]


def files(template: str) -> dict[str, str]:
    """The fingerprints of the files among a command's words, by their relative paths.

    Files with an absolute path are not part of a trial's identity and are left out.
    """
    words = [Path(word) for word in shlex.split(template)]
    here = [word for word in words if not word.is_absolute() and word.is_file()]
    return {word.as_posix(): sources.fingerprint(word, [word.parent]) for word in here}


def fill(template: str, values: Mapping[str, Any]) -> str:
    """The command with every placeholder replaced by its value, quoted for the shell.

    >>> fill("run {x} {act} {{}}", {"x": 1e-05, "act": "a b"})
    "run 1e-05 'a b' {}"
    """
    parts = []
    for text, name, _, _ in string.Formatter().parse(template):
        parts.append(text)
        if name is not None:
            value = values[name]
            parts.append(shlex.quote(value if isinstance(value, str) else canonical(value)))
    return "".join(parts)


def run(template: str, config: dict[str, Any], trial: RunningTrial) -> dict[str, Any]:
    """Run the command for a configuration and return the metrics that it wrote.

    What the command prints goes on to this process' output. A list under ``history`` in the JSON
    file is reported row by row to the trial. Raises `RuntimeError` where the command fails, or
    leaves no metrics; in the first case its notes have the end of the output.
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
        metrics = _read(written["metrics"])
    finally:
        for path in written.values():
            path.unlink(missing_ok=True)
    for number, row in enumerate(metrics.pop("history", []), start=1):
        trial.report(**{"epoch": number, **row})
    return metrics


def _call(command: str) -> None:
    """Run a command in the shell and pass on its output. Raises `RuntimeError` where it fails."""
    with subprocess.Popen(
        command, shell=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, errors="replace"
    ) as process:
        assert process.stdout is not None  # it is a pipe
        last: deque[str] = deque(maxlen=_LINES)
        for line in process.stdout:
            sys.stdout.write(line)
            last.append(line)
    if process.returncode:
        end = last[-1].strip() if last else "(no output)"
        error = RuntimeError(f"the command ended with exit code {process.returncode}: {end}")
        error.add_note("".join([f"{command}\n", *last]))
        raise error


def _read(path: Path) -> dict[str, Any]:
    """The metrics that a command wrote. Raises `RuntimeError` where there are none."""
    try:
        metrics = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise RuntimeError(f"the command left no metrics in {{metrics}}: {error}") from None
    if not isinstance(metrics, dict):
        raise RuntimeError(f"the command's metrics are {metrics!r}, not a mapping")
    return metrics
