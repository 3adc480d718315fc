"""Trials: the plan, one job per trial, and the table of what came out.

in:   the study; the prepared data
out:  results/<study>/plan.csv  results/trials/<id>/record.json  results/<study>/trials.csv
"""

import sys

from snaketune.progress import label

RECORDS = [f"results/trials/{trial_id}/record.json" for trial_id in STUDY.specs]


# The plan is written while Snakemake reads this, and only where it differs from the file that is
# there: so it stands before anything trains, and its age alone tells when the study has changed.
PLAN = f"{RESULTS}/plan.csv"
if workflow.is_main_process:
    STUDY.write_plan(PLAN)


# The id is the hash of `spec`, of all that decides the result: where a record is, it is right.
# So the data's age does not matter, and of the params only `spec` may count as a change: those
# that take `input` are not recorded.
rule trial:
    input:
        data=ancient(DATA),
    output:
        "results/trials/{id}/record.json",
    log:
        "results/trials/{id}/log.txt",
    wildcard_constraints:
        id="[0-9a-f]{16}",
    conda:
        "../envs/snaketune.yaml"
    threads: 1
    params:
        spec=lambda wildcards: STUDY.specs[wildcards.id],
        label=lambda wildcards, input: label(STUDY.first[wildcards.id]),
        python=lambda wildcards, input: sys.executable,
        study=lambda wildcards, input: STUDY.file,
        entrypoint=lambda wildcards, input: STUDY.objective.entrypoint,
        metric=lambda wildcards, input: STUDY.objective.metric,
        data=lambda wildcards, input: ["--data", input.data] if input.data else [],
    message:
        "trial {wildcards.id}: {params.label}"
    shell:
        "{params.python:q} -m snaketune.trial --spec {params.spec:q} --study {params.study:q}"
        " --entrypoint {params.entrypoint:q} --metric {params.metric:q} --threads {threads}"
        " {params.data:q} {output:q} > {log:q} 2>&1"


rule aggregate:
    input:
        records=RECORDS,
        plan=PLAN,
    output:
        f"{RESULTS}/trials.csv",
    log:
        f"{RESULTS}/logs/aggregate.log",
    conda:
        "../envs/snaketune.yaml"
    params:
        metric=STUDY.objective.metric,
    message:
        "aggregate: merging the records into {output}"
    script:
        "../../scripts/aggregate.py"
