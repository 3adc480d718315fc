"""Faults of searches: budgets, points of grids, hand-picked configurations."""

from tests.unit.planning.faults.changes import Fault, drop, put

SEARCHES: dict[str, Fault] = {
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
    "more distinct ones than there are": (
        put(
            "searches.random",
            {"sampler": "random", "trials": 9, "distinct": True, "space": {"lr": 0.1}},
        ),
        "searches.random.trials",
        "there are only 4 different configurations",
        "Ask for 4 trials",
    ),
    "included one that is no hyperparameter": (
        put("searches.random.include", [{"lr": 0.01, "hidden": 32, "layers": 1}]),
        "searches.random.include[0].layers",
        "'layers' is not a hyperparameter",
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
        "'hidden' is missing",
        "every hyperparameter",
    ),
    "included value out of its domain": (
        put("searches.random.include", [{"lr": 1, "hidden": 32}]),
        "searches.random.include[0].lr",
        "1 is not a value of 'lr'",
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
    "included one that violates a constraint": (
        put(
            "searches.random",
            {
                "sampler": "random",
                "trials": 4,
                "constraints": ["hidden < 64"],
                "include": [{"lr": 0.01, "hidden": 64}],
            },
        ),
        "searches.random.include[0]",
        "violates the constraint hidden < 64",
        "Change the configuration or the constraint",
    ),
    "included one in none of several spaces": (
        put(
            "searches.random",
            {
                "sampler": "random",
                "trials": 4,
                "space": [{"hidden": 32}, {"hidden": 64, "layers": [1, 2]}],
                "include": [{"lr": 0.01, "hidden": 64, "layers": 2}, {"lr": 0.01, "hidden": 16}],
            },
        ),
        "searches.random.include[1].hidden",
        "16 is not a value of 'hidden'",
        "Its values are 32",
    ),
}
