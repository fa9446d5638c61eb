"""Figures of the import: JSON lines into an empty portal, and the same lines again."""

import sys
from importlib import import_module

from bench.database import prepare


def main() -> int:
    """Make an empty database and measure. Loaded late, because the processes that read load this module again."""
    prepare("portal_bench_import", anew=True)
    return import_module("bench.import_figures").measure()


if __name__ == "__main__":
    sys.exit(main())
