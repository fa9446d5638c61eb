"""`python -m bench.few`: how often each page asks the database when there are 100 documents, as JSON."""

import json
import sys
from importlib import import_module

from bench import database


def main() -> None:
    """Seed a database of its own, once, and count."""
    database.prepare("portal_bench_few")
    for _figure in import_module("bench.seed").ensure(100):
        pass
    pages = import_module("bench.pages")
    sys.stdout.write(json.dumps({name: taken.usual_queries() for name, taken in pages.asked()}) + "\n")


if __name__ == "__main__":
    main()
