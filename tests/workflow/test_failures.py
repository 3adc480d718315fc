"""Studies and trials that go wrong, in real runs of snakemake."""

import re
import signal

import pytest

from snaketune.records.record import read_record, write_record
from tests.processes import assert_nothing_runs, wait_for
from tests.project import LONG, QUICK, STUDY, changed

pytestmark = pytest.mark.slow


def statuses(project) -> list[str]:
    """The status of each trial, in the order of the plan."""
    return [row["status"] for row in project.rows()]


def objective(project, line: str):
    """The quick objective with `line` at the start of train."""
    head, body = QUICK.split("def train(config, trial):\n")
    text = f"{head}def train(config, trial):\n    {line}\n{body}"
    (project.path / "scripts/quick.py").write_text(text)


def without_val_score(**more) -> dict:
    """The quick study with a metric that its objective does not report."""
    study = changed(**more)
    study["objective"]["metric"] = "val_acc"
    return study


def test_a_bad_study_stops_before_anything_runs(project):
    project.write(changed(random={"trials": -3}))
    said = project.run(succeeds=False)
    assert said.rstrip().endswith(
        "Error in the study. config.yaml: searches.random.trials: -3 is not allowed here. Expected "
        "is the budget, a whole number of at least 1, or {match: <search>} for as many as that "
        "search has."
    )
    assert "Traceback" not in said
    assert not (project.path / "results").exists()


def test_broken_yaml_is_reported_with_its_line(project):
    (project.path / "config.yaml").write_text("study: a\nspace: {lr: [1, 2}\n")
    said = project.run(succeeds=False)
    assert "Error in the study. config.yaml: line 2, column" in said
    assert "The file has to be valid YAML." in said


def test_failed_and_diverged_trials_do_not_stop_the_study(project):
    objective(
        project,
        "if config['lr'] == 0.1: raise ValueError('too large')\n"
        "    if config['lr'] == 0.001: return {'val_score': float('nan')}",
    )
    said = project.run()
    assert statuses(project)[:6] == ["failed"] * 2 + ["complete"] * 2 + ["diverged"] * 2
    assert "failed: grid 0: lr=0.1, hidden=32: ValueError: too large" in said
    assert "2 failed · 2 diverged" in said
    report = (project.results() / "report.html").read_text()
    assert "What failed" in report
    assert "2 of grid failed" in report
    assert "ValueError: too large" in report
    said = project.run()
    assert "Nothing to be done" in said
    assert "2 of 10 trials failed" in said


def test_a_figure_that_fails_ends_the_run_once_the_page_is_there(finished):
    """A history without epochs has no curve; once it is mended, the next run draws it."""
    path = next(finished.path.glob("results/trials/*/record.json"))
    text, figure = path.read_text(), finished.results() / "figures/learning_curves.svg"
    write_record(path, {**read_record(path, path.parent.name), "history": [{"val_score": 0.5}]})
    said = finished.run(succeeds=False)
    assert "1 figure could not be drawn: learning_curves." in said
    assert "The report is in results/quick/report.html" in said
    report = (finished.results() / "report.html").read_text()
    assert report.count("could not be drawn") == 1
    assert report.count("<figure>") > 4
    assert "Traceback" in (finished.results() / "logs/plot.log").read_text()
    assert not figure.exists()
    path.write_text(text)
    assert "could not be drawn" not in finished.run()
    assert figure.exists()
    assert "could not be drawn" not in (finished.results() / "report.html").read_text()


def test_a_study_of_failures_ends_with_a_report_that_says_so(project):
    objective(project, "raise ValueError('never')")
    said = project.run(succeeds=False)
    assert set(statuses(project)) == {"failed"}
    report = (project.results() / "report.html").read_text()
    answer = "Nothing can be compared: no trial is complete (10 failed, 0 diverged)"
    assert answer in report
    assert answer in said
    assert said.rstrip().endswith("No trial is complete.")
    assert "10 of 10 trials failed" in project.run()
    assert (project.results() / "best/grid/none.txt").exists()


def test_a_metric_that_is_never_reported_stops_at_the_first_trial(project):
    project.write(without_val_score())
    said = project.run(cores=1, succeeds=False)
    fault = (
        "Error in the study. config.yaml: objective.metric: the objective reports no 'val_acc'. "
        "Name one that it returns: val_score, test_score."
    )
    assert said.count(fault) == 1
    assert "RuleException" not in said
    assert project.records() == {}
    assert len(list(project.path.glob("results/trials/*"))) == 1


@pytest.mark.parametrize("warm", [True, False])
def test_a_fault_of_the_study_is_not_trained_again(project, warm):
    """Nor is one that an earlier run has found, once it is mended."""
    objective(project, "open('trainings', 'a').write('x')")
    project.write({**without_val_score(), "retries": 2, "warm": warm})
    said = project.run(cores=1, succeeds=False)
    assert said.count("the objective reports no 'val_acc'") == 1
    assert (project.path / "trainings").read_text() == "x"
    project.write({**STUDY, "retries": 2, "warm": warm})
    assert "10 to train" in project.train()
    assert statuses(project) == ["complete"] * 10


def test_what_an_objective_prints_is_in_its_log_and_not_in_the_way(project):
    objective(project, "print('hello from', config['hidden'])")
    said = project.train()
    assert "hello" not in said
    logs = [path.read_text() for path in project.path.glob("results/trials/*/log.txt")]
    assert len(logs) == 10
    assert all(re.fullmatch(r"hello from \d+\n", log) for log in logs)


def test_progress_is_shown_instead_of_scheduler_lines(finished):
    assert "study quick: 10 trials (grid 6, random 4), 10 to train" in finished.said
    assert re.search(r"trials 10/10 · best val_score 0\.9\d+ \(\w+ \d: lr=", finished.said)
    for noise in ("Job stats", "jobid", "rule trial", "Select jobs", "Finished"):
        assert noise not in finished.said
    assert len(finished.said.splitlines()) < 25
    assert "jobid" in finished.train("--forcerun", "aggregate", "--verbose")


def test_killing_snakemake_loses_no_finished_trial(project):
    objective(project, "import time; time.sleep(0.5)")
    run = project.start("--until", "aggregate")
    wait_for(lambda: len(project.records()) >= 4)
    run.send_signal(signal.SIGKILL)
    run.wait(LONG)
    assert_nothing_runs(project)  # the two trials that were running notice, and end
    before = project.records()
    assert 4 <= len(before) < 10
    project.run("--unlock")
    said = project.train()
    after = project.records()
    assert "trials 10/10 " in said
    assert "trials 11/10" not in said
    again = sum(after[trial_id] != written for trial_id, written in before.items())
    assert again <= 2  # of those that Snakemake had not seen end
    assert statuses(project) == ["complete"] * 10


def test_weights_that_a_passing_failure_has_cost_come_with_the_next_run(project):
    objective(
        project,
        "import os\n    trial.save_weights([1, 2])\n"
        "    if 'refit' in trial.workdir.name and os.path.exists('full'): raise MemoryError('no')",
    )
    (project.path / "full").touch()
    weights = project.results() / "best/grid/model.joblib"
    project.run()
    assert (project.results() / "report.html").exists()
    assert not weights.exists()
    (project.path / "full").unlink()
    before = project.records()
    project.run()
    assert weights.exists()
    assert project.records() == before
    assert "Nothing to be done" in project.run()
