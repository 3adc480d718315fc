"""The study and its plan: which trials there are, and what names them.

Planning costs every cluster job its start-up time, for each reads the Snakefile again: it imports
neither numpy nor pandas nor torch.
"""

import csv
import io
import itertools
import json
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

from snaketune.base.errors import StudyError
from snaketune.base.identity import canonical, digest
from snaketune.base.wholefile import write_whole
from snaketune.base.words import cell
from snaketune.data.description import data_name
from snaketune.planning.resources import Resources
from snaketune.records.task import Task
from snaketune.space.samplers import Design
from snaketune.space.space import Space


@dataclass(frozen=True)
class Objective:
    """What is trained, and how it is scored: a function (`entrypoint`) or a command.

    `identity` is what of it decides the result of a trial.
    """

    entrypoint: str | None
    command: str | None
    identity: dict
    metric: str
    test_metric: str | None
    mode: str
    settings: dict


@dataclass(frozen=True)
class Search:
    """One sampler with one budget, run once or repeated: `designs` has one design per repetition.

    Repetition r draws with its own sampler seed and trains with its own training seeds.
    """

    name: str
    sampler: str
    seed: int | None
    spaces: tuple[Space, ...]
    designs: tuple[Design, ...]

    @property
    def trials(self) -> int:
        """The number of configurations of one repetition."""
        return len(self.designs[0].configurations)

    @property
    def notes(self) -> list[str]:
        """What a person should know of how the configurations came, over all repetitions."""
        return list(dict.fromkeys(note for design in self.designs for note in design.notes))


class PlannedTrial(NamedTuple):
    """One row of the plan: a configuration of a search, with one training seed.

    `repeat` counts the repetitions of the search, `index` the configurations of a repetition.
    """

    search: str
    sampler: str
    repeat: int
    index: int
    trial_id: str
    seed: int
    fold: int | None
    config: dict


