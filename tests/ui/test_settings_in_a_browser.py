"""Approval routes and kinds as an administrator meets them: both themes, desk and phone, keys, without script."""

from collections.abc import Callable

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from documents.kind_rules import fingerprint, save_kind
from documents.models import KindSettings, RouteTemplate
from documents.routing import StepSetting, save_route, steps_of
from people.groups import ensure_groups
from people.models import JobRole
from tests.browser import enter

pytestmark = pytest.mark.django_db(transaction=True)

WIDTHS = {"desk": {"width": 1440, "height": 1000}, "phone": {"width": 390, "height": 844}}


@pytest.fixture(autouse=True)
def groups(transactional_db: None) -> None:
    """The groups as the code has them, before anybody joins one."""
    ensure_groups()


@pytest.fixture
def route(groups, administrator, approver, owner, department) -> RouteTemplate:
    role = JobRole.objects.create(name="Dock lead")
    steps = [
        StepSetting("Checked on the floor", "any", 1, 5, [owner], [role]),
        StepSetting("Approved for use", people=[approver], by_owner=True),
    ]
    template = RouteTemplate()
    values = {"name": "SOPs of Inbound", "kind": "sop", "department": department}
    save_route(template, by=administrator, values=values, steps=steps)
    save_kind("sop", by=administrator, values={"review_months": 12}, seen=fingerprint(KindSettings.of("sop")))
    return RouteTemplate.objects.get(pk=template.pk)


@pytest.mark.long
def test_axe_finds_nothing(
    page: Page, live_server, faults_in_every_look: Callable, route, administrator, author
) -> None:
    here = [reverse(f"documents:{name}", args=[route.pk]) for name in ("route", "route-change")]
    kind = reverse("documents:kind", args=["sop"])
    walks = {
        administrator: ["/administration/", reverse("documents:routes"), *here, reverse("documents:kinds"), kind],
        author: ["/administration/", kind, reverse("documents:routes") + "?show=retired"],
    }
    faults = {}
    for person, addresses in walks.items():
        enter(page.context, live_server, person)
        for address in addresses:
            page.goto(f"{live_server}{address}")
            if found := faults_in_every_look(page):
                faults[address] = found
    assert faults == {}


def test_steps_are_put_in_order_by_keyboard_and_stored_so(page: Page, live_server, route, administrator) -> None:
    enter(page.context, live_server, administrator)
    page.goto(f"{live_server}{reverse('documents:route-change', args=[route.pk])}")
    page.get_by_role("button", name="Move step 2 up").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#live")).to_have_text("Moved to position 1 of 2")
    expect(page.get_by_label("What they sign for").first).to_have_value("Approved for use")
    page.get_by_label("What they sign for").first.press("Alt+ArrowDown")
    expect(page.locator("#live")).to_have_text("Moved to position 2 of 2")
    page.get_by_role("button", name="Move step 1 down").focus()
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Save", exact=True).last.click()
    expect(page.get_by_role("heading", name="Where it is used")).to_be_visible()
    assert [step.meaning for step in steps_of(route)] == ["Approved for use", "Checked on the floor"]


def test_no_step_stays_undrawn_because_it_is_a_size_container_in_a_fieldset(
    page: Page, live_server, route, administrator
) -> None:
    """Chromium drew one page in ten without its steps when it came in pieces: a size container in a fieldset."""
    enter(page.context, live_server, administrator)
    page.goto(f"{live_server}{reverse('documents:route-change', args=[route.pk])}")
    assert page.locator("fieldset .panel").count() == 2
    kinds = "[...document.querySelectorAll('fieldset *')].map(one => getComputedStyle(one).containerType)"
    assert set(page.evaluate(kinds)) == {"normal"}


def test_enter_in_a_field_saves_and_moves_nothing(page: Page, live_server, route, administrator) -> None:
    enter(page.context, live_server, administrator)
    page.goto(f"{live_server}{reverse('documents:route-change', args=[route.pk])}")
    page.get_by_label("Name", exact=True).fill("Renamed")
    page.get_by_label("Name", exact=True).press("Enter")
    expect(page.get_by_role("heading", name="Renamed")).to_be_visible()
    assert [step.meaning for step in steps_of(route)] == ["Checked on the floor", "Approved for use"]


def test_a_route_is_made_without_script(browser, live_server, administrator, approver, owner) -> None:
    context = browser.new_context(java_script_enabled=False)
    enter(context, live_server, administrator)
    page = context.new_page()
    page.goto(f"{live_server}/administration/")
    page.get_by_role("link", name="Approval routes").click()
    page.get_by_role("link", name="Add the first route").click()
    page.get_by_label("Name", exact=True).fill("Everything")
    page.get_by_label("What they sign for").fill("Approved")
    page.get_by_label("People").fill(approver.email)
    meanings = page.get_by_label("What they sign for")
    page.get_by_role("button", name="Add a step").click()
    expect(meanings).to_have_count(2)  # each press is a page of its own, which must have come before the next one
    expect(page.get_by_label("Name", exact=True)).to_have_value("Everything")
    meanings.nth(1).fill("Checked")
    page.get_by_label("People").nth(1).fill(owner.email)
    page.get_by_role("button", name="Move step 2 up").click()
    expect(meanings.first).to_have_value("Checked")
    page.get_by_role("button", name="Add a step").click()
    expect(meanings).to_have_count(3)
    page.get_by_role("button", name="Remove step 3").click()
    expect(meanings).to_have_count(2)
    page.get_by_role("button", name="Save", exact=True).last.click()
    expect(page.get_by_role("heading", name="Where it is used")).to_be_visible()
    made = RouteTemplate.objects.get(name="Everything")
    assert [(step.meaning, step.people) for step in steps_of(made)] == [("Checked", [owner]), ("Approved", [approver])]
    context.close()
