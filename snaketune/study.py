"""The study and its plan: which trials there are, and what names them.

Planning costs every cluster job its start-up time, for each reads the Snakefile again: it imports
neither numpy nor pandas nor torch.
"""

import csv
import io
import json
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

from snaketune.identity import canonical, digest
from snaketune.samplers import Design
from snaketune.space import Space
from snaketune.table import cell
from snaketune.wholefile import write_whole


@dataclass(frozen=True)
class Objective:
    """What is trained, and how it is scored."""

    entrypoint: str
    fingerprint: str
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
    config: dict


@dataclass(frozen=True)
class Study:
    """A checked study. `file` is where it came from."""

    name: str
    file: str
    objective: Objective
    data: dict | None
    seeds: tuple[int, ...]
    searches: tuple[Search, ...]

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

    @cached_property
    def _planned(self) -> tuple[list[PlannedTrial], dict[str, str]]:
        plan, specs = [], {}
        step = max(self.seeds) + 1  # the training seeds of a repetition are those of no other
        for search in self.searches:
            for repeat, design in enumerate(search.designs):
                for index, config in enumerate(design.configurations):
                    for seed in (first + repeat * step for first in self.seeds):
                        spec = self._spec(config, seed)
                        trial_id = digest(spec)
                        specs[trial_id] = spec
                        place = (search.name, search.sampler, repeat, index)
                        plan.append(PlannedTrial(*place, trial_id, seed, config))
        return plan, specs

    @property
    def plan(self) -> list[PlannedTrial]:
        """Every trial of every search, in order."""
        return self._planned[0]

    @property
    def specs(self) -> dict[str, str]:
        """By trial id, the canonical JSON of all that decides the result; the id is its digest."""
        return self._planned[1]

    @cached_property
    def first(self) -> dict[str, PlannedTrial]:
        """By trial id, its first place in the plan."""
        return {planned.trial_id: planned for planned in reversed(self.plan)}

    def _spec(self, config: dict, seed: int) -> str:
        """Canonical JSON, put together from parts: all but two are the same for every trial."""
        before, after = self._spec_parts
        return f'{{"config":{canonical(config)},{before},"seed":{seed},{after}}}'

    @cached_property
    def _spec_parts(self) -> tuple[str, str]:
        function = self.objective.entrypoint.rsplit(":", 1)[1]
        code = {"code": self.objective.fingerprint, "function": function}
        before = canonical({"data": self.data, "objective": code})
        after = canonical({"settings": self.objective.settings})
        return before[1:-1], after[1:-1]

    @property
    def data_id(self) -> str:
        """A name for the prepared data set, readable and different for different splits."""
        return f"{self.data['name']}-{digest(canonical(self.data))}" if self.data else ""

    def plan_csv(self) -> str:
        """The plan as CSV text: a `PlannedTrial` a row, with a column for each hyperparameter.

        The cell of a hyperparameter that is inactive in a row is empty.
        """
        names = list(self.hyperparameters)
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow([*PlannedTrial._fields[:-1], *names])
        for *columns, config in self.plan:
            writer.writerow([*columns, *(cell(config.get(name)) for name in names)])
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
