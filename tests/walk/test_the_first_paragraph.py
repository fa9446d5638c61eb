"""The walk that the portal exists for, in a real browser from sign-in to the reminder in the mailbox.

An officer starts a procedure, writes it in the editor and sends it for approval; an approver signs it on a phone,
straight from the mail's link; staff find and read the version that is valid now; when its review falls due, the owner
is reminded by mail and follows the link.
"""

import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect

from actions.reminders import remind
from core.digests import mail_notices
from core.ledger import seal
from core.ledger_check import check_ledger
from core.models import OutboxMessage
from core.outbox import relay
from documents.models import Document, RouteTemplate, RouteTemplateStep
from documents.reviewing import ask_for_due_reviews
from people.changing import set_groups
from people.groups import ensure_groups
from people.models import Department, Person
from tests.cast import PASSWORD

pytestmark = pytest.mark.django_db(transaction=True)

DESK = {"width": 1440, "height": 1000}
PHONE = {"width": 390, "height": 844}
BODY = "Weigh each pallet before it leaves the dock."


@pytest.fixture
def organisation(settings: Any, live_server: Any, tmp_path: Any) -> dict[str, Person]:
    """Four people, a department, and the rule that the approver decides on SOPs."""
    settings.PORTAL_DEMO = True
    settings.PORTAL_BASE_URL = str(live_server)
    settings.PORTAL_LEDGER_ANCHOR = tmp_path / "ledger.anchor"
    ensure_groups()
    department = Department.objects.create(name="Outbound", code="OUT")
    people = {}
    for name, groups in {
        "Olga Officer": ("staff", "officer"),
        "Otto Owner": ("staff", "owner"),
        "Anna Approver": ("staff", "manager"),
        "Sam Staff": ("staff",),
    }.items():
        person = Person.objects.create_user(
            f"{name.split()[1].lower()}@example.org", PASSWORD, name=name, department=department
        )
        set_groups(person, groups)
        person.save()
        people[name.split()[1].lower()] = person
    template = RouteTemplate.objects.create(name="SOPs", kind="sop")
    RouteTemplateStep.objects.create(template=template, meaning="Approved for use").people.add(people["approver"])
    return people


@pytest.fixture
def sign_in(browser: Browser, live_server: Any) -> Iterator[Callable[..., Page]]:
    """sign_in(person, viewport, address) → a page in a browser of their own, signed in through the form."""
    contexts = []

    def enter(person: Person, viewport: dict[str, int], address: str = "/") -> Page:
        context = browser.new_context(viewport=viewport, base_url=str(live_server))
        contexts.append(context)
        page = context.new_page()
        page.goto(address)
        page.get_by_label("E-mail").first.fill(person.email)
        page.get_by_label("Password").first.fill(PASSWORD)
        page.locator("form button.btn--primary").click()
        page.wait_for_load_state()
        return page

    yield enter
    for context in contexts:
        context.close()


def send_what_is_due() -> None:
    """What beat and the worker do every few minutes."""
    ask_for_due_reviews()
    remind()
    mail_notices()
    relay()


def link_in_mail_to(person: Person, words: str) -> str:
    """The address in the newest mail to this person that speaks of ``words``."""
    mail = OutboxMessage.objects.filter(recipient=person.email, text__icontains=words).order_by("-pk").first()
    assert mail is not None, f"No mail to {person} about {words}: {list(OutboxMessage.objects.values_list('text'))}"
    assert mail.sent_at
    return re.search(r"https?://\S+", mail.text)[0]


@pytest.mark.long
def test_a_procedure_lives_its_life_from_the_first_word_to_the_reminder(
    organisation: dict[str, Person], sign_in: Callable[..., Page]
) -> None:
    officer = sign_in(organisation["officer"], DESK, "/documents/new/")
    officer.get_by_label("Title").fill("Weighing pallets")
    officer.get_by_label("Owner").fill("owner@example.org")
    officer.get_by_role("button", name="Start the draft").click()

    officer.locator("procedure-editor [contenteditable=true]").click()
    officer.keyboard.type(BODY)
    expect(officer.locator("[data-savestate], .savestate").first).to_contain_text("Saved", timeout=15_000)
    officer.get_by_role("button", name="Submit for review").click()
    officer.wait_for_url("**/submit/")
    officer.get_by_role("button", name="Submit for review").click()
    expect(officer.locator(".record__code .state", has_text="In review")).to_be_visible()

    document = Document.objects.get(title="Weighing pallets")
    assert document.code == "SOP-OUT-001"
    send_what_is_due()
    approver = sign_in(organisation["approver"], PHONE, link_in_mail_to(organisation["approver"], "decide"))
    expect(approver.get_by_text(BODY)).to_be_visible()
    approver.get_by_label("Approve", exact=True).check()
    approver.get_by_label("Your password").fill(PASSWORD)
    approver.get_by_role("button", name="Sign and send the decision").click()
    expect(approver.locator(".record__code .state", has_text="Effective")).to_be_visible()

    staff = sign_in(organisation["staff"], DESK)
    staff.locator("body").press("/")
    staff.keyboard.type("wieghing palets")
    staff.keyboard.press("Enter")
    staff.wait_for_url("**/search?**")
    staff.get_by_role("link", name="Weighing pallets").first.click()
    expect(staff.get_by_role("heading", level=1)).to_have_text("Weighing pallets")
    expect(staff.get_by_text(BODY)).to_be_visible()
    expect(staff.locator(".record__code", has_text="Version 1.0")).to_be_visible()

    owner = sign_in(organisation["owner"], DESK, f"/documents/{document.code}/facts/")
    owner.get_by_label("Next review").fill((timezone.localdate() + timedelta(days=1)).isoformat())
    owner.get_by_role("button", name="Save").click()
    send_what_is_due()
    owner.goto("/demo/mailbox/")
    owner.get_by_role("link", name=re.compile(document.code)).first.click()
    owner.get_by_role("link", name=re.compile("http")).first.click()
    expect(owner.get_by_role("heading", level=1)).to_have_text("Is it still right?")
    owner.get_by_label("Reviewed, no change").check()
    owner.get_by_label("Your password").fill(PASSWORD)
    owner.get_by_role("button", name="Record the review").click()
    expect(owner.locator("#toasts").get_by_text("The review was recorded.")).to_be_visible()

    seal()
    report = check_ledger()
    assert report.findings == []
    assert report.lines >= 6
