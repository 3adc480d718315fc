"""The tasks of a run in one file, from which each trial's process reads its own.

A command line could not hold them: every user of the machine can read it, and its length is
limited. The first line of the file is JSON of what all trials share. Then comes a line for each
trial: its id, the number of its data's description, its seed, and its configuration as JSON.
"""

import json
import mmap
from collections.abc import Iterator, Mapping
from dataclasses import asdict, replace
from functools import cache
from pathlib import Path
from typing import Any

from snaketune.base.errors import StudyError
from snaketune.base.identity import canonical, digest
from snaketune.base.wholefile import write_whole
from snaketune.records.task import Task

NONE = "-"  # in a command line, for a trial without data


class Specs(Mapping[str, str]):
    """By trial id, the canonical JSON of all that decides a trial's result.

    Settings, files under `watch` and the like may be long. So what trials share is kept once, as
    canonical JSON: `objective`, `settings`, and `data`, the descriptions of the data sets.
    """

    def __init__(self, objective: str, settings: str, data: list[str]) -> None:
        self.objective, self.settings, self.data = objective, settings, data
        self._trials: dict[str, tuple[int, int, str]] = {}

    def add(self, data: int, seed: int, config: str) -> str:
        """Add a trial by the number of its data, its seed, and its configuration as canonical JSON.

        Returns its id.
        """
        trial_id = digest(self._text(data, seed, config))
        self._trials[trial_id] = data, seed, config
        return trial_id

    def _text(self, data: int, seed: int, config: str) -> str:
        return (
            f'{{"config":{config},"data":{self.data[data]},"objective":{self.objective}'
            f',"seed":{seed},"settings":{self.settings}}}'
        )

    def __getitem__(self, trial_id: str) -> str:
        return self._text(*self._trials[trial_id])

    def __iter__(self) -> Iterator[str]:
        return iter(self._trials)

    def __len__(self) -> int:
        return len(self._trials)

    def lines(self) -> Iterator[str]:
        """The lines of the trials in the file."""
        for trial_id, (data, seed, config) in self._trials.items():
            yield f"{trial_id} {data} {seed} {config}\n"


def tasks_file(folder: str, task: Task, specs: Specs) -> Path:
    """The file in a study's folder with its tasks; its name has the digest of its content."""
    return Path(folder, f".tasks-{digest(canonical([asdict(task), list(specs)]))}")


def write_tasks(path: Path, task: Task, specs: Specs) -> None:
    """Write the tasks of a study, of which `task` has what all share."""
    shared = {"objective": specs.objective, "settings": specs.settings, "data": specs.data}
    head = json.dumps({"task": asdict(task), "shared": shared})
    write_whole(path, "".join([f"{head}\n", *specs.lines()]))


def read_task(path: Path, trial_id: str | None = None, **more: Any) -> Task:
    """The task of a trial, or what all trials share; `more` are fields that the caller knows.

    Raises `StudyError` where the study has no such trial any more.
    """
    try:
        task, shared = _head(path)
        line = None if trial_id is None else _line(path, trial_id)
    except FileNotFoundError:
        raise _changed(path) from None
    if trial_id is not None:
        if line is None:
            raise _changed(path)
        _, data, seed, config = line.split(" ", 3)
        specs = Specs(**shared)
        specs.add(int(data), int(seed), config)
        task = replace(task, spec=specs[trial_id])
    return replace(task, **more)


@cache  # the name has the digest of the content
def _head(path: Path) -> tuple[Task, dict[str, Any]]:
    with path.open(encoding="utf-8") as stream:
        head = json.loads(stream.readline())
    return Task(**head["task"]), head["shared"]


def _line(path: Path, trial_id: str) -> str | None:
    with path.open("rb") as stream, mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) as text:
        at = text.find(f"\n{trial_id} ".encode())
        return None if at < 0 else text[at + 1 : text.find(b"\n", at + 1)].decode()


def _changed(path: Path) -> StudyError:
    return StudyError(
        "the study, its code or its data has changed since this run began",
        "Run again: the trials of the study as it was are kept under their own names",
        file=path,
    )
