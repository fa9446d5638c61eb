"""A table of a procedure on a phone: it scrolls in its own box, and no word of it is broken."""

import pytest
from django.urls import reverse
from playwright.sync_api import Page

from tests.browser import enter
from tests.cast import new_draft, retype

pytestmark = pytest.mark.django_db(transaction=True)
HEADS = ["Responsibilities", "Temperature", "Requirements", "Documentation", "Verification"]
ROW = "".join(f"<td>{word}</td>" for word in HEADS)
TABLE = f"<table><tbody><tr>{''.join(f'<th>{word}</th>' for word in HEADS)}</tr><tr>{ROW}</tr></tbody></table>"
ONE_LINE = "cells => cells.every(cell => cell.clientHeight < 2 * parseFloat(getComputedStyle(cell).lineHeight))"


@pytest.mark.parametrize("address", ["page", "edit"])
def test_words_of_a_wide_table_stay_whole_and_the_page_does_not_grow(
    page: Page, live_server, author, owner, address
) -> None:
    version = retype(new_draft(author, owner), author, f"<p>Before</p>{TABLE}".encode())
    enter(page.context, live_server, author)
    page.set_viewport_size({"width": 390, "height": 844})
    code = version.document.code
    where = (
        reverse("documents:edit", args=[code, 1])
        if address == "edit"
        else reverse("documents:version-page", args=[code, 1])
    )
    page.goto(live_server.url + where)
    page.locator(".prose table th").first.wait_for()
    assert page.locator(".prose :is(th, td)").evaluate_all(ONE_LINE)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert page.locator(".prose table").evaluate("table => table.offsetWidth > innerWidth")
    if address == "page":
        box = page.get_by_role("group", name="Table")
        box.focus()
        page.keyboard.press("ArrowRight")
        page.wait_for_function("box => box.scrollLeft > 0", arg=box.element_handle())
