"""Write report.html: the answer, the figures, the trials, and how to reproduce them."""

import json
from pathlib import Path

from snaketune.base.wholefile import write_whole
from snaketune.planning.studyfile import load_study
from snaketune.records.logs import to_log
from snaketune.reporting.page import page, reproduction

with to_log(snakemake.log[0]):
    study = load_study(snakemake.input.study, snakemake.params.overrides)
    best = {
        folder.name: json.loads((folder / "record.json").read_text(encoding="utf-8"))
        for folder in map(Path, snakemake.input.best)
        if (folder / "record.json").exists()
    }
    folder = Path(snakemake.params.folder)
    html = page(
        study,
        json.loads(Path(snakemake.input.comparison).read_text(encoding="utf-8")),
        Path(snakemake.input.trials),
        [Path(figure) for figure in snakemake.input.figures],
        best,
        reproduction(study, snakemake.params.overrides, folder, best),
        folder / "workflow/report",
    )
    write_whole(Path(snakemake.output[0]), html)
