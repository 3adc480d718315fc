"""How the analysis grows with the number of trials: from records to the report, no training.

    python benchmarks/analysis.py [1000 3000 9000 27000]

For each number of trials a study of two searches is planned (half of them a grid, half random),
every trial gets a record with made-up scores, and each step runs in a process of its own, as it
does in the workflow. Prints seconds and the peak of memory of each.
"""

import json
import math
import os
import random
import runpy
import sys
import tempfile
import time
from pathlib import Path
from types import SimpleNamespace

import yaml

STEPS = ("aggregate", "compare", "plot", "report")
OBJECTIVE = "def train(config, trial):\n    return {'val_accuracy': 0.0, 'test_accuracy': 0.0}\n"


def study_file(trials: int) -> dict:
    """A study with a grid of about half the trials in 5 hyperparameters, and random search."""
    lrs = max(round(trials / 2 / 54), 1)
    grid = {
        "lr": [round(10 ** (-4 + 4 * (i + 0.5) / lrs), 9) for i in range(lrs)],
        "hidden": [32, 64, 128],
        "dropout": [0.0, 0.25, 0.5],
        "act": ["relu", "tanh"],
        "decay": [1.0e-6, 1.0e-5, 1.0e-4],
    }
    return {
        "study": "made_up",
        "objective": {"entrypoint": "objective.py:train", "metric": "val_accuracy", "mode": "max"},
        "space": {
            "lr": {"loguniform": [1.0e-4, 1.0]},
            "hidden": {"lograndint": [16, 256]},
            "dropout": {"uniform": [0.0, 0.7]},
            "act": {"choice": ["relu", "tanh"]},
            "decay": {"loguniform": [1.0e-7, 1.0e-2]},
        },
        "searches": {
            "grid": {"sampler": "grid", "space": grid},
            "random": {"sampler": "random", "trials": trials - 54 * lrs, "seed": 0},
        },
    }


def scores(config: dict, number: int) -> tuple[float, float]:
    """Made-up accuracies: the learning rate matters most, dropout some, the rest hardly."""
    noise = random.Random(number)
    peak = math.exp(-((math.log10(config["lr"]) + 2) ** 2) - 0.5 * (config["dropout"] - 0.3) ** 2)
    accuracy = 0.6 + 0.35 * peak + 0.002 * math.log2(config["hidden"])
    return tuple(min(accuracy + noise.gauss(0, 0.005), 1.0) for _ in range(2))


def prepare(trials: int):
    """Write the study, its plan and the records into the current folder."""
    from snaketune.planning.studyfile import load_study

    Path("objective.py").write_text(OBJECTIVE)
    Path("study.yaml").write_text(yaml.safe_dump(study_file(trials), sort_keys=False))
    study = load_study("study.yaml", {})
    study.write_plan("results/made_up/plan.csv")
    Path("summary.json").write_text(study.summary)
    for number, (trial_id, spec) in enumerate(study.specs.items()):
        spec = json.loads(spec)
        validation, test = scores(spec["config"], number)
        record = {
            **spec,
            "trial_id": trial_id,
            "status": "complete",
            "metrics": {"val_accuracy": validation, "test_accuracy": test},
            "error": None,
            "history": [
                {"epoch": e, "val_accuracy": validation * (1 - 0.5**e)} for e in range(1, 21)
            ],
            "cost": {
                "epochs": 20,
                "train_seconds": 1.5,
                "cpu_seconds": 1.5,
                "peak_memory_mib": 100.0,
            },
            "environment": {},
        }
        folder = Path("results/trials", trial_id)
        folder.mkdir(parents=True)
        (folder / "record.json").write_text(json.dumps(record, indent=1) + "\n")


def run_step(step: str, root: Path):
    """Run a script of the workflow on the current folder as Snakemake would."""
    results = Path("results/made_up")
    names = ("efficiency", "experiments", "best_so_far", "designs", "importance", "response")
    names += ("hyperparameters", "parallel", "heatmap-grid", "learning_curves")
    figures = [str(results / "figures" / f"{name}.svg") for name in names]
    table, compared = str(results / "trials.csv"), str(results / "comparison.json")
    inputs = {
        "aggregate": {"plan": str(results / "plan.csv")},
        "compare": {"trials": table, "data": None},
        "plot": {"trials": table, "comparison": compared},
        "report": {
            "trials": table,
            "comparison": compared,
            "figures": figures,
            "best": [],
            "study": "study.yaml",
        },
    }
    outputs = {
        "aggregate": [table],
        "compare": [compared],
        "plot": figures,
        "report": [str(results / "report.html")],
    }
    params = {
        "metric": "val_accuracy",
        "study": Path("summary.json").read_text() if step == "compare" else "study.yaml",
        "overrides": {},
        "folder": str(root),
    }
    (results / "figures").mkdir(exist_ok=True)
    given = SimpleNamespace(
        input=SimpleNamespace(**inputs[step]),
        output=Output(outputs[step]),
        params=SimpleNamespace(**params),
        log=[str(results / f"{step}.log")],
    )
    runpy.run_path(str(root / "scripts" / f"{step}.py"), init_globals={"snakemake": given})


class Output(list):
    """Output files by place; the figures also by name."""

    @property
    def figures(self):
        return self


def measured(*arguments) -> tuple[float, float]:
    """Seconds and the peak of memory in MiB of this script with these arguments, in a process."""
    start = time.perf_counter()
    pid = os.posix_spawn(sys.executable, [sys.executable, __file__, *arguments], os.environ)
    _, status, usage = os.wait4(pid, 0)
    if status:
        sys.exit(f"{' '.join(arguments)} failed")
    return time.perf_counter() - start, usage.ru_maxrss / 1024


def main(sizes: list[int]):
    print(f"{'trials':>7}" + "".join(f"{step:>22}" for step in STEPS) + f"{'report':>14}")
    for trials in sizes:
        with tempfile.TemporaryDirectory() as folder:
            os.chdir(folder)
            measured("prepare", str(trials))
            told = [measured("step", step) for step in STEPS]
            size = Path("results/made_up/report.html").stat().st_size / 1e6
            os.chdir("/")
        cells = "".join(f"{seconds:>12.1f} s {memory:>4.0f} MiB" for seconds, memory in told)
        print(f"{trials:>7,}{cells}{size:>11.1f} MB", flush=True)


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["prepare", trials]:
            prepare(int(trials))
        case ["step", step]:
            run_step(step, Path(__file__).parents[1])
        case sizes:
            main([int(size) for size in sizes] or [1_000, 3_000, 9_000, 27_000])
