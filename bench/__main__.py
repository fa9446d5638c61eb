"""`python -m bench`: every benchmark, each in a process of its own; `python -m bench search` only those named."""

import subprocess
import sys

ALL = ("search", "importing")


def main() -> int:
    """Run them one after the other; 1 when any figure misses its target."""
    chosen = [name for name in sys.argv[1:] if not name.startswith("-")] or ALL
    return max(subprocess.run([sys.executable, "-m", f"bench.{name}"], check=False).returncode for name in chosen)


if __name__ == "__main__":
    sys.exit(main())
