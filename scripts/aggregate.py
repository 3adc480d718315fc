"""Merge the trials' records into trials.csv, in the order of the plan."""

from pathlib import Path

from snaketune.records.logs import to_log
from snaketune.records.table import trials_table

with to_log(snakemake.log[0], snakemake.params.study):
    trials_table(
        Path(snakemake.input.plan),
        "results",
        snakemake.params.metric,
        Path(snakemake.output[0]),
        Path(snakemake.input.planned),
    )
