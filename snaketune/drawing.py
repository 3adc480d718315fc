"""What the figures have in common: their look, axes for hyperparameters and scores, their files.

Colours are seaborn's colour-blind palette and cividis; searches also differ by marker and dash, so
that a black-and-white print tells them apart. The greys are those of no other thing, so that a
page can exchange them for its own.
"""

import io
import math
import textwrap
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import NamedTuple

import matplotlib

matplotlib.use("svg")

import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib import pyplot as plt
from matplotlib.colors import LogNorm, Normalize
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, NullFormatter, NullLocator

from snaketune.answer import shown
from snaketune.importance import categorical
from snaketune.wholefile import write_whole

INK, GREY, FAINT, PAPER = "#252627", "#7f8081", "#e6e7e8", "#fdfdfe"
MANY = 1000  # so many points and more are drawn as pixels: as shapes they would be megabytes

_MARKERS = "osD^vPX*"
_DASHES = [(), (4, 1.5), (1, 1), (3, 1, 1, 1), (5, 1, 1, 1, 1, 1), (2, 2), (6, 2), (1, 2)]
_SVG = "http://www.w3.org/2000/svg"
ET.register_namespace("", _SVG)
ET.register_namespace("xlink", "http://www.w3.org/1999/xlink")


class Drawing(NamedTuple):
    """A figure, the table of what is drawn in it, and in words what is to be seen."""

    figure: Figure
    data: pd.DataFrame
    shows: str


def set_theme():
    """The look of all figures."""
    greys = {
        **dict.fromkeys(("text.color", "axes.labelcolor", "axes.edgecolor"), INK),
        **dict.fromkeys(("xtick.color", "ytick.color"), INK),
        **dict.fromkeys(("figure.facecolor", "axes.facecolor"), PAPER),
        **dict.fromkeys(("grid.color", "legend.edgecolor"), FAINT),
    }
    sns.set_theme(context="paper", style="ticks", palette="colorblind", rc=greys)


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


def told(trials: pd.DataFrame, comparison: dict, names: list[str]) -> list[str]:
    """A line about each trial: its search, the values of these hyperparameters, its scores."""
    columns = [*names, comparison["metric"], comparison["test_metric"]]
    columns = [name for name in columns if name in trials.columns]
    rows = trials[["search", *columns]].to_dict("records")
    return [
        ", ".join(
            [
                row["search"],
                *(f"{name} {shown(row[name])}" for name in columns if row[name] == row[name]),
            ]
        )
        for row in rows
    ]


class Axis:
    """Where the values of one hyperparameter lie on an axis; None is an axis without one."""

    def __init__(self, table: pd.DataFrame, comparison: dict, name: str | None):
        self.name = name
        scales = {name: comparison["hyperparameters"][name]} if name else {}
        self.scale = scales.get(name, "linear")
        if categorical(table, scales):
            self.scale = "category"
            self.values = list(dict.fromkeys(table[name].dropna().astype(str)))
            return
        self.values = sorted(table[name].dropna().unique()) if name else []
        if self.scale == "log" and self.values and self.values[0] <= 0:
            # "No weight decay, or log-uniform": nought has its place left of the log axis.
            above = any(value > 0 for value in self.values)
            self.scale = "symlog" if self.values[0] == 0 and above else "linear"

    def place(self, trials: pd.DataFrame) -> pd.Series:
        """The positions of the trials' values, NaN where a trial has none."""
        if self.name is None:
            return pd.Series(0.0, index=trials.index)
        if self.scale == "category":
            codes = {value: i for i, value in enumerate(self.values)}
            return trials[self.name].astype("object").map(lambda v: codes.get(str(v), math.nan))
        return trials[self.name].astype(float)

    def marks(self, most: int = 60) -> tuple[list, list]:
        """Places along the axis, from end to end, and the values that they stand for."""
        if self.scale == "category":
            return list(range(len(self.values))), self.values
        if self.scale == "linear":
            places = list(np.linspace(self.values[0], self.values[-1], most))
        else:
            above = [value for value in self.values if value > 0]
            nought = [0.0] if self.scale == "symlog" else []
            places = nought + list(np.geomspace(above[0], above[-1], most))
        return places, places

    def dress(self, axis):
        """Give a matplotlib axis this scale, these ticks and this name."""
        if self.name is None:
            axis.set_visible(False)
            return
        if self.scale == "log":
            axis.axes.set(**{f"{axis.axis_name}scale": "log"})
        if self.scale == "symlog":
            least = next(value for value in self.values if value > 0)
            set_scale = getattr(axis.axes, f"set_{axis.axis_name}scale")
            set_scale("symlog", linthresh=least, linscale=0.5)
            limits = (-0.3 * least, 1.5 * self.values[-1])
            axis.axes.set(**{f"{axis.axis_name}lim": limits})
        elif self.scale != "category" and len(self.values) > 1:
            # From the values, not the points: a failed trial has a place but no point.
            limits = _padded(self.values, self.scale)
            axis.axes.set(**{f"{axis.axis_name}lim": limits})
        if self.scale == "category":
            axis.set_ticks(range(len(self.values)), self.values)
        elif len(self.values) <= 8 and all(float(v).is_integer() for v in self.values):
            axis.set_major_locator(FixedLocator(self.values))
            axis.set_minor_locator(NullLocator())
            axis.set_major_formatter(lambda value, _: f"{value:g}")
        axis.set_minor_formatter(NullFormatter())
        axis.axes.set(**{f"{axis.axis_name}label": self.name})


