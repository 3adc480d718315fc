"""How the cost of a trial grows with their number, and what many cost that need not run.

    python benchmarks/speed/growth.py [SIZES] [MANY]      (1000,3000,9000 and 27270)

First, runs of the trials of `make bench`, from `snakemake` to trials.csv. Second, MANY trials whose
records are there already, with made-up scores, beside a minimal Snakefile of as many jobs: a
dry run before anything is done, then a run with nothing to do, one where one is missing, and one
where one trial is added. 27,270 is the largest number of trainings in one Snakemake workflow that
has been published.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from run import ENVIRONMENT, prepare, seconds, snakemake

TABLE = "results/speed/trials.csv"
MINIMAL = """
ALL = [f"minimal/{i}/out.txt" for i in range(TRIALS)]

rule all:
    input: ALL, "minimal/all.txt"

rule one:
    output: "minimal/{i}/out.txt"
    shell: "echo {wildcards.i} > {output}"

rule merge:
    input: ALL
    output: "minimal/all.txt"
    message: "merge"
    run:
        with open(output[0], "w") as stream:
            for name in input:
                stream.write(open(name).read())
"""
_PRETEND = """
import json, random
from snaketune.records.record import write_record
from snaketune.planning.studyfile import load_study
from pathlib import Path

for number, (trial_id, spec) in enumerate(load_study("config.yaml").specs.items()):
    score = random.Random(number).random()
    record = {
        **json.loads(spec), "trial_id": trial_id, "status": "complete", "error": None,
        "metrics": {"val_accuracy": score}, "history": [], "environment": {}, "weights": False,
        "cost": {"epochs": 0, "train_seconds": 1, "cpu_seconds": 1, "peak_memory_mib": 100},
    }
    path = Path("results/trials", trial_id, "record.json")
    path.parent.mkdir(parents=True)
    write_record(path, record)
"""
_TOUCH = """
import sys
from snakemake.cli import main
from snakemake.executors.touch import Executor

Executor.SLEEPING_TIME = 0  # a tenth of a second for each job
main(["--cores", "2", "--touch", "--forceall", *sys.argv[1:]])
"""


def measured(*arguments: str) -> tuple[float, float]:
    """Seconds and the peak of memory (MiB) of one call of Snakemake in the current folder."""
    start = time.perf_counter()
    with open("output.txt", "w") as output:
        process = subprocess.Popen(
            [*snakemake(), *arguments], stdout=output, stderr=output, env=ENVIRONMENT
        )
        _, status, usage = os.wait4(process.pid, 0)
    if status:
        sys.exit(
            f"snakemake {' '.join(arguments)} failed:\n{Path('output.txt').read_text()[-3000:]}"
        )
    return time.perf_counter() - start, usage.ru_maxrss / 1024


def growth(folder: Path, sizes: list[int]):
    """Print the wall time of a trial for each number of trials."""
    print("| trials | ms a trial |\n|---:|---:|")
    for trials in sizes:
        prepare(folder, trials)
        spent = seconds([*snakemake(), TABLE], folder)
        print(f"| {trials:,} | {1000 * spent / trials:.1f} |", flush=True)
        shutil.rmtree(folder)
        folder.mkdir()


def scale(folder: Path, trials: int):
    """Print what `trials` trials cost that need not run, beside a minimal Snakefile."""
    prepare(folder, trials)
    os.chdir(folder)
    Path("minimal.smk").write_text(MINIMAL.replace("TRIALS", str(trials)))
    minimal = ["--snakefile", "minimal.smk"]
    rows = {"dry run": (measured("-n"), measured("-n", *minimal))}
    subprocess.run([sys.executable, "-c", _PRETEND], check=True)
    for i in range(trials):
        Path(f"minimal/{i}").mkdir(parents=True)
        Path(f"minimal/{i}/out.txt").write_text(f"{i}\n")
    # So that Snakemake has notes of each job, as it would if it had run them.
    for each in ([], minimal):
        measured(*each)
        subprocess.run([sys.executable, "-c", _TOUCH, *each], check=True, capture_output=True)
    rows["nothing to do"] = measured(), measured(*minimal)

    records = sorted(Path("results/trials").glob("*/record.json"))
    records[0].unlink()
    Path("minimal/0/out.txt").unlink()
    rows["one missing, to the table"] = measured(TABLE), measured(*minimal)
    rows["the rest, to the report"] = measured(), None
    more = json.dumps({"random": {"trials": trials + 1}})
    rows["one added, to the table"] = measured(TABLE, "--config", f"searches={more}"), None
    trained = len(list(Path("results/trials").glob("*/record.json"))) - trials
    print(
        f"\n| {trials:,} trials | snaketune | a minimal Snakefile | ratio |\n|---|---:|---:|---:|"
    )
    for name, (ours, theirs) in rows.items():
        cells = [f"{spent:.1f} s, {memory:.0f} MiB" for spent, memory in (ours, theirs or ours)]
        other, ratio = (cells[1], f"{ours[0] / theirs[0]:.2f} ×") if theirs else ("", "")
        print(f"| {name} | {cells[0]} | {other} | {ratio} |")
    print(f"\nAdding one trial trained {trained}.")


if __name__ == "__main__":
    sizes, many = sys.argv[1:] or ("1000,3000,9000", "27270")
    with tempfile.TemporaryDirectory() as name:
        work = Path(name) / "growth"
        work.mkdir()
        growth(work, [int(size) for size in sizes.split(",") if size])
        scale(work, int(many))
        os.chdir("/")
