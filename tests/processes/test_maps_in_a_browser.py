"""A map lives its life in a browser: read by keyboard and on a phone without script, drawn, judged, signed, read."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.urls import reverse
from playwright.sync_api import Browser, Page, expect

from documents.drafting import open_draft, start_document
from documents.models import Version
from documents.submission import StepPlan, submit
from people.models import Person
from tests.axe import faults
from tests.browser import enter
from tests.cast import approve, signed

MAPS = Path(__file__).parents[2] / "portal" / "demo" / "maps"
NARROW = {"width": 390, "height": 844}

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def drawn(author: Person) -> Version:
    body = (MAPS / "map-inb-001-1.bpmn").read_bytes()
    return start_document(kind="map", by=author, title="Receive cold goods", body=body)


def test_map_is_read_by_keyboard_in_flow_order(
    live_server: Any, page: Page, author: Person, drawn: Version, axe_violations: Callable[..., list[str]]
) -> None:
    enter(page.context, live_server, author)
    for theme in ("light", "dark"):
        page.emulate_media(color_scheme=theme)  # type: ignore[arg-type]
        page.goto(f"{live_server}{drawn.get_absolute_url()}")
        assert axe_violations() == []
    page.locator(".map__canvas").focus()
    names = []
    for _tab in range(3):
        page.keyboard.press("Tab")
        names.append(page.evaluate("document.activeElement.querySelector('title').textContent"))
    assert names[0].startswith("Start event (message) Vehicle arrives, lane Dock team")
    assert names[1] == "User task Check seal and booking, lane Dock team, leads to Seal intact, booking found?"
    assert names[2].startswith("Decision Seal intact, booking found?")
    page.keyboard.press("Enter")
    expect(page.locator("#element h2")).to_have_text("Seal intact, booking found?")
    assert "element=seal" in page.url
    expect(page.locator(".mark.picked")).to_be_visible()


def test_map_is_read_on_a_phone_without_script(
    live_server: Any, browser: Browser, author: Person, drawn: Version
) -> None:
    context = browser.new_context(viewport=NARROW, java_script_enabled=False)
    enter(context, live_server, author)
    page = context.new_page()
    page.goto(f"{live_server}{drawn.get_absolute_url()}")
    outline, canvas = page.locator("#outline").bounding_box(), page.locator(".map__canvas").bounding_box()
    assert outline is not None
    assert canvas is not None
    assert outline["y"] < canvas["y"]
    assert page.locator("body").bounding_box()["width"] <= 390  # type: ignore[index]
    page.locator("#outline").get_by_role("link", name="Unload to cold dock", exact=True).click()
    expect(page.locator("#element h2")).to_have_text("Unload to cold dock")
    context.close()


def test_change_is_drawn_submitted_judged_on_a_phone_and_read(
    live_server: Any, page: Page, author: Person, approver: Person, reader: Person, drawn: Version
) -> None:
    approve(drawn, author, approver)
    draft = open_draft(drawn.document, by=author, reason="Photograph the seal")
    enter(page.context, live_server, author)
    edit = reverse("documents:edit", args=[drawn.document.code, draft.sequence])
    page.goto(f"{live_server}{edit}")
    expect(page.locator(".djs-container .djs-shape[data-element-id=check]")).to_be_visible()
    expect(page.locator(".bjs-powered-by")).to_be_visible()
    page.locator("[data-element-id=check]").first.dblclick()
    page.keyboard.press("Control+A")
    page.keyboard.type("Check seal, booking and papers")
    page.locator(".djs-container svg").first.click(position={"x": 600, "y": 20})
    expect(page.locator("[data-savestate]")).to_contain_text("Saved")
    draft = Version.objects.select_related("content").get(pk=draft.pk)
    assert "Check seal, booking and papers" in draft.body_bytes().decode()
    route = submit(draft, by=author, plan=[StepPlan("Approved for use", people=[approver])])
    enter(page.context, live_server, approver)
    page.set_viewport_size(NARROW)  # type: ignore[arg-type]
    page.goto(f"{live_server}{reverse('documents:version-decide', args=[drawn.document.code, draft.sequence])}")
    expect(page.get_by_text("1 changed")).to_be_visible()
    expect(page.locator(".mark.edit").first).to_be_attached()
    assert faults(page) == []
    draft.refresh_from_db()
    route.decide("approve", by=approver, seen_hash=draft.manifest_hash, signature=signed(approver))
    enter(page.context, live_server, reader)
    page.goto(f"{live_server}{drawn.document.get_absolute_url()}")
    expect(page.get_by_role("link", name="Check seal, booking and papers").first).to_be_visible()
