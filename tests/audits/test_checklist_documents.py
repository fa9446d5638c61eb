"""Checklists as controlled documents: edited act by act, drafted, read, compared and approved."""

import json

import pytest
from django.core.management import call_command
from django.urls import reverse

from audits.checklists.schema import read_checklist
from audits.models import Framework
from documents.drafting import open_draft, start_document
from documents.models import Document, Version
from tests.cast import approve, flat, new_draft, released

pytestmark = pytest.mark.django_db
STEPS = (
    b'<ol data-steps><li data-step="s-probe"><p>Check the probe</p></li>'
    b'<li data-step="s-door"><p>Close the door</p></li></ol>'
)
CONTENT = {
    "sections": [
        {
            "key": "dock",
            "title": "Dock",
            "questions": [{"key": "a", "text": "Door shut?"}, {"key": "b", "text": "Clean?"}],
        },
        {"key": "records", "title": "Records", "questions": [{"key": "c", "text": "Signed?", "critical": True}]},
    ]
}


@pytest.fixture
def version(author, owner):
    """A draft of a checklist with two sections and three questions."""
    return start_document(
        kind="checklist", by=author, owner=owner, title="Dock audit", body=json.dumps(CONTENT).encode()
    )


def edit_address(version):
    return reverse("documents:edit", args=[version.document.code, version.sequence])


def order_of(version):
    version = Version.objects.select_related("content").get(pk=version.pk)
    checklist = read_checklist(version.body_bytes())
    return {section.key: "".join(one.key for one in section.questions) for section in checklist.sections}


def send(client, version, op, **fields):
    return client.post(edit_address(version), {"op": op, **fields})


def typed(client, version, key):
    """The fields of the form as a browser would send them."""
    form = client.get(edit_address(version), {"q": key} if key else {"new": "dock"}).context["form"]
    fields = {}
    for field in form:
        value = field.value()
        if value not in (None, "", False, []):
            fields[field.html_name] = "on" if value is True else value
    context = client.get(edit_address(version), {"q": key} if key else {"new": "dock"}).context
    return fields | {"op": "question", "question": key, "base": context["base"], "section": context["section_key"]}


def question(version, key):
    version = Version.objects.select_related("content").get(pk=version.pk)
    return read_checklist(version.body_bytes()).questions[key]


def test_questions_move_by_buttons_into_the_next_section(version, author, browse):
    client = browse(author)
    assert send(client, version, "down:a").status_code == 302
    assert order_of(version) == {"dock": "ba", "records": "c"}
    send(client, version, "down:a")
    assert order_of(version) == {"dock": "b", "records": "ac"}
    send(client, version, "up:a")
    send(client, version, "place:c:dock:0")
    assert order_of(version) == {"dock": "cba", "records": ""}
    send(client, version, "section-up:records")
    assert list(order_of(version)) == ["records", "dock"]
    send(client, version, "remove:b")
    send(client, version, "section-remove:records")
    assert order_of(version) == {"dock": "ca"}
    refused = send(client, version, "place:zz:dock:0")
    assert "It is not there any more" in flat(refused.content.decode())


def test_a_question_is_changed_and_another_added(version, author, browse):
    client = browse(author)
    fields = typed(client, version, "a") | {
        "type": "number",
        "minimum": "2",
        "maximum": "8",
        "unit": "°C",
        "look": "Probe",
    }
    assert client.post(edit_address(version), fields).status_code == 302
    changed = question(version, "a")
    assert (changed.limits, changed.guidance) == ("2 – 8\u00a0°C", (("look", "Probe"),))
    new = typed(client, version, "") | {"text": "Why was it open?", "type": "text", "show_if_question": "b"}
    assert client.post(edit_address(version), new).status_code == 302
    added = next(
        one for one in read_checklist(Version.objects.get().body_bytes()).questions.values() if one.type == "text"
    )
    assert (added.number, added.show_if.question, added.show_if.values) == ("1.3", "b", ("no",))
    assert version.document.parts.get(key=added.key).type == "text"