def _padded(values, scale: str) -> tuple[float, float]:
    """The range of the values with 6 % more on either side, on a linear or log scale."""
    there, back = (math.log10, lambda v: 10**v) if scale == "log" else (float, float)
    low, high = there(values[0]), there(values[-1])
    margin = 0.06 * (high - low)
    return back(low - margin), back(high + margin)


def make_panels(number: int, comparison: dict, most: int, size: tuple[float, float], sharex: bool):
    """A figure with `number` panels that share a score axis, at most `most` in a row.

    `size` is that of one panel in inches. Returns the figure and an array of rows of axes, of
    which those that are not needed are hidden.
    """
    columns = min(number, most)
    rows = math.ceil(number / columns)
    figure, panels = plt.subplots(
        rows,
        columns,
        figsize=(max(size[0] * columns, 4.5), size[1] * rows + 0.3),
        sharex=sharex,
        sharey=True,
        squeeze=False,
        layout="constrained",
    )
    for panel in panels.flat[number:]:
        panel.set_visible(False)
    for row in panels:
        row[0].set_ylabel(comparison["metric"])
    return figure, panels


def wrapped(figure: Figure, text: str) -> str:
    """`text` in lines that the figure's width has room for, at about 11 letters an inch."""
    return textwrap.fill(text, int(11 * figure.get_figwidth()))


def finish(figure: Figure, axes, title: str):
    """Give a figure its title, and a legend of the searches outside the panels."""
    figure.suptitle(wrapped(figure, title))
    handles, labels = axes.get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=len(labels), frameon=False)


def styles(comparison: dict) -> dict[str, dict]:
    """One look per search: colour, marker, dashes."""
    palette = sns.color_palette("colorblind", max(len(comparison["searches"]), 1))
    return {
        name: {
            "color": palette[i],
            "marker": _MARKERS[i % len(_MARKERS)],
            "dashes": _DASHES[i % len(_DASHES)],
        }
        for i, name in enumerate(comparison["searches"])
    }


def scores_of(trials: pd.DataFrame, comparison: dict) -> pd.Series:
    """The validation scores, NaN for trials that have none."""
    if comparison["metric"] not in trials.columns:
        return pd.Series(math.nan, index=trials.index)
    return trials[comparison["metric"]].where(trials["status"] == "complete")


def better(comparison: dict) -> str:
    return "higher is better" if comparison["mode"] == "max" else "lower is better"


def colour_map(comparison: dict) -> str:
    """The colour map of scores: bright is better."""
    return "cividis" if comparison["mode"] == "max" else "cividis_r"


def worst_shown(scores: pd.Series, comparison: dict) -> float:
    """Where an axis of scores is cut: a few trials that failed to learn must not flatten the rest.

    It reaches three times as far as from the best to the median, or to the worst. A log axis
    needs no cut.
    """
    sign = 1 if comparison["mode"] == "max" else -1
    ordered = (sign * scores).dropna()
    if score_scale(scores) == "log":
        return sign * ordered.min()
    best, middle = ordered.max(), ordered.median()
    return sign * (max(ordered.min(), 3 * middle - 2 * best) if middle < best else ordered.min())


def score_scale(scores: pd.Series) -> str:
    """Log for positive scores that span more than a factor of 20, as losses do, else linear."""
    low, high = scores.min(), scores.max()
    return "log" if low > 0 and high > 20 * low else "linear"


def score_norm(table: pd.DataFrame, comparison: dict) -> Normalize:
    """Colours for scores, cut like the axes; `extend` says on which side."""
    scores = scores_of(table, comparison).dropna()
    if scores.empty:
        norm = Normalize(0, 1)
        norm.extend = "neither"
        return norm
    larger = comparison["mode"] == "max"
    worst = worst_shown(scores, comparison)
    norm_of = LogNorm if score_scale(scores) == "log" else Normalize
    norm = norm_of(worst, scores.max()) if larger else norm_of(scores.min(), worst)
    cut = (scores < worst).any() if larger else (scores > worst).any()
    norm.extend = ("min" if larger else "max") if cut else "neither"
    return norm


def limit_scores(axes, scores: pd.Series, comparison: dict) -> int:
    """Cut a score axis at `worst_shown`; returns how many of the scores lie outside."""
    scores = scores.dropna()
    if scores.empty or scores.min() == scores.max():
        return 0
    worst = worst_shown(scores, comparison)
    larger = comparison["mode"] == "max"
    scale = score_scale(scores)
    axes.set_yscale(scale)
    axes.set_ylim(*_padded(sorted((worst, scores.max() if larger else scores.min())), scale))
    return int((scores < worst).sum() if larger else (scores > worst).sum())
