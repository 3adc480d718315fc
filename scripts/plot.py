"""Draw the report's figures from trials.csv, comparison.json and the records' histories.

Each is an SVG with its table as CSV beside it.
"""

from pathlib import Path

from snaketune.comparing.findings import read_comparison
from snaketune.comparing.trials import read_trials
from snaketune.records.logs import to_log
from snaketune.reporting.figures.catalogue import figure_named
from snaketune.reporting.style import set_theme
from snaketune.reporting.svg import save

with to_log(snakemake.log[0]):
    set_theme()
    table = read_trials(snakemake.input.trials)
    comparison = read_comparison(snakemake.input.comparison)
    for path in map(Path, snakemake.output.figures):
        save(figure_named(path.stem).draw(table, comparison), path)
