"""Data: one prepared, split file per description, shared by all studies.

in:   what the study says under `data`
out:  results/data/<name>-<digest>.npz
"""

from pathlib import Path

DATA = paths.data(STUDY.data_id) if STUDY.data else []

# The name says what is in it, so an existing file is right and must not be made again. If it were,
# because the script was edited, Snakemake 9.27 would end the run after it: it leaves out jobs that
# wait for it by `ancient` alone, even those whose own output is missing.
if DATA and not Path(DATA).exists():

    rule data:
        output:
            DATA,
        log:
            DATA.replace(".npz", ".log"),
        params:
            data=STUDY.data,
            given=STUDY.data_source,
            study=STUDY.file,
        message:
            "data: preparing {output}"
        script:
            "../../scripts/prepare.py"
