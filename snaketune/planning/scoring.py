"""How trials are scored: which metric selects, which one judges, and which values are better."""

import re
from typing import TypedDict

from snaketune.base.errors import StudyError
from snaketune.base.modes import Mode
from snaketune.planning.yamlfile import Spec
from snaketune.records.summary import MetricKind

_VALIDATION = ("val", "valid", "validation", "eval", "dev")
_PARTS = {*_VALIDATION, "test"}


class Scoring(TypedDict):
    """What a study says of its metrics."""

    metric: str
    mode: Mode
    test_metric: str | None
    test_mode: Mode
    metric_kind: MetricKind | None


def scoring(spec: Spec) -> Scoring:
    """The scoring that the mapping ``objective`` of a study file describes.

    Raises `StudyError` where both metrics are the same, where it is not known which test scores are
    better, and where a larger accuracy would be worse.
    """
    metric, mode = spec["metric"], spec["mode"]
    test = spec.get("test_metric", _test_metric(metric))
    found: Scoring = {
        "metric": metric,
        "mode": mode,
        "test_metric": test,
        "test_mode": mode if test is None else _test_mode(spec, test),
        "metric_kind": spec.get("metric_kind"),
    }
    if test is None and "test_mode" in spec:
        raise StudyError("there is no test_metric", "Name it, or remove test_mode", ("test_mode",))
    _check_kind(found)
    return found


def _test_mode(spec: Spec, test: str) -> Mode:
    """Which test scores are better: as the study says, or as its metric of the same quantity."""
    metric, mode = spec["metric"], spec["mode"]
    if test == metric:
        raise StudyError(
            f"'{test}' already selects the best trial, so it cannot judge it as well",
            "Name the metric of data that selects nothing, or remove test_metric",
            ("test_metric",),
        )
    same = bool(_quantity(metric)) and _quantity(metric) == _quantity(test)
    given: Mode | None = spec.get("test_mode")
    if given is None and not same:
        raise StudyError(
            f"the study does not say whether a larger {test} is better",
            "Add 'test_mode: max' or 'test_mode: min' beside it",
            ("test_metric",),
        )
    if same and given not in (None, mode):
        raise StudyError(
            f"{metric} and {test} measure the same, and the mode of {metric} is {mode}",
            f"Remove test_mode, or write 'test_mode: {mode}'",
            ("test_mode",),
        )
    return given or mode


def _test_metric(metric: str) -> str | None:
    """``val_loss`` -> ``test_loss``; None where the name does not say that it is validation."""
    part, _, rest = metric.partition("_")
    return f"test_{rest}" if part in ("val", "valid", "validation") and rest else None


def _quantity(metric: str) -> list[str]:
    """What a metric measures, whatever part of the data it measures it on.

    >>> _quantity("val_top5_acc"), _quantity("Test/top5-acc"), _quantity("val")
    (['top5', 'acc'], ['top5', 'acc'], [])
    """
    words = re.split(r"[\W_]+", metric.lower())
    return [word for word in words if word and word not in _PARTS]


def _check_kind(found: Scoring) -> None:
    """Raise `StudyError` where more rows predicted correctly would count as worse."""
    for kind, better, mode in (("accuracy", "larger", "max"), ("error", "smaller", "min")):
        for key in ("mode", "test_mode"):
            if found["metric_kind"] == kind and found[key] != mode:
                raise StudyError(
                    f"a {better} {kind} is better, and the {key} is {found[key]}",
                    f"Write '{key}: {mode}', or remove metric_kind, which is of both metrics",
                    ("metric_kind",),
                )
