"""Hyperparameter search: every trial is one job with one cached record; a report compares.

`snakemake --cores all` runs the study in config.yaml; with `--configfile other.yaml` it runs
another one, which stands alone.
"""

import sys

from snakemake.utils import min_version

from snaketune.reporting.undrawn import remove_undrawn

min_version("9.15")


include: "workflow/rules/common.smk"
include: "workflow/rules/data.smk"
include: "workflow/rules/trials.smk"
include: "workflow/rules/compare.smk"
include: "workflow/rules/report.smk"


# Records and plan are targets themselves: once trials.csv exists, Snakemake would not notice that
# one of them was deleted. With `--batch aggregate=1/3` only a third of them is to be made.
rule all:
    default_target: True
    input:
        rules.plan.output,
        lambda wildcards: RECORDS if workflow.dag_settings.batch is None else [],
        paths.report(STUDY.name),
        BEST,


onstart:
    SESSION.begin()


# A run without a complete trial fails, and so does one whose report lacks a figure, once all else
# is done.
onsuccess:
    SESSION.end()
    if SESSION.progress.in_vain:
        sys.exit("No trial is complete.")
    if missing := remove_undrawn(rules.plot.output.figures, rules.plot.log[0]):
        sys.exit(missing)
