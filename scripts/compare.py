"""Compare the searches by what trials.csv says, and write comparison.json."""

from pathlib import Path

from snaketune.comparing.comparison import compare
from snaketune.comparing.findings import write_comparison
from snaketune.comparing.left_behind import remove_left_behind
from snaketune.comparing.trials import read_trials
from snaketune.data.prepared import count_rows
from snaketune.records import paths
from snaketune.records.logs import to_log
from snaketune.records.summary import read_summary

with to_log(snakemake.log[0]):
    study = read_summary(snakemake.input.study)
    data, output = snakemake.input.data, Path(snakemake.output[0])
    rows = count_rows(Path(data), folds=study["folds"] > 0) if data else None
    comparison = compare(read_trials(snakemake.input.trials), study, paths.RESULTS, rows)
    remove_left_behind(output.parent / "best", comparison["searches"])
    write_comparison(output, comparison)
