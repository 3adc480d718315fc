"""Write report.html: the answer, the figures, the trials, and how to reproduce them."""

from pathlib import Path

from snaketune.base.wholefile import write_whole
from snaketune.comparing.findings import read_comparison
from snaketune.records.logs import to_log
from snaketune.records.summary import read_summary
from snaketune.reporting.page import page, read_best
from snaketune.reporting.reproduction import reproduction

with to_log(snakemake.log[0]):
    study = read_summary(snakemake.input.summary)
    best = read_best(map(Path, snakemake.input.best))
    folder = Path(snakemake.params.folder)
    html = page(
        study,
        Path(snakemake.params.text).read_text(encoding="utf-8"),
        read_comparison(snakemake.input.comparison),
        Path(snakemake.input.trials),
        [Path(figure) for figure in snakemake.input.figures],
        best,
        reproduction(study, best, folder),
        folder / "workflow/report",
    )
    write_whole(Path(snakemake.output[0]), html)
