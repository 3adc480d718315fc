"""Hyperparameter search: every trial is one job with one cached record; a report compares the searches.

snakemake --cores all                              # the study in config.yaml
snakemake --cores all --configfile other.yaml      # another one, which stands alone
"""

from pathlib import Path

from snakemake.utils import min_version

from snaketune.progress import follow, followed
from snaketune.studyfile import open_study

min_version("9.0")

# Snakemake would lay a --configfile over this one, and keys of config.yaml would leak into it.
if not workflow.overwrite_configfiles:

    configfile: "config.yaml"


STUDY = open_study(workflow.configfiles, workflow.config_settings.config)
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


onsuccess:
    if Path(f"{RESULTS}/report.html").exists():
        print(followed().report())
