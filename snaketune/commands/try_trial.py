"""One trial of a study in the foreground, to look at it and to debug it.

    python -m snaketune try [--pdb] STUDY SEARCH [INDEX]

The objective runs in this process, so that `breakpoint()` works and its output is seen. Nothing is
recorded: its files go to a temporary folder.
"""

import argparse
import json
import pdb
import sys
import tempfile
import traceback
from dataclasses import replace
from pathlib import Path
from typing import Any

from snaketune.base.errors import StudyError, inside, suggest
from snaketune.base.words import shown
from snaketune.data.preparation import prepare
from snaketune.planning.study import PlannedTrial, Study
from snaketune.planning.studyfile import load_study
from snaketune.records import paths
from snaketune.running.training import call_objective
from snaketune.running.trial import Trial


def add_to(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command."""
    parser = commands.add_parser(
        "try",
        help="run one trial in the foreground, for debugging",
        description="Run one trial of a study in this process, and record nothing.",
    )
    parser.add_argument("study", metavar="STUDY", help="a study file")
    parser.add_argument("search", metavar="SEARCH", help="the name of a search")
    parser.add_argument(
        "index", metavar="INDEX", type=int, nargs="?", default=0, help="default: %(default)s"
    )
    parser.add_argument("--pdb", action="store_true", help="debug the exception that it raises")
    parser.set_defaults(
        run=lambda given: try_trial(given.study, given.search, given.index, given.pdb)
    )


def try_trial(file: str, search: str, index: int, debug: bool) -> None:
    """Run a trial in this process: configuration `index` of a search with the first training seed.

    Prints what it reports and returns. Exits with code 1 where it raises an exception, with `debug`
    after a session of the debugger. Raises `StudyError` where the study has no such trial.
    """
    study = load_study(file)
    planned = _planned(study, search, index)
    print(f"{search} {index}: {json.dumps(planned.config)}, seed {planned.seed}", flush=True)
    with tempfile.TemporaryDirectory(prefix="snaketune-try-") as folder:
        data = _data(study, planned, Path(folder))
        workdir = Path(folder, "trial")
        workdir.mkdir()
        spec = study.spec(planned.trial_id)
        task = replace(study.task(threads=study.resources.threads), spec=spec)
        trial = Trial(task.identity, workdir, task.threads, data, task.device, report=_print_report)
        try:
            metrics = call_objective(task, trial)
        except StudyError:
            raise
        except Exception as error:
            traceback.print_exc()
            if debug:
                pdb.post_mortem(error.__traceback__)
            sys.exit(1)
    print("metrics: " + ", ".join(f"{name} {shown(value)}" for name, value in metrics.items()))


def _planned(study: Study, search: str, index: int) -> PlannedTrial:
    """The first trial of a configuration in the plan."""
    names = [each.name for each in study.searches]
    if search not in names:
        remedy = suggest(search, names, f"Name one of {', '.join(names)}")
        raise StudyError(f"there is no search '{search}'", remedy, file=study.file)
    found = [each for each in study.plan if (each.search, each.repeat) == (search, 0)]
    for planned in found:
        if planned.index == index:
            return planned
    raise StudyError(
        f"'{search}' has no configuration {index}",
        f"Its configurations are 0 to {found[-1].index}",
        file=study.file,
    )


def _data(study: Study, planned: PlannedTrial, folder: Path) -> Path | None:
    """The prepared data of a trial, which is prepared in `folder` where no run has done so."""
    if study.data is None or study.data_source is None:
        return None
    split = study.split_of(planned.trial_id)
    there = Path(paths.data(study.data_ids[split]))
    if there.exists():
        return there.resolve()
    with inside("data", file=study.file):
        prepare(study.data_source, study.splits[split], folder / "data.npz")
    return folder / "data.npz"


def _print_report(kind: str, content: Any) -> None:
    if kind == "report":
        print(", ".join(f"{name} {shown(value)}" for name, value in content.items()), flush=True)
