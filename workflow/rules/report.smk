"""Report: the figures, and the page that answers which search did better.

in:   results/<study>/trials.csv  comparison.json  study.json  study.yaml  best/
out:  results/<study>/figures/*.svg *.csv  results/<study>/report.html
"""

from snaketune.reporting.figures.catalogue import planned_figures

FIGURES = list(planned_figures([search.sampler for search in STUDY.searches], STUDY.maps))


rule plot:
    input:
        trials=rules.aggregate.output[0],
        comparison=rules.compare.output[0],
    output:
        figures=[
            report(
                f"{RESULTS}/figures/{figure.name}.svg",
                caption=f"../report/{figure.caption}",
                category=figure.entry.category,
                labels={"figure": figure.name.replace("_", " ")},
            )
            for figure in FIGURES
        ],
        tables=[f"{RESULTS}/figures/{figure.name}.csv" for figure in FIGURES],
    log:
        f"{RESULTS}/logs/plot.log",
    message:
        "plot: drawing {RESULTS}/figures"
    script:
        "../../scripts/plot.py"


# The study file is an input for its age alone: an edit of a comment makes the page again. Its text
# is that of the copy that the run made as it began, which no rule writes: so it is a parameter.
rule report:
    input:
        trials=rules.aggregate.output[0],
        comparison=rules.compare.output[0],
        figures=rules.plot.output.figures,
        tables=rules.plot.output.tables,
        best=BEST,
        study=STUDY.file,
        summary=SUMMARY,
    output:
        paths.report(STUDY.name),
    log:
        f"{RESULTS}/logs/report.log",
    params:
        text=STUDY_TEXT,
        folder=lambda wildcards, input: workflow.basedir,
    message:
        "report: {output}"
    script:
        "../../scripts/report.py"
