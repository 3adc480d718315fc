"""Faults that a study can have: how each is put into a good study, and parts of its message."""
