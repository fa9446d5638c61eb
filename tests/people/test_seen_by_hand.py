"""What was found by walking through the portal by hand, so that it stays mended."""

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from core.models import OutboxMessage
from core.outbox import post_mail
from documents.drafting import UploadedContent, start_document
from people.groups import ensure_groups
from people.models import Person
from tests.cast import PASSWORD
from tests.documents.test_signing_in_a_browser import sign_in

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def cast(db):
    """The groups as the code has them, before anybody joins one."""
    ensure_groups()


@pytest.fixture
def phone(page):
    page.set_viewport_size({"width": 390, "height": 844})
    return page


def scrolls_sideways(page):
    return page.evaluate("document.documentElement.scrollWidth > innerWidth")


def test_the_hash_of_a_file_and_the_head_of_a_mail_break_on_a_phone(
    phone, live_server, cast, settings, author, owner, administrator
):
    settings.PORTAL_DEMO = True
    content = UploadedContent("rules.txt", b"Paid by the hour.", "text/plain", "Paid by the hour.")
    version = start_document(by=author, owner=owner, kind="sop", title="Pay", file=content)
    post_mail(administrator, "News", "Text", key="news", headers={"List-Unsubscribe": f"<http://x/{'y' * 120}>"})
    sign_in(phone, live_server, author)
    phone.goto(live_server.url + version.get_absolute_url())
    expect(phone.get_by_text("This document is a file")).to_be_visible()
    assert not scrolls_sideways(phone)
    phone.goto(live_server.url + reverse("core:mail", args=[OutboxMessage.objects.get().pk]))
    expect(phone.get_by_text("List-Unsubscribe")).to_be_visible()
    assert not scrolls_sideways(phone)


def test_a_long_list_of_what_a_leaver_held_is_folded_above_the_form(page, live_server, cast, administrator, owner):
    for number in range(30):
        Person.objects.create_user(f"r{number}@example.org", None, name=f"Report {number:02}", manager=owner)
    sign_in(page, live_server, administrator)
    page.goto(live_server.url + reverse("people:hand-over", args=[owner.pk]))
    expect(page.get_by_text("22 more")).to_be_visible()
    expect(page.get_by_text("Report 29")).to_be_hidden()
    page.get_by_text("22 more").click()
    expect(page.get_by_text("Report 29")).to_be_visible()


def test_signing_in_says_nothing_that_is_plain_to_see(page, live_server, cast, reader):
    page.goto(live_server.url + reverse("account_login"))
    page.get_by_label("Work e-mail").fill(reader.email)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.wait_for_url(lambda address: "login" not in address)
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    assert page.locator(".toast").count() == 0
