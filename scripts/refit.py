"""Train the best trial of one search again, for its weights, and check that it scores the same.

Thousands of trials would fill a disk with weights that nobody asks for; a trial that reproduces
can give them later. The folder gets `config.json`, `weights.pt` (a PyTorch state dict), and
`record.json`, whose scores are those of exactly these weights.
"""

import json
from pathlib import Path

from snaketune.identity import canonical
from snaketune.logs import to_log
from snaketune.records import SPEC_KEYS, read_record, write_record
from snaketune.trial import Trial, run_trial
from snaketune.wholefile import write_whole

with to_log(snakemake.log[0]):
    folder = Path(snakemake.output[0])
    folder.mkdir(parents=True, exist_ok=True)
    comparison = json.loads(Path(snakemake.input.comparison).read_text(encoding="utf-8"))
    best = comparison["searches"][snakemake.wildcards.search]["best"]
    if best is None:
        write_whole(folder / "none.txt", "No trial of this search is complete.\n")
    else:
        record = read_record(
            Path("results/trials", best["trial_id"], "record.json"), best["trial_id"]
        )
        weights = None
        if record["weights"]:
            spec = {key: record[key] for key in SPEC_KEYS}
            data = Path(snakemake.input.data) if snakemake.input.data else None
            trial = Trial(spec, folder, snakemake.threads, data)
            again = run_trial(
                canonical(spec), snakemake.params.entrypoint, comparison["metric"], trial
            )
            if again["status"] != "complete":
                raise RuntimeError(f"training again did not complete: {again['error']}")
            again["reproduced"] = again["metrics"] == record["metrics"]
            record, weights = again, trial.weights
        write_whole(folder / "config.json", json.dumps(record["config"], indent=1) + "\n")
        write_record(folder / "record.json", record)
        if weights is not None:
            import torch

            torch.save(weights, folder / "weights.pt")
