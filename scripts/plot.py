"""Draw the report's figures from trials.csv, comparison.json and the records' histories.

Each is an SVG with its table as CSV beside it.
"""

import json
from pathlib import Path

from snaketune.comparing.trials import read_trials
from snaketune.records.logs import to_log
from snaketune.records.record import read_record
from snaketune.reporting.figures import catalogue as figures
from snaketune.reporting.style import set_theme
from snaketune.reporting.svg import save


def record(trial_id: str) -> dict:
    return read_record(Path("results/trials", trial_id, "record.json"), trial_id)


with to_log(snakemake.log[0]):
    set_theme()
    table = read_trials(snakemake.input.trials)
    comparison = json.loads(Path(snakemake.input.comparison).read_text(encoding="utf-8"))
    more = {"learning_curves": [record]}
    for output in map(Path, snakemake.output.figures):
        kind, _, search = output.stem.partition("-")
        arguments = [search] if search else more.get(kind, [])
        save(getattr(figures, kind)(table, comparison, *arguments), output)
