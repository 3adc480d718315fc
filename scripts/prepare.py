"""Read the study's data set, check and split it, and write the arrays that the trials read."""

from pathlib import Path

from snaketune.base.errors import StudyError
from snaketune.data.preparation import prepare
from snaketune.records.logs import to_log

with to_log(snakemake.log[0], snakemake.params.study):
    try:
        prepare(snakemake.params.given, snakemake.params.data, Path(snakemake.output[0]))
    except StudyError as error:
        raise error.inside("data") from None
