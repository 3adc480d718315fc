"""Load the study's data set, split it, and write the arrays that the trials read."""

from pathlib import Path

from snaketune.data import save_data, split_data
from snaketune.logs import to_log

with to_log(snakemake.log[0]):
    save_data(split_data(snakemake.params.data), Path(snakemake.output[0]))
