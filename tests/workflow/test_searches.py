"""The whole search space through real runs of snakemake."""

import copy
import csv
import json

from tests.conftest import STUDY, Project

RICH = {
    "study": "rich",
    "objective": {"entrypoint": "scripts/rich.py:train", "metric": "val_loss", "mode": "min"},
    "constraints": ["hidden * layers <= 512"],
    "space": {
        "optimizer": ["sgd", "adam"],
        "momentum": {"uniform": [0, 1], "when": {"optimizer": "sgd"}},
        "decay": [None, {"loguniform": [1e-6, 1e-2]}],
        "hidden": [64, 128, 256],
        "layers": {"randint": [1, 5]},
        "bias": [True, False],
    },
    "searches": {
        "grid": {
            "sampler": "grid",
            "points": {"momentum": 2},
            "shuffle": 0,
            "space": {"layers": [1, 4], "decay": [None, 0.001], "bias": True},
        },
        "random": {"sampler": "random", "trials": 6, "repeats": 2, "distinct": True},
        "sobol": {
            "sampler": "sobol",
            "trials": 4,
            "include": [
                {"optimizer": "adam", "decay": None, "hidden": 64, "layers": 1, "bias": False}
            ],
        },
        "halton": {"sampler": "halton", "trials": 4},
        "lhs": {"sampler": "lhs", "trials": 4},
    },
}

OBJECTIVE = """\
def train(config, trial):
    types = {"optimizer": str, "hidden": int, "layers": int, "bias": bool}
    assert all(type(config[name]) is kind for name, kind in types.items())
    assert config["decay"] is None or type(config["decay"]) is float
    assert ("momentum" in config) == (config["optimizer"] == "sgd")
    loss = config["hidden"] * config["layers"] / 512 + config.get("momentum", 0.5)
    trial.report(1, val_loss=loss)
    return {"val_loss": loss, "test_loss": loss}
"""


def test_everything_that_a_space_can_say_runs_to_a_report(tmp_path):
    project = Project.create(tmp_path)
    (project.path / "scripts/rich.py").write_text(OBJECTIVE)
    project.write(RICH, "rich.yaml")
    said = project.run("--configfile", "rich.yaml").text
    with (project.results("rich") / "trials.csv").open() as stream:
        rows = list(csv.DictReader(stream))
    assert {row["status"] for row in rows} == {"complete"}  # the objective checks the types
    counts = {}
    for row in rows:
        counts.setdefault((row["search"], row["repeat"]), []).append(row)
    # optimizer (sgd with 2 momenta, adam) × decay × hidden × layers, less 256 × 4 of each
    assert len(counts["grid", "0"]) == 3 * 2 * (3 * 2 - 1)
    assert "grid: left out, as it breaks a constraint: 6 cells of 36" in said
    for search, repeat in (("random", "0"), ("random", "1")):
        found = [tuple(list(r.values())[7:13]) for r in counts[search, repeat]]
        assert len(set(found)) == len(found) == 6
    assert {row["seed"] for row in counts["random", "1"]} == {"1"}
    for row in rows:
        assert (row["momentum"] == "") == (row["optimizer"] == "adam")
        assert int(row["hidden"]) * int(row["layers"]) <= 512
    told = json.loads((project.results("rich") / "comparison.json").read_text())
    assert [len(s["repeats"]) for s in told["searches"].values()] == [1, 2, 1, 1, 1]
    best = told["searches"]["sobol"]["best"]["config"]
    assert best["optimizer"] in ("sgd", "adam")
    report = (project.results("rich") / "report.html").read_text()
    assert "left out, as it breaks a constraint: 6 cells of 36" in report


def test_more_repeats_train_the_new_repetitions(finished):
    before = finished.records()
    study = copy.deepcopy(STUDY)
    study["searches"]["random"]["repeats"] = 3
    finished.write(study)
    finished.run()
    after = finished.records()
    assert len(after) == len(before) + 2 * 4
    assert {i: after[i] for i in before} == before
    told = json.loads((finished.results() / "comparison.json").read_text())
    assert len(told["searches"]["random"]["repeats"]) == 3
