"""A browser before the small portal of `editor_server`, and a page that tells what went wrong in it."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page

from tests.editor.editor_server import EditorPortal


@pytest.fixture(scope="session")
def editor_portal() -> Iterator[EditorPortal]:
    """The pretended portal, at one address for all tests: what the browser keeps of its scripts stays good."""
    portal = EditorPortal()
    yield portal
    portal.stop()


@pytest.fixture
def portal(editor_portal: EditorPortal) -> EditorPortal:
    """The pretended portal, with a fresh draft."""
    editor_portal.begin()
    return editor_portal


@pytest.fixture
def troubles(page: Page) -> Iterator[list[str]]:
    """Script errors and violations of the content policy; none may happen in any test that opens the editor."""
    found: list[str] = []
    page.on("pageerror", lambda error: found.append(str(error)))
    page.on("console", lambda line: found.append(line.text) if "Content Security Policy" in line.text else None)
    page.add_init_script(
        "window.violations = []; document.addEventListener('securitypolicyviolation', e => "
        "window.violations.push(e.violatedDirective + ' ' + e.blockedURI + ' ' + e.sample))"
    )
    yield found
    if not page.is_closed():
        found += page.evaluate("window.violations ?? []")
    assert found == []


@pytest.fixture
def edit(page: Page, portal: EditorPortal, troubles: list[str]) -> Callable[..., Page]:
    """Open a text in the editor: `edit("<p>…</p>")`."""

    def open_editor(body: str | None = None, **state) -> Page:
        if body is not None:
            portal.draft.body = body
        for name, value in state.items():
            setattr(portal.draft, name, value)
        page.goto(portal.url)
        page.wait_for_function("document.querySelector('procedure-editor').surface")
        return page

    return open_editor


@pytest.fixture
def text_now(page: Page) -> Callable[[], str]:
    """The HTML that a save would send, once what was pressed is done: a dialog tells of its end a moment later."""
    return lambda: page.evaluate(
        """() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(
             () => done(document.querySelector('procedure-editor').surface.html)))))"""
    )


@pytest.fixture
def put_cursor(page: Page) -> Callable[..., None]:
    """Put the cursor behind some words of the text, or before them."""

    def put(words: str, *, before: bool = False) -> None:
        page.evaluate(
            """([words, before]) => {
              const { editor } = document.querySelector('procedure-editor').surface;
              let at = null;
              editor.state.doc.descendants((node, pos) => {
                const found = node.isText ? node.text.indexOf(words) : -1;
                if (found >= 0 && at === null) at = pos + found + (before ? 0 : words.length);
              });
              editor.view.focus();
              editor.commands.setTextSelection(at);
            }""",
            [words, before],
        )

    return put