def test_what_is_wrong_stands_at_its_field_and_keeps_what_was_typed(version, author, browse):
    client = browse(author)
    fields = typed(client, version, "a") | {"type": "number", "maximum": "8 °C", "text": "Typed words"}
    answer = client.post(edit_address(version), fields)
    assert answer.status_code == 422
    assert "Enter a number without its unit" in answer.context["form"].errors["maximum"][0]
    assert "Typed words" in flat(answer.content.decode())
    assert question(version, "a").text == "Door shut?"
    assert "Enter the question" in flat(client.post(edit_address(version), fields | {"text": " "}).content.decode())


def test_a_move_before_its_condition_is_refused(version, author, browse):
    client = browse(author)
    fields = typed(client, version, "b") | {"show_if_question": "a", "show_if_values": ["no"]}
    client.post(edit_address(version), fields)
    answer = send(client, version, "up:b")
    assert "which comes later" in flat(answer.content.decode())
    assert order_of(version)["dock"] == "ab"


def test_two_people_change_different_questions(version, author, owner, browse):
    first, second = browse(author), browse(owner)
    fields_a, fields_b = typed(first, version, "a"), typed(second, version, "b")
    assert first.post(edit_address(version), fields_a | {"text": "Door really shut?"}).status_code == 302
    assert second.post(edit_address(version), fields_b | {"text": "Swept?"}).status_code == 302
    assert (question(version, "a").text, question(version, "b").text) == ("Door really shut?", "Swept?")
    stale = second.post(edit_address(version), fields_a | {"text": "Third words"})
    shown = flat(stale.content.decode())
    assert stale.status_code == 422
    assert "Somebody else changed this question" in shown
    assert "Door really shut?" in shown
    assert "Third words" in shown
    base = stale.context["base"]
    assert second.post(edit_address(version), fields_a | {"text": "Third words", "base": base}).status_code == 302


def test_sections_and_title_are_saved(version, author, browse):
    client = browse(author)
    send(client, version, "section", section_title="Vehicles")
    send(client, version, "section", section_title="Dock doors", section="dock")
    send(client, version, "facts", title="Dock walk", passes_at="80", introduction="By day.")
    version.refresh_from_db()
    checklist = read_checklist(Version.objects.get().body_bytes())
    assert [section.title for section in checklist.sections] == ["Dock doors", "Records", "Vehicles"]
    assert (version.title, checklist.passes_at, checklist.introduction) == ("Dock walk", 80, "By day.")
    assert send(client, version, "section", section_title=" ").status_code == 422


def test_who_may_not_write_changes_nothing(version, reader, outsider, browse):
    for person in (reader, outsider):
        assert send(browse(person), version, "remove:a").status_code == 404
    assert order_of(version) == {"dock": "ab", "records": "c"}


def test_a_checklist_is_drafted_from_the_steps_of_a_procedure(author, owner, approver, browse):
    document = released(author, owner, approver, body=STEPS).document
    client = browse(author)
    sent = {"source": "document", "document": document.code, "form_token": "one"}
    first = client.post(reverse("audits:checklist-draft"), sent)
    assert client.post(reverse("audits:checklist-draft"), sent).url == first.url
    made = Version.objects.get(document__kind="checklist")
    one, two = read_checklist(made.body_bytes()).questions.values()
    assert one.text == "Check the probe: done as described?"
    assert (one.step.document, one.step.key, two.step.key) == (document.code, "s-probe", "s-door")
    shown = flat(client.get(made.get_absolute_url()).content.decode())
    assert f'href="{document.get_absolute_url()}#s-probe"' in shown


