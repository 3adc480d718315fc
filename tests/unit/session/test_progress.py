"""Lines that a person can follow."""

import json
import os
from pathlib import Path

import pytest
import yaml

from snaketune.planning.studyfile import load_study
from snaketune.records import paths
from snaketune.session.progress import Progress, duration


@pytest.fixture
def progress(folder, study):
    study["searches"]["random"]["trials"] = 94  # 100 trials with the grid's 6
    (folder / "my.yaml").write_text(yaml.safe_dump(study, sort_keys=False))
    return Progress(load_study("my.yaml"), str(folder / "results"))


def finish(progress, number, score, status="complete", error=None):
    planned = progress.study.plan[number]
    path = Path(paths.trial(planned.trial_id, progress.results))
    path.mkdir(parents=True, exist_ok=True)
    record = {"status": status, "metrics": {"val_score": score}, "error": error}
    (path / "record.json").write_text(json.dumps(record))
    return progress.finished(planned.trial_id)


def test_the_first_line_counts_trials_and_what_is_left(progress):
    finish(progress, 0, 0.5)
    fresh = Progress(progress.study, progress.results)
    assert fresh.start(99)[0] == "study quick: 100 trials (grid 6, random 94), 99 to train"


def test_a_new_best_has_a_line_at_once_and_the_rest_now_and_then(progress):
    progress.start(100)
    (line,) = finish(progress, 0, 0.5)
    assert line.startswith("trials 1/100 · best val_score 0.5 (grid 0: lr=0.1, hidden=32)")
    assert [finish(progress, i, 0.4) for i in range(1, 5)] == [[]] * 4
    (line,) = finish(progress, 5, 0.1)  # 5 % of the trials since the last line
    assert line.startswith("trials 6/100 · best val_score 0.5 (grid 0")
    (line,) = finish(progress, 6, 0.6)
    assert "best val_score 0.6 (random 0: lr=" in line


def test_failures_are_listed_one_by_one_up_to_a_limit(progress):
    progress.start(100)
    error = {"type": "ValueError", "message": "too bad"}
    lines = [finish(progress, i, None, "failed", error) for i in range(12)]
    assert lines[0][0].startswith("  failed: grid 0: lr=0.1, hidden=32: ValueError: too bad (")
    assert sum("ValueError" in line for some in lines for line in some) == 10
    assert "10 failed" in lines[9][-1]


def test_a_diverged_trial_has_no_score(progress):
    progress.start(100)
    error = {"type": "NotFinite", "message": "val_score is not finite"}
    (line,) = finish(progress, 0, None, "diverged", error)
    assert line.startswith("  diverged: grid 0")
    (line,) = finish(progress, 1, -5.0)
    assert "best val_score -5" in line
    assert "1 diverged" in line


def test_a_trial_without_a_record_is_no_progress(progress):
    progress.start(100)
    assert progress.finished(progress.study.plan[0].trial_id) == []
    assert finish(progress, 0, 1.0)[0].startswith("trials 1/100 ")


def test_a_record_that_is_written_again_counts_once(progress):
    """After a crash Snakemake trains again what it did not see end."""
    for number in range(3):
        finish(progress, number, 0.1)
    again = Progress(progress.study, progress.results)
    assert again.start(100)[0].endswith("100 trials (grid 6, random 94), 100 to train")
    lines = [finish(again, number, 0.1) for number in range(100)]
    assert lines[-1][-1].startswith("trials 100/100 ")
    assert "left" not in lines[-1][-1]


def test_among_equals_the_best_is_the_first_of_the_plan_as_in_the_report(progress):
    progress.start(100)
    finish(progress, 9, 0.5)
    (line,) = finish(progress, 4, 0.5)
    assert "(grid 4: " in line
    assert finish(progress, 7, 0.5) == []


def test_nothing_to_do_has_the_answer_the_failures_and_the_report(progress):
    for number in range(100):
        failed = {"status": "failed", "error": {}} if number < 3 else {}
        finish(progress, number, 0.5, **failed)
    fresh = Progress(progress.study, progress.results)
    assert fresh.nothing_to_do() == ["Nothing to be done: every trial has been run."]
    folder = Path(paths.study("quick", progress.results))
    folder.mkdir()
    (folder / "trials.csv").touch()
    (folder / "comparison.json").write_text('{"answer": "So it is."}')
    assert fresh.nothing_to_do()[1:] == [
        "So it is.",
        "3 of 100 trials failed; after `python -m snaketune retry quick` the next run trains them "
        "again.",
        f"The report is in {folder}/report.html",
    ]


def test_the_answer_of_an_earlier_table_is_not_repeated(progress):
    """A run that goes no further than to the table leaves the comparison of the one before."""
    folder = Path(paths.study("quick", progress.results))
    folder.mkdir(parents=True)
    (folder / "comparison.json").write_text('{"answer": "So it was."}')
    (folder / "trials.csv").touch()
    os.utime(folder / "comparison.json", (1, 1))
    assert progress.outcome() == []


@pytest.mark.parametrize(
    ("seconds", "text"), [(3, "3 s"), (89, "89 s"), (300, "5 min"), (7500, "2 h 05 min")]
)
def test_durations(seconds, text):
    assert duration(seconds) == text
