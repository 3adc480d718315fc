"""What a rerun trains: only what is missing, whatever has changed. Each test runs snakemake."""

import copy
import json
import re
import shutil

import pytest

from tests.processes import wait_for
from tests.project import LONG, QUICK, STUDY, Project, changed, trained


def test_everything_promised_is_there(finished):
    results = finished.results()
    figures = ("designs", "best_so_far", "efficiency", "experiments", "hyperparameters")
    figures += ("importance", "response", "parallel", "heatmap-grid", "learning_curves")
    files = {path.relative_to(results).as_posix() for path in results.rglob("*") if path.is_file()}
    assert {re.sub(r"-[0-9a-f]{16,}$", "-DIGEST", file) for file in files} == {
        ".planned-DIGEST",
        ".tasks-DIGEST",
        "best/grid/.search",
        "best/grid/.snakemake_timestamp",
        "best/grid/config.json",
        "best/grid/record.json",
        "best/random/.search",
        "best/random/.snakemake_timestamp",
        "best/random/config.json",
        "best/random/record.json",
        "comparison.json",
        *(f"figures/{name}.{kind}" for name in figures for kind in ("svg", "csv")),
        "logs/aggregate.log",
        "logs/compare.log",
        "logs/plot.log",
        "logs/refit-grid.log",
        "logs/refit-random.log",
        "logs/report.log",
        "plan.csv",
        "report.html",
        "study.json",
        "study.yaml",
        "trials.csv",
    }
    table = finished.rows()
    assert [(row["search"], row["index"]) for row in table] == [
        *(("grid", str(i)) for i in range(6)),
        *(("random", str(i)) for i in range(4)),
    ]
    assert len(finished.records()) == 10
    summary = json.loads((results / "study.json").read_text())
    assert list(summary["hyperparameters"]) == ["lr", "hidden"]  # the order of the study file


def test_a_second_run_does_nothing(finished):
    before = finished.records()
    report = (finished.results() / "report.html").stat().st_mtime_ns
    said = finished.run()
    assert "Nothing to be done: every trial has been run." in said
    comparison = json.loads((finished.results() / "comparison.json").read_text())
    assert comparison["answer"] in said
    assert "The report is in results/quick/report.html" in said
    assert finished.records() == before
    assert (finished.results() / "report.html").stat().st_mtime_ns == report


def test_one_more_grid_value_trains_its_cells(finished):
    before = finished.records()
    finished.write(changed(grid={"space": {"lr": [0.1, 0.01, 0.001, 0.003], "hidden": [32, 64]}}))
    finished.train()
    after = finished.records()
    assert (len(after), trained(before, after)) == (12, 2)
    assert len(finished.rows()) == 12


def test_a_larger_budget_trains_the_new_trials(finished):
    before, table = finished.records(), finished.rows()
    finished.write(changed(random={"trials": 7}))
    finished.train()
    assert trained(before, finished.records()) == 3
    assert finished.rows()[:10] == table


def test_a_deleted_record_is_trained_again_and_alone(finished):
    before, table = finished.records(), finished.rows()
    victim = finished.rows()[3]["trial_id"]
    shutil.rmtree(finished.path / "results/trials" / victim)
    said = finished.run("--dry-run")
    assert "10 trials (grid 6, random 4), 1 to train" in said
    assert [line for line in said.splitlines() if line.startswith("trial ")] == [
        f"trial {victim}: grid 3: lr=0.01, hidden=64"
    ]
    assert victim not in finished.records()
    finished.train()
    assert trained(before, finished.records()) == 1
    assert finished.rows() == table


def test_going_back_finds_the_old_results(finished):
    table = finished.rows()
    finished.write(changed(random={"trials": 5, "seed": 1}))
    finished.train()
    assert finished.rows() != table
    before = finished.records()
    finished.write(STUDY)
    finished.train()
    assert finished.records() == before
    assert finished.rows() == table


def test_renamed_and_reordered_searches_train_nothing(finished):
    before = finished.records()
    study = copy.deepcopy(STUDY)
    grid, random = study["searches"].values()
    study["searches"] = {"first": random, "second": grid}
    study["space"] = dict(reversed(study["space"].items()))
    finished.write(study)
    finished.run("--", "results/quick/best/first", "results/quick/best/second")
    assert finished.records() == before
    assert [row["search"] for row in finished.rows()] == ["first"] * 4 + ["second"] * 6
    assert sorted(p.name for p in (finished.results() / "best").iterdir()) == ["first", "second"]


