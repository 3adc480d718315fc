"""All figures of a study, one after the other."""

import traceback
from collections.abc import Iterable
from pathlib import Path

import pandas as pd
from matplotlib import pyplot as plt

from snaketune.comparing.findings import Comparison
from snaketune.reporting.figures.catalogue import figure_named
from snaketune.reporting.style import set_theme
from snaketune.reporting.svg import save
from snaketune.reporting.undrawn import write_undrawn


def draw(figures: Iterable[Path], table: pd.DataFrame, comparison: Comparison) -> None:
    """Draw the figures that have these files, and write their tables beside them.

    The traceback of one that fails is printed, `undrawn` has what is written instead, and the
    others are drawn as ever.
    """
    set_theme()
    for path in figures:
        try:
            save(figure_named(path.stem).draw(table, comparison), path)
        except Exception as error:
            print(f"{path} could not be drawn:")
            traceback.print_exc()
            write_undrawn(path, error)
        finally:
            plt.close("all")
