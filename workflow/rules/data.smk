"""Data: one prepared, split file per description, shared by all studies.

in:   what the study says under `data`
out:  results/data/<name>-<digest>.npz
"""

DATA = f"results/data/{STUDY.data_id}.npz" if STUDY.data else []


rule data:
    output:
        "results/data/{name}.npz",
    log:
        "results/data/{name}.log",
    conda:
        "../envs/snaketune.yaml"
    params:
        data=STUDY.data,
    message:
        "data: preparing {wildcards.name}"
    script:
        "../../scripts/prepare.py"
