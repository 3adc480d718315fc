"""Trials: one job per trial, and the table of what came out.

in:   the prepared data; the plan
out:  results/trials/<id>/record.json  results/<study>/trials.csv
"""

from snaketune.session.progress import label

RECORDS = [paths.record(trial_id) for trial_id in STUDY.specs]


# The id is the hash of all that decides the result: a record that exists is right. So the age of
# the data does not matter, and no parameter may count as a change: Snakemake does not record those
# that take `input`. Snakemake removes the log before another attempt: the trial keeps it as
# log-1.txt. `update` keeps it from removing the record as well, which another run may have written
# by now.
rule trial:
    input:
        data=ancient(
            (lambda wildcards: DATA[STUDY.split_of(wildcards.id)])
            if len(DATA) > 1
            else FIRST_SPLIT
        ),
    output:
        update(paths.record("{id}")),
    log:
        paths.log("{id}"),
    wildcard_constraints:
        id="[0-9a-f]{16}",
    # Where the study says nothing, a profile may: for what kills a cluster's jobs.
    retries: STUDY.retries or None
    threads: STUDY.resources.threads
    resources:
        **STUDY.resources.requests(),
    # One function instead of three: Snakemake evaluates it for each trial, also where none is to
    # run. The command comes first: it names the fault where the study no longer has the trial.
    params:
        trial=lambda wildcards, input, threads: {
            "command": SESSION.command(wildcards.id, input.data or None, threads),
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
        planned=lambda wildcards: SESSION.planned_for("aggregate"),
    output:
        report(
            paths.table(STUDY.name),
            caption="../report/trials.rst",
            category="Tables",
            labels={"table": "all trials"},
        ),
    log:
        f"{RESULTS}/logs/aggregate.log",
    params:
        metric=STUDY.objective.metric,
        study=lambda wildcards, input: STUDY.file,
    message:
        "aggregate: merging the records into {output}"
    script:
        "../../scripts/aggregate.py"