def test_a_checklist_is_drafted_from_requirements(tmp_path, author, browse):
    path = tmp_path / "rules-1.0.csv"
    path.write_text("section,id,title,text,level\nDoors,1.1,Doors,Shut within 3 minutes,1\nStore,2.1,Cold,Below 8,2\n")
    call_command("import_framework", str(path), "--code", "FW-1", verbosity=0)
    library, client = Framework.objects.get(), browse(author)
    baseline = library.baselines.get(key="level-1")
    sent = {"source": "requirements", "library": "FW-1", "narrowed": f"baseline:{baseline.pk}"}
    assert client.post(reverse("audits:checklist-draft"), sent).status_code == 302
    made = read_checklist(Version.objects.get().body_bytes())
    (one,) = made.questions.values()
    assert (one.requirement, one.guidance) == ("FW-1/1-1", (("expect", "Shut within 3 minutes"),))
    assert [section.title for section in made.sections] == ["Doors"]
    assert "1.1 Doors" in flat(client.get(Version.objects.get().get_absolute_url()).content.decode())


def test_a_copy_has_the_same_questions(version, author, browse):
    sent = {"source": "copy", "document": version.document.code, "title": "Second walk"}
    assert browse(author).post(reverse("audits:checklist-draft"), sent).status_code == 302
    copy = Version.objects.get(title="Second walk")
    assert copy.body_bytes() == version.body_bytes()
    assert copy.document != version.document


def test_drafting_says_what_is_missing(author, reader, owner, browse):
    address = reverse("audits:checklist-draft")
    assert browse(reader).post(address, {"source": "document"}).status_code == 403
    client = browse(author)
    assert "Choose the document." in flat(client.post(address, {"source": "document"}).content.decode())
    assert "Choose the library." in flat(client.post(address, {"source": "requirements"}).content.decode())
    document = new_draft(author, owner).document
    refused = client.post(address, {"source": "document", "document": document.code})
    assert "has no steps" in flat(refused.content.decode())
    assert not Document.objects.filter(kind="checklist").exists()


def test_an_approved_checklist_is_read_and_compared_by_question(version, author, approver, reader, browse):
    approve(version, author, approver)
    client = browse(reader)
    shown = flat(client.get(version.document.get_absolute_url()).content.decode())
    assert "Door shut?" in shown
    assert "Critical" in shown
    second = open_draft(version.document, by=author, reason="better words")
    writer = browse(author)
    writer.post(edit_address(second), typed(writer, second, "a") | {"text": "Door shut tight?"})
    send(writer, second, "remove:b")
    send(writer, second, "place:c:dock:0")
    compared = flat(writer.get(reverse("documents:compare", args=[version.document.code])).content.decode())
    assert "<ins>Door shut tight?</ins>" in compared
    assert "<del>Clean?</del>" in compared
    assert "Moved" in compared
    approve(second, author, approver)
    assert "Door shut tight?" in flat(client.get(version.document.get_absolute_url()).content.decode())
    assert set(version.document.parts.values_list("key", flat=True)) == {"a", "b", "c"}


def test_an_empty_checklist_cannot_be_submitted(author, owner, approver, browse):
    version = start_document(kind="checklist", by=author, owner=owner, title="Empty")
    answer = browse(author).get(reverse("documents:submit", args=[version.document.code, 1]))
    assert answer.status_code < 500
    with pytest.raises(Exception, match="It is empty"):
        approve(version, author, approver)


def test_a_procedure_shows_the_checklists_that_ask_about_it(author, owner, approver, reader, browse):
    document = released(author, owner, approver, body=STEPS).document
    question = {"key": "a", "text": "Probed?", "step": {"document": document.code, "key": "s-probe"}}
    body = json.dumps({"sections": [{"key": "s", "title": "S", "questions": [question]}]}).encode()
    made = start_document(kind="checklist", by=author, owner=owner, title="Dock audit", body=body)
    panel = reverse("documents:panel", args=[document.code, "checklists"])
    assert "Dock audit" not in browse(author).get(panel).content.decode()
    approve(made, author, approver)
    assert "Dock audit" in browse(reader).get(panel).content.decode()
    assert "Draft a checklist" not in browse(reader).get(panel).content.decode()
    assert "Draft a checklist" in browse(author).get(panel).content.decode()
