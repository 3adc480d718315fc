"""Data sets: described when a study is planned, prepared once, read by every trial."""
