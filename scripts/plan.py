"""Write plan.csv: every trial of every search, before anything trains."""

from pathlib import Path

from snaketune.logs import to_log
from snaketune.records import write_whole
from snaketune.study import load_study

with to_log(snakemake.log[0]):
    study = load_study(snakemake.params.file, snakemake.params.overrides)
    write_whole(Path(snakemake.output[0]), study.plan_csv())
