"""Scores as colours, bright for the better ones."""

from typing import Any, Literal, NamedTuple

import pandas as pd
from matplotlib.cm import ScalarMappable
from matplotlib.colors import LogNorm, Normalize
from matplotlib.figure import Figure

from snaketune.base.modes import sign
from snaketune.comparing.findings import Comparison
from snaketune.reporting.axes import beyond, score_scale, scores_of, worst_shown
from snaketune.reporting.style import better
from snaketune.reporting.texts import plain


class ScoreColours(NamedTuple):
    """From scores to colours, cut where an axis of these scores would be cut."""

    norm: Normalize
    cmap: str
    extend: Literal["neither", "min", "max"]
    """At which end of the colour bar there are scores beyond it."""
    label: str
    """What the colour bar is named."""

    @property
    def look(self) -> dict[str, Any]:
        """The arguments with which matplotlib colours an artist's values."""
        return {"norm": self.norm, "cmap": self.cmap}

    def add_bar(self, figure: Figure, **place: Any) -> None:
        """Add a colour bar; `place` has the axes that it takes (`cax`) or shrinks (`ax`)."""
        mappable = ScalarMappable(**self.look)
        figure.colorbar(mappable, label=self.label, extend=self.extend, **place)


def score_colours(table: pd.DataFrame, comparison: Comparison) -> ScoreColours:
    """The colours of the scores in `table`; without scores they are those of 0 to 1."""
    higher = sign(comparison["mode"]) > 0
    cmap = "cividis" if higher else "cividis_r"
    label = f"{plain(comparison['metric'])} ({better(comparison)})"
    scores = scores_of(table, comparison).dropna()
    if scores.empty:
        return ScoreColours(Normalize(0, 1), cmap, "neither", label)
    worst = worst_shown(scores, comparison)
    scaled = LogNorm if score_scale(scores) == "log" else Normalize
    norm = scaled(worst, scores.max()) if higher else scaled(scores.min(), worst)
    cut = beyond(scores, worst, comparison).any()
    extend: Literal["min", "max"] = "min" if higher else "max"
    return ScoreColours(norm, cmap, extend if cut else "neither", label)
