"""Drawings, and the two files of each: the figure as SVG and its table as CSV."""

import io
import textwrap
import xml.etree.ElementTree as ET
from collections.abc import Iterable
from pathlib import Path
from typing import Any, NamedTuple

import matplotlib
import pandas as pd

matplotlib.use("svg")

from matplotlib import pyplot as plt
from matplotlib.figure import Figure

from snaketune.base.wholefile import write_whole
from snaketune.base.words import csv_line, legible
from snaketune.reporting.namespaces import SVG, XLINK, register

register()

_SHAPES = (f"{{{SVG}}}use", f"{{{SVG}}}path")
_LINE = 80  # characters in a line of a drawing that only says something


class Drawing(NamedTuple):
    """What a figure's function returns."""

    figure: Figure
    data: pd.DataFrame
    """The table of what is drawn; without rows where there is nothing to draw."""
    shows: str
    """What the figure shows, in words for those who can't see it."""


def nothing(why: str) -> Drawing:
    """A drawing that says why there is nothing to draw."""
    figure = plt.figure(figsize=(5, 1))
    text = textwrap.fill(why, _LINE).replace("$", r"\$")
    figure.text(0.5, 0.5, text, ha="center", va="center")
    return Drawing(figure, pd.DataFrame(columns=["search"]), why)


def hover(artist: Any, texts: Iterable[str]) -> None:
    """Give the points of a collection these texts to show under the pointer, or a line its one.

    An artist of matplotlib has no place for them, so they are kept in an attribute of our own. Each
    point links to the number of its text: matplotlib draws no mark for a point beyond the figure.
    """
    artist.hover = list(texts)
    if len(artist.hover) > 1:
        artist.set_urls([f"#{place}" for place in range(len(artist.hover))])


def save(drawing: Drawing, path: Path) -> None:
    """Write the figure as SVG and its table as CSV beside it; close the figure.

    The same drawing gives the same bytes. `Drawing.shows` becomes the figure's `aria-label`, and
    the texts of `hover` become the titles of their shapes.
    """
    artists: list[Any] = drawing.figure.findobj(lambda artist: hasattr(artist, "hover"))
    for place, artist in enumerate(artists):
        artist.set_gid(f"hover-{place}")
    root = _svg(drawing.figure)
    root.attrib |= {"role": "img", "aria-label": legible(drawing.shows)}
    groups = {group.get("id"): group for group in root.iter(f"{{{SVG}}}g")}
    for place, artist in enumerate(artists):
        if not artist.get_rasterized():
            _add_titles(groups[f"hover-{place}"], artist.hover)
    write_whole(path, ET.tostring(root, encoding="unicode") + "\n")
    write_whole(path.with_suffix(".csv"), legible(_csv(drawing.data)))


def _csv(data: pd.DataFrame) -> str:
    cells = data.astype("object").where(data.notna(), "")
    rows = [data.columns, *cells.itertuples(index=False, name=None)]
    return "".join(csv_line(map(str, row)) for row in rows)


def _svg(figure: Figure) -> ET.Element:
    """The figure as an SVG tree without metadata, which would hold a date; closes the figure."""
    text = io.StringIO()
    with plt.rc_context({"svg.hashsalt": "snaketune", "svg.fonttype": "path"}):
        figure.savefig(text, format="svg", metadata={"Date": None})
    plt.close(figure)
    root = ET.fromstring(text.getvalue())
    for metadata in root.findall(f"{{{SVG}}}metadata"):
        root.remove(metadata)
    return root


def _add_titles(group: ET.Element, texts: list[str]) -> None:
    """Give each shape of a group its title; a single text is the title of the whole group."""
    if len(texts) == 1:
        _add_title(group, texts[0])
        return
    for link in list(group.iter(f"{{{SVG}}}a")):
        link.tag = f"{{{SVG}}}g"
        shape = next(part for part in link.iter() if part.tag in _SHAPES)
        _add_title(shape, texts[int(link.attrib.pop(f"{{{XLINK}}}href").removeprefix("#"))])


def _add_title(shape: ET.Element, text: str) -> None:
    title = ET.Element(f"{{{SVG}}}title")
    title.text = legible(text)
    shape.insert(0, title)
