"""Tests of the figures and the page."""

from pathlib import Path

CAPTIONS = Path(__file__).parents[3] / "workflow/report"
