"""Handing out the best: its folder appears whole, whoever makes it at the same time."""

import json
from pathlib import Path

import pytest

from snaketune.base.identity import canonical, digest
from snaketune.records import paths
from snaketune.records.record import read_record, write_record
from snaketune.records.task import Task
from snaketune.running import refit
from snaketune.running.process import run
from snaketune.running.refit import hand_out

SPEC = {
    "config": {"x": 2},
    "data": None,
    "objective": {"version": 0, "function": "train"},
    "seed": 3,
    "settings": {},
}
TASK = Task(canonical(SPEC), "my.yaml", "val", entrypoint="o.py:train")
ID = digest(TASK.spec)
BEST = {"config": {"x": 2}, "trial_ids": [ID]}


@pytest.fixture
def trained(tmp_path, monkeypatch) -> Path:
    """The folder of a trial that has handed over weights."""
    monkeypatch.chdir(tmp_path)
    Path("o.py").write_text(
        "def train(config, trial):\n"
        "    trial.save_weights([1, 2, 3])\n"
        "    print('training')\n"
        "    (trial.workdir / 'notes.txt').write_text('mine')\n"
        "    return {'val': config['x']}\n"
    )
    folder = Path(paths.trial(ID))
    folder.mkdir(parents=True)
    write_record(folder / "record.json", run(TASK, folder))
    Path("best").mkdir()
    return folder


def files(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def test_the_best_is_trained_once_more_for_its_weights(trained):
    hand_out("random", BEST, TASK, False, Path("best/random"))
    assert files(Path("best/random")) == {
        ".search",
        "config.json",
        "model.joblib",
        "notes.txt",
        "record.json",
    }
    assert Path("best/random/.search").read_text() == "random"
    assert json.loads(Path("best/random/config.json").read_text()) == {"x": 2}
    assert read_record(Path("best/random/record.json"), ID)["reproduced"] is True
    assert files(trained) == {"notes.txt", "record.json", ".snaketune-refit"}


def test_the_second_search_that_shares_the_best_does_not_train_it(trained, monkeypatch):
    hand_out("grid", BEST, TASK, False, Path("best/grid"))
    monkeypatch.setattr(refit, "run", None)
    hand_out("random", BEST, TASK, False, Path("best/random"))
    assert files(Path("best/random")) == files(Path("best/grid"))


def test_two_searches_that_train_the_shared_best_at_once_both_have_it(trained, monkeypatch):
    """The other one, also of another study, comes in while this one trains: the slower loses."""

    def train_while_another_does(*arguments, **more):
        monkeypatch.setattr(refit, "run", run)
        hand_out("grid", BEST, TASK, False, Path("best/other"))
        return run(*arguments, **more)

    monkeypatch.setattr(refit, "run", train_while_another_does)
    hand_out("grid", BEST, TASK, False, Path("best/grid"))
    assert files(Path("best/grid")) == files(Path("best/other"))
    assert files(trained) == {"notes.txt", "record.json", ".snaketune-refit"}


def test_without_a_complete_trial_the_folder_says_so(trained):
    hand_out("grid", None, TASK, False, Path("best/grid"))
    assert files(Path("best/grid")) == {".search", "none.txt"}


def test_code_that_has_changed_is_not_trained_under_the_old_name(trained, monkeypatch):
    spec = {**SPEC, "objective": {"code": "0" * 16, "function": "train"}}
    trial_id = digest(canonical(spec))
    folder = Path(paths.trial(trial_id))
    folder.mkdir()
    record = json.loads((trained / "record.json").read_text())
    write_record(folder / "record.json", {**record, **spec, "trial_id": trial_id})
    best = {"config": {"x": 2}, "trial_ids": [trial_id]}
    hand_out("grid", best, TASK, False, Path("best/grid"))
    found = read_record(Path("best/grid/record.json"), trial_id)
    assert found["refit_error"]["type"] == "CodeChanged"
    assert files(folder) == {"record.json"}
