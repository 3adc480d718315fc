"""How the peers' search spaces are written here: every row of docs/study-file.md is a test.

A continuous domain is compared with SciPy's distribution, quantile by quantile; a discrete one with
the probability of each value; the rest with the configurations that come out.
"""

import numpy as np
import pytest
import yaml
from scipy import stats

from snaketune.planning.studyfile import load_study
from snaketune.planning.yamlfile import load_yaml
from snaketune.space.notation import parse_domain
from tests.project import ROOT, STUDY

FIVE = {0.0: 0.2, 0.25: 0.2, 0.5: 0.2, 0.75: 0.2, 1.0: 0.2}
HALF_ENDS = {0.0: 0.125, 0.25: 0.25, 0.5: 0.25, 0.75: 0.25, 1.0: 0.125}


def equal(*values):
    return dict.fromkeys(values, 1 / len(values))


# From, written there, written here, and what it means.
DOMAIN_ROWS = [
    ("scikit-learn", '`"C": [1, 10]`', "C: [1, 10]", equal(1, 10)),
    ("SciPy", "`uniform(1, 4)` (from 1 to 5)", "C: {uniform: [1, 5]}", stats.uniform(1, 4)),
    (
        "SciPy",
        "`loguniform(1e-4, 1)`",
        "C: {loguniform: [1e-4, 1]}",
        stats.loguniform(1e-4, 1),
    ),
    ("SciPy", "`randint(1, 4)`", "C: {randint: [1, 4]}", equal(1, 2, 3)),
    ("SciPy", "`norm(0, 2)`", "C: {normal: [0, 2]}", stats.norm(0, 2)),
    (
        "SciPy",
        "`truncnorm(-1, 2, 0, 2)` (ends in deviations)",
        "C: {normal: [0, 2, -2, 4]}",
        stats.truncnorm(-1, 2, 0, 2),
    ),
    ("Optuna", '`suggest_float("x", 0, 1)`', "x: {uniform: [0, 1]}", stats.uniform(0, 1)),
    (
        "Optuna",
        '`suggest_float("x", 1e-5, 0.1, log=True)`',
        "x: {loguniform: [1e-5, 0.1]}",
        stats.loguniform(1e-5, 0.1),
    ),
    (
        "Optuna",
        '`suggest_float("x", 0, 1, step=0.25)`',
        "x: [0.0, 0.25, 0.5, 0.75, 1.0]",
        FIVE,
    ),
    ("Optuna", '`suggest_int("n", 1, 3)`', "n: {randint: [1, 4]}", equal(1, 2, 3)),
    (
        "Optuna",
        '`suggest_int("n", 1, 3, log=True)` (but for its rounding)',
        "n: {lograndint: [1, 4]}",
        {k: np.log((k + 1) / k) / np.log(4) for k in (1, 2, 3)},
    ),
    ("Optuna", '`suggest_categorical("a", ["x", None])`', "a: [x, null]", equal("x", None)),
    ("Ray Tune", "`tune.uniform(0, 1)`", "x: {uniform: [0, 1]}", stats.uniform(0, 1)),
    (
        "Ray Tune",
        "`tune.loguniform(1e-4, 0.1)`",
        "x: {loguniform: [1e-4, 0.1]}",
        stats.loguniform(1e-4, 0.1),
    ),
    ("Ray Tune", "`tune.quniform(0, 1, 0.25)`", "x: {quniform: [0, 1, 0.25]}", HALF_ENDS),
    (
        "Ray Tune",
        "`tune.qloguniform(1, 3, 1)`",
        "x: {qloguniform: [1, 3, 1]}",
        {
            1: np.log(1.5) / np.log(3),
            2: np.log(2.5 / 1.5) / np.log(3),
            3: np.log(3 / 2.5) / np.log(3),
        },
    ),
    ("Ray Tune", "`tune.randint(1, 4)`", "n: {randint: [1, 4]}", equal(1, 2, 3)),
    (
        "Ray Tune",
        "`tune.lograndint(1, 4)`",
        "n: {lograndint: [1, 4]}",
        {k: np.log((k + 1) / k) / np.log(4) for k in (1, 2, 3)},
    ),
    ("Ray Tune", "`tune.randn(0, 2)`", "x: {normal: [0, 2]}", stats.norm(0, 2)),
    ("Ray Tune", '`tune.choice(["a", "b"])`', "x: [a, b]", equal("a", "b")),
    (
        "KerasTuner",
        '`hp.Float("x", 1e-4, 0.1, sampling="log")`',
        "x: {loguniform: [1e-4, 0.1]}",
        stats.loguniform(1e-4, 0.1),
    ),
    ("KerasTuner", '`hp.Int("n", 32, 96, step=32)`', "n: [32, 64, 96]", equal(32, 64, 96)),
    ("KerasTuner", '`hp.Choice("x", ["a", "b"])`', "x: [a, b]", equal("a", "b")),
    ("KerasTuner", '`hp.Boolean("b")`', "b: [true, false]", equal(True, False)),
    ("KerasTuner", '`hp.Fixed("x", 3)`', "x: 3", equal(3)),
    ("Hydra", "`lr=0.1,0.01`", "lr: [0.1, 0.01]", equal(0.1, 0.01)),
    ("Hydra", "`n=range(1,4)`", "n: {randint: [1, 4]}", equal(1, 2, 3)),
    ("Hydra", "`x=interval(0, 1)`", "x: {uniform: [0, 1]}", stats.uniform(0, 1)),
    (
        "Hydra",
        "`x=tag(log, interval(1e-4, 1))`",
        "x: {loguniform: [1e-4, 1]}",
        stats.loguniform(1e-4, 1),
    ),
]


