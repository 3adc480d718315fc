"""."""

from snaketune.base.identity import canonical


def percent(share: float) -> str:
    return f"{100 * share:.0f} %"


def join(words) -> str:
    """``a``, ``a and b``, ``a, b and c``."""
    *most, last = words
    return f"{', '.join(most)} and {last}" if most else last


def shown(value) -> str:
    """A value of a hyperparameter or a metric for people."""
    return number(value) if isinstance(value, float) else str(value)


def number(value) -> str:
    """A score or a cost for people: four significant digits, integers in full, NaN as a dash."""
    if value is None or value != value:
        return "–"
    if isinstance(value, int) or float(value).is_integer():
        return f"{int(value):,}"
    return f"{value:.4g}"


def cell(value) -> str:
    """A value as a table shows it: text as it is, null as nothing, all else as JSON."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    # JSON writes floats by repr as well; without the detour a large plan is twice as fast.
    return repr(value) if isinstance(value, float) else canonical(value)
