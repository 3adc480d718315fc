"""Tests of the figures and the page."""

import io
import xml.etree.ElementTree as ET
from pathlib import Path

import pandas as pd

from snaketune.reporting.svg import save

CAPTIONS = Path(__file__).parents[3] / "workflow/report"
SVG = "{http://www.w3.org/2000/svg}"


def saved(drawing, folder, name="figure"):
    """The SVG and the CSV of a drawing: a parsed tree and a frame."""
    save(drawing, folder / f"{name}.svg")
    text = (folder / f"{name}.csv").read_text()
    return ET.parse(folder / f"{name}.svg").getroot(), pd.read_csv(io.StringIO(text))


def titles(root) -> list[str]:
    return [title.text for title in root.iter(f"{SVG}title")]
