"""Running one trial: a process that trains, and one that watches over it and writes the record.

    python -m snaketune.running.runner TASK ATTEMPT RECORD

An objective that fails, dies, or takes too much time or memory leaves a record that says so, and
the exit code is 0: a failed trial is a result. No record, and exit code 1, is for what is wrong
with the study as a whole; no record and 75 for what may pass, where another attempt follows.
"""

import sys

from snaketune.records.logs import INTERRUPTED
from snaketune.running.attempt import AGAIN, Order
from snaketune.running.process import run


def main(arguments: list[str]):
    """The command that the rule `trial` runs, but for warm trials."""
    order = Order.parse(arguments)
    if refused := order.begin():
        sys.exit(refused)  # another attempt would find the same
    try:
        code, said = order.conclude(lambda: run(order.task, order.folder, attempt=order.attempt))
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)
    if code == AGAIN:
        print(said, flush=True)
        sys.exit(code)
    if code:
        sys.exit(said)


if __name__ == "__main__":
    main(sys.argv[1:])
