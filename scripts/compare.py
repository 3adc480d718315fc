"""Compare the searches by what trials.csv says, and write comparison.json."""

import json
from pathlib import Path

from snaketune.comparison import compare, read_trials
from snaketune.logs import to_log
from snaketune.wholefile import write_whole

with to_log(snakemake.log[0]):
    comparison = compare(
        read_trials(snakemake.input[0]),
        json.loads(snakemake.params.study),
        Path("results/trials"),
    )
    write_whole(Path(snakemake.output[0]), json.dumps(comparison, indent=1) + "\n")
