"""The wheel in an environment that has nothing else: `make test-wheel` makes that and runs this.

Its name is not test_wheel.py, as `make test` has no such environment.
"""

import json
import subprocess
from pathlib import Path

import pytest

from tests.packaging.lowest import ROOT

PYTHON = ROOT / ".venv/lowest/bin/python"

STUDY = """\
study: elsewhere
objective: {entrypoint: "train.py:train", metric: val_score, mode: max}
space: {lr: {loguniform: [0.001, 0.1]}}
searches:
  grid: {sampler: grid, space: {lr: [0.1, 0.01, 0.001]}}
  random: {sampler: random, trials: {match: grid}, seed: 0}
"""

OBJECTIVE = '''\
"""An objective that needs no framework."""
import math

import snaketune


def train(config, trial):
    print(snaketune.__file__)
    return {"val_score": -((math.log10(config["lr"]) + 2) ** 2)}
'''

# Snakemake, which in the end says where the library that it used lies.
SNAKEMAKE = """\
import atexit, sys
from snakemake.cli import main
atexit.register(lambda: print("library:", sys.modules["snaketune"].__file__))
main()
"""


def said(*arguments, cwd: Path) -> str:
    """What the environment's Python prints; it must succeed."""
    done = subprocess.run(
        [PYTHON, *arguments], cwd=cwd, check=False, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def site_packages(tmp_path_factory) -> Path:
    """Where the wheel has been installed."""
    show = "import sysconfig; print(sysconfig.get_path('purelib'))"
    return Path(said("-c", show, cwd=tmp_path_factory.mktemp("empty")).strip())


@pytest.mark.parametrize(
    "package",
    [ROOT / "snaketune", *sorted((ROOT / "plugins").iterdir())],
    ids=lambda path: path.name,
)
def test_all_files_are_installed_and_it_can_be_imported(package, site_packages, tmp_path):
    files = {path.relative_to(package.parent) for path in package.rglob("*") if path.is_file()}
    files = {path for path in files if "__pycache__" not in path.parts}
    assert [path for path in sorted(files) if not (site_packages / path).exists()] == []
    found = said("-c", f"import {package.name} as it; print(it.__file__)", cwd=tmp_path).strip()
    assert found == str(site_packages / package.name / "__init__.py")


def test_a_study_runs_in_a_folder_that_is_no_clone(site_packages, tmp_path):
    (tmp_path / "my.yaml").write_text(STUDY)
    (tmp_path / "train.py").write_text(OBJECTIVE)
    printed = said(
        *("-c", SNAKEMAKE, "--cores", "2", "--configfile", "my.yaml"),
        *("--snakefile", ROOT / "Snakefile", "--profile", ROOT / "profiles/default"),
        cwd=tmp_path,
    )
    assert (tmp_path / "results/elsewhere/report.html").exists()
    records = list(tmp_path.glob("results/trials/*/record.json"))
    assert [json.loads(record.read_text())["status"] for record in records] == ["complete"] * 6
    # The clone's own folder, from which the Snakefile comes, must not stand in for the wheel.
    installed = str(site_packages / "snaketune/__init__.py")
    assert f"library: {installed}" in printed
    for record in records:
        assert installed in record.with_name("log.txt").read_text()
