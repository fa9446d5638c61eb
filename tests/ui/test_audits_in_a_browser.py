"""Audits as people meet them on a phone: refused, run, found, acted on, signed."""

import io
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from PIL import Image
from playwright.sync_api import Page, expect

from actions.models import Action
from audits.models import Answer, Audit, Evidence, Finding
from core.jobs import run_waiting
from people.fields import written
from people.groups import ensure_groups
from processes.models import Process
from tests.audits.runs import day, make_checklist, running
from tests.browser import enter
from tests.cast import PASSWORD

pytestmark = pytest.mark.django_db(transaction=True)

PHONE = {"width": 390, "height": 844}


@pytest.fixture
def phone(page: Page) -> Page:
    page.set_viewport_size(PHONE)
    return page


@pytest.fixture
def process(transactional_db: None, owner) -> Process:
    ensure_groups()
    made = Process(code="P1", title="Receive cold goods", owner=owner)
    made.save(by=owner)
    return made


@pytest.fixture
def checklist(process, author, owner, approver):
    return make_checklist(author, owner, approver)


def photo() -> dict[str, Any]:
    out = io.BytesIO()
    Image.new("RGB", (900, 600), "green").save(out, "JPEG")
    return {"name": "IMG_1.jpg", "mimeType": "image/jpeg", "buffer": out.getvalue()}


@pytest.mark.long
def test_conflicted_auditor_is_refused(phone, live_server, process, checklist, auditor, owner, reader, axe_violations):
    enter(phone.context, live_server, auditor)
    phone.goto(f"{live_server}/audits/new/")
    phone.get_by_label("Title").fill("Cold chain walk")
    phone.get_by_label("Checklist").fill(checklist.code)
    phone.get_by_label("Processes").select_option(str(process.pk))
    phone.get_by_label("Owner of what is audited").fill(written(reader))
    phone.get_by_label("Lead auditor").fill(written(auditor))
    phone.get_by_label("Other auditors").fill(written(owner))
    phone.get_by_label("Starts on").fill(day(0).isoformat())
    phone.get_by_label("Ends on").fill(day(9).isoformat())
    phone.get_by_role("button", name="Create audit").click()
    expect(phone.get_by_role("alert")).to_contain_text("Omar Owner cannot audit this: owns P1")
    assert not Audit.objects.exists()
    assert axe_violations() == []
    phone.get_by_label("Other auditors").fill("")
    phone.get_by_role("button", name="Create audit").click()
    expect(phone.get_by_role("heading", level=1)).to_have_text("Cold chain walk")


@pytest.mark.long
def test_run_with_photo_and_failed_item_becomes_a_finding(
    phone, live_server, process, checklist, auditor, owner, faults_in_every_look
):
    audit = running(auditor, owner, checklist, processes=[process])
    enter(phone.context, live_server, auditor)
    phone.goto(f"{live_server}/audits/{audit.code}/run/")
    alarm = phone.locator("[data-question='q-alarm']")
    alarm.get_by_role("radio", name="No", exact=True).check()
    expect(phone.locator("#run-answered")).to_have_text("1")
    expect(phone.locator("#savestate")).to_contain_text("Saved")
    alarm.get_by_label("Note", exact=True).fill("Set to 9 minutes")
    alarm.get_by_label("Note", exact=True).blur()
    expect(phone.locator("#savestate")).to_contain_text("Saved")
    temperature = phone.locator("[data-question='q-temp']")
    temperature.locator("input[name=value]").fill("5 °C")
    temperature.locator("input[name=value]").blur()
    expect(temperature.locator("[data-error]:visible")).to_contain_text("without a unit")
    temperature.locator("input[name=value]").fill("5,4")
    temperature.locator("input[name=value]").blur()
    expect(phone.locator("#run-answered")).to_have_text("2")
    alarm.get_by_text("Photo or evidence").click()
    alarm.get_by_label("Photo", exact=True).set_input_files(photo())
    alarm.get_by_role("button", name="Add evidence").click()
    expect(phone.locator("[data-question='q-alarm'] .shot img")).to_be_visible()
    assert faults_in_every_look(phone, "audit-run") == []
    phone.get_by_role("link", name="Write finding").first.click()
    phone.get_by_role("button", name="Save finding").click()
    expect(phone.get_by_text("is published")).to_be_visible()
    finding = Finding.objects.get()
    assert (finding.process, finding.observation, finding.state) == (process, "Set to 9 minutes", "open")
    assert (Evidence.objects.count(), Answer.objects.current().count()) == (1, 2)


