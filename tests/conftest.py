"""What all tests share: a study to vary, a quick objective, a project folder that runs."""

import copy
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import hypothesis
import pytest
import yaml

# A shell that starts the tests in the background has them, and all that they start, ignore Ctrl-C.
signal.signal(signal.SIGINT, signal.default_int_handler)

# How long an example takes says nothing on a busy machine.
hypothesis.settings.register_profile("untimed", deadline=None)
hypothesis.settings.load_profile("untimed")

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


@pytest.fixture
def study() -> dict:
    """A study that a test may change."""
    return copy.deepcopy(STUDY)


@pytest.fixture
def folder(tmp_path, monkeypatch) -> Path:
    """An empty working directory with the quick objective."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "scripts").mkdir()
    (tmp_path / "scripts/quick.py").write_text(QUICK)
    return tmp_path


def wait_for(holds, seconds: float = 60):
    """Wait until `holds()` is true, and return what it is; for so long at most."""
    due = time.monotonic() + seconds
    while not (found := holds()):
        assert time.monotonic() < due
        time.sleep(0.1)
    return found


def snakemake(*arguments: str) -> list[str]:
    """The command line of this environment's Snakemake."""
    return [sys.executable, "-m", "snakemake", *arguments]


class Project:
    """A copy of the repository in which `snakemake` really runs."""

    def __init__(self, path: Path):
        self.path = path

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
        return Project(path)

    def write(self, study: dict, name: str = "config.yaml"):
        """Write a study file."""
        (self.path / name).write_text(yaml.safe_dump(study, sort_keys=False))

    def run(self, *arguments: str, cores: int = 2, succeeds: bool = True):
        """`snakemake --cores N …`; returns the finished process with its output in `.text`."""
        done = subprocess.run(
            snakemake("--cores", str(cores), *arguments),
            cwd=self.path,
            capture_output=True,
            text=True,
            check=False,
        )
        done.text = done.stdout + done.stderr
        assert (done.returncode == 0) == succeeds, done.text
        return done

    def start(self, *arguments: str, cores: int = 2, **options) -> subprocess.Popen:
        """`snakemake --cores N …` as it runs, with `options` of Popen; silent unless they say."""
        silent = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        return subprocess.Popen(
            snakemake("--cores", str(cores), *arguments),
            cwd=self.path,
            **(silent | options),
        )

    def train(self, *arguments: str, study: str = "quick"):
        """Run no further than to the table of trials, which saves the figures' time."""
        return self.run(*arguments, "--", f"results/{study}/trials.csv")

    def records(self) -> dict[str, int]:
        """When each record was written, in nanoseconds, by trial id."""
        paths = self.path.glob("results/trials/*/record.json")
        return {path.parent.name: path.stat().st_mtime_ns for path in paths}

    def results(self, name: str = "quick") -> Path:
        """The folder of a study's results."""
        return self.path / "results" / name


@pytest.fixture(scope="session")
def finished_once(tmp_path_factory) -> Project:
    """The quick study, run once in this test process; tests take copies."""
    project = Project.create(tmp_path_factory.mktemp("finished"))
    project.run()
    return project


@pytest.fixture
def project(tmp_path) -> Project:
    """A fresh project in which nothing has run."""
    return Project.create(tmp_path / "project")


@pytest.fixture
def finished(finished_once, tmp_path) -> Project:
    """A project of its own in which the quick study has been run."""
    return finished_once.copy(tmp_path / "project")
