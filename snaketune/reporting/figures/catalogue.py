"""The catalogue of figures: which there are, in the order of the page, and what draws them.

A new figure takes three things: its function, an entry in `CATALOGUE`, and its caption,
``workflow/report/<name>.rst``. The Snakefile, the script that draws, and the page all go by this
catalogue. Every job of a cluster reads the Snakefile again, so this module loads neither matplotlib
nor pandas: a figure's function is imported when it is drawn.
"""

import pkgutil
from collections.abc import Collection, Iterable, Iterator
from typing import TYPE_CHECKING, Literal, NamedTuple

if TYPE_CHECKING:
    import pandas as pd

    from snaketune.comparing.findings import Comparison
    from snaketune.reporting.svg import Drawing

Need = Literal["nothing", "a random search", "a map"]


class Entry(NamedTuple):
    """One kind of figure."""

    name: str
    """The name of its files and its caption; without hyphen."""
    category: str
    """Its heading in Snakemake's own report."""
    function: str
    """The module in this package and the function that draws it."""
    needs: Need = "nothing"
    """What a study must have: any search, a random one, or a grid whose cells make a map, of which
    each has a figure of its own."""


PERFORMANCE, REASONS = "How well the searches did", "Why"
LEARNING = "How the trials learned"

CATALOGUE = (
    Entry("efficiency", PERFORMANCE, "efficiency:draw_efficiency"),
    Entry("experiments", PERFORMANCE, "performance:draw_experiments", "a random search"),
    Entry("best_so_far", PERFORMANCE, "performance:draw_best_so_far"),
    Entry("designs", REASONS, "space:draw_designs"),
    Entry("importance", REASONS, "importance:draw_importance", "a random search"),
    Entry("response", REASONS, "importance:draw_response", "a random search"),
    Entry("hyperparameters", REASONS, "space:draw_hyperparameters"),
    Entry("parallel", REASONS, "space:draw_parallel"),
    Entry("heatmap", REASONS, "space:draw_heatmap", "a map"),
    Entry("learning_curves", LEARNING, "learning:draw_learning_curves"),
)


class PlannedFigure(NamedTuple):
    """One figure of a study: an entry, and of a map the search that it shows."""

    entry: Entry
    search: str | None = None

    @property
    def name(self) -> str:
        """The name of its files: ``heatmap-grid``."""
        return f"{self.entry.name}-{self.search}" if self.search else self.entry.name

    @property
    def caption(self) -> str:
        """The name of the file with its caption."""
        return f"{self.entry.name}.rst"

    def draw(self, table: "pd.DataFrame", comparison: "Comparison") -> "Drawing":
        """Draw it from trials.csv and comparison.json, or from the part of them that is shown."""
        from snaketune.reporting.limits import shown_part
        from snaketune.reporting.magnitudes import drawable_comparison, drawable_table

        function = pkgutil.resolve_name(f"{__package__}.{self.entry.function}")
        search = [self.search] if self.search else []
        part, found = shown_part(table, comparison, *search)
        drawing: Drawing = function(drawable_table(part), drawable_comparison(found), *search)
        return drawing


def planned_figures(samplers: Collection[str], maps: Iterable[str]) -> Iterator[PlannedFigure]:
    """The figures of a study whose searches have these `samplers`, in the order of the page.

    `maps` are the names of the grids that vary two hyperparameters or more.

    >>> [figure.name for figure in planned_figures(["grid"], ["coarse"])][-3:]
    ['parallel', 'heatmap-coarse', 'learning_curves']
    """
    maps = list(maps)
    for entry in CATALOGUE:
        if entry.needs == "a map":
            yield from (PlannedFigure(entry, search) for search in maps)
        elif entry.needs == "nothing" or "random" in samplers:
            yield PlannedFigure(entry)


def figure_named(name: str) -> PlannedFigure:
    """The figure whose files have this name. Raises `KeyError` where no entry has it.

    >>> figure_named("heatmap-fine-grid").search
    'fine-grid'
    """
    kind, _, search = name.partition("-")
    return PlannedFigure({entry.name: entry for entry in CATALOGUE}[kind], search or None)
