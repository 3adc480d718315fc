"""`keep`: which of the files that trials leave are kept."""

from dataclasses import replace
from pathlib import Path

import pytest

from snaketune.records import paths
from snaketune.records.record import read_record
from snaketune.running.attempt import Attempt
from snaketune.running.process import run
from snaketune.running.refit import hand_out
from tests.unit.running.one_trial import BEST, ID, TASK

LEAVES = """
def train(config, trial):
    (trial.workdir / "big.bin").write_text("mine")
    (trial.workdir / "runs/1").mkdir(parents=True)
    (trial.workdir / "runs/1/events").write_text("mine")
    (trial.workdir / "elsewhere").symlink_to(OTHER, target_is_directory=True)
    trial.save_weights([1, 2])
    FAILS
    return {"val": 1}
"""


@pytest.fixture
def train(tmp_path, monkeypatch):
    """A function that runs the trial, as the rule does; returns the names in its folder."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "other").mkdir()
    (tmp_path / "other/precious").touch()

    def train(keep: str, fails: str = "") -> set[str]:
        text = LEAVES.replace("OTHER", repr(str(tmp_path / "other"))).replace("FAILS", fails)
        Path("o.py").write_text(text)
        task = replace(TASK, keep=keep)
        output = Path(paths.record(ID))
        output.parent.mkdir(parents=True)
        (output.parent / "log.txt").touch()
        attempt = Attempt(task, 1, output)
        assert attempt.conclude(lambda: run(task, attempt.folder)) == (0, "")
        return names(output.parent)

    return train


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


OWN = {"log.txt", "record.json"}
LEFT = {"big.bin", "runs", "elsewhere"}


@pytest.mark.parametrize(("keep", "left"), [("all", LEFT), ("best", set()), ("none", set())])
@pytest.mark.parametrize("fails", ["", "raise ValueError('no')"])
def test_what_a_trial_leaves_goes_with_its_record(train, tmp_path, keep, left, fails):
    assert train(keep, fails) == OWN | left
    assert (tmp_path / "other/precious").exists()


@pytest.mark.parametrize(("keep", "left"), [("all", LEFT), ("best", LEFT), ("none", set())])
def test_the_best_has_its_files_and_weights(train, keep, left):
    train(keep)
    Path("best").mkdir()
    hand_out(
        "r",
        BEST,
        replace(TASK, keep=keep),
        False,
        Path("best/r"),
    )
    ours = {".search", "config.json", "model.joblib", "record.json"}
    assert names(Path("best/r")) == ours | left
    assert read_record(Path("best/r/record.json"), ID)["reproduced"] is True
