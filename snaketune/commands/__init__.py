"""The commands of ``python -m snaketune``."""
