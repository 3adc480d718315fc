"""From a comparison to figures and the page."""
