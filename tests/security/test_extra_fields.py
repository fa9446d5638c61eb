"""NEG-12 and NEG-13: a form takes what it asks for; whatever else is sent with it changes nothing."""

import json

import pytest
from django.forms.models import model_to_dict
from django.test import Client
from django.urls import reverse

from documents.drafting import start_document
from documents.models import Decision, Document, Version
from documents.submission import StepPlan, submit
from people.models import ApiToken, Person
from tests.cast import new_draft, signed_in

pytestmark = pytest.mark.django_db


def extra(person):
    """Everything a curious sender would try, under the names the models use and some others."""
    return {
        **{"state": "approved", "status": "approved", "approved_by": person.pk, "version": 99, "sequence": 99},
        **{"major": 9, "minor": 9, "number": "9.9", "manifest_hash": "f" * 64, "row_version_": 99, "author": person.pk},
        **{"submitted_by": person.pk, "created_by": person.pk, "changed_by": person.pk, "source_key": "x"},
        **{"effective_from": "2020-01-01", "effective_until": "2020-01-02", "approved_at": "2020-01-01"},
        **{"audience_keys": ["everyone"], "working_keys": ["everyone"], "retired_at": "2020-01-01", "id": 99, "pk": 99},
        **{"is_staff": 1, "is_superuser": 1, "is_active": 1, "groups": [1, 2, 3], "user_permissions": [1]},
        **{"email": "mine@example.org", "feed_secret": "mine", "password_": "mine", "manager": person.email},
    }


def row(record, *but):
    """The stored row without what the form may change."""
    record = type(record).objects.get(pk=record.pk)
    fields = {field.attname: getattr(record, field.attname) for field in record._meta.concrete_fields}
    return {name: value for name, value in fields.items() if name not in but}


CHANGES = ("title", "row_version", "changed_at", "changed_by_id", "content_id", "manifest_hash")


def test_neg_12_a_new_document_is_a_draft_of_who_started_it(author, owner, reader):
    sent = {"kind": "sop", "title": "New", "owner": owner.email, "audience": "named"}
    assert signed_in(author).post(reverse("documents:new"), extra(reader) | sent).status_code == 302
    version = Version.objects.get()
    assert (version.state, version.sequence, version.author, version.major) == ("draft", 1, author, None)
    assert version.effective_from is None
    document = version.document
    assert (document.created_by, document.owner, document.source_key, document.retired_at) == (author, owner, "", None)
    assert "everyone" not in document.audience_keys + document.working_keys
    assert f"person:{reader.pk}" not in document.audience_keys


def test_neg_12_a_draft_form_changes_title_and_text_alone(author, owner, reader):
    version = new_draft(author, owner)
    before, document = row(version, *CHANGES), row(version.document, "title", "row_version", "changed_at")
    sent = {"title": "Typed", "body": "<p>Typed.</p>", "row_version": version.row_version}
    sent |= {"code": "SOP-MINE-1", "owner": reader.email, "audience": "everyone", "kind": "policy", "reason": "mine"}
    place = [version.document.code, version.sequence]
    assert signed_in(author).post(reverse("documents:edit", args=place), extra(reader) | sent).status_code == 302
    assert Version.objects.get().title == "Typed"
    assert row(version, *CHANGES) == before
    version.refresh_from_db()
    saved = json.dumps(extra(reader) | sent | {"title": "By itself", "row_version": version.row_version})
    autosave = reverse("documents:autosave", args=place)
    assert signed_in(author).post(autosave, saved, content_type="application/json").status_code == 200
    assert Version.objects.get().title == "By itself"
    assert row(version, *CHANGES) == before
    assert {name for name, value in row(version.document).items() if document.get(name, value) != value} <= {
        "changed_by_id"
    }


def test_neg_12_the_facts_form_changes_facts_alone(author, owner, approver, reader):
    version = new_draft(author, owner)
    document = version.document
    before, draft = row(document, "review_months", "row_version", "changed_at", "changed_by_id"), row(version)
    sent = {"code": document.code, "owner": owner.email, "department": document.department_id}
    sent |= {"audience": document.audience, "readers": "", "review_months": 7, "kind": "policy", "title": "Mine"}
    answer = signed_in(owner).post(reverse("documents:facts", args=[document.code]), extra(reader) | sent)
    assert answer.status_code == 302
    assert row(document)["review_months"] == 7
    assert row(document, "review_months", "row_version", "changed_at", "changed_by_id") == before
    assert row(version) == draft


