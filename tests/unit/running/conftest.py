"""A trial of an objective that is given as text."""

import dataclasses

import pytest

from snaketune.base.identity import canonical
from snaketune.records.task import Task
from snaketune.running.process import run


@pytest.fixture
def train_text(tmp_path):
    """Run an objective whose file is given as text; returns its record. `more` is of `Task`."""

    def train_text(text: str, **more) -> dict:
        (tmp_path / "objective.py").write_text(text)
        spec = {"config": {"x": 2}, "data": None, "objective": {}, "seed": 3, "settings": {}}
        entrypoint = f"{tmp_path}/objective.py:train"
        task = Task(canonical(spec), "my.yaml", "val", entrypoint=entrypoint)
        return run(dataclasses.replace(task, **more), tmp_path)

    return train_text
