"""The same short trials on a Slurm of one node: a job each, many to a job, and as an array of jobs.

    make .venv/installed-cluster
    .venv/bin/python benchmarks/slurm.py [TRIALS]    (200)

The trials are those of `make bench`, about 25 ms each, the data prepared beforehand. The cluster is
that of tests/cluster, with as many CPUs as the machine has; wall time from `snakemake` to
trials.csv.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parent.parent
TABLE = "results/speed/trials.csv"
sys.path[:0] = [str(ROOT), str(ROOT / "benchmarks/speed")]

from run import ENVIRONMENT, prepare, snakemake  # noqa: E402

from tests.cluster.conftest import HERE  # noqa: E402
from tests.cluster.one_node import Cluster  # noqa: E402

WAYS = {
    "one trial a job": ("--group-components", "trials=1"),
    "one trial a job, arrays": (
        "--group-components",
        "trials=1",
        "--snaketune-slurm-array-jobs",
        "all",
    ),
    "100 trials a job, profiles/slurm": (),
}


def seconds(cluster: Cluster, folder: Path, arguments: tuple[str, ...]) -> float:
    """How long a run takes on the cluster."""
    start = time.perf_counter()
    profile = ("--profile", "profiles/slurm")
    done = subprocess.run(
        [*snakemake(), *profile, *HERE, *arguments, "--", TABLE],
        cwd=folder,
        env={**ENVIRONMENT, **cluster.environment},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        sys.exit(f"{arguments} failed:\n{done.stdout[-3000:]}{done.stderr[-3000:]}")
    return time.perf_counter() - start


def main(trials: int = 200):
    """Print wall time and number of jobs of each way."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "study"
        folder.mkdir()
        prepare(folder, trials)
        with Cluster(Path(name) / "slurm", cpus=os.cpu_count()) as cluster:
            print(f"| {trials} trials | s | ms a trial | Slurm jobs |\n|---|---:|---:|---:|")
            for way, arguments in WAYS.items():
                for left in ("results/trials", "results/speed"):
                    shutil.rmtree(folder / left, ignore_errors=True)
                before = len(cluster.jobs())
                spent = seconds(cluster, folder, arguments)
                jobs = len(cluster.jobs()) - before
                each = 1000 * spent / trials
                print(f"| {way} | {spent:.0f} | {each:.0f} | {jobs} |", flush=True)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
