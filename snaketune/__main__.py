"""The command line: ``python -m snaketune retry``, ``prune`` and ``try``."""

import argparse
import sys

from snaketune.base.errors import StudyError
from snaketune.commands import prune, retry, try_trial
from snaketune.records import paths


def main(arguments: list[str] | None = None) -> None:
    """Run the command that `arguments` name; exits with an error in plain words."""
    parser = argparse.ArgumentParser(
        prog="python -m snaketune",
        description="What is done with results beside running a study, which snakemake does.",
    )
    parser.add_argument(
        "--results", default=paths.RESULTS, metavar="FOLDER", help="default: %(default)s"
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    retry.add_to(commands)
    prune.add_to(commands)
    try_trial.add_to(commands)
    given = parser.parse_args(arguments)
    try:
        given.run(given)
    except StudyError as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