@dataclass(frozen=True)
class Study:
    """A checked study. `file` is where it came from.

    `data_source` is what the file has under `data`, `data` its full description.
    """

    name: str
    file: str
    objective: Objective
    data_source: str | dict | None
    data: dict | None
    seeds: tuple[int, ...]
    searches: tuple[Search, ...]
    resources: Resources
    retries: int
    stop_on_failure: bool
    retry_failed: bool
    refit: bool
    warm: bool

    @cached_property
    def hyperparameters(self) -> dict[str, str]:
        """The scale (linear, log or category) of every hyperparameter, in the file's order.

        Where searches differ, a log scale wins, then the first search's.
        """
        scales = {}
        for search in self.searches:
            for space in search.spaces:
                for name, domain in space.domains.items():
                    if domain.scale == "log" or name not in scales:
                        scales[name] = domain.scale
        return scales

    @property
    def maps(self) -> list[str]:
        """The grid searches that vary two hyperparameters or more, and so make a map."""
        return [s.name for s in self.searches if s.sampler == "grid" and _varies_two(s)]

    @property
    def summary(self) -> str:
        """What the analysis has to know of the study, as JSON."""
        return json.dumps(
            {
                "study": self.name,
                "metric": self.objective.metric,
                "mode": self.objective.mode,
                "test_metric": self.objective.test_metric,
                "hyperparameters": self.hyperparameters,
            }
        )

    def forget_failed(self, folder):
        """Delete the records of failed trials in `folder`, so that they are trained again."""
        for trial_id in self.specs:
            path = Path(folder, trial_id, "record.json")
            with suppress(OSError, ValueError):
                if json.loads(path.read_text(encoding="utf-8"))["status"] == "failed":
                    path.unlink()

    @cached_property
    def _planned(self) -> tuple[list[PlannedTrial], dict[str, str]]:
        plan, specs = [], {}
        runs = list(itertools.product(self.seeds, self.folds))
        step = max(self.seeds) + 1  # the training seeds of a repetition are those of no other
        for search in self.searches:
            for repeat, design in enumerate(search.designs):
                for index, config in enumerate(design.configurations):
                    for seed, fold in runs:
                        spec = self._spec(config, seed + repeat * step, fold)
                        trial_id = digest(spec)
                        specs[trial_id] = spec
                        place = (search.name, search.sampler, repeat, index)
                        run = (trial_id, seed + repeat * step, fold)
                        plan.append(PlannedTrial(*place, *run, config))
        return plan, specs

    @property
    def plan(self) -> list[PlannedTrial]:
        """Every trial of every search, in order."""
        return self._planned[0]

    @property
    def specs(self) -> dict[str, str]:
        """By trial id, the canonical JSON of all that decides the result; the id is its digest."""
        return self._planned[1]

    def spec(self, trial_id: str) -> str:
        """What `trial_id` names. Raises `StudyError` where a run of another study asks for it."""
        try:
            return self.specs[trial_id]
        except KeyError:
            raise StudyError(
                "the study, its code or its data has changed since this run began",
                "Run again: the trials of the study as it was are kept under their own names",
                file=self.file,
            ) from None

    @cached_property
    def first(self) -> dict[str, PlannedTrial]:
        """By trial id, its first place in the plan."""
        return {planned.trial_id: planned for planned in reversed(self.plan)}

    @property
    def folds(self) -> list[int | None]:
        """The numbers of the folds of cross-validation; without folds, just None."""
        folds = self.data.get("folds") if self.data else None
        return list(range(folds)) if folds else [None]

    def _spec(self, config: dict, seed: int, fold: int | None) -> str:
        """Canonical JSON, put together from parts: most are the same for every trial."""
        before, after = self._spec_parts[fold]
        return f'{{"config":{canonical(config)},{before},"seed":{seed},{after}}}'

    @cached_property
    def _spec_parts(self) -> dict[int | None, tuple[str, str]]:
        parts, after = {}, canonical({"settings": self.objective.settings})
        for fold in self.folds:
            data = self.data if fold is None else {**self.data, "fold": fold}
            before = canonical({"data": data, "objective": self.objective.identity})
            parts[fold] = before[1:-1], after[1:-1]
        return parts

    @property
    def data_id(self) -> str:
        """The name of the prepared data set, without its ending."""
        return data_name(self.data) if self.data else ""

    def task(self, spec: str = "{}", **more) -> Task:
        """The order to train what `spec` says; `more` is what only the one who gives it knows."""
        return Task(
            spec=spec,
            study=self.file,
            metric=self.objective.metric,
            entrypoint=self.objective.entrypoint,
            command=self.objective.command,
            device=self.resources.device,
            seconds=self.resources.seconds,
            memory=self.resources.memory,
            attempts=self.retries + 1,
            stop_on_failure=self.stop_on_failure,
            **more,
        )

    def plan_csv(self) -> str:
        """The plan as CSV text: a `PlannedTrial` a row, with a column for each hyperparameter.

        The cell of a hyperparameter that is inactive in a row is empty.
        """
        names = list(self.hyperparameters)
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow([*PlannedTrial._fields[:-1], *names])
        for *columns, fold, config in self.plan:
            number = "" if fold is None else fold
            writer.writerow([*columns, number, *(cell(config.get(name)) for name in names)])
        return text.getvalue()

    def write_plan(self, path):
        """Write `plan_csv` to `path` unless the file there already says just that."""
        path, text = Path(path), self.plan_csv()
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.parent.mkdir(parents=True, exist_ok=True)
            write_whole(path, text)


def _varies_two(search: Search) -> bool:
    """Whether two hyperparameters or more take several values in the search.

    Null is none of them: in the table that the map is drawn from, its cell is empty.
    """
    values: dict[str, set] = {}
    for config in search.designs[0].configurations:
        for name, value in config.items():
            if value is not None:
                values.setdefault(name, set()).add(cell(value))
    return sum(len(found) > 1 for found in values.values()) > 1
