"""Compare the searches by what trials.csv says, and write comparison.json."""

import json
import shutil
from pathlib import Path

from snaketune.base.wholefile import write_whole
from snaketune.comparing.comparison import compare
from snaketune.comparing.trials import read_trials
from snaketune.data.prepared import count_rows
from snaketune.records.logs import to_log

with to_log(snakemake.log[0]):
    table = read_trials(snakemake.input.trials)
    rows = None
    if snakemake.input.data:
        rows = count_rows(Path(snakemake.input.data), folds=table["fold"].notna().any())
    study = json.loads(snakemake.params.study)
    comparison = compare(table, study, Path("results/trials"), rows)
    # What a search left behind that has since been renamed or removed.
    for folder in Path(snakemake.output[0]).parent.glob("best/*"):
        if folder.name not in comparison["searches"]:
            shutil.rmtree(folder)
    write_whole(Path(snakemake.output[0]), json.dumps(comparison, indent=1) + "\n")
