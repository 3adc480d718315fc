"""."""

import io
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import NamedTuple

import matplotlib
import pandas as pd

matplotlib.use("svg")

from matplotlib import pyplot as plt
from matplotlib.figure import Figure

from snaketune.base.wholefile import write_whole

_SVG = "http://www.w3.org/2000/svg"
ET.register_namespace("", _SVG)
ET.register_namespace("xlink", "http://www.w3.org/1999/xlink")


class Drawing(NamedTuple):
    """A figure, the table of what is drawn in it, and in words what is to be seen."""

    figure: Figure
    data: pd.DataFrame
    shows: str


def nothing(why: str) -> Drawing:
    """In place of a figure for which there is nothing to draw: it says why."""
    figure = plt.figure(figsize=(5, 1))
    figure.text(0.5, 0.5, why, ha="center", va="center")
    return Drawing(figure, pd.DataFrame(columns=["search"]), why)


def hover(artist, texts):
    """Let the points of a collection, or a line, tell these texts under the pointer."""
    artist.hover = list(texts)


def save(drawing: Drawing, path: Path):
    """Write the figure as SVG and its table as CSV beside it; close the figure.

    The same drawing gives the same bytes. What the figure shows stands in it for those who can't
    see it (`aria-label`), the texts of `hover` as the titles of their shapes.
    """
    telling = drawing.figure.findobj(lambda artist: hasattr(artist, "hover"))
    for place, artist in enumerate(telling):
        artist.set_gid(f"hover-{place}")
    text = io.StringIO()
    with plt.rc_context({"svg.hashsalt": "snaketune", "svg.fonttype": "path"}):
        drawing.figure.savefig(text, format="svg", metadata={"Date": None})
    plt.close(drawing.figure)
    root = ET.fromstring(text.getvalue())
    root.remove(root.find(f"{{{_SVG}}}metadata"))
    root.attrib |= {"role": "img", "aria-label": drawing.shows}
    groups = {group.get("id"): group for group in root.iter(f"{{{_SVG}}}g")}
    for place, artist in enumerate(telling):
        if not artist.get_rasterized():
            _title(groups[f"hover-{place}"], artist.hover)
    write_whole(path, ET.tostring(root, encoding="unicode") + "\n")
    write_whole(path.with_suffix(".csv"), drawing.data.to_csv(index=False, lineterminator="\n"))


def _title(group: ET.Element, texts: list[str]):
    """Give the shapes of a group their texts; a single text is that of the whole group."""
    shapes = [group]
    if len(texts) != 1:
        defined = {shape for part in group.iter(f"{{{_SVG}}}defs") for shape in part.iter()}
        drawn = [*group.iter(f"{{{_SVG}}}use"), *group.iter(f"{{{_SVG}}}path")]
        shapes = [shape for shape in drawn if shape not in defined]
    for shape, told in zip(shapes, texts, strict=True):
        title = ET.Element(f"{{{_SVG}}}title")
        title.text = told
        shape.insert(0, title)
