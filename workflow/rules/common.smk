"""What all rules share: the study, and where its files lie.

in:   the study file, which Snakemake is given by --configfile, or config.yaml
out:  results/<study>/plan.csv  study.json  study.yaml
"""

from snaketune.records import paths
from snaketune.session.session import Session

SESSION = Session(workflow)
STUDY = SESSION.study
RESULTS = paths.study(STUDY.name)
PLAN = paths.plan(STUDY.name)
SUMMARY = paths.summary(STUDY.name)
STUDY_TEXT = paths.study_text(STUDY.name)


# A run writes plan.csv and study.json as it begins, before anything trains (SESSION.begin). This
# rule stands for them: it runs where they are not those of the study, and so has all that depends
# on them made again. `update` keeps Snakemake from removing them first.
rule plan:
    output:
        plan=update(PLAN),
        summary=update(SUMMARY),
        planned=touch(SESSION.planned),
