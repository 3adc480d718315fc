"""Snakemake, loaded once for many runs: each is a fork, which saves over a second of loading.

    python -m tests.loaded

Reads one run a line, as JSON: its `arguments`, its `folder`, its `environment`, and the file that
its `output` goes to. For each writes two lines: its process id, and its exit status at the end.
"""

import gc
import json
import os
import select
import subprocess
import sys
from functools import cache
from pathlib import Path


@cache
def server() -> subprocess.Popen:
    """The process that has Snakemake loaded; it ends when this one does."""
    return subprocess.Popen(
        [sys.executable, "-m", "tests.loaded"],
        cwd=Path(__file__).parent.parent,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        bufsize=0,
    )


def run(arguments: list[str], folder: Path, output: Path, seconds: float) -> int:
    """`snakemake ARGUMENTS` in a folder; returns its exit status.

    Its output is in the file `output`. A run that takes longer than `seconds` is killed, and raises
    `TimeoutExpired`.
    """
    process, environment = server(), dict(os.environ)
    order = {"folder": str(folder), "output": str(output), "environment": environment}
    process.stdin.write(json.dumps({"arguments": arguments, **order}).encode() + b"\n")
    child = int(process.stdout.readline())
    if not select.select([process.stdout], [], [], seconds)[0]:
        os.kill(child, 9)
        process.stdout.readline()
        raise subprocess.TimeoutExpired(["snakemake", *arguments], seconds, output.read_bytes())
    return int(process.stdout.readline())


def serve() -> bool:
    """Fork for each line of stdin. Returns True in a fork, and False once there are no more."""
    gc.freeze()  # a collection would have each fork copy what is loaded
    for line in sys.stdin:
        if (child := os.fork()) == 0:
            become(**json.loads(line))
            return True
        print(child, flush=True)
        print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
    return False


def become(arguments: list[str], folder: str, environment: dict[str, str], output: str) -> None:
    """Make this process what `python -m snakemake` is when it has been loaded."""
    nothing = os.open(os.devnull, os.O_RDONLY)
    written = os.open(output, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644)
    for number, file in enumerate((nothing, written, written)):
        os.dup2(file, number)
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(folder)
    sys.path[0] = folder
    sys.argv = ["snakemake", *arguments]


if __name__ == "__main__":
    # Besides the command line, what a run loads later: Snakemake's own parts and the Snakefile's.
    import pandas  # noqa: F401
    import smart_open  # noqa: F401
    import snakemake.report.html_reporter  # noqa: F401
    from snakemake.cli import main

    import snaketune.session.session  # noqa: F401

    if serve():
        main()
