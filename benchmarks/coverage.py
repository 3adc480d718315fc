"""How often the report's 95 % intervals contain the truth, where the truth is known.

    python benchmarks/coverage.py [runs] [module …]

Prints the tables of `benchmarks/covering`, or of the modules named. Each row is a made-up world
that is searched many times (400 unless given). An interval should contain the truth in 95 % of the
runs or more; what is claimed where nothing is to be claimed should be rare.
"""

import importlib
import pkgutil
import sys

import covering

RUNS = 400


def main(runs: int, names: list[str]) -> None:
    """Print the tables of these modules, in Markdown."""
    print(f"Of {runs} runs each.")
    for name in names:
        for table in importlib.import_module(f"covering.{name}").tables(runs):
            print(f"\n{table.title}\n\n| {' | '.join(table.columns)} |")
            print(f"|{'---|' * len(table.columns)}")
            for row in table.rows:
                print(f"| {' | '.join(map(str, row))} |", flush=True)


if __name__ == "__main__":
    modules = [module.name for module in pkgutil.iter_modules(covering.__path__)]
    main(int(sys.argv[1]) if len(sys.argv) > 1 else RUNS, sys.argv[2:] or modules)
