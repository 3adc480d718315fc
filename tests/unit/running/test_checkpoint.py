"""Checkpoints and early stopping: whatever is cut off, the end is the same to the last bit."""

import importlib
import os
import pickle
import random
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from snaketune.base.errors import StudyError
from snaketune.base.identity import canonical
from snaketune.records.task import Task
from snaketune.running.checkpoint import dump
from snaketune.running.early_stopping import EarlyStopping
from snaketune.running.process import run
from snaketune.running.trial import CHECKPOINT, Trial
from tests.project import ROOT

SPEC = {"config": {}, "data": None, "objective": {}, "seed": 3, "settings": {}}

# A training that uses every generator, dropout and momentum; it kills itself where it is asked to.
NOISY = """
import os, random
import numpy, torch

def train(config, trial):
    model = torch.nn.Sequential(torch.nn.Linear(4, 8), torch.nn.Dropout(0.5), torch.nn.Linear(8, 1))
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
    done = 0
    if state := trial.resume():
        model.load_state_dict(state["model"])
        optimizer.load_state_dict(state["optimizer"])
        done = state["done"]
    for epoch in trial.epochs(12):
        x = torch.randn(16, 4) + numpy.random.rand() + random.random()
        loss = (model(x) ** 2).mean()
        optimizer.zero_grad(); loss.backward(); optimizer.step()
        trial.report(epoch, val=loss)
        if trial.improved:
            trial.save_weights(model.state_dict())
        if epoch % 2 == 0:
            trial.checkpoint(
                {"model": model.state_dict(), "optimizer": optimizer.state_dict(), "done": epoch}
            )
        if epoch == int(os.environ.get("DIE_AT", 0)):
            os.kill(os.getpid(), 9)
    total = sum(float(w.abs().sum()) for w in trial.weights.values())
    return {"val": loss, "weights": total, "best_epoch": trial.best_epoch}
"""


@pytest.fixture
def noisy(tmp_path, monkeypatch):
    """Run the noisy training in a folder, killed after an epoch (0: not at all)."""
    (tmp_path / "noisy.py").write_text(NOISY)

    def noisy(folder, die_at=0, rule=None):
        monkeypatch.setenv("DIE_AT", str(die_at))
        (tmp_path / folder).mkdir(exist_ok=True)
        spec = {**SPEC, "objective": {"early_stopping": rule} if rule else {}}
        task = Task(canonical(spec), "my.yaml", "val", entrypoint=f"{tmp_path}/noisy.py:train")
        return run(task, tmp_path / folder)

    return noisy


@pytest.mark.slow
@pytest.mark.parametrize(
    "rule", [None, {"metric": "val", "mode": "min", "patience": 4, "min_epochs": 6}]
)
@pytest.mark.parametrize("deaths", [[1], [2], [3, 8], [4, 5, 6, 7, 9]], ids=str)
def test_a_killed_trial_goes_on_and_ends_the_same(noisy, deaths, rule):
    whole = noisy("whole", rule=rule)
    for epoch in deaths:
        killed = noisy("killed", die_at=epoch, rule=rule)
        if killed["status"] == "complete":
            assert epoch > whole["cost"]["epochs"]
        else:
            assert killed["error"]["type"] == "Killed"
            assert killed["history"] == whole["history"][:epoch]
    again = noisy("killed", rule=rule)
    assert again["metrics"] == whole["metrics"]
    assert again["history"] == whole["history"]
    assert again["cost"]["epochs"] == whole["cost"]["epochs"]


def test_the_cost_of_what_was_done_before_is_not_forgotten(tmp_path):
    first = Trial(SPEC, tmp_path)
    first._started = first._started[0] - 100, first._started[1] - 50
    first.checkpoint(None)
    second = Trial(SPEC, tmp_path)
    second.resume()
    assert second.seconds()[0] == pytest.approx(100, abs=20)
    assert second.seconds()[1] == pytest.approx(50, abs=20)


@pytest.mark.parametrize("damage", [b"", b"PK\x03\x04 no zip", b"\x80nothing"])
def test_a_damaged_checkpoint_is_a_beginning(tmp_path, damage, capsys):
    (tmp_path / CHECKPOINT).write_bytes(damage)
    assert Trial(SPEC, tmp_path).resume() is None
    assert "can't be read" in capsys.readouterr().out


def test_a_trial_without_a_checkpoint_begins(tmp_path):
    assert Trial(SPEC, tmp_path).resume() is None


def test_a_full_disk_does_not_end_training(tmp_path, monkeypatch, capsys):
    trial = Trial(SPEC, tmp_path)
    trial.checkpoint("good")

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    trial.checkpoint("bad")
    assert "No space left on device" in capsys.readouterr().out
    assert Trial(SPEC, tmp_path).resume() == "good"


