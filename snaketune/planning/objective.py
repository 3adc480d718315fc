"""."""

from snaketune.base.errors import StudyError
from snaketune.planning.shape import _inside
from snaketune.planning.study import Objective, Search
from snaketune.usercode import command, entrypoint
from snaketune.usercode.sources import watched


def build_objective(spec: dict, searches: tuple[Search, ...]) -> Objective:
    kinds = [key for key in ("entrypoint", "command") if key in spec]
    if len(kinds) != 1:
        raise StudyError(
            "both entrypoint and command are given" if kinds else "there is nothing to run",
            "Name either a function, 'entrypoint: file.py:train', or a command",
            ("objective",),
        )
    metric = spec["metric"]
    return Objective(
        entrypoint=spec.get("entrypoint"),
        command=spec.get("command"),
        identity=_inside("objective", lambda spec: _identity(spec, searches), spec),
        metric=metric,
        test_metric=spec.get("test_metric", _test_metric(metric)),
        mode=spec["mode"],
        settings=spec.get("settings", {}),
    )


def _identity(spec: dict, searches: tuple[Search, ...]) -> dict:
    """What of the objective decides a trial's result."""
    if "command" in spec:
        _check_command(spec, searches)
        identity = {"command": spec["command"]}
        code = {"files": _inside("command", command.files, spec["command"])}
    else:
        _inside(
            "entrypoint", lambda e: entrypoint.check(e, ("config", "trial")), spec["entrypoint"]
        )
        identity = {"function": spec["entrypoint"].rsplit(":", 1)[1]}
        code = {"code": _inside("entrypoint", entrypoint.fingerprint, spec["entrypoint"])}
    identity |= {"version": spec["version"]} if "version" in spec else code
    if "watch" in spec:
        identity["watch"] = watched(spec["watch"])
    if "early_stopping" in spec:
        identity["early_stopping"] = _early_stopping(spec)
    return identity


def _check_command(spec: dict, searches: tuple[Search, ...]):
    for key in ("settings", "early_stopping"):
        if key in spec:
            raise StudyError(f"a command gets no {key}", "Write it into the command", (key,))
    spaces = [space for search in searches for space in search.spaces]
    known = list(dict.fromkeys(name for space in spaces for name in space.domains))
    for name in known:
        if name in command.PLACES:
            raise StudyError(
                f"'{name}' is a hyperparameter, and {{{name}}} in a command is "
                f"{command.PLACES[name]}",
                f"Rename the hyperparameter, for example to '{name}_'",
                ("command",),
            )
    named = _inside("command", command.placeholders, spec["command"])
    for name in named:
        if name not in known and name not in command.PLACES:
            raise StudyError(
                f"'{{{name}}}' is not known",
                f"Known are {', '.join([*known, *command.PLACES])}; a brace that is meant as one "
                "is doubled: {{",
                ("command",),
            )
        if name in known and not all(
            name in s.domains and name not in s.conditions for s in spaces
        ):
            raise StudyError(
                f"not every configuration has a '{name}'",
                "Have the command read the configuration from {config}, a JSON file",
                ("command",),
            )
    if "metrics" not in named:
        raise StudyError(
            "the command is not told where to write its metrics",
            "Pass it {metrics}, the name of a JSON file to write",
            ("command",),
        )
    for name in known if "config" not in named else ():
        if name not in named:
            raise StudyError(
                f"the command does not get '{name}', so its value would make no difference",
                f"Pass it {{{name}}}, or {{config}}, a JSON file with the configuration",
                ("command",),
            )


def _early_stopping(spec: dict) -> dict:
    """The rule in full: another metric or mode is another result."""
    rule = spec["early_stopping"]
    if ("patience" in rule) == ("patience_factor" in rule):
        raise StudyError(
            "either patience or patience_factor has to be given",
            "Write 'patience: 10' to stop after 10 epochs without a better score",
            ("early_stopping",),
        )
    if "metric" in rule and rule["metric"] != spec["metric"] and "mode" not in rule:
        raise StudyError(
            f"it is not said whether a larger {rule['metric']} is better",
            "Add 'mode: max' or 'mode: min'",
            ("early_stopping",),
        )
    return {"metric": spec["metric"], "mode": spec["mode"], "min_epochs": 0, **rule}


def _test_metric(metric: str) -> str | None:
    """``val_loss`` -> ``test_loss``; None where the name does not say that it is validation."""
    part, _, rest = metric.partition("_")
    return f"test_{rest}" if part in ("val", "valid", "validation") and rest else None
