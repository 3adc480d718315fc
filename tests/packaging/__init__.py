"""What the project's own files promise: versions that work, a wheel that is complete."""
