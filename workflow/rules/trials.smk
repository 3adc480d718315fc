"""Trials: the plan, one job per trial, and the table of what came out.

in:   the study; the prepared data
out:  results/<study>/plan.csv  results/trials/<id>/record.json  results/<study>/trials.csv
"""

import os
import secrets
import sys

from snaketune.running import client
from snaketune.session.progress import label

RECORDS = [f"results/trials/{trial_id}/record.json" for trial_id in STUDY.specs]


# The plan is written while Snakemake reads this, and only where it differs from the file that is
# there: so it stands before anything trains, and its age alone tells when the study has changed.
PLAN = f"{RESULTS}/plan.csv"
if workflow.is_main_process:
    STUDY.write_plan(PLAN)
    if STUDY.retry_failed and not workflow.output_settings.dryrun:
        STUDY.forget_failed("results/trials")


# What runs a trial. The name of the run's warm process is no one else's, and not to be guessed.
PLACE = secrets.token_hex(16)
if STUDY.warm:
    RUNNER = [sys.executable, "-I", "-S", client.__file__, PLACE]
else:
    RUNNER = [sys.executable, "-m", "snaketune.running.runner"]


# The id is the hash of all that decides the result: where a record is, it is right. So the data's
# age does not matter, and no parameter may count as a change: those that take `input` are not
# recorded. Snakemake removes the log before another attempt: the trial keeps it as log-1.txt.
# `update` keeps it from removing the record as well, which another run may have written by now.
rule trial:
    input:
        data=ancient(DATA),
    output:
        update("results/trials/{id}/record.json"),
    log:
        "results/trials/{id}/log.txt",
    wildcard_constraints:
        id="[0-9a-f]{16}",
    # Where the study says nothing, a profile may: for what kills a cluster's jobs.
    retries: STUDY.retries or None
    conda:
        "../envs/snaketune.yaml"
    threads: STUDY.resources.threads
    resources:
        **STUDY.resources.requests(),
    # One function and not three: for each trial Snakemake evaluates it even where none is to run.
    # The command comes first: it says what is wrong where the study no longer has the trial.
    params:
        trial=lambda wildcards, input, threads: {
            "command": [
                *RUNNER,
                STUDY.task(
                    STUDY.spec(wildcards.id),
                    data=input.data or None,
                    threads=threads,
                    head=os.getpid(),
                ).to_json(),
            ],
            "label": label(STUDY.first[wildcards.id]),
        },
    message:
        "trial {wildcards.id}: {params.trial[label]}"
    shell:
        "exec {params.trial[command]:q} {resources.attempt} {output:q} >> {log:q} 2>&1"


rule aggregate:
    input:
        records=RECORDS,
        plan=PLAN,
    output:
        report(
            f"{RESULTS}/trials.csv",
            caption="../report/trials.rst",
            category="Tables",
            labels={"table": "all trials"},
        ),
    log:
        f"{RESULTS}/logs/aggregate.log",
    conda:
        "../envs/snaketune.yaml"
    params:
        metric=STUDY.objective.metric,
        study=lambda wildcards, input: STUDY.file,
    message:
        "aggregate: merging the records into {output}"
    script:
        "../../scripts/aggregate.py"
