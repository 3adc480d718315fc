"""Snakemake's own report of a finished study."""

import re
import zipfile

FIGURES = ("designs", "best so far", "efficiency", "experiments", "hyperparameters", "heatmap-grid")


def test_it_has_every_figure_with_its_caption_and_category(finished):
    finished.run("--report", "all.html")
    page = (finished.path / "all.html").read_text()
    for figure in FIGURES:
        assert f'"figure": "{figure}"' in page
    for category in ("How well the searches did", "Why", "Tables"):
        assert f'"{category}"' in page
    for caption in ("The score of the best of n configurations", "One row for each trial"):
        assert f'"caption": "<p>{caption}' in page
    assert not re.search(r"<(script|link|img)[^>]+(src|href)=.?https?:", page)


def test_it_may_be_an_archive(finished):
    """With the table and the figures as they are in the results."""
    finished.run("--report", "all.zip")
    with zipfile.ZipFile(finished.path / "all.zip") as archive:
        assert archive.testzip() is None
        held = {name: archive.read(name) for name in archive.namelist()}
    tables = [content for name, content in held.items() if name.endswith("/trials.csv")]
    assert tables == [(finished.results() / "trials.csv").read_bytes()]
    for figure in FIGURES:
        name = f"{figure.replace(' ', '_')}.svg"
        drawn = (finished.results() / "figures" / name).read_bytes()
        assert [text for path, text in held.items() if path.endswith(f"/{name}")] == [drawn]
    (page,) = (text for name, text in held.items() if name.endswith("report.html"))
    for figure in FIGURES:
        assert f'"figure": "{figure}"' in page.decode()
