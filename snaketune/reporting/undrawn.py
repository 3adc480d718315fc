"""Figures that could not be drawn: what lies in their place, and how a run ends then.

Such a figure is a fault of snaketune, for which no other figure and no answer is to be lost. In its
place are an SVG that says so, and a table with the one column `error`.
"""

from collections.abc import Iterable
from pathlib import Path

from snaketune.base.wholefile import write_whole
from snaketune.base.words import csv_line, join, legible, plural
from snaketune.reporting.texts import shortened

_COLUMN = csv_line(["error"])
_SVG = (
    '<svg xmlns="http://www.w3.org/2000/svg" width="500" height="60" role="img" '
    'aria-label="not drawn"><text x="10" y="35" font-family="sans-serif" font-size="14">'
    "This figure could not be drawn. Its table says why.</text></svg>\n"
)


def write_undrawn(path: Path, error: Exception) -> None:
    """Write what takes the place of the figure `path` and of its table."""
    first, *_ = str(error).splitlines() or [""]
    write_whole(path, _SVG)
    line = csv_line([f"{type(error).__name__}: {shortened(first)}"])
    write_whole(path.with_suffix(".csv"), legible(_COLUMN + line))


def undrawn(path: Path) -> bool:
    """Whether the figure `path` could not be drawn."""
    table = path.with_suffix(".csv")
    if not table.exists():
        return False
    with open(table, encoding="utf-8") as stream:
        return stream.readline() == _COLUMN


def remove_undrawn(figures: Iterable[str], log: str) -> str:
    """Remove what lies in the place of figures, so that the next run draws them.

    Returns a sentence about them that names the log, or an empty text where all were drawn.
    """
    failed = [path for path in map(Path, figures) if undrawn(path)]
    for path in failed:
        path.unlink(missing_ok=True)
        path.with_suffix(".csv").unlink()
    if not failed:
        return ""
    return (
        f"{plural(len(failed), 'figure')} could not be drawn: {join(p.stem for p in failed)}. The "
        f"rest of the report is complete. {log} has the traceback; the next run tries again."
    )