def reports(scores, **rule):
    """The epochs that are trained, and the best of them, when the scores come one by one."""
    spec = {**SPEC, "objective": {"early_stopping": {"metric": "val", **rule}}}
    trial = Trial(spec, ROOT)
    for epoch in trial.epochs(len(scores)):
        trial.report(epoch, val=scores[epoch - 1])
    return len(trial.history), trial.best_epoch


def test_patience_as_written_out():
    scores = [0.1, 0.5, 0.4, 0.5, 0.4, 0.9]
    assert reports(scores, mode="max", patience=3) == (5, 2)
    assert reports(scores, mode="max", patience=4) == (6, 6)
    assert reports(scores, mode="min", patience=3) == (4, 1)
    assert reports(scores, mode="min", patience=1, min_epochs=4) == (4, 1)


def test_the_papers_rule_as_written_out():
    """At epoch t, stop if the best was before t / 2, but not before min_epochs."""
    scores = [0.1, 0.2, 0.9, *[0.5] * 20]
    assert reports(scores, mode="max", patience_factor=2) == (7, 3)
    assert reports(scores, mode="max", patience_factor=2, min_epochs=10) == (10, 3)


@given(
    scores=st.lists(st.one_of(st.floats(0, 1), st.just(float("nan"))), min_size=1, max_size=30),
    patience=st.integers(1, 5),
)
def test_patience_against_brute_force(scores, patience):
    """Stop at the first epoch t such that none of the last `patience` beat all before them."""
    finite = [s if s == s else -1 for s in scores]

    def best(t):
        top = max([-1, *finite[:t]])
        return 0 if top == -1 else finite.index(top) + 1

    stops = (t for t in range(1, len(scores) + 1) if t - best(t) >= patience)
    trained = next(stops, len(scores))
    assert reports(scores, mode="max", patience=patience) == (trained, best(trained))


def test_without_a_rule_the_last_epoch_counts(tmp_path):
    trial = Trial(SPEC, tmp_path)
    for epoch in trial.epochs(3):
        trial.report(epoch, val=-epoch)
        assert trial.improved
    assert (trial.best_epoch, trial.should_stop) == (3, False)


def test_a_report_without_the_metric_to_follow_is_the_studys_fault():
    with pytest.raises(StudyError, match=r"no 'val', which early stopping follows") as error:
        trial = Trial(
            {
                **SPEC,
                "objective": {"early_stopping": {"metric": "val", "mode": "max", "patience": 1}},
            },
            ROOT,
        )
        trial.report(1, loss=2)
    assert error.value.path == ("objective", "early_stopping", "metric")


def test_training_on_merged_data_stops_where_it_is_told(tmp_path):
    spec = {
        **SPEC,
        "objective": {"early_stopping": {"metric": "val", "mode": "max", "patience": 1}},
    }
    trial = Trial(spec, tmp_path, merged_epochs=4)
    for epoch in trial.epochs(9):
        trial.report(epoch, val=-epoch)
        assert trial.improved
    assert len(trial.history) == 4


def test_the_best_epoch_of_a_rule_is_strictly_better():
    rule = EarlyStopping("val", "max", patience=9)
    for epoch, score in enumerate([0.5, 0.5], start=1):
        rule.follow(epoch, score)
    assert rule.best_epoch == 1


def planted(path):
    """A checkpoint that leaves a file named `ran` if it is loaded."""

    class Plant:
        def __reduce__(self):
            return open, (f"{path.parent}/ran", "w")

    path.write_bytes(pickle.dumps({"state": Plant(), "history": [], "random": {}}))


@pytest.mark.parametrize("mode", [0o620, 0o602, 0o666, 0o777], ids=oct)
def test_a_checkpoint_that_others_may_have_written_is_not_loaded(tmp_path, capsys, mode):
    path = tmp_path / CHECKPOINT
    planted(path)
    path.chmod(mode)
    assert Trial(SPEC, tmp_path).resume() is None
    assert "others may write to it" in capsys.readouterr().out
    assert not (tmp_path / "ran").exists()


def test_a_checkpoint_of_another_user_is_not_loaded(tmp_path, monkeypatch, capsys):
    path = tmp_path / CHECKPOINT
    planted(path)
    path.chmod(0o600)
    monkeypatch.setattr("os.geteuid", lambda: path.stat().st_uid + 1)
    assert Trial(SPEC, tmp_path).resume() is None
    assert "belongs to another user" in capsys.readouterr().out
    assert not (tmp_path / "ran").exists()


