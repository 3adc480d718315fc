"""Data: one prepared, split file per description, shared by all studies.

in:   what the study says under `data`
out:  results/data/<name>-<digest>.npz
"""

from pathlib import Path

DATA = f"results/data/{STUDY.data_id}.npz" if STUDY.data else []

# The name tells what is in it: what is there is right, and nothing may cause it to be made again.
# Were it, by an edit of the script or the like, Snakemake 9.27 would end the run after it: jobs
# that wait for it by `ancient` alone are left out, even those whose own output is missing.
if DATA and not Path(DATA).exists():

    rule data:
        output:
            DATA,
        log:
            DATA.replace(".npz", ".log"),
        conda:
            "../envs/snaketune.yaml"
        params:
            data=STUDY.data,
            given=STUDY.data_source,
            study=STUDY.file,
        message:
            "data: preparing {output}"
        script:
            "../../scripts/prepare.py"
