"""Faults of the keys of a study, the names in it and its training seeds."""

from tests.unit.planning.faults.changes import Fault, drop, put

KEYS: dict[str, Fault] = {
    "unknown key": (put("serches", {}), "serches", "unknown key", "'searches'"),
    "unknown key, nothing like it": (put("zzz", 1), "zzz", "unknown key", "Known keys are study"),
    "unknown key of a search": (
        put("searches.random.trails", 9),
        "searches.random.trails",
        "unknown key",
        "'trials'",
    ),
    "missing study": (drop("study"), "", "'study' is missing", "the study's name"),
    "missing searches": (drop("searches"), "", "'searches' is missing", "each search's name"),
    "missing mode": (drop("objective.mode"), "objective", "'mode' is missing", "max if"),
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
    "infinity in a setting": (
        put("objective.settings.epochs", float("inf")),
        "objective.settings.epochs",
        "inf is not a finite number",
        "Write a number",
    ),
    "no searches": (put("searches", {}), "searches", "too few", "each search's name"),
    "search name that is no folder": (
        put("searches", {"a/b": {"sampler": "grid"}}),
        "searches",
        '"a/b"',
        "becomes a folder",
    ),
    "unknown way of failure": (put("on_failure", "ignore"), "on_failure", "ignore", "continue"),
    "no seeds": (put("seeds", []), "seeds", "too few", "training seeds"),
    "negative seed": (put("seeds", [-1]), "seeds[0]", "-1", "at least 0"),
    "seeds twice": (put("seeds", [1, 1]), "seeds", "[1, 1]", "different training seeds"),
    "seed that is not a list": (put("seeds", 3), "seeds", "3 is not a list", "training seeds"),
    "key that studies once had": (
        put("retry_failed", True),
        "retry_failed",
        "no longer a key of a study",
        "'python -m snaketune retry <study name>'",
    ),
}
