"""Identity and plan: what names a trial, and what does not."""

import csv
import hashlib
import io
import json
import subprocess
import sys

import pytest

from snaketune.base.identity import code_fingerprint
from snaketune.base.words import read_cell
from snaketune.planning.shape import read_overrides
from snaketune.planning.study import PlannedTrial
from snaketune.records.summary import FORMAT
from tests.project import ROOT


def ids(study):
    return {(t.search, t.index, t.seed): t.trial_id for t in study.plan}


def test_renaming_and_reordering_change_no_trial(load, study):
    before = ids(load(study))
    study["study"] = "another"
    study["space"] = dict(reversed(study["space"].items()))
    study["searches"] = {"renamed": study["searches"]["random"], "grid": study["searches"]["grid"]}
    study["objective"]["metric"] = "test_score"
    after = ids(load(study))
    for (search, index, seed), trial_id in before.items():
        if search == "random":
            assert after["renamed", index, seed] == trial_id
    assert set(before.values()) == set(after.values())


@pytest.mark.parametrize(
    "change",
    [
        lambda s: s["objective"]["settings"].update(epochs=4),
        lambda s: s.update(seeds=[1]),
        lambda s: s.update(data="digits"),
        lambda s: s["space"].update(extra=1),
    ],
    ids=["settings", "seed", "data", "space"],
)
def test_what_decides_the_result_names_the_trial(load, study, change):
    before = set(ids(load(study)).values())
    change(study)
    assert before.isdisjoint(ids(load(study)).values())


def test_the_spec_is_canonical_and_the_id_its_digest(load, study):
    study["data"] = {"name": "iris", "seed": 3}
    study["objective"]["settings"] = {"b": [1, 2.5], "a": {"d": None, "c": 'ü"'}}
    loaded = load(study)
    for trial in loaded.plan:
        spec = loaded.specs[trial.trial_id]
        assert spec == json.dumps(json.loads(spec), sort_keys=True, separators=(",", ":"))
        assert trial.trial_id == hashlib.sha256(spec.encode()).hexdigest()[:16]
        assert json.loads(spec)["config"] == trial.config
        assert json.loads(spec)["seed"] == trial.seed
        assert json.loads(spec)["settings"] == study["objective"]["settings"]


def test_searches_that_draw_the_same_configuration_share_a_trial(load, study):
    study["searches"]["more"] = study["searches"]["grid"]
    planned = load(study)
    assert len(planned.plan) == 16
    assert len(planned.specs) == 10
    assert ids(planned)["more", 3, 0] == ids(planned)["grid", 3, 0]


def test_match_gives_as_many_as_the_other_search_has(load, study):
    study["searches"]["random"]["trials"] = {"match": "grid"}
    study["searches"]["also"] = {"sampler": "random", "trials": {"match": "random"}, "seed": 1}
    assert [search.trials for search in load(study).searches] == [6, 6, 6]


def test_every_configuration_meets_every_seed(load, study):
    study["seeds"] = [5, 3]
    plan = load(study).plan
    assert len(plan) == 20
    assert [(t.index, t.seed) for t in plan[:4]] == [(0, 5), (0, 3), (1, 5), (1, 3)]


def test_repetitions_have_their_own_draws_and_training_seeds(load, study):
    study["seeds"] = [0, 2]
    study["searches"]["random"]["repeats"] = 3
    study["searches"]["grid"]["repeats"] = 2
    plan = load(study).plan
    assert len(plan) == 2 * 6 * 2 + 3 * 4 * 2
    assert len({t.trial_id for t in plan}) == len(plan)
    seeds = {(t.search, t.repeat): set() for t in plan}
    values = {(t.search, t.repeat): set() for t in plan}
    for t in plan:
        seeds[t.search, t.repeat].add(t.seed)
        values[t.search, t.repeat].add(t.config["lr"])
    assert [seeds["random", r] for r in range(3)] == [{0, 2}, {3, 5}, {6, 8}]
    assert values["grid", 0] == values["grid", 1]
    assert values["random", 0].isdisjoint(values["random", 1])
    study["searches"]["random"]["repeats"] = 1
    fewer = [t.trial_id for t in load(study).plan if t.search == "random"]
    assert fewer == [t.trial_id for t in plan if t.search == "random" and t.repeat == 0]


def test_a_search_keeps_the_condition_of_what_it_overrides(load, study):
    study["space"] = {
        "optimizer": ["sgd", "adam"],
        "momentum": {"uniform": [0, 1], "when": {"optimizer": "sgd"}},
    }
    study["searches"] = {
        "grid": {"sampler": "grid", "space": {"momentum": [0.0, 0.9]}},
        "adam": {"sampler": "random", "trials": 3, "space": {"optimizer": "adam"}},
        "own": {
            "sampler": "grid",
            "space": {"momentum": {"choice": [0.5], "when": {"optimizer": "adam"}}},
        },
    }
    found = {}
    for t in load(study).plan:
        found.setdefault(t.search, []).append(t.config)
    assert found["grid"] == [
        {"optimizer": "sgd", "momentum": 0.0},
        {"optimizer": "sgd", "momentum": 0.9},
        {"optimizer": "adam"},
    ]
    assert found["adam"] == [{"optimizer": "adam"}] * 3
    assert found["own"] == [{"optimizer": "sgd"}, {"optimizer": "adam", "momentum": 0.5}]


