"""Merge the trials' records into trials.csv, in the order of the plan."""

from pathlib import Path

from snaketune.errors import StudyError
from snaketune.identity import digest
from snaketune.logs import to_log
from snaketune.records import trials_table

with to_log(snakemake.log[0]):
    plan = Path(snakemake.input.plan)
    # Snakemake knows that a plan is out of date from its metadata, which a copied folder lacks.
    if digest(plan.read_text(encoding="utf-8")) != snakemake.params.digest:
        raise StudyError(
            "this is not the plan of the study as it is now",
            "Delete the file and run again; no trial is lost",
            file=plan,
        )
    trials_table(
        plan, Path("results/trials"), snakemake.params.metric, Path(snakemake.output[0])
    )
