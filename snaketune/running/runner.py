"""The command that the rule `trial` runs, except for warm trials.

    python -m snaketune.running.runner TASKS THREADS HEAD DATA TRIAL ATTEMPT RECORD

The arguments are those of `Attempt.parse`.

An objective that fails, dies, or exceeds its time or memory leaves a record that says so, and the
exit code is 0: a failed trial is a result. Exit code 1 and no record: a fault of the study as a
whole. Exit code 75 and no record: a failure that may pass, after which another attempt follows.
"""

import sys

from snaketune.base import descendants
from snaketune.base.errors import StudyError
from snaketune.records.logs import INTERRUPTED, fault_line
from snaketune.running.attempt import AGAIN, Attempt
from snaketune.running.machine import print_utf8
from snaketune.running.process import run


def main(arguments: list[str]) -> None:
    """Run the attempt that `arguments` describe, and exit with its code."""
    try:
        attempt = Attempt.parse(arguments)
    except StudyError as error:
        sys.exit(fault_line(error))
    if refused := attempt.begin():
        sys.exit(refused)
    try:
        code, message = attempt.conclude(
            lambda: run(attempt.task, attempt.folder, attempt=attempt.number)
        )
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)
    if code == AGAIN:
        print(message, flush=True)
        sys.exit(code)
    if code:
        sys.exit(message)


if __name__ == "__main__":
    print_utf8()
    descendants.adopt()
    main(sys.argv[1:])
