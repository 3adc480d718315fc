"""snaketune: hyperparameter search as a Snakemake workflow.

The library behind the Snakefile, the rules in ``workflow/`` and the plugins. ARCHITECTURE.md says
what its packages are for, and which may import which. This module imports none of them: every
trial would pay for it.
"""

__version__ = "0.2.0"
