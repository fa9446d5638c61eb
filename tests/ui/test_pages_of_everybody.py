"""Notices, jobs, outbox, comments, files, calendar and the demo's mailbox as people meet them."""

import uuid
from collections.abc import Callable

import pytest
from django.contrib.auth.models import Group
from django.core.files.base import ContentFile
from django.utils import timezone
from playwright.sync_api import Page, expect

from core import attachments, catalog, comments, jobs
from core.models import Job, OutboxMessage
from core.notices import tell
from core.outbox import post_mail
from tests.browser import enter
from tests.cast import released

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def sign_in(page: Page, live_server: object) -> Callable:
    return lambda person: enter(page.context, live_server, person)


@pytest.fixture
def entry(author, owner, approver, reader):
    entry = catalog.entry_of(released(author, owner, approver).document)
    said = comments.add(entry, by=reader, text="How cold is cold?")
    comments.add(entry, by=owner, text="@Rita Reader below five degrees.", thread=said.comment)
    attachments.store(ContentFile(b"frozen peas", "list.txt"), entry, by=owner)
    return entry


@pytest.fixture
def addresses(entry, owner, settings):
    settings.PORTAL_DEMO = True
    tell([owner], "asked", "You are asked to decide on SOP-INB-002", occasion="1", url="/")
    post_mail(owner, "You are asked to decide", "Decide: http://localhost/", "<p>Decide</p>", key="a")
    OutboxMessage.objects.update(dead_at=timezone.now(), tries=11, last_error="550 no such mailbox")
    job = jobs.ask("core.read_attachment", by=owner, attachment="none")
    Job.objects.filter(pk=job.pk).update(state="running", done_count=3, total=9)
    mail = OutboxMessage.objects.get(key="a")
    return [
        "/notices/",
        "/me/notices/",
        "/me/calendar/",
        "/jobs/",
        f"/jobs/{job.pk}/",
        "/administration/outbox/",
        f"/comments/{entry.pk}/",
        f"/attachments/of/{entry.pk}/",
        "/demo/mailbox/",
        f"/demo/mailbox/{mail.pk}/",
    ]


@pytest.mark.long
def test_axe_finds_nothing(page, live_server, addresses, owner, sign_in, faults_in_every_look):
    owner.groups.add(*Group.objects.filter(name="administrator"))
    sign_in(owner)
    faults = {}
    for address in addresses:
        page.goto(f"{live_server}{address}")
        if found := faults_in_every_look(page, address.strip("/").replace("/", "-")):
            faults[address] = found
    assert faults == {}


def test_comments_load_when_seen_and_a_new_one_returns_to_the_record(page, live_server, entry, reader, sign_in):
    sign_in(reader)
    page.goto(f"{live_server}{entry.url}")
    page.get_by_role("heading", name="Comments").scroll_into_view_if_needed()
    expect(page.get_by_text("below five degrees")).to_be_visible()
    page.get_by_label("New comment").fill("Thank you.")
    page.get_by_role("button", name="Comment", exact=True).click()
    page.get_by_role("heading", name="Comments").scroll_into_view_if_needed()
    expect(page.get_by_text("Thank you.")).to_be_visible()
    assert page.url.startswith(f"{live_server}{entry.url}")


def test_after_a_swap_the_new_count_is_said_and_the_focus_is_where_it_was(page, live_server, entry, reader, sign_in):
    sign_in(reader)
    page.goto(f"{live_server}/comments/{entry.pk}/")
    page.wait_for_load_state("networkidle")  # htmx comes last
    send = page.get_by_role("button", name="Comment", exact=True)
    send.press("Enter")
    field = page.get_by_label("New comment")
    expect(field).to_be_focused()
    expect(field).to_have_accessible_description("@ and a name calls a colleague Error: Enter a comment.")
    expect(field).to_have_attribute("aria-invalid", "true")
    field.fill("Thank you.")
    send.press("Enter")
    expect(page.locator("#live")).to_have_text("2 open comments")
    expect(send).to_be_focused()


def test_a_menu_from_an_address_says_that_it_is_open(page, live_server, reader, sign_in):
    sign_in(reader)
    page.goto(f"{live_server}/keys/")
    bell = page.get_by_role("link", name="Notifications")
    bell.click()
    expect(page.locator("#notices")).to_be_visible()
    expect(bell).to_have_attribute("aria-expanded", "true")
    page.keyboard.press("Escape")
    expect(bell).to_have_attribute("aria-expanded", "false")
    expect(bell).to_be_focused()


def test_without_css_anchors_a_menu_stands_under_its_opener(page, live_server, reader, sign_in):
    """As in browsers a few years old, such as Firefox ESR 140."""
    tell([reader], "asked", "You are asked to decide on a procedure with a long name", occasion="1", url="/")
    sign_in(reader)
    page.add_init_script("CSS.supports = words => !words.includes('position-area')")
    page.goto(f"{live_server}/keys/")
    page.evaluate(
        """() => { const sheet = new CSSStyleSheet(); sheet.replaceSync('.menu { position-area: none !important }');
        document.adoptedStyleSheets = [sheet] }"""
    )
    bell = page.get_by_role("link", name="Notifications")
    bell.click()
    expect(page.locator("#notices")).to_be_visible()
    opener, menu = bell.bounding_box(), page.locator("#notices").bounding_box()
    assert menu["y"] >= opener["y"] + opener["height"]
    assert abs(menu["x"] + menu["width"] - opener["x"] - opener["width"]) < 1


