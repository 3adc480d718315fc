"""``snakemake --lint``, but for its advice to name a conda environment or a container per rule.

The rules run in the environment that Snakemake itself runs in, and pyproject.toml says what that
needs. A second list in conda's words would be one that nothing here tests.
"""

from snakemake.cli import main
from snakemake.linting.rules import RuleLinter

if __name__ == "__main__":
    del RuleLinter.lint_missing_software_definition
    main(["--lint"])