def test_neg_12_submitting_puts_a_version_in_review_and_no_further(author, owner, approver, reader):
    version = new_draft(author, owner)
    steps = {"steps-TOTAL_FORMS": "1", "steps-INITIAL_FORMS": "1", "steps-0-meaning": "Approved", "steps-0-rule": "all"}
    steps |= {"steps-0-needed": "1", "steps-0-due_days": "7", "steps-0-people": approver.email}
    sent = {"change": "major", "reason": "First", "planned_on": "", "title": "Mine", "body": "mine"} | steps
    place = [version.document.code, version.sequence]
    assert signed_in(author).post(reverse("documents:submit", args=place), extra(reader) | sent).status_code == 302
    stored = Version.objects.get()
    assert (stored.state, stored.title, stored.author) == ("in_review", version.title, author)
    assert (stored.major, stored.minor, stored.effective_from) == (1, 0, None)
    assert stored.submitted_by == author
    assert stored.manifest_hash != "f" * 64


def test_neg_12_a_decision_is_of_who_is_signed_in(author, owner, approver, reader):
    version = new_draft(author, owner)
    submit(version, by=author, plan=[StepPlan("Approved", people=[approver])])
    sent = {"verdict": "request_changes", "comment": "No.", "seen_hash": version.manifest_hash}
    sent |= {"by": reader.pk, "signature": "mine", "signed_at": "2020-01-01"}
    place = [version.document.code, version.sequence]
    answer = signed_in(approver).post(reverse("documents:version-decide", args=place), extra(reader) | sent)
    assert answer.status_code == 302
    decision = Decision.objects.get()
    assert (decision.by, decision.verdict) == (approver, "request_changes")
    assert Version.objects.get().state == "changes_requested"


def test_neg_12_nobody_promotes_themselves_on_their_own_page(reader, owner, department):
    may_change = ("name", "language", "time_zone", "theme", "digest", "single_keys", "last_login")
    before, groups = row(reader, *may_change), set(reader.groups.values_list("name", flat=True))
    sent = {"name": "Rita Renamed", "language": "de", "time_zone": "Europe/Berlin", "theme": "dark", "digest": "daily"}
    sent |= {"job_roles": [1], "department": "", "deactivated_at": "2020-01-01"}
    assert signed_in(reader).post(reverse("people:preferences"), extra(owner) | sent).status_code == 302
    stored = Person.objects.get(pk=reader.pk)
    assert stored.name == "Rita Renamed"
    assert row(reader, *may_change) == before
    assert set(stored.groups.values_list("name", flat=True)) == groups
    assert not stored.user_permissions.exists()
    assert stored.department == department


@pytest.fixture
def writer(make_person, owner):
    """Writes documents, and keeps none: neither owner of this one nor a process officer."""
    return make_person("Wes Writer", "staff", "owner")


def test_neg_13_who_writes_the_draft_does_not_change_the_facts(writer, owner, department):
    version = start_document(
        kind="sop", by=writer, title="Written", owner=owner, department=department, body=b"<p>x</p>"
    )
    document, client = version.document, signed_in(writer)
    assert writer.has_perm("documents.change_version", version)
    before = model_to_dict(Document.objects.get())
    facts = {"code": "SOP-MINE-1", "owner": writer.email, "department": department.pk, "audience": "everyone"}
    facts |= {"readers": writer.email, "review_months": 1}
    assert client.post(reverse("documents:facts", args=[document.code]), facts).status_code == 403
    sent = facts | {"title": "Mine to write", "body": "<p>y</p>", "row_version": version.row_version}
    assert client.post(reverse("documents:edit", args=[document.code, 1]), sent).status_code == 302
    assert Version.objects.get().title == "Mine to write"
    after = model_to_dict(Document.objects.get())
    assert {name for name in after if after[name] != before[name]} <= {"title"}
    for name in ("share", "retire", "review"):
        assert client.post(reverse(f"documents:{name}", args=[document.code]), facts).status_code in (403, 409)
    assert model_to_dict(Document.objects.get()) == after


def test_neg_13_a_field_that_is_not_the_writers_is_an_error_in_the_api(writer, owner, department):
    version = start_document(
        kind="sop", by=writer, title="Written", owner=owner, department=department, body=b"<p>x</p>"
    )
    _token, text = ApiToken.make(writer, name="t", scope="write")
    address = f"/api/documents/{version.document.code}/versions/1"
    sent = {"row_version": version.row_version, "title": "Changed", "owner": writer.email}
    headers = {"Authorization": f"Bearer {text}"}
    answer = Client().patch(address, sent, content_type="application/json", headers=headers)
    assert answer.status_code == 422
    assert Version.objects.get().title == "Written"
