"""Comparison: which search found the better configuration, and the weights of each one's best.

in:   results/<study>/trials.csv  study.json  the prepared data
out:  results/<study>/comparison.json  results/<study>/best/<search>/
"""

BEST = [f"{RESULTS}/best/{search.name}" for search in STUDY.searches]


# The first split stands for all: each has as many rows.
rule compare:
    input:
        data=ancient(FIRST_SPLIT),
        trials=rules.aggregate.output[0],
        study=SUMMARY,
    output:
        paths.comparison(STUDY.name),
    log:
        f"{RESULTS}/logs/compare.log",
    message:
        "compare: {output}"
    script:
        "../../scripts/compare.py"


# A search's best is that of its first repetition, which gets the first split.
rule refit:
    input:
        data=ancient(FIRST_SPLIT),
        comparison=rules.compare.output[0],
        again=lambda wildcards: SESSION.best_for(f"{RESULTS}/best/{wildcards.search}"),
    output:
        directory(f"{RESULTS}/best/{{search}}"),
    log:
        f"{RESULTS}/logs/refit-{{search}}.log",
    threads: STUDY.resources.threads
    resources:
        **STUDY.resources.requests(),
    params:
        refit=STUDY.refit,
        task=lambda wildcards, input, threads: STUDY.task(
            data=input.data or None, threads=threads
        ).to_json(),
    message:
        "best: configuration, record and weights of the best of {wildcards.search}"
    script:
        "../../scripts/refit.py"
