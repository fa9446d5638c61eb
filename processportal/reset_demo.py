"""`make reset-demo`: remove the demo's data, after asking."""

import os
import shutil
import sys

from processportal.services import locate
from processportal.services.children import say
from processportal.services.command_line import data_folder, read_env_file
from processportal.services.mode import LIVE, mode_of
from processportal.services.running import portal_runs

OURS = (
    *("services", "attachments", "styles", "log", "prepared", "demo", "mode", "ledger.anchor"),
    *("services.json", "credentials.json"),
)


def main() -> None:
    """Ask, then remove the embedded database and the files; the next `make run` begins anew."""
    read_env_file()
    data = data_folder().resolve()
    if os.environ.get("DATABASE_URL"):
        sys.exit("DATABASE_URL is set: that database is not a demo of this folder and is left alone.")
    if mode_of(data) == LIVE:
        sys.exit(f"The portal in {data} is no demo: it was set up for real and is left alone.")
    if portal_runs(data):
        sys.exit("The portal is running with this data. Stop it first.")
    place = locate(data)
    if not (place.home / "postgres").exists():
        sys.exit(f"There is no database for {data}: nothing to reset.")
    say(f"This removes everything in the portal of {data}: documents, people, ledger, attachments.")
    if _answer() != "reset":
        sys.exit("Nothing was removed.")
    shutil.rmtree(place.home)
    for path in [data / name for name in OURS] + sorted(data.glob("beat-schedule*")):
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)
    say("Removed. The next 'make run' begins anew.")


def _answer() -> str:
    try:
        return input("Type 'reset' to go on: ").strip()
    except EOFError:  # nobody sits there
        say("")
        return ""


if __name__ == "__main__":
    main()
