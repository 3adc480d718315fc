"""Numbers of the sizes that can be drawn: matplotlib computes with squares of what it draws."""

from typing import Any, cast

import pandas as pd

from snaketune.comparing.findings import Comparison

_LARGEST, _SMALLEST = 1e150, 1e-150


def drawable(number: float) -> float:
    """The number itself, or the nearest one that can be drawn.

    >>> drawable(0.5), drawable(-1e308), drawable(5e-324)
    (0.5, -1e+150, 0.0)
    """
    if abs(number) < _SMALLEST:
        return 0.0
    return min(max(number, -_LARGEST), _LARGEST)


def drawable_table(table: pd.DataFrame) -> pd.DataFrame:
    """The table of trials with numbers that can be drawn."""
    floats = [name for name in table if table[name].dtype in ("float64", "object")]
    return table.assign(**{name: table[name].map(_drawable) for name in floats})


def drawable_comparison(comparison: Comparison) -> Comparison:
    """The comparison with numbers that can be drawn."""
    return cast(Comparison, _drawable(comparison))


def _drawable(value: Any) -> Any:
    match value:
        case float():
            return value if value != value else drawable(value)
        case list():
            return [_drawable(item) for item in value]
        case dict():
            return {key: _drawable(item) for key, item in value.items()}
    return value
