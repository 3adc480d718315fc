"""Bad study files: each is one message that names file, key path, fault and remedy."""

import copy

import pytest
import yaml

from snaketune.planning.shape import SCHEMA
from snaketune.planning.studyfile import open_study
from tests.conftest import STUDY

OWN_FUNCTIONS = """
train_not = 3
LIST = [1, 2]
def train(config, trial): return {}
def one(config): return {}
def three(config, trial, more): return {}
def two(config, trial, more=None): return {}
def any_number(*arguments): return {}
"""


def put(path: str, value):
    """A change to the study: the value at the dotted path."""

    def change(study):
        *parents, last = path.split(".")
        for key in parents:
            study = study.setdefault(key, {})
        study[last] = value

    return change


def drop(path: str):
    """A change to the study: the key at the dotted path is gone."""

    def change(study):
        *parents, last = path.split(".")
        for key in parents:
            study = study[key]
        del study[last]

    return change


def command(text: str, *changes):
    """A change to the study: a command in place of the function and its settings, and more."""

    def change(study):
        drop("objective.entrypoint")(study)
        drop("objective.settings")(study)
        put("objective.command", text)(study)
        for another in changes:
            another(study)

    return change


NAN, INF = float("nan"), float("inf")
SPACE = "space.lr"

# What is changed; the key path, the fault and the remedy (parts of them) in the message.
BAD = {
    "unknown key": (put("serches", {}), "serches", "no such key", "'searches'"),
    "unknown key, nothing like it": (put("zzz", 1), "zzz", "no such key", "Known are study"),
    "unknown key of a search": (
        put("searches.random.trails", 9),
        "searches.random.trails",
        "no such key",
        "'trials'",
    ),
    "missing study": (drop("study"), "", "'study' is missing", "the study's name"),
    "missing searches": (drop("searches"), "", "'searches' is missing", "each search's name"),
    "missing mode": (drop("objective.mode"), "objective", "'mode' is missing", "max where"),
    "override of nothing": (
        put("searches.random.space", {"lrr": [1, 2]}),
        "searches.random.space.lrr",
        "no such hyperparameter to override",
        "Did you mean 'lr'?",
    ),
    "override of nothing like it": (
        put("searches.random.space", {"momentum": [1, 2]}),
        "searches.random.space.momentum",
        "no such hyperparameter to override",
        "Add it to 'space'",
    ),
    "entrypoint that takes one argument": (
        put("objective.entrypoint", "scripts/own.py:one"),
        "objective.entrypoint",
        "can't be called with two arguments",
        "def one(config, trial)",
    ),
    "entrypoint that takes three arguments": (
        put("objective.entrypoint", "scripts/own.py:three"),
        "objective.entrypoint",
        "can't be called with two arguments",
        "def three(config, trial)",
    ),
    "missing metric": (drop("objective.metric"), "objective", "'metric' is missing", "name of"),
    "missing sampler": (
        drop("searches.random.sampler"),
        "searches.random",
        "'sampler' is missing",
        "grid, random, sobol",
    ),
    "name that is no folder": (put("study", "a/b"), "study", '"a/b"', "letters, digits"),
    "name that is taken": (put("study", "trials"), "study", '"trials"', "the study's name"),
    "name that is a number": (put("study", 7), "study", "7 is not text", "the study's name"),
    "unknown domain": (put("space.lr", {"unifrom": [0, 1]}), SPACE, "unifrom", "uniform"),
    "two domains in one": (
        put("space.lr", {"uniform": [0, 1], "choice": [1]}),
        SPACE,
        "does not name one domain",
        "Write one of",
    ),
    "low above high": (put("space.lr", {"uniform": [1, 0]}), "space.lr.uniform", "1", "first"),
    "low equal to high": (
        put("space.lr", {"loguniform": [1, 1]}),
        "space.lr.loguniform",
        "not below",
        "smaller number first",
    ),
    "log of zero": (
        put("space.lr", {"loguniform": [0, 1]}),
        "space.lr.loguniform",
        "no logarithm",
        "above zero",
    ),
    "log of a negative": (
        put("space.lr", {"lograndint": [-2, 8]}),
        "space.lr.lograndint",
        "no logarithm",
        "above zero",
    ),
    "NaN as a bound": (
        put("space.lr", {"uniform": [NAN, 1]}),
        "space.lr.uniform[0]",
        "nan is not a finite number",
        "Write a number",
    ),
    "infinity in a setting": (
        put("objective.settings.epochs", INF),
        "objective.settings.epochs",
        "inf is not a finite number",
        "Write a number",
    ),
    "text as a bound": (
        put("space.lr", {"uniform": ["a", 1]}),
        "space.lr.uniform",
        "low is 'a'",
        "Write a number",
    ),
    "too few bounds": (
        put("space.lr", {"uniform": [1]}),
        "space.lr.uniform",
        "does not take [1]",
        "uniform: [low, high]",
    ),
    "fractional randint": (
        put("space.lr", {"randint": [1, 2.5]}),
        "space.lr.randint",
        "2.5, not a whole number",
        "whole numbers",
    ),
    "step that does not divide": (
        put("space.lr", {"quniform": [0, 1, 0.3]}),
        "space.lr.quniform",
        "not a multiple",
        "multiples of q",
    ),
    "negative deviation": (
        put("space.lr", {"normal": [0, -1]}),
        "space.lr.normal",
        "not positive",
        "standard deviation",
    ),
    "empty list": (put("space.hidden", []), "space.hidden", "list is empty", "at least one"),
    "empty choice": (
        put("space.hidden", {"choice": []}),
        "space.hidden.choice",
        "list is empty",
        "at least one",
    ),
    "duplicate values": (
        put("space.hidden", [32, 64, 32]),
        "space.hidden",
        "32 stands twice (at [0] and [2])",
        "Remove one",
    ),
    "duplicate values of two types": (
        put("space.hidden", [1, 1.0]),
        "space.hidden",
        "stands twice",
        "Remove one",
    ),
    "mapping as a value": (
        put("space.hidden", [{"a": 1}]),
        "space.hidden[0]",
        '["a"] does not name one domain',
        "Write one of choice, uniform",
    ),
    "mapping inside a value": (
        put("space.hidden", [[{"a": 1}]]),
        "space.hidden[0][0]",
        "a mapping, not a value",
        "a list of these",
    ),
    "fault in a nested domain": (
        put("space.hidden", {"choice": [0, {"loguniform": [0, 1]}]}),
        "space.hidden.choice[1].loguniform",
        "no logarithm",
        "above zero",
    ),
    "truncated away": (
        put("space.lr", {"normal": [0, 1, 9, 10]}),
        "space.lr.normal",
        "less than a millionth",
        "four standard deviations",
    ),
    "empty space": (put("space", {}), "space", "too few", "each hyperparameter's name"),
    "name taken by a column": (put("space.seed", [1, 2]), "space.seed", "taken", "'seed_'"),
    "name with a space": (put("space", {"a b": 1}), "space", '"a b"', "a hyperparameter's name"),
    "no searches": (put("searches", {}), "searches", "too few", "each search's name"),
    "search name that is no folder": (
        put("searches", {"a/b": {"sampler": "grid"}}),
        "searches",
        '"a/b"',
        "becomes a folder",
    ),
    "unknown sampler": (
        put("searches.random.sampler", "tpe"),
        "searches.random.sampler",
        '"tpe"',
        "grid, random, sobol",
    ),
    "budget 0": (put("searches.random.trials", 0), "searches.random.trials", "0", "at least 1"),
    "negative budget": (
        put("searches.random.trials", -3),
        "searches.random.trials",
        "-3",
        "at least 1",
    ),
    "fractional budget": (
        put("searches.random.trials", 2.5),
        "searches.random.trials",
        "2.5",
        "at least 1",
    ),
    "budget as text": (
        put("searches.random.trials", "nine"),
        "searches.random.trials",
        '"nine"',
        "at least 1",
    ),
    "no budget": (
        drop("searches.random.trials"),
        "searches.random",
        "'trials' is missing",
        "{match: <search>}",
    ),
    "budget of a grid": (
        put("searches.grid.trials", 9),
        "searches.grid.trials",
        "a grid search has no 'trials'",
        "number of its cells",
    ),
    "points of a random search": (
        put("searches.random.points", 3),
        "searches.random.points",
        "a random search has no 'points'",
        "Remove it",
    ),
    "match of no search": (
        put("searches.random.trials", {"match": "gird"}),
        "searches.random.trials.match",
        "no search 'gird'",
        "grid, random",
    ),
    "match of itself": (
        put("searches.random.trials", {"match": "random"}),
        "searches.random.trials.match",
        "matches itself",
        "a number",
    ),
    "match in a circle": (
        put(
            "searches",
            {
                "a": {"sampler": "random", "trials": {"match": "b"}},
                "b": {"sampler": "random", "trials": {"match": "a"}},
            },
        ),
        "searches.b.trials.match",
        "wait for each other",
        "a number",
    ),
    "grid over a continuous domain": (
        drop("searches.grid.space"),
        "searches.grid.space.lr",
        "domain is continuous",
        "points: {lr: 5}",
    ),
    "points of nothing": (
        put("searches.grid.points", {"depth": 3}),
        "searches.grid.points.depth",
        "no hyperparameter 'depth'",
        "lr, hidden",
    ),
    "points of a list": (
        put("searches.grid.points", {"hidden": 3}),
        "searches.grid.points.hidden",
        "is a list",
        "Remove it",
    ),
    "points 0": (put("searches.grid.points", 0), "searches.grid.points", "0", "at least 1"),
    "grid larger than max_trials": (
        put("searches.grid.space", {"lr": {"randint": [0, 10**9]}}),
        "searches.grid",
        "more than 100,000 cells",
        "raise max_trials",
    ),
    "one budget larger than max_trials": (
        put("searches.random.trials", 10**9),
        "searches.random.trials",
        "1,000,000,000 trials are more than max_trials = 100,000",
        "raise max_trials",
    ),
    "no space anywhere": (
        drop("space"),
        "searches.random.space",
        "no hyperparameters",
        "one for the whole study",
    ),
    "condition on nothing": (
        put("space.hidden", {"choice": [1, 2], "when": {"layers": 1}}),
        "space.hidden.when.layers",
        "no hyperparameter 'layers'",
        "Name one of lr",
    ),
    "condition that can't come": (
        put("space.lr", {"uniform": [0, 1], "when": {"hidden": [32, 33]}}),
        "space.lr.when.hidden",
        "'hidden' can't be just 33",
        "32, 64, 128, 256",
    ),
    "condition that is none": (
        put("space.lr", {"uniform": [0, 1], "when": "hidden"}),
        "space.lr.when",
        '"hidden" is no condition',
        "when: {optimizer: sgd}",
    ),
    "conditions in a circle": (
        put(
            "space",
            {
                "lr": {"choice": [1, 2], "when": {"hidden": 1}},
                "hidden": {"choice": [1, 2], "when": {"lr": 1}},
            },
        ),
        "space.lr.when",
        "wait for each other",
        "without a condition",
    ),
    "constraint on nothing": (
        put("constraints", ["hidden < 64", "layers < 3"]),
        "constraints[1]",
        "names 'layers'",
        "Name some of lr, hidden",
    ),
    "constraint that is no expression": (
        put("searches.random.constraints", ["hidden <"]),
        "searches.random.constraints[0]",
        "is no expression",
        "hidden * layers <= 512",
    ),
    "constraint that reaches out": (
        put("searches.random.constraints", ["hidden.__class__ == 1"]),
        "searches.random.constraints[0]",
        "can't be evaluated",
        "holds or does not",
    ),
    "constraint that assigns": (
        put("constraints", ["hidden = 16"]),
        "constraints[0]",
        '"hidden = 16" is not true or false',
        "==",
    ),
    "constraint that is a number": (
        put("constraints", ["hidden * lr"]),
        "constraints[0]",
        "is not true or false",
        "Compare",
    ),
    "constraint with a power from elsewhere": (
        put("constraints", ["hidden ^ 2 < 100"]),
        "constraints[0]",
        "is not true or false",
        "**",
    ),
    "constraint of the study that can't be evaluated": (
        put("constraints", ["hidden < 999", "lr < 'a'"]),
        "constraints[1]",
        "can't be evaluated",
        "every configuration",
    ),
    "constraint of the study that admits nothing": (
        put("constraints", ["lr > 1"]),
        "searches.grid",
        "no cell of the grid",
        "Loosen",
    ),
    "condition on a continuous one": (
        put("space.hidden", {"choice": [1, 2], "when": {"lr": 0.01}}),
        "space.hidden.when.lr",
        "'lr' can't be just 0.01",
        "no list",
    ),
    "condition that is empty": (
        put("space.lr", {"uniform": [0, 1], "when": {}}),
        "space.lr.when",
        "{} is no condition",
        "when: {optimizer: sgd}",
    ),
    "domain written as a call": (
        put("space.lr", "loguniform(1e-4, 1)"),
        "space.lr",
        "is text and no domain",
        "{uniform: [0, 1]}",
    ),
    "included twice where all are distinct": (
        put(
            "searches.random",
            {
                "sampler": "random",
                "trials": 4,
                "distinct": True,
                "include": [{"lr": 0.01, "hidden": 32}] * 2,
            },
        ),
        "searches.random.include",
        "two configurations are the same",
        "each once",
    ),
    "space that is a list": (put("space", [{"lr": 0.1}]), "space", "not a mapping", "domain"),
    "space that is a number": (put("space", 5), "space", "5 is not a mapping", "domain"),
    "space that is nothing": (put("space", None), "space", "null is not a mapping", "domain"),
    "constraint that can't be evaluated": (
        put("searches.random.constraints", ["hidden / (hidden - hidden) > 1"]),
        "searches.random.constraints[0]",
        "division by zero",
        "every configuration",
    ),
    "constraint that admits nothing": (
        put("searches.random.constraints", ["hidden > 512"]),
        "searches.random.constraints",
        "1,000 draws in a row broke a constraint (hidden > 512)",
        "Loosen",
    ),
    "grid that admits nothing": (
        put("searches.grid.constraints", ["hidden > 512"]),
        "searches.grid",
        "no cell of the grid meets",
        "Loosen",
    ),
    "more distinct ones than there are": (
        put(
            "searches.random",
            {"sampler": "random", "trials": 9, "distinct": True, "space": {"lr": 0.1}},
        ),
        "searches.random.trials",
        "beside the 4 there are",
        "fewer trials",
    ),
    "included one that is no hyperparameter": (
        put("searches.random.include", [{"lr": 0.01, "hidden": 32, "layers": 1}]),
        "searches.random.include[0].layers",
        "no 'layers'",
        "lr, hidden",
    ),
    "more included ones than the budget": (
        put("searches.random.include", [{"lr": 0.01, "hidden": 32}] * 5),
        "searches.random.include",
        "5 configurations are more than the budget of 4",
        "Raise 'trials'",
    ),
    "match without a name": (
        put("searches.random.trials", {"match": 3}),
        "searches.random.trials.match",
        "3 is not text",
        "as many as that search has",
    ),
    "included one that lacks one": (
        put("searches.random.include", [{"lr": 0.01}]),
        "searches.random.include[0]",
        "has no 'hidden'",
        "every hyperparameter",
    ),
    "included value out of its domain": (
        put("searches.random.include", [{"lr": 1, "hidden": 32}]),
        "searches.random.include[0].lr",
        "'lr' can't be 1",
        "0.001 to 0.1",
    ),
    "repeats 0": (put("searches.grid.repeats", 0), "searches.grid.repeats", "0", "at least 1"),
    "shuffle that is no seed": (
        put("searches.grid.shuffle", True),
        "searches.grid.shuffle",
        "true is not a whole number",
        "the seed of a shuffled order",
    ),
    "ends of a normal": (
        put(
            "searches.grid",
            {"sampler": "grid", "points": 3, "ends": True, "space": {"lr": {"normal": [0, 1]}}},
        ),
        "searches.grid.points.lr",
        "no ends",
        "low and high",
    ),
    "budget larger than max_trials": (
        put("max_trials", 9),
        "max_trials",
        "plans 10 trials",
        "raise max_trials",
    ),
    "entrypoint without function": (
        put("objective.entrypoint", "scripts/quick.py"),
        "objective.entrypoint",
        "quick.py",
        "path/file.py:function",
    ),
    "entrypoint file missing": (
        put("objective.entrypoint", "scripts/none.py:train"),
        "objective.entrypoint",
        "there is no scripts/none.py",
        "path/file.py:function",
    ),
    "entrypoint module missing": (
        put("objective.entrypoint", "no_such_package.train:train"),
        "objective.entrypoint",
        "there is no no_such_package.train",
        "package.module:function",
    ),
    "entrypoint function missing": (
        put("objective.entrypoint", "scripts/quick.py:trian"),
        "objective.entrypoint",
        "defines no 'trian'",
        "def trian(config, trial)",
    ),
    "entrypoint not callable": (
        put("objective.entrypoint", "scripts/own.py:train_not"),
        "objective.entrypoint",
        "not callable",
        "takes (config, trial)",
    ),
    "entrypoint not Python": (
        put("objective.entrypoint", "scripts/broken.py:train"),
        "objective.entrypoint",
        "broken.py, line 1 is not Python",
        "Mend",
    ),
    "unknown mode": (put("objective.mode", "maximise"), "objective.mode", "maximise", "max where"),
    "unknown data": (put("data", "mnist"), "data", "no data set 'mnist'", "digits"),
    "split that is too much": (
        put("data", {"name": "digits", "split": [0.6, 0.3, 0.3]}),
        "data.split",
        "add up to 1.2",
        "add up to 1",
    ),
    "split without a test part": (
        put("data", {"name": "digits", "split": [0.8, 0.2]}),
        "data.split",
        "[0.8, 0.2]",
        "[train, validation, test]",
    ),
    "folds with three shares": (
        put("data", {"name": "digits", "folds": 5, "split": [0.6, 0.2, 0.2]}),
        "data.split",
        "has 3 shares",
        "[train and validation, test]",
    ),
    "one fold": (put("data", {"name": "digits", "folds": 1}), "data.folds", "1", "at least 2"),
    "data from nowhere": (
        put("data", {"seed": 1}),
        "data",
        "the source is missing",
        "by one of name, file, function",
    ),
    "data from two places": (
        put("data", {"name": "digits", "file": "my.csv"}),
        "data",
        "name and file are given",
        "by one of",
    ),
    "data file as a name": (
        put("data", "my.csv"),
        "data",
        "no data set 'my.csv'",
        "'data: {file: my.csv, target: <column>}'",
    ),
    "data file missing": (
        put("data", {"file": "none.csv", "target": "y"}),
        "data.file",
        "there is no file none.csv",
        "where Snakemake runs",
    ),
    "data file of another kind": (
        put("data", {"file": "my.xlsx", "target": "y"}),
        "data.file",
        "none of .csv, .npz, .parquet",
        "Convert",
    ),
    "data without target": (
        put("data", {"file": "my.csv"}),
        "data.file",
        "the target is missing",
        "'target: <column>'",
    ),
    "target of a built-in set": (
        put("data", {"name": "digits", "target": "y"}),
        "data.target",
        "only a file has columns",
        "Remove",
    ),
    "data function with arguments": (
        put("data", {"function": "scripts/own.py:one"}),
        "data.function",
        "can't be called with no arguments",
        "'def one()'",
    ),
    "watched file missing": (
        put("objective.watch", ["scripts/quick.py", "none.json"]),
        "objective.watch[1]",
        "there is no file none.json",
        "Name a file",
    ),
    "imported module that is not Python": (
        put("objective.entrypoint", "scripts/imports_broken.py:train"),
        "objective.entrypoint",
        "scripts/broken.py, line 1 is not Python",
        "Mend",
    ),
    "command and entrypoint": (
        put("objective.command", "true"),
        "objective",
        "both entrypoint and command",
        "either a function",
    ),
    "neither command nor entrypoint": (
        drop("objective.entrypoint"),
        "objective",
        "nothing to run",
        "'entrypoint: file.py:train'",
    ),
    "command with settings": (
        command("run {lr} {hidden}", put("objective.settings", {"epochs": 3})),
        "objective.settings",
        "a command gets no settings",
        "into the command",
    ),
    "command with an unknown name": (
        command("run {rl} {hidden}"),
        "objective.command",
        "'{rl}' is not known",
        "lr, hidden, config",
    ),
    "command without metrics": (
        command("run {lr} {hidden}"),
        "objective.command",
        "not told where to write its metrics",
        "{metrics}",
    ),
    "command that ignores a hyperparameter": (
        command("run {lr} {metrics}"),
        "objective.command",
        "does not get 'hidden'",
        "{config}",
    ),
    "command with a brace": (
        command("awk '{print}' {lr"),
        "objective.command",
        "can't be read",
        "doubled: {{",
    ),
    "command with a quote that does not end": (
        command("run '{lr}"),
        "objective.command",
        "No closing quotation",
        "in braces",
    ),
    "command with a format": (
        command("run {lr:.2f}"),
        "objective.command",
        "is no placeholder",
        "the name alone",
    ),
    "command with what not every configuration has": (
        command(
            "run {lr}",
            put("space.lr", {"choice": [0.1], "when": {"hidden": 32}}),
            put("searches", {"r": {"sampler": "random", "trials": 2}}),
        ),
        "objective.command",
        "not every configuration has a 'lr'",
        "{config}",
    ),
    "command and a hyperparameter with the name of a place": (
        command("run {lr}", put("space.config", [1, 2])),
        "objective.command",
        "'config' is a hyperparameter",
        "'config_'",
    ),
    "early stopping without a rule": (
        put("objective.early_stopping", {"min_epochs": 3}),
        "objective.early_stopping",
        "either patience or patience_factor",
        "'patience: 10'",
    ),
    "early stopping with two rules": (
        put("objective.early_stopping", {"patience": 3, "patience_factor": 2}),
        "objective.early_stopping",
        "either patience or patience_factor",
        "'patience: 10'",
    ),
    "early stopping by another metric": (
        put("objective.early_stopping", {"patience": 3, "metric": "val_loss"}),
        "objective.early_stopping",
        "whether a larger val_loss is better",
        "'mode: min'",
    ),
    "memory without a unit": (put("resources.memory", "2000"), "resources.memory", "2000", "2 GiB"),
    "memory that is none": (put("resources.memory", "much"), "resources.memory", "much", "2 GiB"),
    "time as a number": (put("resources.time", 30), "resources.time", "30 is not", "30 min"),
    "time of nothing": (put("resources.time", "0 s"), "resources.time", "0 s", "30 min"),
    "device that is none": (put("resources.device", "gpu"), "resources.device", "gpu", "cpu, cuda"),
    "refit without data": (put("refit", True), "refit", "gets its data from the study", "'data'"),
    "unknown way of failure": (put("on_failure", "ignore"), "on_failure", "ignore", "continue"),
    "no seeds": (put("seeds", []), "seeds", "too few", "training seeds"),
    "negative seed": (put("seeds", [-1]), "seeds[0]", "-1", "at least 0"),
    "seeds twice": (put("seeds", [1, 1]), "seeds", "[1, 1]", "different training seeds"),
    "seed that is not a list": (put("seeds", 3), "seeds", "3 is not a list", "training seeds"),
}


