"""`python -m bench`: every benchmark, each in a process of its own; `python -m bench search` only those named."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from bench.report import table

ALL = (
    *("search", "pages", "saving", "deciding", "reminders", "people_at_once", "weight", "importing"),
    *("kpis", "measurements", "auditing"),
)


def main() -> int:
    """Run them one after the other and print one table; 1 when any figure misses its target or a benchmark failed."""
    chosen = [name for name in sys.argv[1:] if not name.startswith("-")] or ALL
    unknown = set(chosen) - set(ALL)
    if unknown:
        sys.exit(f"There is no benchmark {', '.join(sorted(unknown))}. There are: {', '.join(ALL)}")
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        figures = Path(folder) / "figures"
        environment = os.environ | {"BENCH_FIGURES": str(figures)}
        command = [sys.executable, "-W", "ignore::UserWarning", "-m", "bench.one"]
        broken = [name for name in chosen if subprocess.run([*command, name], env=environment, check=False).returncode]
        missed = table(figures)
    for name in broken:
        sys.stdout.write(f"{name}: failed, see above\n")
    return int(bool(missed or broken))


if __name__ == "__main__":
    sys.exit(main())
