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
    for caption in ("The expectation over a random part", "One row for each trial"):
        assert f'"caption": "<p>{caption}' in page
    assert not re.search(r"<(script|link|img)[^>]+(src|href)=.?https?:", page)


def test_it_may_be_an_archive(finished):
    finished.run("--report", "all.zip")
    names = zipfile.ZipFile(finished.path / "all.zip").namelist()
    assert any(name.endswith("trials.csv") for name in names)
    assert sum(name.endswith(".svg") for name in names) >= len(FIGURES)