@pytest.mark.parametrize("fault", BAD)
def test_message_names_file_path_fault_and_remedy(fault, folder):
    change, path, wrong, right = BAD[fault]
    study = copy.deepcopy(STUDY)
    change(study)
    (folder / "scripts/own.py").write_text(OWN_FUNCTIONS)
    (folder / "scripts/broken.py").write_text("def train(:\n")
    (folder / "scripts/imports_broken.py").write_text(f"import broken\n{OWN_FUNCTIONS}")
    (folder / "my.csv").write_text("x,y\n1,2\n")
    (folder / "my.yaml").write_text(yaml.safe_dump(study, sort_keys=False))
    with pytest.raises(SystemExit) as stopped:
        open_study([folder / "my.yaml"], {})
    message = stopped.value.code
    assert message.startswith(f"Error in the study. my.yaml: {path}{': ' if path else 'the key'}")
    assert wrong in message
    assert right in message
    assert "\n" not in message
    assert not (folder / "results").exists()


BAD_TEXTS = {
    "duplicate search names": (
        "searches:\n  a: {sampler: grid}\n  a: {sampler: grid}\n",
        "'a' stands twice (again in line 3)",
        "another name",
    ),
    "on for a text": ("study: on\n", "'on' in line 1", "in quotes: 'on'"),
    "not YAML": ("study: [1\n", "line 2", "valid YAML"),
    "empty": ("", "holds no keys", "study: <name>"),
    "a list": ("- 1\n", "holds no keys", "study: <name>"),
    "a key that is a number": ("1: 2\n", "the key 1 in line 1", "quotes"),
    "not text": (b"\xff\xfe\x00", "not a text file", "UTF-8"),
}


