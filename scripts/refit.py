"""Hand out the best trial of one search: its configuration, its record, its weights.

Thousands of trials would fill a disk with weights that nobody asks for; a trial that reproduces
can give them later. So the best one is trained again, once: `results/trials/<id>/refit/` keeps the
weights (a PyTorch state dict) with the record that scores exactly them.
"""

import json
import shutil
from pathlib import Path

from snaketune.identity import canonical
from snaketune.logs import to_log
from snaketune.records import SPEC_KEYS, read_record, write_record
from snaketune.trial import Trial, run_trial
from snaketune.wholefile import write_whole


def refit(record: dict, folder: Path, metric: str):
    """Train the trial of `record` again and fill `folder`, which appears whole or not at all."""
    import torch

    partial = folder.with_name(f"refit-{snakemake.wildcards.search}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir()
    spec = {key: record[key] for key in SPEC_KEYS}
    data = Path(snakemake.input.data) if snakemake.input.data else None
    trial = Trial(spec, partial, snakemake.threads, data)
    again = run_trial(canonical(spec), snakemake.params.entrypoint, metric, trial)
    if again["status"] != "complete":
        raise RuntimeError(f"training again did not complete: {again['error']}")
    again["reproduced"] = again["metrics"] == record["metrics"]
    torch.save(trial.weights, partial / "weights.pt")
    write_record(partial / "record.json", again)
    if folder.exists():  # another search shares this trial, and was faster
        shutil.rmtree(partial)
    else:
        partial.rename(folder)


with to_log(snakemake.log[0]):
    comparison = json.loads(Path(snakemake.input.comparison).read_text(encoding="utf-8"))
    best = comparison["searches"][snakemake.wildcards.search]["best"]
    output = Path(snakemake.output[0])
    if best is None:
        output.mkdir()
        write_whole(output / "none.txt", "No trial of this search is complete.\n")
    else:
        trial_folder = Path("results/trials", best["trial_id"])
        record = read_record(trial_folder / "record.json", best["trial_id"])
        kept = trial_folder / "refit"
        if record["weights"] and not kept.exists():
            refit(record, kept, comparison["metric"])
        if kept.exists():
            shutil.copytree(kept, output)
        else:
            output.mkdir()
            shutil.copy(trial_folder / "record.json", output)
        write_whole(output / "config.json", json.dumps(best["config"], indent=1) + "\n")
