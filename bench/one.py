"""`python -m bench.one search`: one benchmark in this process. Everything else is imported late: processes that this
one starts load this module again, before Django stands."""

import sys
from importlib import import_module

from bench import database

# Benchmarks that begin in an empty portal → the database of each.
EMPTY = {"importing": "portal_bench_import", "measurements": "portal_bench_measurements"}


def main(name: str) -> None:
    """Make its database ready and print its figures."""
    if name in EMPTY:
        database.prepare(EMPTY[name], anew=True)
    else:
        database.prepare()
    write = import_module("bench.report").write
    if name not in EMPTY:
        write(import_module("bench.seed").ensure())
    write(import_module(f"bench.{name}").figures())


if __name__ == "__main__":
    main(sys.argv[1])
