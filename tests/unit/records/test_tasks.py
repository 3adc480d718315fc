"""The file with the tasks of a run: each trial finds its own in it."""

import pytest

from snaketune.base.errors import StudyError
from snaketune.base.identity import canonical, digest
from snaketune.records.task import Task
from snaketune.records.tasks import Specs, read_task, tasks_file, write_tasks

TASK = Task("{}", "my.yaml", "val", command="run {x}", memory=5)
OBJECTIVE = {"watch": {f"file {i}.csv": "0" * 16 for i in range(4000)}}
SETTINGS = {"text": "ü\n\\ 0123456789abcdef " * 60_000, "n": 1e-5}
DATA = [None, {"name": "digits", "seed": 1}]
CONFIGS = [{"x": 0.1, "text": "a b\n"}, {"x": None}, {}]


@pytest.fixture
def specs() -> dict[str, dict]:
    """By trial id, what decides its result."""
    found = [
        {"config": config, "data": data, "objective": OBJECTIVE, "seed": 3, "settings": SETTINGS}
        for config in CONFIGS
        for data in DATA
    ]
    return {digest(canonical(spec)): spec for spec in found}


@pytest.fixture
def path(tmp_path):
    """The file of their tasks."""
    written = Specs(canonical(OBJECTIVE), canonical(SETTINGS), list(map(canonical, DATA)))
    for config in CONFIGS:
        for number in range(len(DATA)):
            written.add(number, 3, canonical(config))
    path = tasks_file(str(tmp_path), TASK, written)
    write_tasks(path, TASK, written)
    return path


def test_each_trial_finds_its_task(path, specs):
    for trial_id, spec in specs.items():
        task = read_task(path, trial_id, threads=2)
        assert task.identity == spec
        assert digest(task.spec) == trial_id
        assert (task.command, task.memory, task.threads) == ("run {x}", 5, 2)
    assert read_task(path).command == "run {x}"


def test_what_trials_share_is_there_once(path):
    assert path.stat().st_size < 1.2 * len(canonical([OBJECTIVE, SETTINGS]))


def test_a_trial_that_the_study_no_longer_has(path, tmp_path):
    with pytest.raises(StudyError, match="has changed since this run began"):
        read_task(path, "0123456789abcdef")
    with pytest.raises(StudyError, match="has changed since this run began"):
        read_task(tmp_path / "none", "0123456789abcdef")
