"""An objective that is a command, in any language: a template in, metrics in a JSON file out."""

import codecs
import json
import os
import select
import shlex
import shutil
import signal
import string
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol

from snaketune.base import descendants
from snaketune.base.errors import StudyError
from snaketune.base.identity import canonical
from snaketune.base.signals import killed_by
from snaketune.base.wholefile import private_name
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
_GLANCE = 0.05  # seconds between two looks at whether a command has ended
_AT_ONCE = 1 << 20  # bytes of output to read at once
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
    return code_in(template)


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
            parts.append(shlex.quote(_word(values[name])))
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
            word = _word(value)
            between = "=" if word.startswith("-") else " "
            options.append(f"--{name}{between}{shlex.quote(word)}")
    return " ".join(options)


def _word(value: Any) -> str:
    """A value in a command: text as it is, all else as JSON."""
    return value if isinstance(value, str) else canonical(value)


def run(template: str, config: dict[str, Any], trial: RunningTrial) -> dict[str, Any]:
    """Run the command for a configuration and return the metrics that it wrote.

    It has ended when its shell has. What it prints goes on to this process' output. A list under
    ``history`` in the JSON file is reported row by row to the trial. Raises `RuntimeError` where
    the command fails, or leaves no metrics; in the first case its notes have the end of the output.
    """
    # Of its own: another run, or an attempt that was killed, may have a folder here as well.
    folder = trial.workdir / private_name("command")
    written = {name: folder / f"{name}.json" for name in ("config", "metrics")}
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
        folder.mkdir()
        written["config"].write_text(json.dumps(config), encoding="utf-8")
        _call(fill(template, config, places))
        metrics = _read(written["metrics"])
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    for number, row in enumerate(metrics.pop("history", []), start=1):
        trial.report(**{"epoch": number, **row})
    return metrics


class Killed(RuntimeError):
    """A command, or what it consists of, was killed: it may not be its fault."""


def _call(command: str) -> None:
    """Run a command in bash and pass on its output, until the shell ends.

    As in a rule of Snakemake, it fails with the first of its parts that does. `python` is the
    Python that runs this, whether or not its environment is active. Raises `Killed` or
    `RuntimeError` where it fails.
    """
    ours = os.path.dirname(sys.executable)
    path = os.pathsep.join(filter(None, [ours, os.environ.get("PATH")]))
    with subprocess.Popen(
        ["bash", "-euo", "pipefail", "-c", command],
        env={**os.environ, "PATH": path},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    ) as process:
        last = _pass_on(process)
    descendants.kill_all()  # what it has left behind
    code = process.returncode
    if not code:
        return
    # Of a command that it has waited for, a shell adds 128 to the number of the signal.
    number = -code if code < 0 else code - 128
    if number in signal.valid_signals():
        error: RuntimeError = Killed(f"the command {killed_by(number)}")
    else:
        end = last[-1].strip() if last else "(no output)"
        error = RuntimeError(f"the command ended with exit code {code}: {end}")
    error.add_note("".join([f"{command}\n", *last]))
    raise error


def _pass_on(process: "subprocess.Popen[bytes]") -> list[str]:
    """Pass on what a process prints until its end; returns the last lines.

    What it leaves behind may hold its output open for ever: nobody waits for that.
    """
    assert process.stdout is not None  # it is a pipe
    output, decoder = process.stdout.fileno(), codecs.getincrementaldecoder("utf-8")("replace")
    os.set_blocking(output, False)
    last: list[str] = []
    ended = False
    while not ended:
        ended = process.poll() is not None  # first: then all that it has printed is there
        select.select([output], [], [], 0 if ended else _GLANCE)
        read, closed = _available(output)
        if closed:
            process.wait()
            ended = True
        text = decoder.decode(read, final=ended)
        sys.stdout.write(text)
        last = f"{''.join(last)[-_AT_ONCE:]}{text}".splitlines(keepends=True)[-_LINES:]
    return last


def _available(output: int) -> tuple[bytes, bool]:
    """What can be read now, and whether the other end is closed."""
    read = bytearray()
    while len(read) < _AT_ONCE:
        try:
            chunk = os.read(output, 1 << 16)
        except BlockingIOError:
            return bytes(read), False
        if not chunk:
            return bytes(read), True
        read += chunk
    return bytes(read), False


def _read(path: Path) -> dict[str, Any]:
    """The metrics that a command wrote. Raises `RuntimeError` where there are none."""
    try:
        metrics = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise RuntimeError(f"the command left no metrics in {{metrics}}: {error}") from None
    if not isinstance(metrics, dict):
        raise RuntimeError(f"the command's metrics are {metrics!r}, not a mapping")
    return metrics
