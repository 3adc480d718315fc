"""Hand out the best configuration of one search: as it was trained, its scores, its weights.

Thousands of trials would fill a disk with weights that nobody asks for; a trial that reproduces
can give them later. So the best one is trained again, once, and what comes of it is kept in its
folder: as it was, or with `refit: true` on training and validation data together.
"""

import json
import shutil
import statistics
from dataclasses import replace
from pathlib import Path

from snaketune.base.errors import StudyError
from snaketune.base.identity import canonical
from snaketune.base.wholefile import write_whole
from snaketune.data.prepared import load_names
from snaketune.records.logs import to_log
from snaketune.records.record import SPEC_KEYS, read_record, write_record
from snaketune.records.task import Task
from snaketune.running.early_stopping import best_epoch
from snaketune.running.process import run
from snaketune.running.training import check_code
from snaketune.running.trial import CHECKPOINT

TRIALS = Path("results/trials")


def train_again(record: dict, task: Task, folder: Path) -> dict | None:
    """Train the trial of `record` again and fill `folder`, which appears whole or not at all.

    Returns the error if that fails; then there is no folder.
    """
    task = replace(task, spec=canonical({key: record[key] for key in SPEC_KEYS}))
    try:
        check_code(task)
    except StudyError as error:  # the comparison of what has been trained is right all the same
        return {"type": "CodeChanged", "message": error.fault, "traceback": None}
    partial = folder.with_name(f"{folder.name}-{snakemake.wildcards.search}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir()
    again = run(task, partial, keep=partial)
    if again["status"] != "complete":
        shutil.rmtree(partial)
        return again["error"]
    if task.merged_epochs is None:
        again["reproduced"] = again["metrics"] == record["metrics"]
    else:
        again["trained_on"] = "train and validation"
        again["metrics"] = without_validation(again["metrics"], task.metric)
    write_record(partial / "record.json", again)
    if folder.exists():  # another search shares this trial, and was faster
        shutil.rmtree(partial)
    else:
        partial.rename(folder)
    return None


def without_validation(metrics: dict, metric: str) -> dict:
    """The metrics but those of validation, whose rows are now trained on."""
    part = metric.split("_")[0]
    return {name: value for name, value in metrics.items() if name.split("_")[0] != part}


def hand_out(best: dict, task: Task, output: Path):
    """Fill `output` for the best configuration of a search."""
    records = [read_record(TRIALS / i / "record.json", i) for i in best["trial_ids"]]
    record, folder = records[0], TRIALS / best["trial_ids"][0]
    kept = folder / "refit"
    if snakemake.params.refit:
        epochs = round(statistics.median(map(best_epoch, records)))
        task, kept = replace(task, merged_epochs=epochs), folder / f"refit-merged-{epochs}"
    error = None
    if (record["weights"] or snakemake.params.refit) and not kept.exists():
        error = train_again(record, task, kept)
    if kept.exists():
        shutil.copytree(kept, output)
    else:  # with what the objective left in its folder
        left_out = shutil.ignore_patterns("log*.txt", "refit*", ".*", CHECKPOINT)
        shutil.copytree(folder, output, ignore=left_out)
        write_record(output / "record.json", {**record, "refit_error": error})
    write_whole(output / "config.json", json.dumps(best["config"], indent=1) + "\n")
    if task.data is not None:
        names = load_names(Path(task.data))
        write_whole(output / "data.json", json.dumps(names, indent=1) + "\n")


with to_log(snakemake.log[0]):
    comparison = json.loads(Path(snakemake.input.comparison).read_text(encoding="utf-8"))
    best = comparison["searches"][snakemake.wildcards.search]["best"]
    output = Path(snakemake.output[0])
    if best is None:
        output.mkdir()
        write_whole(output / "none.txt", "No trial of this search is complete.\n")
    else:
        hand_out(best, Task.from_json(snakemake.params.task), output)
