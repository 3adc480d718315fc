"""Thousands of small trials: snaketune and its peers on the same ones, in turn.

    make bench        (or: python benchmarks/speed/run.py PEERS-PYTHON [TRIALS [ROUNDS]])

Each contestant trains a network for about 25 ms on each of TRIALS configurations, with two
processes or threads, in a new process that is timed from its start to its end: for snaketune from
`snakemake` to trials.csv, all records written. The data is prepared beforehand, for all. The
workflow with a plain `script:` rule runs fewer trials, as it takes seconds for each.
"""

import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
STUDY = """
study: speed
objective: {entrypoint: objective.py:train, metric: val_accuracy, mode: max}
data: digits
space: {lr: {loguniform: [0.01, 1]}, hidden: {choice: [16, 32, 64, 128]}}
searches: {random: {sampler: random, trials: TRIALS}}
"""
# What one would write without snaketune: a rule with a script that imports torch for each trial.
PLAIN = """
rule all:
    input: [f"plain/{i}.json" for i in range(TRIALS)]

rule trial:
    output: "plain/{i}.json"
    script: "plain.py"
"""
SCRIPT = """
import json, random
import numpy
import objective

draw = random.Random(int(snakemake.wildcards.i))
config = {"lr": 10 ** draw.uniform(-2, 0), "hidden": draw.choice([16, 32, 64, 128])}
with numpy.load("DATA") as stored:
    train = stored["part"] == 0
    score = objective.fit(config, stored["x"][train], stored["y"][train], 0)
with open(snakemake.output[0], "w") as stream:
    json.dump({**config, "val_accuracy": score}, stream)
"""
SLOW = 20  # so many times fewer trials for the plain rule
ENVIRONMENT = {**os.environ, "OMP_NUM_THREADS": "1", "PYTHONPATH": str(HERE)}


def seconds(command: list, folder: Path, **environment: str) -> float:
    """How long a command takes, with these variables beside the usual ones."""
    start = time.perf_counter()
    done = subprocess.run(
        list(map(str, command)),
        cwd=folder,
        env={**ENVIRONMENT, **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        sys.exit(f"{command} failed:\n{done.stdout}{done.stderr}")
    return time.perf_counter() - start


def prepare(folder: Path, trials: int) -> Path:
    """Write the study and the plain workflow, and prepare the data; the data's file."""
    for name in ("workflow", "scripts", "profiles"):
        shutil.copytree(ROOT / name, folder / name)
    shutil.copy(ROOT / "Snakefile", folder)
    shutil.copy(HERE / "objective.py", folder)
    (folder / "config.yaml").write_text(STUDY.replace("TRIALS", str(trials)))
    seconds([*snakemake(), "--until", "data"], folder)
    (data,) = folder.glob("results/data/*.npz")
    (folder / "plain.smk").write_text(PLAIN.replace("TRIALS", str(max(trials // SLOW, 2))))
    (folder / "plain.py").write_text(SCRIPT.replace("DATA", str(data)))
    return data


def snakemake() -> list:
    return [sys.executable, "-m", "snakemake", "--cores", "2"]


def main(peers: str, trials: int = 1000, rounds: int = 3):
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        data = prepare(folder, trials)

        def peer(who: str) -> list:
            return [peers, HERE / "peers.py", who, trials, data]

        plain = [*snakemake(), "--snakefile", "plain.smk", "--workflow-profile", "none"]
        contestants = {
            "snaketune": ([*snakemake(), "results/speed/trials.csv"], trials),
            "a bare joblib loop, which writes nothing": (peer("joblib"), trials),
            "Optuna, RandomSampler, SQLite, n_jobs=2": (peer("optuna"), trials),
            "Ray Tune, reuse_actors": (peer("ray"), trials),
            "Snakemake, a plain `script:` rule": (plain, max(trials // SLOW, 2)),
        }
        spent = {contestant: [] for contestant in contestants}
        for _ in range(rounds):
            for contestant, (command, number) in contestants.items():
                for left in ("results/trials", "results/speed", "plain"):
                    shutil.rmtree(folder / left, ignore_errors=True)
                spent[contestant].append(1000 * seconds(command, folder) / number)
                print(f"{contestant}: {spent[contestant][-1]:.1f} ms", file=sys.stderr)
    ours = spent["snaketune"]
    print("| | ms a trial | snaketune takes |\n|---|---:|---:|")
    for contestant, theirs in spent.items():
        ratio = statistics.median(a / b for a, b in zip(ours, theirs, strict=True))
        print(f"| {contestant} | {statistics.median(theirs):.0f} | {ratio:.2f} × |")


if __name__ == "__main__":
    main(sys.argv[1], *map(int, sys.argv[2:]))
