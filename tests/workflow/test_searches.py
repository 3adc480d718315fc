"""The whole search space through real runs of snakemake."""

import json

from tests.project import Project, changed, trained

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
    said = project.run("--configfile", "rich.yaml", "--config", "searches={lhs: {trials: 3}}")
    rows = project.rows("rich")
    assert {row["status"] for row in rows} == {"complete"}  # the objective checks the types
    drawn = {}
    for row in rows:
        drawn.setdefault((row["search"], row["repeat"]), []).append(row)
    # optimizer (sgd with 2 momenta, adam) × decay × hidden × layers, less 256 × 4 of each
    assert len(drawn["grid", "0"]) == 3 * 2 * (3 * 2 - 1)
    assert "grid: left out for violating a constraint: 6 cells of 36" in said
    for repeat in ("0", "1"):
        found = {tuple(row[name] for name in RICH["space"]) for row in drawn["random", repeat]}
        assert len(found) == len(drawn["random", repeat]) == 6
    assert {row["seed"] for row in drawn["random", "1"]} == {"1"}
    for row in rows:
        assert (row["momentum"] == "") == (row["optimizer"] == "adam")
        assert int(row["hidden"]) * int(row["layers"]) <= 512
    included = RICH["searches"]["sobol"]["include"][0]
    first = drawn["sobol", "0"][0]
    assert {name: first[name] for name in ("optimizer", "decay", "momentum")} == {
        "optimizer": "adam",
        "decay": "null",
        "momentum": "",
    }
    assert first["hidden"] == str(included["hidden"])
    comparison = json.loads((project.results("rich") / "comparison.json").read_text())
    assert [len(search["repeats"]) for search in comparison["searches"].values()] == [1, 2, 1, 1, 1]
    for name, search in comparison["searches"].items():
        scores = [float(row["val_loss"]) for row in rows if row["search"] == name]
        assert search["best"]["validation"] == min(scores)
        assert set(search["best"]["config"]) <= set(RICH["space"])
    assert len(drawn["lhs", "0"]) == 3
    report = (project.results("rich") / "report.html").read_text()
    assert "snakemake --cores all --configfile rich.yaml --config " in report
    assert "left out for violating a constraint: 6 cells of 36" in report


def test_more_repeats_train_the_new_repetitions(finished):
    """And those only: what the table and the comparison said of the first one stays."""
    before, table = finished.records(), finished.rows()
    first = json.loads((finished.results() / "comparison.json").read_text())
    finished.write(changed(random={"repeats": 3}))
    finished.run("--", "results/quick/comparison.json")
    after = finished.records()
    assert (len(after), trained(before, after)) == (len(before) + 8, 8)
    rows = finished.rows()
    assert [row for row in rows if row["repeat"] == "0"] == table
    again = [row for row in rows if row["repeat"] != "0"]
    assert [row["repeat"] for row in again] == ["1"] * 4 + ["2"] * 4
    assert {row["search"] for row in again} == {"random"}
    assert len({row["lr"] for row in rows if row["search"] == "random"}) == 12
    comparison = json.loads((finished.results() / "comparison.json").read_text())
    grid, random = comparison["searches"]["grid"], comparison["searches"]["random"]
    assert grid["best"] == first["searches"]["grid"]["best"]
    drawn = [row for row in rows if row["search"] == "random"]
    assert [found["validation"] for found in random["repeats"]] == [
        max(float(row["val_score"]) for row in drawn if row["repeat"] == repeat)
        for repeat in ("0", "1", "2")
    ]
