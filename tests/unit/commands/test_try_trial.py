"""One trial in the foreground, as a person debugs it."""

import subprocess
import sys
from pathlib import Path

import pytest
import yaml


@pytest.fixture
def attempt(folder, study):
    """A function that runs `python -m snaketune try` and returns its exit code and what it said."""
    (folder / "my.yaml").write_text(yaml.safe_dump(study, sort_keys=False))

    def attempt(*arguments: str, types: str = "") -> tuple[int, str]:
        command = [sys.executable, "-m", "snaketune", "try", *arguments]
        run = subprocess.run(
            command, input=types, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        )
        return run.returncode, run.stdout

    return attempt


def test_a_trial_reports_on_the_terminal_and_leaves_nothing(attempt, folder):
    code, said = attempt("my.yaml", "grid", "3")
    assert code == 0
    lines = said.splitlines()
    assert lines[0] == 'grid 3: {"lr": 0.01, "hidden": 64}, seed 0'
    assert [line.split(",")[0] for line in lines[1:4]] == ["epoch 1", "epoch 2", "epoch 3"]
    assert lines[-1].startswith("metrics: val_score 0.98")
    assert not Path("results").exists()


def test_breakpoints_and_the_debugger_work(attempt, folder):
    objective = folder / "scripts/quick.py"
    objective.write_text(
        objective.read_text().replace("    score =", "    breakpoint()\n    score =", 1)
    )
    code, said = attempt("my.yaml", "random", types="p 'lr', config['lr']\nc\n")
    assert (code, "('lr', 0.0" in said) == (0, True), said
    objective.write_text("def train(config, trial):\n    place = 41\n    return 1 / 0\n")
    code, said = attempt("my.yaml", "random", "--pdb", types="p place + 1\nq\n")
    assert (code, "ZeroDivisionError" in said, "42" in said) == (1, True, True), said


def test_the_data_is_prepared_where_no_run_has_done_so(attempt, folder, study):
    (folder / "scripts/quick.py").write_text(
        "def train(config, trial):\n    return {'val_score': len(trial.data.train.y)}\n"
    )
    (folder / "my.yaml").write_text(yaml.safe_dump({**study, "data": "iris"}))
    code, said = attempt("my.yaml", "random", "1")
    assert (code, said.splitlines()[-1]) == (0, "metrics: val_score 90")
    assert not Path("results").exists()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("my.yaml", "gird"), "my.yaml: there is no search 'gird'. Did you mean 'grid'?"),
        (("my.yaml", "grid", "6"), "'grid' has no configuration 6. Its configurations are 0 to 5."),
        (("your.yaml", "grid"), "your.yaml: No such file or directory"),
    ],
)
def test_what_is_not_there_is_one_clear_error(attempt, arguments, message):
    code, said = attempt(*arguments)
    assert (code, message in said) == (1, True), said
    assert "Traceback" not in said
