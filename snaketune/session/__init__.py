"""One Snakemake process: the study that it runs, its progress, what it does as it starts."""
