"""Whether the data in a folder are a demo's or an organisation's own: decided at set-up, and kept beside them."""

from pathlib import Path

FILE = "mode"
DEMO, LIVE = "demo", "live"


def mode_of(data: Path) -> str:
    """Give "demo", "live", or an empty text while nothing was decided."""
    try:
        return (data / FILE).read_text().strip()
    except FileNotFoundError:
        return ""


def decide(data: Path, mode: str) -> None:
    """Keep what the data are; what was set up for real never becomes a demo."""
    if mode_of(data) in (LIVE, mode):
        return
    data.mkdir(mode=0o700, parents=True, exist_ok=True)
    (data / FILE).write_text(mode + "\n")