@pytest.mark.long
def test_finding_is_agreed_acted_on_verified_and_closed(
    phone, live_server, process, checklist, auditor, owner, reader, faults_in_every_look
):
    sent = {"title": "No label", "observation": "A pallet without a label", "grade": "minor", "audience": "everyone"}
    client = enter(phone.context, live_server, auditor)
    client.post("/findings/new/", sent | {"owner": written(owner), "process": f"{process.code} {process.title}"})
    finding = Finding.objects.get()
    address = f"{live_server}/findings/{finding.code}/"
    phone.goto(address)
    phone.get_by_role("button", name="Publish").click()
    enter(phone.context, live_server, owner)
    phone.goto(address)
    phone.get_by_role("link", name="Respond").click()
    phone.get_by_label("What will be done").fill("Label every pallet")
    phone.get_by_label("Until").fill((timezone.localdate() + timedelta(days=20)).isoformat())
    phone.get_by_role("button", name="Save").click()
    enter(phone.context, live_server, auditor)
    phone.goto(address)
    phone.get_by_role("button", name="Accept commitment").click()
    expect(phone.get_by_text("Accepted by both").first).to_be_visible()
    phone.get_by_role("link", name="Add action").click()
    phone.get_by_label("What is to be done").fill("Buy a printer")
    phone.get_by_label("Owner").fill(written(reader))
    phone.get_by_role("button", name="Save").click()
    action = Action.objects.get()
    enter(phone.context, live_server, reader)
    phone.goto(f"{live_server}/actions/{action.code}/")
    phone.get_by_role("link", name="Mark as done").click()
    phone.get_by_label("What was done").fill("It prints")
    phone.get_by_role("button", name="Mark as done").click()
    expect(phone.get_by_text("It prints").first).to_be_visible()
    expect(phone.get_by_role("link", name="Verify")).to_have_count(0)
    enter(phone.context, live_server, auditor)
    phone.goto(f"{live_server}/actions/{action.code}/")
    phone.get_by_role("link", name="Verify").click()
    phone.get_by_label("How you verified it").fill("Seen at the dock")
    phone.get_by_role("button", name="Verify").click()
    assert faults_in_every_look(phone, "action") == []
    run_waiting()
    phone.goto(address)
    expect(phone.locator(".record__code")).to_contain_text("Closed")
    assert faults_in_every_look(phone, "finding") == []


@pytest.mark.long
def test_report_is_signed_by_two_and_its_hash_verified(
    phone, live_server, process, checklist, auditor, owner, faults_in_every_look
):
    audit = running(auditor, owner, checklist)
    client = enter(phone.context, live_server, auditor)
    client.post(f"/audits/{audit.code}/run/q-alarm/answer/", {"value": "yes"})
    client.post(f"/audits/{audit.code}/run/q-temp/answer/", {"value": "5"})
    client.post(f"/audits/{audit.code}/moves/report/", {})
    phone.goto(f"{live_server}/audits/{audit.code}/")
    phone.get_by_role("link", name="Freeze report").click()
    phone.get_by_role("button", name="Freeze report").click()
    for person in (auditor, owner):
        enter(phone.context, live_server, person)
        phone.goto(f"{live_server}/audits/{audit.code}/reports/0/")
        expect(phone.get_by_text("Hash verified")).to_be_visible()
        phone.get_by_label("Your password").fill(PASSWORD)
        phone.get_by_role("button", name="Sign report").click()
        expect(phone.get_by_label("Your password")).to_have_count(0)
    audit.refresh_from_db()
    assert audit.state == "closed"
    assert faults_in_every_look(phone, "report") == []
    phone.goto(f"{live_server}/audits/{audit.code}/")
    assert faults_in_every_look(phone, "audit") == []
