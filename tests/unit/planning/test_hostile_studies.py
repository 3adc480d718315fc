"""Study files that would take all memory or all time, and such as nobody would write.

Whatever a file holds, `load_study` returns a study that can be planned, or raises a `StudyError` of
one line, soon and within a GiB.
"""

import json
import resource

import psutil
import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from snaketune.base.errors import StudyError
from snaketune.planning.studyfile import load_study
from tests.project import STUDY

HEAD = "study: s\nobjective: {entrypoint: 'scripts/quick.py:train', metric: val_score, mode: max}\n"
RANDOM = "searches: {random: {sampler: random, trials: 3}}\n"
LAUGHS = (
    "{"
    + ", ".join(f"a{i}: &a{i} [{', '.join([f'*a{i - 1}' if i else '1'] * 10)}]" for i in range(9))
    + "}"
)
CHAIN = [f"a{i}: {{choice: [1], when: {{a{i - 1}: 1}}}}" for i in range(1, 3000)]


def spaces(entry: str, search: str = "sampler: random, trials: 3") -> str:
    return f"{HEAD}space: {{x: {entry}}}\nsearches: {{s: {{{search}}}}}\n"


@pytest.fixture
def within_a_gib():
    """No more than a GiB beside what the process has."""
    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (psutil.Process().memory_info().vms + 2**30, hard))
    yield
    resource.setrlimit(resource.RLIMIT_AS, (soft, hard))


def planned(text: str) -> int:
    """The number of trials of a study, all of whose files could be written."""
    with open("my.yaml", "w", encoding="utf-8") as stream:
        stream.write(text)
    study = load_study("my.yaml")
    json.dumps([study.summary, study.task().to_json()], allow_nan=False)
    study.plan_csv().encode()
    return len(study.plan)