def test_a_list_of_spaces_may_add_hyperparameters_to_the_studys(load, study):
    study["space"] = {"kernel": ["linear", "rbf"]}
    study["searches"] = {
        "grid": {
            "sampler": "grid",
            "space": [{"kernel": "linear"}, {"kernel": "rbf", "gamma": [0.1, 1.0]}],
        }
    }
    assert [t.config for t in load(study).plan] == [
        {"kernel": "linear"},
        {"kernel": "rbf", "gamma": 0.1},
        {"kernel": "rbf", "gamma": 1.0},
    ]


def test_constraints_of_study_and_search_add_up(load, study):
    study["constraints"] = ["hidden < 128"]
    study["searches"]["random"] |= {"trials": 30, "constraints": ["lr < 0.01"]}
    loaded = load(study)
    drawn = [t.config for t in loaded.plan if t.search == "random"]
    assert {c["hidden"] for c in drawn} == {32, 64}
    assert max(c["lr"] for c in drawn) < 0.01
    assert [bool(s.notes) for s in loaded.searches] == [False, True]


def test_types_reach_the_objective_as_written(load, study):
    values = [1, 1.5, True, None, "1", [1, "a"]]
    study["space"] = {"x": values}
    study["searches"] = {"grid": {"sampler": "grid"}}
    loaded = load(study)
    specs = [json.loads(loaded.specs[t.trial_id])["config"]["x"] for t in loaded.plan]
    assert specs == values
    assert [type(value) for value in specs] == [type(value) for value in values]


def test_plan_csv_tells_values_of_all_types_and_their_absence_apart(load, study):
    values = ["x\ry", 1, 1.5, True, None, "1", "1.5", "true", "null", "", [1, "a"], '[1,"a"]']
    study["space"] = {"a": ["on", "off"], "x": {"choice": values, "when": {"a": "on"}}}
    study["searches"] = {"grid": {"sampler": "grid"}}
    rows = list(csv.DictReader(io.StringIO(load(study).plan_csv(), newline="")))
    cells = [row["x"] for row in rows]
    assert len(set(cells)) == len(values) + 1
    assert [read_cell(cell) for cell in cells[:-1]] == values
    assert (rows[-1]["a"], cells[-1]) == ("off", "")


def test_plan_csv_lists_every_trial_in_order(load, study):
    loaded = load(study)
    rows = list(csv.DictReader(io.StringIO(loaded.plan_csv())))
    assert list(rows[0]) == [*PlannedTrial._fields[:-1], "lr", "hidden"]
    assert [row["trial_id"] for row in rows] == [t.trial_id for t in loaded.plan]
    assert [(row["lr"], row["hidden"]) for row in rows[:3]] == [
        ("0.1", "32"),
        ("0.1", "64"),
        ("0.01", "32"),
    ]


@pytest.mark.parametrize(
    ("space", "maps"),
    [
        ({"a": [1, 2], "b": ["x", "y"]}, ["grid"]),
        ({"a": [1, 2], "b": ["x"]}, []),
        ({"a": [1, 2], "b": [None, "y"]}, ["grid"]),
        ({"a": [1, 2], "b": {"choice": ["x"], "when": {"a": 1}}}, []),
    ],
)
def test_a_map_is_planned_where_the_table_has_two_axes_for_it(load, study, space, maps):
    study["space"], study["searches"] = space, {"grid": {"sampler": "grid"}}
    assert load(study).maps == maps


def test_overrides_are_laid_over_the_file(load, study):
    loaded = load(study, {"study": "mine", "searches": {"random": {"trials": 2}}})
    assert loaded.name == "mine"
    assert [search.trials for search in loaded.searches] == [6, 2]


@pytest.mark.parametrize(
    ("key", "given", "read"),
    [
        ("study", "2026", "2026"),
        ("objective", {"version": "3.10"}, {"version": "3.10"}),
        ("objective", {"watch": ["1"]}, {"watch": ["1"]}),
        ("objective", {"settings": {"a": "3", "b": "x"}}, {"settings": {"a": 3, "b": "x"}}),
        ("data", "digits", "digits"),
        ("data", {"name": "digits", "seed": "3"}, {"name": "digits", "seed": 3}),
        ("searches", {"r": {"trials": {"match": "7"}}}, {"r": {"trials": {"match": "7"}}}),
        ("searches", {"r": {"space": [{"lr": ["1e-3"]}]}}, {"r": {"space": [{"lr": [0.001]}]}}),
        ("space", {"lr": {"uniform": ["0", "1"]}}, {"lr": {"uniform": [0, 1]}}),
        ("constraints", ["1 < 2"], ["1 < 2"]),
        ("seeds", ["1", "2"], [1, 2]),
        ("warm", "true", True),
    ],
)
def test_text_on_the_command_line_is_what_the_schema_says(key, given, read):
    """Snakemake hands over all that is inside a value as text, without its quotes."""
    assert read_overrides({key: given}) == {key: read}