def test_comments_are_not_printed(page, live_server, entry, reader, sign_in):
    sign_in(reader)
    page.goto(f"{live_server}{entry.url}")
    heading = page.get_by_role("heading", name="Comments")
    expect(heading).to_be_visible()
    page.emulate_media(media="print")
    expect(heading).to_be_hidden()
    page.emulate_media(media="screen")


def test_a_file_that_is_not_chosen_yet_is_no_error(page, live_server, entry, owner, sign_in):
    sign_in(owner)
    page.goto(f"{live_server}/attachments/of/{entry.pk}/")
    assert not page.get_by_label("File").evaluate("field => field.matches(':user-invalid')")
    page.get_by_role("button", name="Attach file").click()
    expect(page.locator(".errors")).to_be_focused()


def test_typing_a_name_after_an_at_suggests_colleagues_by_keyboard(page, live_server, entry, reader, approver, sign_in):
    sign_in(reader)
    page.goto(f"{live_server}/comments/{entry.pk}/")
    asked = []
    page.on("request", lambda request: asked.append(request.url) if "/people/suggest" in request.url else None)
    field = page.get_by_label("New comment")
    field.focus()
    with page.expect_response(lambda answer: answer.url.endswith("q=Qui")) as answer:  # after those to shorter names
        page.keyboard.type("See @Qui")
    answer.value.finished()
    expect(page.get_by_role("option", name="Quinn Approver")).to_be_visible()
    expect(page.get_by_role("textbox", name="New comment")).to_be_focused()  # of many lines: not a combobox
    expect(page.locator("#live")).to_contain_text("Quinn Approver")
    assert {address.partition("q=")[2] for address in asked} <= {"Qu", "Qui"}, (
        "other words of a comment are nobody's name"
    )
    page.keyboard.press("Enter")
    page.keyboard.type("please")
    expect(field).to_have_value(f"See @Quinn Approver <{approver.email}> please")
    page.get_by_role("button", name="Comment", exact=True).click()
    expect(page.get_by_text("See @Quinn Approver please")).to_be_visible()


def test_the_end_of_long_work_is_said(page, live_server, reader, sign_in):
    job = jobs.ask("core.read_attachment", by=reader, attachment=str(uuid.uuid4()))
    sign_in(reader)
    page.goto(f"{live_server}{job.get_absolute_url()}")
    page.wait_for_load_state("networkidle")  # htmx comes last
    stop = page.get_by_role("button", name="Stop this work")
    stop.focus()
    page.wait_for_event("response", lambda answer: answer.url.endswith(job.get_absolute_url()))
    expect(stop).to_be_focused()
    Job.objects.filter(pk=job.pk).update(state="done", finished_at=timezone.now())
    expect(page.locator("#live")).to_have_text("Done")


def test_progress_moves_although_the_page_was_long_in_coming(page, live_server, reader, sign_in):
    job = jobs.ask("core.read_attachment", by=reader, attachment=str(uuid.uuid4()))
    sign_in(reader)
    held = []
    page.route("**/fonts/*", lambda route: held.append(route))
    page.goto(f"{live_server}{job.get_absolute_url()}", wait_until="domcontentloaded")
    page.wait_for_timeout(1000)  # scripts come, the page is not complete yet
    for route in held:
        route.continue_()
    expect(page.get_by_role("button", name="Stop this work")).to_be_visible()
    jobs.run_waiting()
    expect(page.get_by_role("button", name="Stop this work")).to_have_count(0)


def test_the_bell_opens_what_is_new(page, live_server, entry, owner, sign_in):
    tell([owner], "asked", "You are asked to decide on SOP-INB-002", occasion="1", url="/notices/")
    sign_in(owner)
    page.goto(f"{live_server}/me/notices/")
    page.get_by_role("link", name="unread").click()
    expect(page.get_by_role("link", name="You are asked to decide on SOP-INB-002")).to_be_visible()


def test_a_file_is_attached_and_removed_in_the_browser(page, live_server, entry, owner, sign_in, tmp_path):
    sheet = tmp_path / "sheet.csv"
    sheet.write_text("a,b\n1,2\n")
    sign_in(owner)
    page.goto(f"{live_server}/attachments/of/{entry.pk}/")
    page.get_by_label("File", exact=True).set_input_files(sheet)
    page.get_by_role("button", name="Attach file").click()
    page.goto(f"{live_server}/attachments/of/{entry.pk}/")
    expect(page.get_by_role("link", name="sheet.csv")).to_be_visible()
    page.get_by_role("button", name="Remove sheet.csv").click()
    page.goto(f"{live_server}/attachments/of/{entry.pk}/")
    expect(page.get_by_role("link", name="sheet.csv")).to_have_count(0)
