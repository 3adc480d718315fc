"""The same short trials on a Slurm of one node: a job each, many to a job, and as an array of jobs.

    make .venv/installed-cluster
    .venv/bin/python benchmarks/slurm.py [TRIALS]    (200)

The trials are those of `make bench`, about 25 ms each, the data prepared beforehand. The cluster is
that of tests/cluster, with as many CPUs as the machine has; wall time from `snakemake` to
trials.csv.
"""

import os
import shutil
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parent.parent
TABLE = "results/speed/trials.csv"
sys.path[:0] = [str(ROOT), str(ROOT / "benchmarks/speed")]

from run import prepare, seconds, snakemake  # noqa: E402

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


def main(trials: int = 200):
    """Print wall time and number of jobs of each way."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "study"
        folder.mkdir()
        prepare(folder, trials)
        command = [*snakemake(), "--profile", "profiles/slurm", *HERE]
        with Cluster(Path(name) / "slurm", cpus=os.cpu_count()) as cluster:
            print(f"| {trials} trials | s | ms a trial | Slurm jobs |\n|---|---:|---:|---:|")
            for way, arguments in WAYS.items():
                for left in ("results/trials", "results/speed"):
                    shutil.rmtree(folder / left, ignore_errors=True)
                before = len(cluster.jobs())
                spent = seconds([*command, *arguments, "--", TABLE], folder, **cluster.environment)
                jobs = len(cluster.jobs()) - before
                each = 1000 * spent / trials
                print(f"| {way} | {spent:.0f} | {each:.0f} | {jobs} |", flush=True)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