def test_text_and_overrides_are_kept_as_they_were_given(load, study, folder):
    loaded = load(study, {"searches": {"random": {"trials": "2"}}})
    assert loaded.text == (folder / "my.yaml").read_text()
    assert loaded.overrides == {"searches": {"random": {"trials": 2}}}


def test_the_summary_has_what_analysis_and_report_need(load, study):
    study["data"] = {"name": "iris", "folds": 3}
    study["seeds"] = [0, 2]
    study["searches"]["random"]["repeats"] = 2
    summary = load(study, {"study": "mine"}).summary
    grid, random = summary.pop("searches")
    assert summary == {
        "format": FORMAT,
        "study": "mine",
        "file": "my.yaml",
        "overrides": {"study": "mine"},
        "metric": "val_score",
        "mode": "max",
        "test_metric": "test_score",
        "test_mode": "max",
        "metric_kind": None,
        "hyperparameters": {"lr": "log", "hidden": "log"},
        "seeds": [0, 2],
        "folds": 3,
        "split_seeds": 1,
        "data": {"name": "iris", "split": [0.8, 0.2], "seed": 0, "folds": 3},
    }
    assert [grid[key] for key in ("name", "seed", "trials", "repeats")] == ["grid", None, 6, 1]
    assert [random[key] for key in ("name", "seed", "trials", "repeats")] == ["random", 0, 4, 2]


def test_the_summary_of_a_study_without_data_has_none_and_no_folds(load, study):
    summary = load(study).summary
    assert summary["data"] is None
    assert summary["folds"] == 0


def test_a_task_has_the_limits_of_the_study_and_names_its_plan(load, study):
    study["resources"] = {"memory": "1 MiB", "time": "2 s"}
    study["retries"] = 2
    task = load(study).task(threads=3)
    assert (task.memory, task.seconds, task.attempts, task.threads) == (2**20, 2, 3, 3)
    assert (task.study, task.plan) == ("my.yaml", "results/quick/plan.csv")


def test_planning_imports_nothing_heavy():
    code = (
        "import sys; from snaketune.planning.studyfile import load_study;"
        "load_study('config.yaml').plan_csv();"
        "print({'numpy', 'pandas', 'torch', 'sklearn', 'snakemake'} & set(sys.modules))"
    )
    run = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert run.stdout.strip() == "set()"


SOURCE = 'def f(x):\n    """Doc."""\n    return x + 1  # one\n'


@pytest.mark.parametrize(
    "same",
    [
        "def f(x):\n    return x + 1\n",
        '# a comment\n\n\ndef f( x ):\n    """Another doc."""\n\n    return (x +\n      1)\n',
        '"""A module doc."""\ndef f(x): return x+1',
    ],
)
def test_comments_docstrings_and_layout_are_no_code(same):
    assert code_fingerprint(same) == code_fingerprint(SOURCE)


@pytest.mark.parametrize(
    "other",
    [
        SOURCE.replace("1", "2"),
        SOURCE.replace("1", "1.0"),
        SOURCE.replace("1", "True"),
        SOURCE.replace("1", "'1'"),
        SOURCE.replace("x + 1", "1 + x"),
        SOURCE.replace("x + 1", "x - 1"),
        SOURCE.replace("f(", "g("),
        SOURCE + "VALUE = None\n",
        SOURCE + "VALUE = 'text'\n",
    ],
)
def test_everything_else_is(other):
    assert code_fingerprint(other) != code_fingerprint(SOURCE)


def test_the_fingerprint_will_be_the_same_in_a_year():
    """A fixed value: whoever changes the fingerprint has every study trained again."""
    assert code_fingerprint(SOURCE) == "2dec2f10600e3ad7"


def test_hyperparameters_may_have_the_names_of_columns(load, study):
    """As half of the sweeps of other tools have an `epochs`; their columns get a prefix."""
    study["space"] = {"epochs": [1, 2], "seed": [5], "status": ["a"], "config.lr": [1], "lr": [2]}
    study["searches"] = {"grid": {"sampler": "grid"}}
    loaded = load(study)
    columns = ["config.epochs", "config.seed", "config.status", "config.config.lr", "lr"]
    header, first, second = csv.reader(io.StringIO(loaded.plan_csv()))
    assert header == [*PlannedTrial._fields[:-1], *columns]
    assert first[-5:] == ["1", "5", "a", "1", "2"]
    assert list(loaded.summary["hyperparameters"]) == columns
    config = {"epochs": 2, "seed": 5, "status": "a", "config.lr": 1, "lr": 2}
    assert loaded.plan[1].config == config
    assert json.loads(loaded.specs[second[4]])["config"] == config


def test_a_command_gets_a_hyperparameter_named_seed_by_its_config(load, study):
    study["space"] = {"seed": [5, 6]}
    study["searches"] = {"grid": {"sampler": "grid"}}
    command = "x {config} {metrics}"
    study["objective"] = {"command": command, "watch": [], "metric": "v", "mode": "max"}
    assert [trial.config for trial in load(study).plan] == [{"seed": 5}, {"seed": 6}]
