"""Requirements and checklists as people meet them: imported and linked, drafted, edited by keyboard and approved."""

import json

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from audits.checklists.schema import read_checklist
from audits.models import Framework, RequirementLink
from core import jobs
from documents.drafting import start_document
from documents.models import Version
from people.groups import ensure_groups
from tests.browser import enter
from tests.cast import approve, released

pytestmark = pytest.mark.django_db(transaction=True)
STEPS = (
    b'<ol data-steps><li data-step="s-probe"><p>Check the probe</p></li>'
    b'<li data-step="s-door"><p>Close the door</p></li></ol>'
)
RULES = {
    "metadata": {"title": "Cold rules", "version": "1"},
    "groups": [
        {
            "id": "cc",
            "title": "Cold chain",
            "controls": [
                {"id": "cc-1", "title": "Receive", "parts": [{"name": "statement", "prose": "Goods stay cold."}]},
                {"id": "cc-2", "title": "Store", "props": [{"name": "label", "value": "CC-02"}]},
            ],
        }
    ],
}


@pytest.fixture(autouse=True)
def groups(transactional_db):
    """The groups as the code has them, before anybody joins one."""
    ensure_groups()


def fits(page):
    page.set_viewport_size({"width": 390, "height": 844})
    return not page.evaluate("document.documentElement.scrollWidth > innerWidth")


def test_a_framework_is_imported_and_linked(page, live_server, author, owner, approver, faults_in_every_look):
    document = released(author, owner, approver, body=STEPS).document
    enter(page.context, live_server, author)
    page.goto(live_server.url + reverse("audits:framework-import-new"))
    rules = json.dumps({"catalog": RULES}).encode()
    page.get_by_label("File").set_input_files({"name": "rules.json", "mimeType": "application/json", "buffer": rules})
    page.get_by_role("button", name="Preview import").click()
    jobs.run_waiting()
    expect(page.get_by_text("Not yet imported", exact=True)).to_be_visible()
    page.get_by_role("button", name="Import", exact=True).click()
    jobs.run_waiting()
    page.get_by_role("link", name="Open the library").click()
    page.locator("summary", has_text="Cold chain").click()
    page.get_by_role("link", name="CC-1 Receive").click()
    page.get_by_role("link", name="Link what fulfils it").click()
    page.get_by_label("Process or document").fill(document.code)
    page.get_by_role("button", name="Continue").click()
    page.get_by_label("Step or element").select_option(label="Check the probe")
    page.get_by_role("button", name="Save link").click()
    expect(page.get_by_text("Check the probe")).to_be_visible()
    assert RequirementLink.objects.get().part.key == "s-probe"
    assert faults_in_every_look(page, "requirement") == []
    assert fits(page)
    page.goto(live_server.url + Framework.objects.get().get_absolute_url())
    assert faults_in_every_look(page, "library") == []
    assert fits(page)


def test_a_checklist_is_drafted_edited_by_keyboard_and_approved(
    page, live_server, author, owner, approver, faults_in_every_look
):
    document = released(author, owner, approver, body=STEPS).document
    enter(page.context, live_server, author)
    page.goto(live_server.url + reverse("audits:checklist-draft") + f"?source=document&document={document.code}")
    page.get_by_role("button", name="Draft checklist").click()
    link = page.get_by_role("link", name="1.1 Check the probe: done as described?")
    page.wait_for_load_state("networkidle")  # before htmx came, a move would load the page anew
    link.focus()
    page.keyboard.press("Alt+ArrowDown")
    expect(page.get_by_role("link", name="1.2 Check the probe: done as described?")).to_be_focused()
    expect(page.locator("#live")).to_contain_text("Moved to position 2 of 2")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Question 1.2")).to_be_visible()
    page.get_by_label("Question", exact=True).fill("Warmest case")
    page.get_by_label("Type").select_option("number")
    expect(page.get_by_label("At most")).to_be_visible()
    page.get_by_label("At most").fill("7")
    page.get_by_label("Unit").fill("°C")
    page.get_by_role("button", name="Save question").click()
    expect(page.locator("#phone").get_by_text("≤ 7")).to_be_visible()
    assert faults_in_every_look(page, "checklist-edit") == []
    assert fits(page)
    version = Version.objects.get(document__kind="checklist")
    questions = list(read_checklist(version.body_bytes()).questions.values())
    assert [one.text for one in questions] == ["Close the door: done as described?", "Warmest case"]
    assert questions[1].step.key == "s-probe"
    page.get_by_role("button", name="Submit for approval").click()
    expect(page.get_by_role("button", name="Submit")).to_be_visible()
    approve(version, author, approver)
    page.goto(live_server.url + version.document.get_absolute_url())
    expect(page.get_by_text("Warmest case")).to_be_visible()
    assert faults_in_every_look(page, "checklist") == []
    assert fits(page)


def test_questions_are_dragged_and_save_themselves(page, live_server, author, owner):
    questions = [{"key": key, "text": f"Question {key}"} for key in "abc"]
    body = json.dumps({"sections": [{"key": "s", "title": "Dock", "questions": questions}]}).encode()
    version = start_document(kind="checklist", by=author, owner=owner, title="Dock audit", body=body)
    enter(page.context, live_server, author)
    page.goto(live_server.url + reverse("documents:edit", args=[version.document.code, 1]) + "?q=b")
    page.locator('[data-item="c"] [data-grip]').drag_to(
        page.locator('[data-item="a"]'), target_position={"x": 40, "y": 4}
    )
    expect(page.get_by_role("link", name="1.1 Question c")).to_be_visible()
    page.get_by_label("Question", exact=True).fill("Words that save themselves")
    expect(page.get_by_role("link", name="Words that save themselves")).to_be_visible()
    expect(page.locator("#form-said")).to_contain_text("Saved")
    version = Version.objects.select_related("content").get(pk=version.pk)
    texts = [one.text for one in read_checklist(version.body_bytes()).questions.values()]
    assert texts == ["Question c", "Question a", "Words that save themselves"]
