"""From a study file to a study and its trials. Nothing here imports numpy, pandas or torch."""