def test_a_checkpoint_that_is_a_link_is_not_loaded(tmp_path):
    planted(tmp_path / "elsewhere")
    (tmp_path / "elsewhere").chmod(0o600)
    (tmp_path / CHECKPOINT).symlink_to("elsewhere")
    assert Trial(SPEC, tmp_path).resume() is None
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize("umask", [0o002, 0o000, 0o077])
def test_a_checkpoint_is_for_its_owner_alone(tmp_path, umask):
    before = os.umask(umask)
    try:
        Trial(SPEC, tmp_path).checkpoint("state")
    finally:
        os.umask(before)
    assert (tmp_path / CHECKPOINT).stat().st_mode & 0o777 == 0o600
    assert Trial(SPEC, tmp_path).resume() == "state"


def test_a_checkpoint_with_a_part_missing_is_a_beginning(tmp_path):
    """Also for the random generators, which it has already put back by then."""
    (tmp_path / CHECKPOINT).write_bytes(
        pickle.dumps({"state": 1, "history": [{"epoch": 4}], "weights": None, "wall": 1, "cpu": 1})
    )
    (tmp_path / CHECKPOINT).chmod(0o600)
    random.seed(5)
    trial = Trial(SPEC, tmp_path)
    assert trial.resume() is None
    assert list(trial.epochs(2)) == [1, 2]
    drawn = random.random()
    random.seed(5)
    assert drawn == random.random()


# Its checkpoint is of another layout than it takes up, as after another version of a library.
UNFIT = """
def train(config, trial):
    state = trial.resume()
    if state is not None:
        {resumed}
    for epoch in trial.epochs(3):
        trial.report(epoch, val=epoch)
        trial.save_weights([epoch])
        if epoch == 2 and state is None and not (trial.workdir / "died").exists():
            trial.checkpoint({{"layers": 2}})
            (trial.workdir / "died").touch()
            import os
            os.kill(os.getpid(), 9)
    return {{"val": 7, "begun": trial.history[0]["epoch"]}}
"""


def unfit(folder, resumed):
    """The records of a trial that is killed, and of its next attempt; `resumed` is what it does."""
    (folder / "o.py").write_text(UNFIT.format(resumed=resumed))
    task = Task(canonical(SPEC), "my.yaml", "val", entrypoint=f"{folder}/o.py:train")
    killed = run(task, folder)
    assert killed["error"]["type"] == "Killed"
    assert (folder / CHECKPOINT).exists()
    return run(task, folder)


@pytest.mark.parametrize("fails", ["state['model']", "raise SystemExit(1)", "assert False"])
def test_a_checkpoint_that_does_not_fit_is_dropped(tmp_path, fails):
    again = unfit(tmp_path, fails)
    assert again["status"] == "complete", again["error"]
    assert again["metrics"] == {"val": 7, "begun": 1}
    assert [row["epoch"] for row in again["history"]] == [1, 2, 3]
    assert again["cost"]["epochs"] == 3
    assert not (tmp_path / CHECKPOINT).exists()


def test_what_fails_from_the_beginning_too_is_tried_so_once(tmp_path):
    again = unfit(
        tmp_path, "pass\n    if (trial.workdir / 'died').exists(): raise ValueError('no')"
    )
    assert (again["status"], again["error"]["message"]) == ("failed", "no")
    assert again["history"] == []


def test_a_failure_after_the_checkpoint_has_fitted_is_the_trials(tmp_path):
    again = unfit(tmp_path, "trial.report(3, val=3)\n        raise ValueError('later')")
    assert (again["status"], again["error"]["message"]) == ("failed", "later")
    assert [row["epoch"] for row in again["history"]] == [1, 2, 3]
    assert (tmp_path / CHECKPOINT).exists()


def test_memory_that_runs_out_as_training_resumes_does_not_cost_the_checkpoint(tmp_path):
    again = unfit(tmp_path, "raise MemoryError('full')")
    assert again["error"]["type"] == "MemoryError"
    assert (tmp_path / CHECKPOINT).exists()


@pytest.mark.parametrize("loads_torch", [True, False])
def test_a_disk_that_is_full_for_a_checkpoint_is_an_error_of_the_disk(monkeypatch, loads_torch):
    """PyTorch hides it behind one of its own."""
    if loads_torch:
        importlib.import_module("torch")
    else:
        monkeypatch.delitem(sys.modules, "torch", raising=False)
    with (
        pytest.raises(OSError, match="No space left"),
        open("/dev/full", "wb", buffering=0) as stream,
    ):
        dump({"weights": b"x" * 10_000}, stream)
