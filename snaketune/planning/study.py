"""The study and its plan: which trials there are, and what names them.

Planning costs every job of a cluster its start-up time, because each job reads the Snakefile again.
So nothing here imports numpy, pandas or torch.
"""

import itertools
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

from snaketune.base.errors import StudyError
from snaketune.base.identity import canonical
from snaketune.base.modes import Mode
from snaketune.base.words import cell, csv_line
from snaketune.data.description import data_name, in_full
from snaketune.planning.resources import Resources
from snaketune.records import paths
from snaketune.records.record import Config
from snaketune.records.summary import FORMAT, MetricKind, Scale, SearchSummary, StudySummary
from snaketune.records.table import hyperparameter_column
from snaketune.records.task import Keep, Task
from snaketune.records.tasks import Specs
from snaketune.space.samplers import Design
from snaketune.space.space import Space


@dataclass(frozen=True)
class Objective:
    """What is trained, and how it is scored: a function (`entrypoint`) or a command.

    `identity` is the part of it that decides the result of a trial.
    """

    entrypoint: str | None
    command: str | None
    identity: dict[str, Any]
    metric: str
    test_metric: str | None
    mode: Mode
    test_mode: Mode
    metric_kind: MetricKind | None
    settings: dict[str, Any]


@dataclass(frozen=True)
class Search:
    """One sampler with one budget, run once or repeated: `designs` has one design per repetition.

    Each repetition draws with a sampler seed, and trains with training seeds, that no other has.
    `seed` is None for a grid.
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

    @property
    def summary(self) -> SearchSummary:
        """The part of study.json about this search."""
        return {
            "name": self.name,
            "sampler": self.sampler,
            "seed": self.seed,
            "trials": self.trials,
            "repeats": len(self.designs),
            "notes": self.notes,
        }


class PlannedTrial(NamedTuple):
    """One row of the plan: a configuration of a search, with one training seed.

    `repeat` counts the repetitions of the search, `index` the configurations of a repetition, both
    from 0. `fold` is None without cross-validation.
    """

    search: str
    sampler: str
    repeat: int
    index: int  # type: ignore[assignment]  # a tuple has a method of this name
    trial_id: str
    seed: int
    fold: int | None
    config: Config


@dataclass(frozen=True)
class Study:
    """A checked study.

    `file` is the study file, `text` its text as it was read, `overrides` what ``--config`` laid
    over it. `data_source` is what the file has under `data`, `data` its full description, with the
    seed of the first split. `split_seeds` is the number of splits: 1, or one for each repetition.
    """

    name: str
    file: str
    text: str
    overrides: dict[str, Any]
    objective: Objective
    data_source: str | dict[str, Any] | None
    data: dict[str, Any] | None
    split_seeds: int
    seeds: tuple[int, ...]
    searches: tuple[Search, ...]
    resources: Resources
    retries: int
    stop_on_failure: bool
    refit: bool
    keep: Keep
    warm: bool

    @cached_property
    def hyperparameters(self) -> dict[str, Scale]:
        """The scale of every hyperparameter, in the file's order.

        Where searches differ, a log scale wins, then the first search's.
        """
        scales: dict[str, Scale] = {}
        for search in self.searches:
            for space in search.spaces:
                for name, domain in space.domains.items():
                    if domain.scale == "log" or name not in scales:
                        scales[name] = domain.scale
        return scales

    @property
    def maps(self) -> list[str]:
        """The grid searches of which a map can be drawn: those that vary two hyperparameters."""
        return [s.name for s in self.searches if s.sampler == "grid" and _varies_two(s)]

    @cached_property
    def summary(self) -> StudySummary:
        """What study.json holds: all that analysis and report have to know of the study."""
        source = {} if self.data_source is None else in_full(self.data_source)
        return {
            "format": FORMAT,
            "study": self.name,
            "file": self.file,
            "overrides": self.overrides,
            "metric": self.objective.metric,
            "mode": self.objective.mode,
            "test_metric": self.objective.test_metric,
            "test_mode": self.objective.test_mode,
            "metric_kind": self.objective.metric_kind,
            "hyperparameters": {
                hyperparameter_column(name): scale for name, scale in self.hyperparameters.items()
            },
            "seeds": list(self.seeds),
            "folds": 0 if self.folds == [None] else len(self.folds),
            "split_seeds": self.split_seeds,
            "searches": [search.summary for search in self.searches],
            "data": None if self.data is None else {**self.data, **source},
        }

    @cached_property
    def _planned(self) -> tuple[list[PlannedTrial], Specs]:
        descriptions = self._descriptions
        data, settings = list(map(canonical, descriptions.values())), self.objective.settings
        specs = Specs(canonical(self.objective.identity), canonical(settings), data)
        number = {split_and_fold: i for i, split_and_fold in enumerate(descriptions)}
        plan = []
        step = max(self.seeds) + 1  # so that no two repetitions share a training seed
        for search in self.searches:
            for repeat, design in enumerate(search.designs):
                seeds = [seed + repeat * step for seed in self.seeds]
                runs = [
                    (seed, fold, number[repeat % self.split_seeds, fold])
                    for seed, fold in itertools.product(seeds, self.folds)
                ]
                for index, config in enumerate(design.configurations):
                    text = canonical(config)
                    for seed, fold, described in runs:
                        trial_id = specs.add(described, seed, text)
                        place = (search.name, search.sampler, repeat, index)
                        plan.append(PlannedTrial(*place, trial_id, seed, fold, config))
        return plan, specs

    @property
    def plan(self) -> list[PlannedTrial]:
        """Every trial of every search, in order."""
        return self._planned[0]

    @property
    def specs(self) -> Specs:
        """By trial id, the canonical JSON of all that decides the result; the id is its digest."""
        return self._planned[1]

    def spec(self, trial_id: str) -> str:
        """The canonical JSON that the trial id is the digest of.

        Raises `StudyError` if the study has no such trial, since it has changed meanwhile.
        """
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

    @property
    def _descriptions(self) -> dict[tuple[int, int | None], dict[str, Any] | None]:
        """By split and fold, what a trial's identity says of its data."""
        found = {}
        for split, fold in itertools.product(range(self.split_seeds), self.folds):
            data = self.splits[split] if self.splits else None
            found[split, fold] = data if data is None or fold is None else {**data, "fold": fold}
        return found

    @cached_property
    def splits(self) -> list[dict[str, Any]]:
        """The full description of each split of the data, the first repetition's first."""
        if self.data is None:
            return []
        seeds = range(self.data["seed"], self.data["seed"] + self.split_seeds)
        return [{**self.data, "seed": seed} for seed in seeds]

    @property
    def data_ids(self) -> list[str]:
        """The names of the prepared files, without their ending: one for each of the `splits`."""
        return [data_name(split) for split in self.splits]

    def split_of(self, trial_id: str) -> int:
        """The number of the split that a trial gets, from 0.

        Raises `StudyError` if the study has no such trial, as `spec` does.
        """
        self.spec(trial_id)
        return self.first[trial_id].repeat % self.split_seeds

    def task(self, **more: Any) -> Task:
        """What the tasks of all trials share; `more` are fields that only the caller knows."""
        return Task(
            spec="{}",
            study=self.file,
            plan=paths.plan(self.name),
            metric=self.objective.metric,
            entrypoint=self.objective.entrypoint,
            command=self.objective.command,
            device=self.resources.device,
            seconds=self.resources.seconds,
            memory=self.resources.memory,
            attempts=self.retries + 1,
            stop_on_failure=self.stop_on_failure,
            keep=self.keep,
            **more,
        )

    def plan_csv(self) -> str:
        """The plan as CSV text: a `PlannedTrial` a row, with a column for each hyperparameter.

        The cell of a hyperparameter that is inactive in a row is empty, that of null has the word.
        """
        names = list(self.hyperparameters)
        lines = [csv_line([*PlannedTrial._fields[:-1], *map(hyperparameter_column, names)])]
        for *columns, fold, config in self.plan:
            number = "" if fold is None else str(fold)
            values = (cell(config[name]) if name in config else "" for name in names)
            lines.append(csv_line([*map(str, columns), number, *values]))
        return "".join(lines)


def _varies_two(search: Search) -> bool:
    """Whether two hyperparameters or more take several values in the search."""
    values: dict[str, set[str]] = {}
    for config in search.designs[0].configurations:
        for name, value in config.items():
            values.setdefault(name, set()).add(cell(value))
    return sum(len(found) > 1 for found in values.values()) > 1
