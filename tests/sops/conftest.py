"""Where the shared test data lies."""

import os
from pathlib import Path

import pytest

HERE = Path(__file__).resolve()


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder with data and truth files, or a skip that says what is missing."""
    folder = Path(os.environ.get("PORTAL_TEST_DATA") or HERE.parents[3] / "shared" / "data")
    if not (folder / "sops" / "corpus.jsonl.gz").exists():
        pytest.skip(f"No shared test data in {folder}: set PORTAL_TEST_DATA to the folder that holds sops/.")
    return folder
