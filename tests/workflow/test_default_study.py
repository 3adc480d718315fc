"""The study that a clone runs, with PyTorch on real data."""

import importlib.util
import json
import shutil

import pytest
import torch

from snaketune.data.prepared import load_data
from tests.project import COSTS, ROOT, Project


@pytest.fixture(scope="module")
def default(once) -> Project:
    """The default study, run once as it is."""

    def make(path) -> str:
        project = Project.create(path)
        shutil.copy(ROOT / "config.yaml", path)
        return project.run()

    return once("default", make)


def test_nine_cells_against_nine_draws(default):
    rows = default.rows("digits")
    assert [row["search"] for row in rows] == ["grid"] * 9 + ["random"] * 9
    assert {row["status"] for row in rows} == {"complete"}
    assert len({row["lr"] for row in rows[:9]}) == 3
    assert len({row["lr"] for row in rows[9:]}) == 9
    assert {row["hidden"] for row in rows[9:]} <= {"32", "64", "128", "256"}
    assert all(0.001 <= float(row["lr"]) <= 0.1 for row in rows)
    # Five epochs without a better one end a trial, and the best one counts.
    assert all(int(row["epochs"]) == min(20, int(row["best_epoch"]) + 5) for row in rows)
    # Any network worth its name reads at least nine digits in ten.
    assert min(float(row["val_accuracy"]) for row in rows) > 0.9


def test_the_comparison_is_that_of_the_table(default):
    comparison = json.loads((default.results("digits") / "comparison.json").read_text())
    table = default.rows("digits", without=())
    for name, search in comparison["searches"].items():
        rows = [row for row in table if row["search"] == name]
        best = max(rows, key=lambda row: float(row["val_accuracy"]))
        assert search["best"]["trial_id"] == best["trial_id"]
        assert search["best"]["validation"] == float(best["val_accuracy"])
        assert search["best"]["test"] == float(best["test_accuracy"])
        assert search["cost"]["epochs"] == sum(int(row["epochs"]) for row in rows)
        seconds = sum(float(row["train_seconds"]) for row in rows)
        assert search["cost"]["train_seconds"] == pytest.approx(seconds, abs=1e-3)
    # Test scores decide between searches; within a search, validation has chosen.
    scores = {name: search["best"]["test"] for name, search in comparison["searches"].items()}
    winners = [name for name, score in scores.items() if score == max(scores.values())]
    assert comparison["winner"]["searches"] == winners


@pytest.mark.parametrize("search", ["grid", "random"])
def test_the_best_weights_score_what_their_record_says(default, search):
    """Loaded and scored from scratch, with nothing of train.py but the network's shape."""
    spec = importlib.util.spec_from_file_location("train", default.path / "scripts/train.py")
    train = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(train)
    folder = default.results("digits") / "best" / search
    config = json.loads((folder / "config.json").read_text())
    record = json.loads((folder / "record.json").read_text())
    assert record["reproduced"] is True

    data = load_data(next(default.path.glob("results/data/*.npz")))
    model = train.make_model(config, data.features, data.classes)
    model.load_state_dict(torch.load(folder / "weights.pt", weights_only=True))
    for part, metric in ((data.validation, "val_accuracy"), (data.test, "test_accuracy")):
        with torch.no_grad():
            guesses = model(torch.from_numpy(part.x)).argmax(1).numpy()
        assert (guesses == part.y).mean() == record["metrics"][metric]
    found = {row["trial_id"]: row for row in default.rows("digits")}[record["trial_id"]]
    assert float(found["test_accuracy"]) == record["metrics"]["test_accuracy"]


def test_one_core_gives_the_same_metrics(default, tmp_path):
    again = default.copy(tmp_path / "again")
    shutil.rmtree(again.path / "results")
    few = "searches={random: {trials: 3}, grid: {space: {hidden: [32]}}}"
    again.train("--config", few, cores=1)
    without = (*COSTS, "index")
    before = {row["trial_id"]: row for row in default.rows("digits", without)}
    rows = again.rows("digits", without)
    assert len(rows) == 6
    assert rows == [before[row["trial_id"]] for row in rows]


def test_the_best_is_trained_again_for_its_weights_only_once(default, tmp_path):
    project = default.copy(tmp_path / "again")
    kept = {
        path: path.stat().st_mtime_ns
        for path in project.path.glob("results/trials/*/.snaketune-refit/*")
    }
    assert len(kept) == 4
    text = (project.path / "config.yaml").read_text()
    (project.path / "config.yaml").write_text(text.replace("  random:", "  draws:"))
    project.run("--", "results/digits/best/draws")
    assert {path: path.stat().st_mtime_ns for path in kept} == kept
    assert len(list(project.path.glob("results/trials/*/.snaketune-refit"))) == 2
    weights = [
        project.results("digits") / "best" / name / "weights.pt" for name in ("random", "draws")
    ]
    assert [path.exists() for path in weights] == [False, True]


def test_figures_and_report(default):
    names = {path.stem for path in (default.results("digits") / "figures").iterdir()}
    assert names == {
        "best_so_far",
        "designs",
        "efficiency",
        "experiments",
        "heatmap-grid",
        "hyperparameters",
        "importance",
        "learning_curves",
        "parallel",
        "response",
    }
    report = (default.results("digits") / "report.html").read_text()
    assert report.count("<figure>") == 7
    # For these, nine trials of two hyperparameters do not do.
    for name in ("importance", "parallel", "response"):
        assert (default.results("digits") / f"figures/{name}.csv").read_text().count("\n") == 1
    assert "Too few complete random trials to tell" in report
    assert "http://" not in report.replace("http://www.w3.org", "")
    assert "https://" not in report
    assert "scored the same to the last digit" in report
    assert "snakemake --cores all" in report
    assert len(report) < 1_000_000
