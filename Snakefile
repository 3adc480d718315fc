"""Hyperparameter search: every trial is one job with one cached record; a report compares.

`snakemake --cores all` runs the study in config.yaml; with `--configfile other.yaml` it runs
another one, which stands alone.
"""

from snakemake.utils import min_version

from snaketune.session.progress import follow, followed
from snaketune.planning.studyfile import open_study

min_version("9.0")

# Not by `configfile:`, over which Snakemake lays a --configfile, so that keys of config.yaml would
# leak into another study. What --config gives is laid over either.
STUDY = open_study(
    workflow.overwrite_configfiles or ["config.yaml"], workflow.config_settings.config
)
RESULTS = f"results/{STUDY.name}"
follow(STUDY)


include: "workflow/rules/data.smk"
include: "workflow/rules/trials.smk"
include: "workflow/rules/compare.smk"
include: "workflow/rules/report.smk"


# The records stand here although the report depends on them: with the merged table in place,
# Snakemake would not miss one that was deleted.
rule all:
    default_target: True
    input:
        RECORDS,
        f"{RESULTS}/report.html",
        BEST,


# While the data is prepared, the process that trials are forks of loads what they need.
onstart:
    if STUDY.warm and workflow.local_exec:
        if any(job.rule.name == "trial" for job in workflow.dag.needrun_jobs()):
            client.start(PLACE, STUDY.task(head=os.getpid()).to_json())


onsuccess:
    print(*followed().outcome(), sep="\n")
