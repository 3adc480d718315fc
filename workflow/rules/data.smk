"""Data: one prepared, split file per description, shared by all studies.

in:   what the study says under `data`
out:  results/data/<name>-<digest>.npz
"""

DATA = f"results/data/{STUDY.data_id}.npz" if STUDY.data else []


# The name tells what is in it. So the file that it is read from is no input: its age does not
# matter, nor does its name.
rule data:
    output:
        "results/data/{name}.npz",
    log:
        "results/data/{name}.log",
    conda:
        "../envs/snaketune.yaml"
    params:
        data=STUDY.data,
        given=lambda wildcards, input: STUDY.data_source,
        study=lambda wildcards, input: STUDY.file,
    message:
        "data: preparing {wildcards.name}"
    script:
        "../../scripts/prepare.py"
