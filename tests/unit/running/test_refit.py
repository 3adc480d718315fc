"""Handing out the best: its folder appears whole, whoever makes it at the same time."""

import json
import os
from pathlib import Path

import pytest

from snaketune.base.errors import StudyError
from snaketune.base.identity import canonical, digest
from snaketune.records import paths
from snaketune.records.record import read_record, write_record
from snaketune.running import refit
from snaketune.running.failures import may_come_again
from snaketune.running.process import run
from snaketune.running.refit import hand_out
from tests.unit.running.one_trial import BEST, ID, SPEC, TASK


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


def objective(body: str) -> None:
    """Write the objective, which hands over weights and scores 2."""
    lines = body.replace("\n", "\n    ")
    Path("o.py").write_text(
        "import os, pathlib, socket\n"
        f"def train(config, trial):\n    {lines}\n"
        "    trial.save_weights([1, 2, 3])\n    return {'val': 2}\n"
    )


# What a person may well call files of their own.
THEIRS = (
    "logits.txt",
    "log-notes.txt",
    "refit_notes.md",
    "attempt-a.json",
    ".hydra",
    "inner/log.txt",
    "inner/trial.checkpoint",
    "inner/.snaketune-mine",
    "refit/notes.md",
)


@pytest.mark.parametrize("has_weights", [True, False])
def test_all_of_a_persons_own_files_are_handed_out(trained, has_weights):
    if has_weights:
        objective(
            f"for name in {THEIRS}:\n"
            "    path = trial.workdir / name\n"
            "    path.parent.mkdir(exist_ok=True)\n"
            "    path.write_text(name)\n"
        )
    else:
        record = read_record(trained / "record.json", ID)
        write_record(trained / "record.json", {**record, "weights": False})
        for name in THEIRS:
            (trained / name).parent.mkdir(exist_ok=True)
            (trained / name).write_text(name)
    for name in ("log.txt", "log-1.txt", "attempt-1.json", "trial.checkpoint", ".snaketune-x"):
        (trained / name).write_text("ours")
    (trained / "refit-merged-3").mkdir()
    (trained / "refit-merged-3/record.json").write_text("of 0.1.0")
    hand_out("grid", BEST, TASK, False, Path("best/grid"))
    for name in THEIRS:
        assert (Path("best/grid") / name).read_text() == name
    more = {"model.joblib"} if has_weights else {"notes.txt"}
    top = {name.partition("/")[0] for name in THEIRS}
    assert files(Path("best/grid")) == top | more | {".search", "config.json", "record.json"}


def test_a_workdir_may_hold_whatever_a_folder_may_hold(trained):
    objective(
        "here = trial.workdir\n"
        "(here / 'data').write_text('d')\n(here / 'link').symlink_to('data')\n"
        "(here / 'gone').symlink_to('nowhere')\n(here / 'folder').mkdir()\n"
        "(here / 'loop').symlink_to('.')\nos.mkfifo(here / 'folder/pipe')\n"
        "os.chdir(here)\nsocket.socket(socket.AF_UNIX).bind('socket')"
    )
    hand_out("grid", BEST, TASK, False, Path("best/grid"))
    best = Path("best/grid")
    assert os.readlink(best / "link") == "data"
    assert os.readlink(best / "gone") == "nowhere"
    assert os.readlink(best / "loop") == "."
    assert files(best / "folder") == set()
    assert not (best / "socket").exists()


def test_no_checkpoint_is_handed_out(trained):
    """It is a pickle, which can run anything when it is loaded."""
    objective("trial.checkpoint({'at': 3})")
    hand_out("grid", BEST, TASK, False, Path("best/grid"))
    assert "model.joblib" in files(Path("best/grid"))
    assert not list(Path("best/grid").glob("*checkpoint*"))


PASSING = {
    "a kill": "os.kill(os.getpid(), 9)",
    "memory": "raise MemoryError('no')",
}


@pytest.mark.slow
@pytest.mark.parametrize("fails", PASSING.values(), ids=PASSING)
def test_a_failure_that_passes_does_not_cost_the_weights(trained, fails):
    """It is tried once more, from the checkpoint."""
    objective(
        "state = trial.resume()\n"
        f"if state is None:\n    trial.checkpoint('half')\n    {fails}\n"
        "(trial.workdir / 'state').write_text(state)"
    )
    hand_out("grid", BEST, TASK, False, Path("best/grid"))
    record = read_record(Path("best/grid/record.json"), ID)
    assert record["reproduced"] is True
    assert Path("best/grid/state").read_text() == "half"


@pytest.mark.slow
def test_a_failure_that_may_pass_is_said_and_tried_by_the_next_run(trained):
    objective("raise MemoryError('no')")
    hand_out("grid", BEST, TASK, False, Path("best/grid"))
    record = read_record(Path("best/grid/record.json"), ID)
    assert record["refit_error"]["type"] == "MemoryError"
    assert may_come_again(Path("best/grid"))
    assert files(trained) == {"notes.txt", "record.json"}
    objective("")
    hand_out("grid", BEST, TASK, False, Path("best/again"))
    assert read_record(Path("best/again/record.json"), ID)["reproduced"] is True
    assert not may_come_again(Path("best/again"))


@pytest.mark.slow
@pytest.mark.parametrize("error", ["raise ValueError('no')", "trial.save_weights(lambda: 1)\n"])
def test_a_failure_that_will_not_pass_is_not_tried_again(trained, error):
    lines = f"if not trial.seed < 0:\n    open('o.log', 'a').write('.')\n{error}"
    objective(lines)
    if "lambda" in error:
        text = Path("o.py").read_text().replace("[1, 2, 3]", "lambda: 1")
        Path("o.py").write_text(text)
    hand_out("grid", BEST, TASK, False, Path("best/grid"))
    assert Path("o.log").read_text() == "."
    assert read_record(Path("best/grid/record.json"), ID)["refit_error"] is not None
    assert not may_come_again(Path("best/grid"))


def test_weights_are_not_lost_where_the_objective_goes_elsewhere(trained):
    objective("os.chdir('/')")
    hand_out("grid", BEST, TASK, False, Path("best/grid"))
    assert "model.joblib" in files(Path("best/grid"))


def test_a_full_disk_costs_no_weights(trained, monkeypatch):
    """The next run has them, and this one says why it ends."""
    objective("weights = open('/dev/full', 'w')\nprint('no', file=weights, flush=True)")
    with pytest.raises(StudyError, match="the disk is full"):
        hand_out("grid", BEST, TASK, False, Path("best/grid"))
    assert files(trained) == {"notes.txt", "record.json"}


@pytest.mark.parametrize("left", ["", "{}", "[1]", '{"refit_error": 3}', None])
def test_a_best_that_is_damaged_does_not_come_again_by_itself(tmp_path, left):
    if left is not None:
        (tmp_path / "record.json").write_text(left)
    assert not may_come_again(tmp_path)
