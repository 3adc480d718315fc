"""Read the study's data set, check and split it, and write the arrays that the trials read."""

from pathlib import Path

from snaketune.errors import StudyError
from snaketune.logs import to_log
from snaketune.prepare import prepare

with to_log(snakemake.log[0], snakemake.params.study):
    try:
        prepare(snakemake.params.given, snakemake.params.data, Path(snakemake.output[0]))
    except StudyError as error:
        raise error.inside("data") from None
