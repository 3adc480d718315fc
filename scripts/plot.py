"""Draw the report's figures from trials.csv, comparison.json and the records' histories.

Each is an SVG with its table as CSV beside it.
"""

from pathlib import Path

from snaketune.comparing.findings import read_comparison
from snaketune.comparing.trials import read_trials
from snaketune.records.logs import to_log
from snaketune.reporting.drawing import draw

with to_log(snakemake.log[0]):
    draw(
        map(Path, snakemake.output.figures),
        read_trials(snakemake.input.trials),
        read_comparison(snakemake.input.comparison),
    )