REFUSED = {
    "laughs in a space": (HEAD + f"space: {LAUGHS}\n" + RANDOM, "more than 1,000,000 values"),
    "laughs in settings": (
        HEAD.replace("mode: max", f"mode: max, settings: {LAUGHS}") + spaces("[1]")[len(HEAD) :],
        "more than 1,000,000 values",
    ),
    "a space in itself": (HEAD + "space: &s {x: [1], y: *s}\n" + RANDOM, "contains itself"),
    "a list in itself": (spaces("&s [1, *s]"), "contains itself"),
    "depth": (spaces("[" * 3000 + "]" * 3000), "nested too deep"),
    "digits": (spaces(f"[{'1' * 5000}]"), "5,000 digits"),
    "repetitions": (
        spaces("{uniform: [0, 1]}", "sampler: random, trials: 3, repeats: 1000000000"),
        "searches.s.repeats: 1,000,000,000 repetitions of 3 trials",
    ),
    "repetitions of a grid": (
        spaces("[1, 2]", "sampler: grid, repeats: 1000000000"),
        "searches.s.repeats: 1,000,000,000 repetitions of 2 trials",
    ),
    "trials": (
        spaces("[1, 2]", "sampler: random, trials: 1000000000"),
        "searches.s.trials: 1,000,000,000 trials are more than max_trials = 100,000",
    ),
    "a limit without limit": ("max_trials: 1000000000000\n" + spaces("[1]"), "max_trials"),
    "points": (
        spaces("{uniform: [0, 1]}", "sampler: grid, points: 1000000000"),
        "searches.s.points: 1,000,000,000 points",
    ),
    "points of one": (
        spaces("{uniform: [0, 1]}", "sampler: grid, points: {x: 1000000000}"),
        "searches.s.points.x: 1,000,000,000 points",
    ),
    "a grid of all integers": (
        spaces("{randint: [0, 9000000000000000]}", "sampler: grid"),
        "more than 100,000 cells",
    ),
    "a grid of all integers and one": (
        spaces("[x, {randint: [0, 9000000000000000]}]", "sampler: grid"),
        "more than 100,000 cells",
    ),
    "spaces": (
        spaces("[1]", f"sampler: grid, space: [{', '.join(['{x: {randint: [0, 1000]}}'] * 3000)}]"),
        "more than 100,000 cells",
    ),
    "folds": ("data: {name: digits, folds: 1000000000}\n" + spaces("[1]"), "data.folds"),
    "a chain of conditions, upside down": (
        HEAD + f"space: {{{', '.join(reversed(CHAIN))}, a0: [1]}}\n" + RANDOM,
        "more than 100 conditions wait for one another",
    ),
    "a chain of budgets": (
        f"{HEAD}space: {{x: [1]}}\nsearches: {{"
        + ", ".join(f"r{i}: {{sampler: random, trials: {{match: r{i + 1}}}}}" for i in range(3000))
        + ", r3000: {sampler: random, trials: 1}}\n",
        "more than 100 searches wait for one another",
    ),
    "hyperparameters of a sequence": (
        f"{HEAD}space: {{{', '.join(f'x{i}: {{uniform: [0, 1]}}' for i in range(22000))}}}\n"
        "searches: {s: {sampler: sobol, trials: 4}}\n",
        "searches.s.sampler: a Sobol' sequence has at most 21,200 hyperparameters",
    ),
    "draws": (
        "max_trials: 1000000\n"
        f"{HEAD}space: {{{', '.join(f'x{i}: {{uniform: [0, 1]}}' for i in range(100))}}}\n"
        "searches: {s: {sampler: lhs, trials: 1000000}}\n",
        "searches.s.trials: 1,000,000 trials of 100 hyperparameters",
    ),
    "a path as long as a page": (
        HEAD.replace("scripts/quick.py", "a" * 5000 + ".py") + "space: {x: [1]}\n" + RANDOM,
        "File name too long",
    ),
    "a watched path as long as a page": (
        HEAD.replace("mode: max", f"mode: max, watch: [{'a' * 5000}]") + spaces("[1]")[len(HEAD) :],
        "File name too long",
    ),
    "a data file as long as a page": (
        f"data: {{file: {'a' * 5000}.csv, target: y}}\n" + spaces("[1]"),
        "File name too long",
    ),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", REFUSED)
def test_what_would_take_all_memory_or_time_is_refused_soon(folder, within_a_gib, name):
    text, fault = REFUSED[name]
    with pytest.raises(StudyError) as error:
        planned(text)
    assert fault in str(error.value)
    assert "\n" not in str(error.value)
    assert len(str(error.value)) < 1000


GOOD = {
    "a log-uniform over 400 decades": (spaces("{loguniform: [1.0e-200, 1.0e+200]}"), 3),
    "a uniform of infinite width": (spaces("{uniform: [-1.0e+308, 1.0e+308]}"), 3),
    "a chain of conditions": (HEAD + f"space: {{a0: [1], {', '.join(CHAIN)}}}\n" + RANDOM, 3),
    "a chain of conditions in a grid": (
        HEAD
        + f"space: {{a0: [1], {', '.join(CHAIN[:500])}}}\nsearches: {{g: {{sampler: grid}}}}\n",
        1,
    ),
    "draws of all integers and one": (spaces("[x, {randint: [0, 9000000000000000]}]"), 3),
    "one of many spaces": (
        spaces("[1]", f"sampler: random, trials: 3, space: [{', '.join(['{x: [1, 2]}'] * 3000)}]"),
        3,
    ),
    "an alias": (spaces("[&a [1, 2], [*a, 3]]", "sampler: grid"), 2),
    "a mapping with numbers as keys": (spaces("[{0: 1, 1: 10}, balanced]", "sampler: grid"), 2),
    "JSON with emoji": (
        json.dumps({**STUDY, "space": {"x": ["😀", "a"]}, "searches": {"g": {"sampler": "grid"}}}),
        2,
    ),
}


@pytest.mark.parametrize("name", GOOD)
def test_what_is_large_but_right_is_planned(folder, within_a_gib, name):
    text, trials = GOOD[name]
    assert planned(text) == trials


@pytest.mark.parametrize(
    "domain", ["loguniform: [1.0e-200, 1.0e+200]", "uniform: [-1.7e+308, 1.7e+308]"]
)
def test_draws_of_a_vast_domain_fill_it(folder, domain):
    (folder / "my.yaml").write_text(spaces(f"{{{domain}}}", "sampler: random, trials: 1000"))
    values = sorted(trial.config["x"] for trial in load_study("my.yaml").plan)
    low, high = json.loads(domain.partition(": ")[2])
    assert low <= values[0] and values[-1] <= high
    middle = 1.0 if low > 0 else 0.0
    assert 440 <= sum(value < middle for value in values) <= 560  # 4 standard deviations


CONSTRAINTS = [
    "{lr: 1}[2]", "lr < 1; lr < 2", "lr < 1\nlr < 2", "lr < 9**9**9", "lr == 'a' * 1000000000",
    "'%1000000000d' % lr == 'a'", "lr.real < 3", "[x for x in [1]] == lr", "lr[0] < 1",
    "lr < {}['a']",
    "", "#", "lr <", "lambda: 1", "lr < max()", "lr < len(3)",
    "lr < " + "(" * 500 + "1" + ")" * 500,
    "lr < " + "-" * 5000 + "1", "lr < " + "1+" * 5000 + "1", "lr < ['a'][5]", "lr in {1: 2}",
    "lr < ...",
    "lr < 1j", "yield", "import os", "\x00 < lr", "lr % 0 < 1", "max(lr, key=3) < 1", "lr := 3 < 4",
    "lr < (-1 - lr) ** 0.5", "lr < " + "9" * 5000, "lr in lr", "lr == [lr] * 1000000000",
]  # fmt: skip


@pytest.mark.parametrize("text", CONSTRAINTS, ids=lambda text: repr(text[:20]))
def test_a_constraint_that_is_none_is_refused(folder, within_a_gib, text):
    study = {**STUDY, "constraints": [text]}
    with pytest.raises(StudyError) as error:
        planned(json.dumps(study))
    assert error.value.path[:1] == ("constraints",)
    assert "\n" not in str(error.value)


NAMES = ["a\n", "a\n\n", "a" * 101, "é", "-a", "a/b", "..", "a b", "", "\u2028a"]


@pytest.mark.parametrize("name", NAMES, ids=lambda name: repr(name[:5]))
@pytest.mark.parametrize("what", ["study", "search", "hyperparameter"])
def test_a_name_that_is_no_folder_or_column_is_refused(folder, name, what):
    study = {**STUDY, "space": {"lr": [1]}, "searches": {"s": {"sampler": "grid"}}}
    study |= {
        "study": {"study": name},
        "search": {"searches": {name: {"sampler": "grid"}}},
        "hyperparameter": {"space": {name: [1]}},
    }[what]
    with pytest.raises(StudyError) as error:
        planned(json.dumps(study))
    assert "\n" not in str(error.value)


# Whatever may stand in a study file: sensible names and numbers, and what is near them.
_KEYS = st.sampled_from(
    ["study", "objective", "space", "searches", "constraints", "seeds", "data", "metric", "mode",
     "entrypoint", "command", "sampler", "trials", "points", "repeats", "include", "match", "when",
     "choice", "uniform", "loguniform", "quniform", "randint", "normal", "lr", "hidden", "random",
     "watch", "settings", "early_stopping", "resources", "threads", "memory", "time", "folds",
     "split",
     "seed", "ends", "shuffle", "distinct", "test_metric", "test_mode", "metric_kind", "max_trials"]
)  # fmt: skip
_NUMBERS = st.sampled_from(
    [
        0,
        1,
        -1,
        2,
        3,
        10**6,
        2**53,
        2**63 - 1,
        -(2**63),
        2**64,
        0.0,
        -0.0,
        0.5,
        1e-300,
        1e308,
        5e-324,
    ]
)
_TEXTS = st.sampled_from(
    ["", "a", "lr", "lr < 1", "grid", "random", "sobol", "lhs", "halton", "max", "min", "digits",
     "scripts/quick.py:train", "2 GiB", "30 min", "echo {lr} {hidden} {metrics}", "{", "*",
     "\x00", "é", "😀"]
) | st.text(max_size=5)  # fmt: skip
_VALUES = st.recursive(
    st.none() | st.booleans() | _NUMBERS | _TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(_KEYS | _TEXTS, inner, max_size=4),
    max_leaves=12,
)


@st.composite
def changed_studies(draw):
    """A good study in which some values are replaced, removed or added."""
    study = json.loads(json.dumps(STUDY))
    for _ in range(draw(st.integers(1, 3))):
        place = study
        while True:
            known = list(place) if isinstance(place, dict) else list(range(len(place)))
            key = draw(st.sampled_from(known) if known else _KEYS)
            inner = place[key] if known else None
            if not isinstance(inner, dict | list) or not inner or draw(st.booleans()):
                break
            place = inner
        action = draw(st.sampled_from(["replace", "remove", "add"]))
        if action == "remove" and known:
            del place[key]
        elif isinstance(place, list):
            place.insert(0, draw(_VALUES))
        else:
            place[key if action == "replace" else draw(_KEYS | _TEXTS)] = draw(_VALUES)
    return study


def check(text: str) -> None:
    try:
        planned(text)
    except StudyError as error:
        assert "\n" not in str(error)
        assert len(str(error)) < 2000


@settings(
    max_examples=300,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(study=changed_studies())
def test_any_change_of_a_study_is_planned_or_refused(folder, within_a_gib, study):
    check(yaml.safe_dump(study, sort_keys=False, allow_unicode=True))


@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_slip_in_the_text_is_planned_or_refused(folder, within_a_gib, data):
    """Some characters of a good file are lost, doubled, or others."""
    text = yaml.safe_dump(STUDY, sort_keys=False)
    for _ in range(data.draw(st.integers(1, 4))):
        place = data.draw(st.integers(0, len(text)))
        length = data.draw(st.integers(0, 3))
        slip = data.draw(st.text(st.sampled_from("&*!|>{}[]:,#?-%@'\"\\\t\n ~0.eE_<é"), max_size=3))
        text = text[:place] + slip + text[place + length :]
    check(text)
