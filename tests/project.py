"""A project folder in which `snakemake` really runs, and the quick study that tests vary."""

import copy
import csv
import shutil
import subprocess
import sys
from pathlib import Path

import yaml

from tests import loaded

ROOT = Path(__file__).parent.parent

# The default study with an objective that takes no time: a score with one peak, at lr = 0.01.
STUDY = {
    "study": "quick",
    "objective": {
        "entrypoint": "scripts/quick.py:train",
        "metric": "val_score",
        "mode": "max",
        "settings": {"epochs": 3},
    },
    "seeds": [0],
    "space": {"lr": {"loguniform": [0.001, 0.1]}, "hidden": {"choice": [32, 64, 128, 256]}},
    "searches": {
        "grid": {"sampler": "grid", "space": {"lr": [0.1, 0.01, 0.001], "hidden": [32, 64]}},
        "random": {"sampler": "random", "trials": 4, "seed": 0},
    },
}

QUICK = '''\
"""A quick objective."""
import math

WEIGHT = 0.1  # of the learning rate


def train(config, trial):
    score = 1 - WEIGHT * (math.log10(config["lr"]) + 2) ** 2 - 1 / config["hidden"]
    score += 1e-6 * trial.seed
    for epoch in range(1, trial.settings["epochs"] + 1):
        trial.report(epoch, val_score=score * epoch / trial.settings["epochs"])
    return {"val_score": score, "test_score": score - 0.01}
'''

# The columns of trials.csv that differ between two runs of the same trial.
COSTS = ("train_seconds", "cpu_seconds", "peak_memory_mib")

# Seconds after which a run of Snakemake counts as hanging, on however busy a machine.
LONG = 300


def changed(study: dict = STUDY, **searches: dict) -> dict:
    """A copy of `study` in which the named searches have other keys as well."""
    study = copy.deepcopy(study)
    for name, change in searches.items():
        study["searches"][name].update(change)
    return study


def trained(before: dict, after: dict) -> int:
    """How many records are new or were written again; both as `Project.records` returns them."""
    return sum(before.get(trial_id) != time for trial_id, time in after.items())


def snakemake(*arguments: str) -> list[str]:
    """The command line of this environment's Snakemake."""
    return [sys.executable, "-m", "snakemake", *arguments]


class Project:
    """A copy of the repository in which `snakemake` runs."""

    def __init__(self, path: Path, said: str = ""):
        self.path = path
        self.said = said  # what the run that made it has printed
        self._started: list[subprocess.Popen] = []

    @classmethod
    def create(cls, path: Path) -> "Project":
        """What a clone has, with the quick study as its config.yaml."""
        for name in ("workflow", "scripts", "profiles", "examples"):
            shutil.copytree(ROOT / name, path / name)
        shutil.copy(ROOT / "Snakefile", path)
        (path / "scripts/quick.py").write_text(QUICK)
        project = cls(path)
        project.write(STUDY)
        return project

    def copy(self, path: Path) -> "Project":
        """The same project elsewhere, with all times of files as they were."""
        shutil.copytree(self.path, path, dirs_exist_ok=True)
        project = type(self)(path, self.said)
        project._started = self._started
        return project

    def write(self, study: dict, name: str = "config.yaml"):
        """Write a study file."""
        (self.path / name).write_text(yaml.safe_dump(study, sort_keys=False))

    def run(self, *arguments: str, cores: int = 2, succeeds: bool | None = True) -> str:
        """`snakemake --cores N …` to its end; returns what it printed.

        With `succeeds=None` it may fail or not.
        """
        output = self.path.with_name(f"{self.path.name}.output")
        status = loaded.run(["--cores", str(cores), *arguments], self.path, output, LONG)
        text = output.read_text()
        assert succeeds in (None, status == 0), text
        return text

    def start(self, *arguments: str, cores: int = 2, **options) -> subprocess.Popen:
        """`snakemake --cores N …` as it runs, with `options` of Popen; silent unless they say."""
        silent = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        run = subprocess.Popen(
            snakemake("--cores", str(cores), *arguments),
            cwd=self.path,
            **(silent | options),
        )
        self._started.append(run)
        return run

    def command(self, *arguments: str) -> str:
        """`python -m snaketune …`; returns what it prints."""
        return subprocess.run(
            [sys.executable, "-m", "snaketune", *arguments],
            cwd=self.path,
            stdout=subprocess.PIPE,
            text=True,
            check=True,
            timeout=LONG,
        ).stdout

    def end(self):
        """Kill what a failed test has left of what it started here or in a copy."""
        for run in self._started:
            run.kill()
            run.wait(timeout=LONG)

    def train(self, *arguments: str, **options) -> str:
        """Run the study no further than to its table of trials, which saves the figures' time."""
        return self.run(*arguments, "--until", "aggregate", **options)

    def records(self) -> dict[str, int]:
        """When each record was written, in nanoseconds, by trial id."""
        paths = self.path.glob("results/trials/*/record.json")
        return {path.parent.name: path.stat().st_mtime_ns for path in paths}

    def results(self, name: str = "quick") -> Path:
        """The folder of a study's results."""
        return self.path / "results" / name

    def rows(self, name: str = "quick", without: tuple[str, ...] = COSTS) -> list[dict[str, str]]:
        """The rows of trials.csv, without the columns that differ between runs."""
        with (self.results(name) / "trials.csv").open(newline="") as stream:
            rows = list(csv.DictReader(stream))
        return [{key: row[key] for key in row if key not in without} for row in rows]
