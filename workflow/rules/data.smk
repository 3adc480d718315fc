"""Data: a prepared file per split and description, shared by all studies.

in:   what the study says under `data`
out:  results/data/<name>-<digest>.npz
"""

from pathlib import Path

# By the name of each split's file, the description of the split; in the order of the repetitions.
SPLITS = dict(zip(STUDY.data_ids, STUDY.splits))
DATA = [paths.data(name) for name in SPLITS]
FIRST_SPLIT = DATA[0] if DATA else []

# The name says what is in it, so an existing file is right and must not be made again. If it were,
# because the script was edited, Snakemake 9.27 would end the run after it: it leaves out jobs that
# wait for it by `ancient` alone, even those whose own output is missing.
MISSING = [name for name in SPLITS if not Path(paths.data(name)).exists()]

if MISSING:

    rule data:
        output:
            paths.data("{name}"),
        log:
            paths.data("{name}").replace(".npz", ".log"),
        wildcard_constraints:
            name="|".join(MISSING),
        # Snakemake does not record parameters that take `input`. If it did, a file that is deleted
        # and that another study had made would be made again, and all of its trials trained again.
        params:
            data=lambda wildcards, input: SPLITS[wildcards.name],
            given=lambda wildcards, input: STUDY.data_source,
            study=lambda wildcards, input: STUDY.file,
        message:
            "data: preparing {output}"
        script:
            "../../scripts/prepare.py"
