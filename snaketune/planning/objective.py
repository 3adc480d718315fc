"""The objective of a study: a function or a command, and what of it decides a trial's result."""

from snaketune.base.errors import StudyError, inside
from snaketune.planning.scoring import Scoring, scoring
from snaketune.planning.study import Objective, Search
from snaketune.planning.yamlfile import Spec
from snaketune.records.table import metric_column
from snaketune.usercode import command, entrypoint
from snaketune.usercode.commandline import code_in
from snaketune.usercode.sources import watched


def build_objective(spec: Spec, searches: tuple[Search, ...]) -> Objective:
    """The objective that a study file writes as `spec`, which has the right shape.

    Raises `StudyError`, with a path from ``objective`` on: for a function or a file that does not
    exist, a command that does not fit the hyperparameters of the `searches`, an incomplete rule of
    early stopping.
    """
    with inside("objective"):
        kinds = [key for key in ("entrypoint", "command") if key in spec]
        if len(kinds) != 1:
            raise StudyError(
                "both entrypoint and command are given"
                if kinds
                else "neither entrypoint nor command is given",
                "Name either a function, 'entrypoint: file.py:train', or a command",
            )
        scored = scoring(spec)
        _check_columns(scored, searches)
        return Objective(
            entrypoint=spec.get("entrypoint"),
            command=spec.get("command"),
            identity=_identity(spec, searches),
            **scored,
            settings=spec.get("settings", {}),
        )


def _identity(spec: Spec, searches: tuple[Search, ...]) -> Spec:
    """What of the objective decides a trial's result."""
    if "command" in spec:
        identity, code = _command(spec, searches)
    else:
        identity, code = _function(spec)
    identity |= {"version": spec["version"]} if "version" in spec else code
    if "watch" in spec:
        identity["watch"] = watched(spec["watch"])
    if "early_stopping" in spec:
        with inside("early_stopping"):
            identity["early_stopping"] = _early_stopping(spec)
    return identity


def _function(spec: Spec) -> tuple[Spec, Spec]:
    """The identity of a function, without its code and with nothing but its code."""
    name = spec["entrypoint"]
    with inside("entrypoint"):
        entrypoint.check(name, ("config", "trial"))
        code = entrypoint.code(name)
    if "watch" not in spec and "version" not in spec:
        code.warn("objective.entrypoint")
    return {"function": name.rsplit(":", 1)[1]}, {"code": code.fingerprint}


def _command(spec: Spec, searches: tuple[Search, ...]) -> tuple[Spec, Spec]:
    """The identity of a command, without its code and with nothing but its code."""
    for key in ("settings", "early_stopping"):
        if key in spec:
            raise StudyError("this is only for functions", "Write it into the command", (key,))
    template = spec["command"]
    with inside("command"):
        _check_placeholders(template, searches)
        code = code_in(template)
        if not code.prints and "watch" not in spec and "version" not in spec:
            raise StudyError(
                "none of its words is a file or a module that is found, so no change of its code "
                "would be noticed",
                "Name its files under 'watch' ('watch: []' if there are none), or give it a "
                "'version'",
            )
    if "watch" not in spec and "version" not in spec:
        code.warn("objective.command")
    return {"command": template}, {"files": code.prints}


def _check_placeholders(template: str, searches: tuple[Search, ...]) -> None:
    """Raise `StudyError` unless the command gets what it needs, from all configurations."""
    spaces = [space for search in searches for space in search.spaces]
    known = list(dict.fromkeys(name for space in spaces for name in space.domains))
    named = command.placeholders(template)
    for name in known if not {"config", "args"} & set(named) else ():
        if name in command.PLACES:
            raise StudyError(
                f"'{name}' is a hyperparameter, and {{{name}}} in a command is "
                f"{command.PLACES[name]}",
                f"Rename the hyperparameter, for example to '{name}_', or have the command read "
                "it from {config}, a JSON file with the configuration",
            )
    for name in named:
        if name in command.PLACES:
            continue
        if name not in known:
            raise StudyError(
                f"{{{name}}} is neither a hyperparameter nor another placeholder",
                f"Placeholders are {', '.join([*known, *command.PLACES])}; a literal brace is "
                "doubled: {{",
            )
        if not all(name in space.domains and name not in space.conditions for space in spaces):
            raise StudyError(
                f"not every configuration has a '{name}'",
                "Write {args}, which leaves out what a configuration lacks, or have the command "
                "read {config}, a JSON file",
            )
    _check_complete(named, known)


def _check_complete(named: list[str], hyperparameters: list[str]) -> None:
    """Raise `StudyError` if a command lacks the placeholder of what it has to get."""
    if "metrics" not in named:
        raise StudyError(
            "the command does not get {metrics}, the name of the file to write its metrics to",
            "Pass it {metrics}, and write a JSON mapping from names to numbers there",
        )
    for name in hyperparameters if not {"config", "args"} & set(named) else ():
        if name not in named:
            raise StudyError(
                f"the command does not get '{name}', so its value would make no difference",
                f"Pass it {{{name}}}, {{args}} for all hyperparameters as '--name value', or "
                "{config}, a JSON file with the configuration",
            )


def _early_stopping(spec: Spec) -> Spec:
    """The rule in full: another metric or mode is another result."""
    rule = spec["early_stopping"]
    if ("patience" in rule) == ("patience_factor" in rule):
        raise StudyError(
            "exactly one of patience and patience_factor has to be given",
            "Write 'patience: 10' to stop after 10 epochs without a better score",
        )
    if "metric" in rule and rule["metric"] != spec["metric"] and "mode" not in rule:
        raise StudyError(
            f"the study does not say whether a larger {rule['metric']} is better",
            "Add 'mode: max' or 'mode: min'",
        )
    return {"metric": spec["metric"], "mode": spec["mode"], "min_epochs": 0, **rule}


def _check_columns(scored: Scoring, searches: tuple[Search, ...]) -> None:
    """Raise `StudyError` where a metric that decides has the name of another column."""
    spaces = [space for search in searches for space in search.spaces]
    hyperparameters = {name for space in spaces for name in space.domains}
    for key, name in (("metric", scored["metric"]), ("test_metric", scored["test_metric"])):
        if name is not None and metric_column(name, hyperparameters) != name:
            other = "a hyperparameter" if name in hyperparameters else "a column of trials.csv"
            raise StudyError(
                f"'{name}' is also the name of {other}",
                "Rename one of them" if name in hyperparameters else "Rename the metric",
                (key,),
            )
