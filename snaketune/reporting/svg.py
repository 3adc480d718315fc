"""Drawings, and the two files of each: the figure as SVG and its table as CSV."""

import io
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
from snaketune.reporting.namespaces import SVG, register

register()


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
    figure.text(0.5, 0.5, why, ha="center", va="center")
    return Drawing(figure, pd.DataFrame(columns=["search"]), why)


def hover(artist: Any, texts: Iterable[str]) -> None:
    """Give the points of a collection these texts to show under the pointer, or a line its one.

    An artist of matplotlib has no place for them, so they are kept in an attribute of our own.
    """
    artist.hover = list(texts)


def save(drawing: Drawing, path: Path) -> None:
    """Write the figure as SVG and its table as CSV beside it; close the figure.

    The same drawing gives the same bytes. `Drawing.shows` becomes the figure's `aria-label`, and
    the texts of `hover` become the titles of their shapes.
    """
    artists: list[Any] = drawing.figure.findobj(lambda artist: hasattr(artist, "hover"))
    for place, artist in enumerate(artists):
        artist.set_gid(f"hover-{place}")
    root = _svg(drawing.figure)
    root.attrib |= {"role": "img", "aria-label": drawing.shows}
    groups = {group.get("id"): group for group in root.iter(f"{{{SVG}}}g")}
    for place, artist in enumerate(artists):
        if not artist.get_rasterized():
            _add_titles(groups[f"hover-{place}"], artist.hover)
    write_whole(path, ET.tostring(root, encoding="unicode") + "\n")
    write_whole(path.with_suffix(".csv"), drawing.data.to_csv(index=False, lineterminator="\n"))


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
    shapes = [group]
    if len(texts) != 1:
        defined = {shape for part in group.iter(f"{{{SVG}}}defs") for shape in part.iter()}
        drawn = [*group.iter(f"{{{SVG}}}use"), *group.iter(f"{{{SVG}}}path")]
        shapes = [shape for shape in drawn if shape not in defined]
    for shape, text in zip(shapes, texts, strict=True):
        title = ET.Element(f"{{{SVG}}}title")
        title.text = text
        shape.insert(0, title)
