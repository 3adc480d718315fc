"""Lines that a person can follow."""

import json

import pytest
import yaml

from snaketune.progress import Progress, duration
from snaketune.studyfile import load_study


@pytest.fixture
def progress(folder, study):
    study["searches"]["random"]["trials"] = 94  # 100 trials with the grid's 6
    (folder / "my.yaml").write_text(yaml.safe_dump(study, sort_keys=False))
    return Progress(load_study("my.yaml"), folder / "trials")


def finish(progress, number, score, status="complete", error=None):
    planned = progress.study.plan[number]
    path = progress.folder / planned.trial_id
    path.mkdir(parents=True)
    record = {"status": status, "metrics": {"val_score": score}, "error": error}
    (path / "record.json").write_text(json.dumps(record))
    return progress.finished(planned.trial_id)


def test_it_tells_what_is_there_and_what_is_left(progress):
    finish(progress, 0, 0.5)
    fresh = Progress(progress.study, progress.folder)
    assert fresh.start() == "study quick: 100 trials (grid 6, random 94), 99 to train"


def test_a_new_best_is_told_at_once_and_the_rest_now_and_then(progress):
    progress.start()
    (line,) = finish(progress, 0, 0.5)
    assert line.startswith("trials 1/100 · best val_score 0.5 (grid 0: lr=0.1, hidden=32) · about")
    assert [finish(progress, i, 0.4) for i in range(1, 5)] == [[]] * 4
    (line,) = finish(progress, 5, 0.1)  # 5 % of the trials since the last line
    assert line.startswith("trials 6/100 · best val_score 0.5 (grid 0")
    (line,) = finish(progress, 6, 0.6)
    assert "best val_score 0.6 (random 0: lr=" in line


def test_failures_are_told_one_by_one_up_to_a_point(progress):
    progress.start()
    error = {"type": "ValueError", "message": "too bad"}
    lines = [finish(progress, i, None, "failed", error) for i in range(12)]
    assert lines[0][0].startswith("  failed: grid 0: lr=0.1, hidden=32: ValueError: too bad (")
    assert sum("ValueError" in line for some in lines for line in some) == 10
    assert "10 failed" in lines[9][-1]


def test_a_diverged_trial_has_no_score(progress):
    progress.start()
    error = {"type": "NotFinite", "message": "val_score is not finite"}
    (line,) = finish(progress, 0, None, "diverged", error)
    assert line.startswith("  diverged: grid 0")
    (line,) = finish(progress, 1, -5.0)
    assert "best val_score -5" in line
    assert "1 diverged" in line


def test_a_trial_without_a_record_is_no_progress(progress):
    progress.start()
    assert progress.finished(progress.study.plan[0].trial_id) == []
    assert progress.done == 0


@pytest.mark.parametrize(
    ("seconds", "text"), [(3, "3 s"), (89, "89 s"), (300, "5 min"), (7500, "2 h 05 min")]
)
def test_durations(seconds, text):
    assert duration(seconds) == text
