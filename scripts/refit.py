"""Hand out the best configuration of one search, with the weights of training it once more."""

from pathlib import Path

from snaketune.base import descendants
from snaketune.comparing.findings import read_comparison
from snaketune.records.logs import to_log
from snaketune.records.task import Task
from snaketune.running.refit import hand_out

descendants.adopt()
with to_log(snakemake.log[0]):
    search = snakemake.wildcards.search
    hand_out(
        search,
        read_comparison(snakemake.input.comparison)["searches"][search]["best"],
        Task.from_json(snakemake.params.task),
        snakemake.params.refit,
        Path(snakemake.output[0]),
    )
