"""What a rerun trains: only what is missing, whatever has changed. Each test runs snakemake."""

import copy
import csv
import shutil

import pytest

from tests.conftest import QUICK, STUDY, wait_for

TIMES = ("train_seconds", "cpu_seconds", "peak_memory_mib")


def rows(project, name="quick", without=TIMES):
    """trials.csv as a list of dicts, without the columns that differ between runs."""
    with (project.results(name) / "trials.csv").open() as stream:
        return [
            {k: v for k, v in row.items() if k not in without} for row in csv.DictReader(stream)
        ]


def trained(before, after) -> int:
    """How many records are new or were written again."""
    return sum(before.get(trial_id) != time for trial_id, time in after.items())


def changed(**searches):
    """The quick study with other searches."""
    study = copy.deepcopy(STUDY)
    for name, change in searches.items():
        study["searches"][name].update(change)
    return study


def test_everything_promised_is_there(finished):
    results = finished.results()
    figures = ("designs", "best_so_far", "efficiency", "experiments", "hyperparameters")
    figures += ("importance", "response", "parallel", "heatmap-grid", "learning_curves")
    files = {path.relative_to(results).as_posix() for path in results.rglob("[!.]*")}
    assert {file for file in files if (results / file).is_file()} == {
        "best/grid/config.json",
        "best/grid/record.json",
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
        "trials.csv",
    }
    table = rows(finished)
    assert [(row["search"], row["index"]) for row in table] == [
        *(("grid", str(i)) for i in range(6)),
        *(("random", str(i)) for i in range(4)),
    ]
    assert len(finished.records()) == 10


def test_a_second_run_does_nothing(finished):
    before = finished.records()
    report = (finished.results() / "report.html").stat().st_mtime_ns
    said = finished.run().text
    assert "Nothing to be done: every trial has been run." in said
    assert "random found the better configuration" in said
    assert "The report is in results/quick/report.html" in said
    assert finished.records() == before
    assert (finished.results() / "report.html").stat().st_mtime_ns == report


def test_one_more_grid_value_trains_its_cells(finished):
    before = finished.records()
    finished.write(changed(grid={"space": {"lr": [0.1, 0.01, 0.001, 0.003], "hidden": [32, 64]}}))
    finished.run()
    after = finished.records()
    assert (len(after), trained(before, after)) == (12, 2)
    assert len(rows(finished)) == 12


def test_a_larger_budget_trains_the_new_trials(finished):
    before, table = finished.records(), rows(finished)
    finished.write(changed(random={"trials": 7}))
    finished.run()
    assert trained(before, finished.records()) == 3
    assert rows(finished)[:10] == table


def test_a_deleted_record_is_trained_again_and_alone(finished):
    before, table = finished.records(), rows(finished)
    victim = rows(finished)[3]["trial_id"]
    shutil.rmtree(finished.path / "results/trials" / victim)
    said = finished.run("--dry-run").text
    assert "10 trials (grid 6, random 4), 1 to train" in said
    assert [line for line in said.splitlines() if line.startswith("trial ")] == [
        f"trial {victim}: grid 3: lr=0.01, hidden=64"
    ]
    assert victim not in finished.records()
    finished.run()
    assert trained(before, finished.records()) == 1
    assert rows(finished) == table


def test_going_back_finds_the_old_results(finished):
    table = rows(finished)
    finished.write(changed(random={"trials": 5, "seed": 1}))
    finished.run()
    assert rows(finished) != table
    before = finished.records()
    finished.write(STUDY)
    finished.run()
    assert finished.records() == before
    assert rows(finished) == table


def test_renamed_and_reordered_searches_train_nothing(finished):
    before = finished.records()
    study = copy.deepcopy(STUDY)
    grid, random = study["searches"].values()
    study["searches"] = {"first": random, "second": grid}
    study["space"] = dict(reversed(study["space"].items()))
    finished.write(study)
    finished.run()
    assert finished.records() == before
    assert [row["search"] for row in rows(finished)] == ["first"] * 4 + ["second"] * 6
    assert sorted(p.name for p in (finished.results() / "best").iterdir()) == ["first", "second"]