def test_another_study_shares_trials_and_stands_alone(finished):
    before = finished.records()
    other = {key: STUDY[key] for key in ("objective", "space")}
    other |= {"study": "other", "searches": {"alone": STUDY["searches"]["random"]}}
    finished.write({**STUDY, "seeds": [0, 1], "max_trials": 50})  # none of it may leak
    finished.write(other, "other.yaml")
    finished.train("--configfile", "other.yaml")
    assert finished.records() == before
    assert [row["search"] for row in finished.rows("other")] == ["alone"] * 4


def test_a_comment_in_the_objective_changes_nothing_and_a_constant_all(finished):
    before = finished.records()
    objective = finished.path / "scripts/quick.py"
    objective.write_text("# A comment.\n" + QUICK.replace("config, trial", "config,  trial"))
    assert "Nothing to be done" in finished.run()
    objective.write_text(QUICK.replace("0.1", "0.2"))
    finished.train()
    after = finished.records()
    assert (len(after), trained(before, after)) == (20, 10)
    objective.write_text(QUICK)
    finished.train()
    assert finished.records() == after


def test_a_comment_in_the_study_trains_nothing_and_is_in_the_report(finished):
    before = finished.records()
    with (finished.path / "config.yaml").open("a") as stream:
        stream.write("# A comment.\n")
    finished.run()
    assert finished.records() == before
    assert "# A comment." in (finished.results() / "report.html").read_text()


def test_results_without_snakemakes_memory_are_as_good(finished):
    """A folder of results that was copied, without .snakemake, is neither lost nor stale."""
    before = finished.records()
    shutil.rmtree(finished.path / ".snakemake")
    assert "Nothing to be done" in finished.run()
    shutil.rmtree(finished.path / ".snakemake")
    finished.write(changed(random={"trials": 3}))
    said = finished.run("--dry-run")
    assert "report: results/quick/report.html" in said
    finished.train()
    assert finished.records() == before
    assert len(finished.rows()) == 9


def test_config_on_the_command_line_is_laid_over_the_file(finished):
    before = finished.records()
    override = "searches={random: {trials: 5}}"
    assert "report: results/quick/report.html" in finished.run("--dry-run", "--config", override)
    finished.train("--config", override)
    assert trained(before, finished.records()) == 1
    table = finished.rows()
    assert len(table) == 11
    finished.train("--config", "study=mine", override)
    assert finished.rows("mine") == table


def test_neither_cores_nor_order_change_a_result(finished, tmp_path):
    again = Project.create(tmp_path / "again")
    again.train(cores=1)
    plans = [project.results() / "plan.csv" for project in (again, finished)]
    assert plans[0].read_bytes() == plans[1].read_bytes()
    assert again.rows() == finished.rows()


@pytest.mark.parametrize("kind", ["half", "other"])
def test_a_damaged_record_stops_the_merge_with_its_name(finished, kind):
    one, other = (
        finished.path / "results/trials" / i / "record.json" for i in sorted(finished.records())[:2]
    )
    text = one.read_text()
    one.write_text(text[: len(text) // 2] if kind == "half" else other.read_text())
    said = finished.train(succeeds=False)
    folder = one.parent.relative_to(finished.path)
    assert f"{folder}/record.json" in said
    assert f"Delete {folder} and run again" in said
    shutil.rmtree(one.parent)
    finished.train()
    assert one.read_text().startswith("{")


# Its first trial waits for leave to end; each says how many records there are while it trains.
COUNTS = """
import glob, time

def train(config, trial):
    due = time.monotonic() + 300
    while not glob.glob("leave") and time.monotonic() < due:
        time.sleep(0.01)
    return {"val_score": config["lr"], "there": len(glob.glob("results/trials/*/record.json"))}
"""


def test_a_record_is_never_absent_while_another_run_makes_it_again(project, tmp_path):
    (project.path / "scripts/quick.py").write_text(COUNTS)
    (project.path / "leave").touch()
    other = project.copy(tmp_path / "other")
    other.train()
    (project.path / "leave").unlink()

    run = project.start("--until", "aggregate", cores=1)
    wait_for(lambda: list(project.path.glob("results/trials/*/log.txt")))
    for record in other.path.glob("results/trials/*/record.json"):
        (project.path / "results/trials" / record.parent.name).mkdir(exist_ok=True)
        shutil.copy(record, project.path / record.relative_to(other.path))
    (project.path / "leave").touch()
    assert run.wait(LONG) == 0
    assert {row["there"] for row in project.rows()} == {"10"}
