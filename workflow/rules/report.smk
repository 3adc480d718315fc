"""Report: the figures, and the page that answers which search did better.

in:   results/<study>/trials.csv  comparison.json  best/
out:  results/<study>/figures/*.svg  results/<study>/report.html
"""

FIGURES = [
    f"{RESULTS}/figures/{name}.svg"
    for name in (
        "designs",
        "best_so_far",
        "efficiency",
        "hyperparameters",
        "learning_curves",
        *(f"heatmap-{name}" for name in STUDY.maps),
    )
]

# What --config changed of the study; another try changes nothing.
OVERRIDES = {k: v for k, v in workflow.config_settings.config.items() if k != "retry_failed"}


rule plot:
    input:
        trials=rules.aggregate.output[0],
        comparison=rules.compare.output[0],
    output:
        FIGURES,
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
        figures=FIGURES,
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
