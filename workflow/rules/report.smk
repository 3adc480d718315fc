"""Report: the figures, and the page that answers which search did better.

in:   results/<study>/trials.csv  comparison.json  best/
out:  results/<study>/figures/*.svg *.csv  results/<study>/report.html
"""

RANDOM = any(search.sampler == "random" for search in STUDY.searches)
MAPS = [f"heatmap-{name}" for name in STUDY.maps]

# Of each the caption is in workflow/report, for the page and for `snakemake --report`.
FIGURES = {
    "How well the searches did": [
        "efficiency",
        *(["experiments"] if RANDOM else []),
        "best_so_far",
    ],
    "Why": [
        "designs",
        *(["importance", "response"] if RANDOM else []),
        "hyperparameters",
        "parallel",
        *MAPS,
    ],
    "How the trials learned": ["learning_curves"],
}

# What --config changed of the study; another try changes nothing.
OVERRIDES = {k: v for k, v in workflow.config_settings.config.items() if k != "retry_failed"}


rule plot:
    input:
        trials=rules.aggregate.output[0],
        comparison=rules.compare.output[0],
    output:
        figures=[
            report(
                f"{RESULTS}/figures/{name}.svg",
                caption=f"../report/{name.partition('-')[0]}.rst",
                category=category,
                labels={"figure": name.replace("_", " ")},
            )
            for category, names in FIGURES.items()
            for name in names
        ],
        tables=[f"{RESULTS}/figures/{name}.csv" for names in FIGURES.values() for name in names],
    log:
        f"{RESULTS}/logs/plot.log",
    conda:
        "../envs/snaketune.yaml"
    message:
        "plot: drawing {RESULTS}/figures"
    script:
        "../../scripts/plot.py"


rule report:
    input:
        trials=rules.aggregate.output[0],
        comparison=rules.compare.output[0],
        figures=rules.plot.output.figures,
        tables=rules.plot.output.tables,
        best=BEST,
        study=STUDY.file,
    output:
        f"{RESULTS}/report.html",
    log:
        f"{RESULTS}/logs/report.log",
    conda:
        "../envs/snaketune.yaml"
    params:
        overrides=OVERRIDES,
        folder=lambda wildcards, input: workflow.basedir,
    message:
        "report: {output}"
    script:
        "../../scripts/report.py"
