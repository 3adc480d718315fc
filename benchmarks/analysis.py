"""How the analysis grows with the number of trials: from records to the report, no training.

    python benchmarks/analysis.py [1000 3000 9000 27000]

For each number of trials a study of two searches is planned (one half of the trials a grid, the
other half random), every trial gets a record with made-up scores, and each step runs in a process
of its own, as it does in the workflow. Prints seconds and the peak of memory of each.
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

from snaketune.base.identity import canonical
from snaketune.records import paths, record

STUDY = "made_up"
STEPS = ("aggregate", "compare", "plot", "report")
OBJECTIVE = "def train(config, trial):\n    return {'val_accuracy': 0.0, 'test_accuracy': 0.0}\n"


def study_file(trials: int) -> dict:
    """A study of five hyperparameters: a grid of about half the trials, and random search."""
    lrs = max(round(trials / 2 / 54), 1)
    grid = {
        "lr": [round(10 ** (-4 + 4 * (i + 0.5) / lrs), 9) for i in range(lrs)],
        "hidden": [32, 64, 128],
        "dropout": [0.0, 0.25, 0.5],
        "act": ["relu", "tanh"],
        "decay": [1.0e-6, 1.0e-5, 1.0e-4],
    }
    return {
        "study": STUDY,
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
    """Made-up accuracies: the learning rate matters most, dropout a little, the rest hardly."""
    noise = random.Random(number)
    peak = math.exp(-((math.log10(config["lr"]) + 2) ** 2) - 0.5 * (config["dropout"] - 0.3) ** 2)
    accuracy = 0.6 + 0.35 * peak + 0.002 * math.log2(config["hidden"])
    return tuple(min(accuracy + noise.gauss(0, 0.005), 1.0) for _ in range(2))


def prepare(trials: int):
    """Write the study, what a run writes as it begins, and the records into the current folder."""
    from snaketune.planning.studyfile import load_study

    Path("objective.py").write_text(OBJECTIVE)
    Path("study.yaml").write_text(yaml.safe_dump(study_file(trials), sort_keys=False))
    study = load_study("study.yaml", {})
    Path(paths.study(STUDY)).mkdir(parents=True)
    Path(paths.plan(STUDY)).write_text(study.plan_csv())
    Path(paths.summary(STUDY)).write_text(canonical(study.summary))
    Path(paths.study_text(STUDY)).write_text(study.text)
    for number, (trial_id, spec) in enumerate(study.specs.items()):
        path = Path(paths.record(trial_id))
        path.parent.mkdir(parents=True)
        path.write_text(json.dumps(made_up_record(trial_id, spec, number), indent=1) + "\n")


def made_up_record(trial_id: str, spec: str, number: int) -> dict:
    """The record of a trial that was never trained; `number` seeds its scores."""
    identity = json.loads(spec)
    validation, test = scores(identity["config"], number)
    return {
        **identity,
        "format": record.FORMAT,
        "trial_id": trial_id,
        "status": "complete",
        "metrics": {"val_accuracy": validation, "test_accuracy": test},
        "error": None,
        "history": [{"epoch": e, "val_accuracy": validation * (1 - 0.5**e)} for e in range(1, 21)],
        "cost": {
            "epochs": 20,
            "train_seconds": 1.5,
            "cpu_seconds": 1.5,
            "peak_memory_mib": 100.0,
        },
        "weights": False,
        "environment": {},
        "started": "2026-01-01T00:00:00+00:00",
    }


def run_step(step: str, root: Path):
    """Run a script of the workflow on the current folder as Snakemake would."""
    from snaketune.reporting.figures.catalogue import planned_figures

    results = Path(paths.study(STUDY))
    names = [figure.name for figure in planned_figures(["grid", "random"], ["grid"])]
    figures = [str(results / "figures" / f"{name}.svg") for name in names]
    table, compared = paths.table(STUDY), paths.comparison(STUDY)
    plan, summary = paths.plan(STUDY), paths.summary(STUDY)
    both = {"trials": table, "comparison": compared}
    inputs = {
        "aggregate": {"plan": plan, "planned": plan},
        "compare": {"trials": table, "data": [], "study": summary},
        "plot": both,
        "report": {**both, "figures": figures, "best": [], "summary": summary},
    }
    outputs = {
        "aggregate": [table],
        "compare": [compared],
        "plot": figures,
        "report": [paths.report(STUDY)],
    }
    params = {
        "metric": "val_accuracy",
        "study": "study.yaml",
        "text": paths.study_text(STUDY),
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
            steps = [measured("step", step) for step in STEPS]
            size = Path(paths.report(STUDY)).stat().st_size / 1e6
            os.chdir("/")
        cells = "".join(f"{seconds:>12.1f} s {memory:>4.0f} MiB" for seconds, memory in steps)
        print(f"{trials:>7,}{cells}{size:>11.1f} MB", flush=True)


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["prepare", trials]:
            prepare(int(trials))
        case ["step", step]:
            run_step(step, Path(__file__).parents[1])
        case sizes:
            main([int(size) for size in sizes] or [1_000, 3_000, 9_000, 27_000])