@pytest.mark.parametrize("fault", BAD_TEXTS)
def test_message_for_text_that_is_no_study(fault, folder):
    text, wrong, right = BAD_TEXTS[fault]
    (folder / "my.yaml").write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(SystemExit) as stopped:
        open_study([folder / "my.yaml"], {})
    message = stopped.value.code
    assert message.startswith("Error in the study. my.yaml: ")
    assert wrong in message
    assert right in message


def keys_of(schema: dict, path: tuple = ()):
    """All key paths of the schema, through the mappings that it describes."""
    for key, inner in schema.get("properties", {}).items():
        yield (*path, key)
        yield from keys_of(inner, (*path, key))


SCHEMA_KEYS = [
    *keys_of(yaml.safe_load(SCHEMA.read_text())),
    *(
        ("searches", "random", *path)
        for path in keys_of(
            yaml.safe_load(SCHEMA.read_text())["properties"]["searches"]["additionalProperties"]
        )
    ),
]


@pytest.mark.parametrize("path", SCHEMA_KEYS, ids=".".join)
def test_a_value_of_the_wrong_type_is_told_for_every_key(path, folder):
    wrong = {"settings": 1, "space": 1.5}.get(path[-1], {"no": ["such", "thing"]})
    study = copy.deepcopy(STUDY)
    put(".".join(path), wrong)(study)
    (folder / "my.yaml").write_text(yaml.safe_dump(study, sort_keys=False))
    with pytest.raises(SystemExit) as stopped:
        open_study([folder / "my.yaml"], {})
    assert stopped.value.code.startswith(f"Error in the study. my.yaml: {'.'.join(path[:2])}")
    assert (
        "Expected is" in stopped.value.code
        or "Known are" in stopped.value.code
        or (path == ("objective", "settings"))
    )


def test_missing_file_and_two_files(folder):
    with pytest.raises(SystemExit, match=r"none\.yaml: No such file.*Name a study file"):
        open_study([folder / "none.yaml"], {})
    with pytest.raises(SystemExit, match=r"2 config files are given \(a, b\).*--config"):
        open_study(["a", "b"], {})


@pytest.mark.parametrize("function", ["train", "two", "any_number"])
def test_functions_that_take_two_arguments_are_good(folder, function):
    study = copy.deepcopy(STUDY)
    study["objective"]["entrypoint"] = f"scripts/own.py:{function}"
    (folder / "scripts/own.py").write_text(OWN_FUNCTIONS)
    (folder / "my.yaml").write_text(yaml.safe_dump(study))
    assert len(open_study([folder / "my.yaml"], {}).plan) == 10


def test_the_study_that_the_faults_are_put_into_is_good(folder):
    (folder / "my.yaml").write_text(yaml.safe_dump(STUDY))
    assert len(open_study([folder / "my.yaml"], {}).plan) == 10