def row(peer, there, here):
    return f"| {peer} | {there} | `{here}` |\n"


@pytest.mark.parametrize(
    ("peer", "there", "here", "meaning"), DOMAIN_ROWS, ids=[f"{r[0]} {r[1]}" for r in DOMAIN_ROWS]
)
def test_domain_means_what_the_peer_means(tmp_path, peer, there, here, meaning):
    assert row(peer, there, here) in (ROOT / "docs/study-file.md").read_text()
    (tmp_path / "line.yaml").write_text(here)
    (written,) = load_yaml(tmp_path / "line.yaml").values()
    domain = parse_domain(written)
    places = (np.arange(20_000) + 0.5) / 20_000
    values = [domain.from_unit(u) for u in places]
    if not isinstance(meaning, dict):
        assert values == pytest.approx(meaning.ppf(places), rel=1e-6, abs=1e-9)
        return
    assert {(type(v), v) for v in values} == {(type(v), v) for v in meaning}
    for value, probability in meaning.items():
        assert values.count(value) / len(values) == pytest.approx(probability, abs=1e-3)


# From, written there, written here (a space and a search), and the configurations of the search.
LISTS = "[{k: [linear]}, {k: [rbf], g: [1, 2]}]"
SEARCH_ROWS = [
    (
        "scikit-learn",
        '`[{"k": ["linear"]}, {"k": ["rbf"], "g": [1, 2]}]`',
        f"sampler: grid, space: {LISTS}",
        {},
        [{"k": "linear"}, {"k": "rbf", "g": 1}, {"k": "rbf", "g": 2}],
    ),
    (
        "scikit-learn",
        "`GridSearchCV`, `ParameterGrid`",
        "sampler: grid",
        {"a": [1, 2], "b": ["x"]},
        [{"a": 1, "b": "x"}, {"a": 2, "b": "x"}],
    ),
    (
        "scikit-learn",
        "`RandomizedSearchCV(n_iter=2)` over lists (no draw twice)",
        "sampler: random, trials: 2, distinct: true",
        {"a": [1, 2]},
        [{"a": 1}, {"a": 2}],
    ),
    (
        "Optuna",
        '`study.enqueue_trial({"a": 7})`',
        "sampler: random, trials: 2, include: [{a: 7}]",
        {"a": {"randint": [7, 9]}},
        [{"a": 7}, {"a": 8}],
    ),
    (
        "Ray Tune",
        "`tune.grid_search([1, 2])`",
        "sampler: grid, space: {a: [1, 2]}",
        {"a": {"randint": [0, 10]}},
        [{"a": 1}, {"a": 2}],
    ),
    (
        "Ray Tune",
        '`points_to_evaluate=[{"a": 7}]`',
        "sampler: sobol, trials: 2, include: [{a: 7}]",
        {"a": {"randint": [7, 9]}},
        [{"a": 7}, {"a": 8}],
    ),
]


@pytest.mark.parametrize(
    ("peer", "there", "here", "space", "found"),
    SEARCH_ROWS,
    ids=[f"{r[0]} {r[1]}" for r in SEARCH_ROWS],
)
def test_search_gives_what_the_peers_gives(folder, peer, there, here, space, found):
    assert row(peer, there, here) in (ROOT / "docs/study-file.md").read_text()
    study = {key: value for key, value in STUDY.items() if key not in ("space", "searches")}
    study |= {"space": space} if space else {}
    text = yaml.safe_dump(study, sort_keys=False) + f"searches:\n  mine: {{{here}}}\n"
    (folder / "my.yaml").write_text(text)
    planned = [trial.config for trial in load_study("my.yaml").plan]
    if "random" in here:
        planned.sort(key=str)
    assert planned == found


# From, written there, a conditional hyperparameter here; the rest of the space; a grid of 1 point.
CONDITION_ROWS = [
    (
        "Optuna",
        '`if optimizer == "sgd": suggest_float("momentum", 0, 1)`',
        "momentum: {uniform: [0, 1], when: {optimizer: sgd}}",
        "optimizer: [sgd, adam]",
        [{"optimizer": "sgd", "momentum": 0.5}, {"optimizer": "adam"}],
    ),
    (
        "KerasTuner",
        '`with hp.conditional_scope("a", [1]): hp.Choice("b", ["x"])`',
        "b: {choice: [x], when: {a: [1]}}",
        "a: [1, 2]",
        [{"a": 1, "b": "x"}, {"a": 2}],
    ),
]


@pytest.mark.parametrize(("peer", "there", "here", "rest", "found"), CONDITION_ROWS)
def test_condition_is_met_as_the_peers_is(folder, peer, there, here, rest, found):
    assert row(peer, there, here) in (ROOT / "docs/study-file.md").read_text()
    study = {key: value for key, value in STUDY.items() if key not in ("space", "searches")}
    study["searches"] = {"mine": {"sampler": "grid", "points": 1}}
    text = yaml.safe_dump(study, sort_keys=False) + f"space:\n  {here}\n  {rest}\n"
    (folder / "my.yaml").write_text(text)
    assert [trial.config for trial in load_study("my.yaml").plan] == found


def test_the_table_has_no_row_without_a_test():
    table = (
        (ROOT / "docs/study-file.md")
        .read_text()
        .split("| from | there | here |\n|---|---|---|\n")[1]
    )
    rows = [row(*r[:3]) for r in [*DOMAIN_ROWS, *SEARCH_ROWS, *CONDITION_ROWS]]
    assert set(table.splitlines(keepends=True)) == set(rows)