def test_another_study_shares_trials_and_stands_alone(finished):
    before = finished.records()
    other = {key: STUDY[key] for key in ("objective", "space")}
    other |= {"study": "other", "searches": {"alone": STUDY["searches"]["random"]}}
    finished.write({**STUDY, "seeds": [0, 1], "max_trials": 50})  # none of it may leak
    finished.write(other, "other.yaml")
    finished.run("--configfile", "other.yaml")
    assert finished.records() == before
    assert [row["search"] for row in rows(finished, "other")] == ["alone"] * 4


def test_a_comment_in_the_objective_changes_nothing_and_a_constant_all(finished):
    before = finished.records()
    objective = finished.path / "scripts/quick.py"
    objective.write_text("# A comment.\n" + QUICK.replace("config, trial", "config,  trial"))
    assert "Nothing to be done" in finished.run().text
    objective.write_text(QUICK.replace("0.1", "0.2"))
    finished.run()
    after = finished.records()
    assert (len(after), trained(before, after)) == (20, 10)
    objective.write_text(QUICK)
    finished.run()
    assert finished.records() == after


def test_a_comment_in_the_study_trains_nothing(finished):
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
    assert "Nothing to be done" in finished.run().text
    shutil.rmtree(finished.path / ".snakemake")
    finished.write(changed(random={"trials": 3}))
    finished.run()
    assert finished.records() == before
    assert len(rows(finished)) == 9
    assert "random 3 trials" in (finished.results() / "report.html").read_text()


def test_config_on_the_command_line_is_laid_over_the_file(finished):
    before = finished.records()
    finished.run("--config", "study=mine", "searches={random: {trials: 5}}")
    assert trained(before, finished.records()) == 1
    assert len(rows(finished, "mine")) == 11
    assert "--config study=mine" in (finished.results("mine") / "report.html").read_text()


def test_a_dry_run_shows_the_trials_and_trains_none(project):
    said = project.run("--dry-run").text
    assert len([line for line in said.splitlines() if line.startswith("trial ")]) == 10
    assert project.records() == {}
    plan = (project.results() / "plan.csv").read_text()
    assert plan.count("\n") == 11


def test_neither_cores_nor_order_change_a_result(finished, tmp_path):
    again = type(finished).create(tmp_path / "again")
    again.run(cores=1)
    assert (again.results() / "plan.csv").read_bytes() == (
        finished.results() / "plan.csv"
    ).read_bytes()
    assert rows(again) == rows(finished)


@pytest.mark.parametrize("kind", ["half", "other"])
def test_a_damaged_record_stops_the_merge_with_its_name(finished, kind):
    one, other = sorted(finished.records())[:2]
    path = finished.path / "results/trials" / one / "record.json"
    text = (
        path.read_text()
        if kind == "half"
        else path.with_name("x").write_text("")
        or (finished.path / "results/trials" / other / "record.json").read_text()
    )
    path.write_text(text[: len(text) // 2] if kind == "half" else text)
    said = finished.run(succeeds=False).text
    assert f"results/trials/{one}/record.json" in said
    assert f"Delete results/trials/{one} and run again" in said
    shutil.rmtree(path.parent)
    finished.run()


# Its first trial waits for leave to end; each tells how many records there are while it trains.
COUNTS = """
import glob, time

def train(config, trial):
    while not glob.glob("leave"):
        time.sleep(0.01)
    return {"val_score": config["lr"], "there": len(glob.glob("results/trials/*/record.json"))}
"""


def test_a_record_is_never_absent_while_another_run_makes_it_again(project, tmp_path):
    (project.path / "scripts/quick.py").write_text(COUNTS)
    (project.path / "leave").touch()
    other = project.copy(tmp_path / "other")
    other.train()
    (project.path / "leave").unlink()

    run = project.start("--", "results/quick/trials.csv", cores=1)
    wait_for(lambda: list(project.path.glob("results/trials/*/log.txt")))
    for record in other.path.glob("results/trials/*/record.json"):
        (project.path / "results/trials" / record.parent.name).mkdir(exist_ok=True)
        shutil.copy(record, project.path / record.relative_to(other.path))
    (project.path / "leave").touch()
    assert run.wait() == 0
    assert {row["there"] for row in rows(project)} == {"10"}
