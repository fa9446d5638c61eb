"""Importing procedures as an officer meets it: both themes, desk and phone, without script."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from core.jobs import run_waiting
from documents.models import Document
from people.groups import ensure_groups
from people.models import Person
from tests.browser import enter

pytestmark = pytest.mark.django_db(transaction=True)

RECEIVING = """---
title: Receiving cold goods
number: SOP-INB-014
version: 3.1
effective: 2024-03-01
approved_by: Quinn Approver
owner: Nobody Known
---
![The bay](bay.png)

1. Open the bay.
2. Measure.
"""


@pytest.fixture(autouse=True)
def files_of_this_test(settings: Any, tmp_path_factory: pytest.TempPathFactory) -> None:
    settings.MEDIA_ROOT = tmp_path_factory.mktemp("media")


@pytest.fixture
def officer(make_person: Callable[..., Person]) -> Person:
    ensure_groups()
    return make_person("Olga Officer", "staff", "officer")


@pytest.fixture
def files(tmp_path: Path) -> list[Path]:
    """Two files that come in and one that is refused."""
    texts = {
        "receiving.md": RECEIVING,
        "scale.md": "# The scale\n\nTwice a day.\n",
        "rival.md": "---\nnumber: SOP-INB-014\n---\n# Rival\n\nText.\n",
    }
    for name, text in texts.items():
        (tmp_path / name).write_text(text)
    return [tmp_path / name for name in texts]


def choose(page: Page, live_server: Any, files: list[Path]) -> None:
    page.goto(f"{live_server}/documents/")
    page.get_by_role("link", name="Import", exact=True).first.click()
    page.get_by_label("Files").set_input_files(files)


def work(page: Page) -> None:
    """What the worker does, once the page says that it waits for it."""
    expect(page.get_by_text("You can leave this page")).to_be_visible()
    run_waiting()


def test_the_whole_way_in_a_browser_without_script(
    browser: Any, live_server: Any, officer: Person, files: list[Path]
) -> None:
    context = browser.new_context(java_script_enabled=False)
    enter(context, live_server, officer)
    page = context.new_page()
    choose(page, live_server, files)
    page.get_by_role("button", name="Look at what would happen").click()
    work(page)
    page.get_by_role("link", name="Look again").click()
    expect(page.get_by_text("Nothing has changed yet")).to_be_visible()
    expect(page.get_by_role("row", name="rival.md")).to_contain_text("Refused")
    page.get_by_role("button", name="Import them").click()
    work(page)
    page.get_by_role("link", name="Look again").click()
    page.get_by_role("link", name="SOP-INB-014").first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Receiving cold goods")
    page.go_back()
    page.get_by_role("button", name="Undo this import").click()
    work(page)
    page.get_by_role("link", name="Look again").click()
    expect(page.get_by_role("row", name="scale.md")).to_contain_text("Undone")
    assert not any(document.open_version() for document in Document.objects.all())
    context.close()


@pytest.mark.long
def test_axe_finds_nothing_on_any_step(
    page: Page, live_server: Any, officer: Person, files: list[Path], faults_in_every_look: Callable
) -> None:
    enter(page.context, live_server, officer)
    said: list[str] = []
    page.on("console", lambda line: said.append(line.text) if line.type in {"error", "warning"} else None)
    faults: dict[str, list[str]] = {}

    def look(step: str) -> None:
        if found := faults_in_every_look(page, f"import-{step}"):
            faults[step] = found

    choose(page, live_server, files)
    look("form")
    page.get_by_role("button", name="Look at what would happen").click()
    expect(page.get_by_text("Waiting for its turn")).to_be_visible()
    look("waiting")
    run_waiting()
    expect(page.get_by_text("Nothing has changed yet")).to_be_visible()
    page.locator("summary").first.click()
    look("checked")
    page.get_by_role("button", name="Import them").click()
    work(page)
    expect(page.get_by_role("button", name="Undo this import")).to_be_visible()
    look("applied")
    page.get_by_role("button", name="Undo this import").click()
    work(page)
    expect(page.get_by_role("link", name="Import again")).to_be_visible()
    look("undone")
    assert faults == {}
    assert said == []


def test_what_must_be_imported_alone_is_said_as_soon_as_files_are_chosen(
    page: Page, live_server: Any, officer: Person, files: list[Path], tmp_path: Path
) -> None:
    enter(page.context, live_server, officer)
    lines = tmp_path / "corpus.jsonl"
    lines.write_text('{"id": "a", "title": "A", "body": "A"}\n')
    choose(page, live_server, files)
    expect(page.get_by_text("An archive and JSON lines are imported alone.")).to_be_visible()
    words = page.get_by_text("Import an archive or a .jsonl file on its own.")
    expect(words).to_have_count(0)
    page.get_by_label("Files").set_input_files([*files, lines])
    expect(words).to_be_visible()
    page.get_by_label("Files").set_input_files([lines])
    expect(words).to_have_count(0)
