"""Faults of objectives: functions, commands and early stopping."""

from tests.project import STUDY
from tests.unit.planning.faults.changes import Fault, command, drop, put

OBJECTIVES: dict[str, Fault] = {
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
    "metric named as a hyperparameter": (
        put("objective.metric", "lr"),
        "objective.metric",
        "'lr' is also the name of a hyperparameter",
        "Rename one of them",
    ),
    "metric named as a column": (
        put("objective.metric", "epochs"),
        "objective.metric",
        "'epochs' is also the name of a column of trials.csv",
        "Rename the metric",
    ),
    "test metric named as a hyperparameter": (
        put("objective.test_metric", "hidden"),
        "objective.test_metric",
        "'hidden' is also the name of a hyperparameter",
        "Rename one of them",
    ),
    "unknown mode": (put("objective.mode", "maximise"), "objective.mode", "maximise", "max if"),
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
        "neither entrypoint nor command",
        "'entrypoint: file.py:train'",
    ),
    "command with settings": (
        command("run {lr} {hidden}", put("objective.settings", {"epochs": 3})),
        "objective.settings",
        "only for functions",
        "into the command",
    ),
    "command with an unknown name": (
        command("run {rl} {hidden}"),
        "objective.command",
        "{rl} is neither a hyperparameter nor",
        "lr, hidden, config",
    ),
    "command without metrics": (
        command("run {lr} {hidden}"),
        "objective.command",
        "does not get {metrics}",
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
        "is not a placeholder",
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
        "exactly one of patience and patience_factor",
        "'patience: 10'",
    ),
    "early stopping with two rules": (
        put("objective.early_stopping", {"patience": 3, "patience_factor": 2}),
        "objective.early_stopping",
        "exactly one of patience and patience_factor",
        "'patience: 10'",
    ),
    "early stopping by another metric": (
        put("objective.early_stopping", {"patience": 3, "metric": "val_loss"}),
        "objective.early_stopping",
        "whether a larger val_loss is better",
        "'mode: min'",
    ),
    "command with early stopping": (
        command("run {lr} {hidden}", put("objective.early_stopping", {"patience": 3})),
        "objective.early_stopping",
        "only for functions",
        "into the command",
    ),
    "accuracy that is better where it is smaller": (
        put("objective", STUDY["objective"] | {"mode": "min", "metric_kind": "accuracy"}),
        "objective.metric_kind",
        "a larger accuracy is better, and the mode is min",
        "'mode: max'",
    ),
    "error that is better where it is larger": (
        put("objective.metric_kind", "error"),
        "objective.metric_kind",
        "a smaller error is better, and the mode is max",
        "'mode: min'",
    ),
    "kind of metric that is none": (
        put("objective.metric_kind", "loss"),
        "objective.metric_kind",
        "loss",
        "accuracy if",
    ),
}
