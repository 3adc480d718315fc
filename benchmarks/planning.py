"""What planning costs: every cluster job reads the study again before it trains.

    python benchmarks/planning.py

Each line is a fresh Python process that reads a study of ten hyperparameters and plans its trials,
once by random search and once, in the last column, through SciPy's Sobol' sequence.
"""

import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

import yaml

ROUNDS = 5
SIZES = (100, 1_000, 10_000, 30_000, 100_000)
SPACE = {
    "lr": {"loguniform": [1e-4, 1]},
    "momentum": {"uniform": [0, 1]},
    "weight_decay": {"choice": [0, {"loguniform": [1e-6, 1e-2]}]},
    "dropout": {"quniform": [0, 0.5, 0.1]},
    "hidden": {"choice": [32, 64, 128, 256]},
    "layers": {"randint": [1, 5]},
    "batch_size": {"lograndint": [16, 1024]},
    "activation": {"choice": ["relu", "tanh", "gelu"]},
    "init": {"normal": [0, 1]},
    "nesterov": [True, False],
}
PLAN = """
import sys, time
start = time.perf_counter()
from snaketune.planning.studyfile import load_study
study = load_study(sys.argv[1])
count = len(study.plan)
print(time.perf_counter() - start, count)
print(*{"numpy", "scipy", "pandas", "torch"} & set(sys.modules), file=sys.stderr)
"""


def seconds(folder: Path, sampler: str, trials: int) -> float:
    """Seconds from the first import to the finished plan, in a process of its own."""
    study = {
        "study": "planning",
        "objective": {"entrypoint": f"{folder}/objective.py:train", "metric": "x", "mode": "max"},
        "space": SPACE,
        "searches": {"search": {"sampler": sampler, "trials": trials}},
    }
    (folder / "study.yaml").write_text(yaml.safe_dump(study))
    run = subprocess.run(
        [sys.executable, "-c", PLAN, str(folder / "study.yaml")],
        capture_output=True,
        text=True,
        check=True,
    )
    spent, count = run.stdout.split()
    if int(count) != trials or (sampler == "random" and run.stderr.strip()):
        sys.exit(f"{count} trials planned instead of {trials}; imported: {run.stderr.strip()}")
    return float(spent)


def main():
    """Print the table: medians of the rounds, the samplers and sizes in turn in each."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "objective.py").write_text("def train(config, trial): return {}\n")
        spent = {(sampler, size): [] for size in SIZES for sampler in ("random", "sobol")}
        for _ in range(ROUNDS):
            for case in spent:
                spent[case].append(seconds(folder, *case))
    print(f"{'trials':>8} {'random (s)':>12} {'µs a trial':>12} {'sobol (s)':>12}")
    for size in SIZES:
        plain, quasi = (statistics.median(spent[s, size]) for s in ("random", "sobol"))
        print(f"{size:8,} {plain:12.3f} {1e6 * plain / size:12.1f} {quasi:12.3f}")


if __name__ == "__main__":
    main()
