"""An objective that is a command, in any language: a template in, metrics in a JSON file out."""

import json
import os
import shlex
import string
import subprocess
import sys
from collections import deque
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol

from snaketune.base.errors import StudyError
from snaketune.base.words import cell
from snaketune.usercode.commandline import code_in
from snaketune.usercode.quoting import misplaced

# What a template may name beside the hyperparameters.
PLACES = {
    "args": "all hyperparameters as '--name value'",
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
    if found := misplaced(template):
        name, place = found
        raise StudyError(
            f"{{{name}}} stands {place}, where the shell could run what its value says",
            f"Write {{{name}}} outside quotes: its value is quoted for the shell",
        )
    return [name for _, name, _, _ in fields if name is not None]


def files(template: str) -> dict[str, str]:
    """The fingerprints of the code that a command names, as `commandline.code_in` finds it."""
    return code_in(template).prints


def fill(template: str, config: Mapping[str, Any], places: Mapping[str, Any] | None = None) -> str:
    """The command with every placeholder replaced by its value, quoted for the shell.

    The values are those of the hyperparameters in `config`, and of the `places`.

    >>> fill("run {x} {act} {{}}", {"x": 1e-05, "act": "a b"})
    "run 1e-05 'a b' {}"
    """
    values = {**config, **(places or {})}
    parts = []
    for text, name, _, _ in string.Formatter().parse(template):
        parts.append(text)
        if name == "args":
            parts.append(arguments(config))
        elif name is not None:
            parts.append(_quoted(values[name]))
    return "".join(parts)


def arguments(config: Mapping[str, Any]) -> str:
    """The hyperparameters as options: ``--name value``, and for true ``--name`` alone.

    False and null give nothing. A value that begins with a dash stands behind "=", so that it is
    not taken for an option.

    >>> arguments({"lr": 0.1, "bias": True, "nesterov": False, "decay": -1e-05})
    '--lr 0.1 --bias --decay=-1e-05'
    """
    options = []
    for name, value in config.items():
        if value is True:
            options.append(f"--{name}")
        elif value is not False and value is not None:
            text = _quoted(value)
            options.append(f"--{name}{'=' if cell(value).startswith('-') else ' '}{text}")
    return " ".join(options)


def _quoted(value: Any) -> str:
    return shlex.quote("null" if value is None else cell(value))


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
        _call(fill(template, config, places))
        metrics = _read(written["metrics"])
    finally:
        for path in written.values():
            path.unlink(missing_ok=True)
    for number, row in enumerate(metrics.pop("history", []), start=1):
        trial.report(**{"epoch": number, **row})
    return metrics


def _call(command: str) -> None:
    """Run a command in bash and pass on its output. Raises `RuntimeError` where it fails.

    As in a rule of Snakemake, it fails with the first of its parts that does. `python` is the
    Python that runs this, whether or not its environment is active.
    """
    ours = os.path.dirname(sys.executable)
    path = os.pathsep.join(filter(None, [ours, os.environ.get("PATH")]))
    with subprocess.Popen(
        ["bash", "-euo", "pipefail", "-c", command],
        env={**os.environ, "PATH": path},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        errors="replace",
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
