"""Draw the report's figures from trials.csv, comparison.json and the records' histories."""

import json
from pathlib import Path

import seaborn

from snaketune import figures
from snaketune.comparison import read_trials
from snaketune.logs import to_log
from snaketune.records import read_record

with to_log(snakemake.log[0]):
    seaborn.set_theme(context="paper", style="ticks", palette="colorblind")
    table = read_trials(snakemake.input.trials)
    comparison = json.loads(Path(snakemake.input.comparison).read_text(encoding="utf-8"))
    drawn_by_name = {
        "designs": lambda: figures.designs(table, comparison),
        "best_so_far": lambda: figures.best_so_far(table, comparison),
        "efficiency": lambda: figures.efficiency(table, comparison),
        "hyperparameters": lambda: figures.hyperparameters(table, comparison),
        "learning_curves": lambda: figures.learning_curves(
            table, comparison, lambda i: read_record(Path("results/trials", i, "record.json"), i)
        ),
    }
    for output in snakemake.output:
        kind, _, search = Path(output).stem.partition("-")
        if kind == "heatmap":
            figure = figures.heatmap(table, comparison, search)
        else:
            figure = drawn_by_name[kind]()
        figures.save(figure, output)
