"""Facts of a document change by one verb: with its rule, its trace, and everything that hangs on them."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from actions.models import Task
from core.ledger import lines_of
from core.lifecycle import NotAllowed, Refused
from core.models import BulkRun, Notice
from documents.keeping import change_facts
from documents.models import Document
from documents.reviewing import ask_for_due_reviews
from tests.cast import flat, new_draft, released


def on(days):
    return timezone.localdate() + timedelta(days=days)


def tasks_of(document):
    return list(Task.objects.open().filter(key__startswith=f"review:{document.pk}:"))


def run_of(person, action, document, **answers):
    """Ask it of one document through the pages; returns the page that shows what would change, and the client."""
    client = Client()
    client.force_login(person)
    client.post(reverse("core:bulk", args=["documents"]), {"action": action, "pick": [document.pk]})
    run = BulkRun.objects.latest("pk")
    return client.post(run.get_absolute_url(), answers, follow=True).content.decode(), client, run


def test_a_new_owner_is_told_and_takes_over_the_open_review(author, owner, approver, reader):
    document = released(author, owner, approver).document
    change_facts(document, by=author, values={"review_due_on": on(5)})
    assert [task.person for task in tasks_of(document)] == [owner]
    change_facts(document, by=author, values={"owner": reader}, reason="moved on")
    assert [task.person for task in tasks_of(document)] == [reader]
    assert Notice.objects.filter(person=reader, text__startswith=f"You own {document.code} now").count() == 1
    line = lines_of(document)[0]
    assert (line.event, line.reason) == ("owner_changed", "moved on")


def test_another_date_takes_the_old_task_back(author, owner, approver):
    document = released(author, owner, approver).document
    change_facts(document, by=author, values={"review_due_on": on(5)})
    change_facts(document, by=author, values={"review_due_on": on(400)})
    assert tasks_of(document) == []
    change_facts(document, by=author, values={"review_due_on": on(6)})
    assert len(tasks_of(document)) == 1
    assert ask_for_due_reviews() == 0


def test_a_change_leaves_before_and_after_in_the_ledger(author, owner, approver, other_department):
    document = released(author, owner, approver).document
    change_facts(
        document, by=author, values={"department": other_department, "review_months": 6}, reason="re-organised"
    )
    line = lines_of(document)[0]
    assert (line.event, line.actor, line.reason) == ("facts_changed", author, "re-organised")
    assert line.data["changes"] == {"department": ["Inbound", "Finance"], "review_months": ["24", "6"]}
    before = lines_of(document).count()
    assert change_facts(document, by=author, values={"review_months": 6}) == []
    assert lines_of(document).count() == before


def test_the_page_of_one_document_writes_the_same_line(client, author, owner, approver):
    document = released(author, owner, approver).document
    client.force_login(author)
    facts = {"code": document.code, "owner": author.email, "department": document.department_id, "audience": "everyone"}
    facts |= {"review_months": 12, "review_due_on": document.review_due_on.isoformat(), "readers": ""}
    assert client.post(reverse("documents:facts", args=[document.code]), facts).status_code == 302
    assert {line.event for line in lines_of(document)[:2]} == {"owner_changed", "facts_changed"}


def test_who_may_not_keep_it_changes_nothing_and_the_try_stays(author, owner, approver, reader):
    document = released(author, owner, approver).document
    with pytest.raises(NotAllowed):
        change_facts(document, by=reader, values={"owner": reader})
    assert Document.objects.get(pk=document.pk).owner == owner


def test_what_makes_no_sense_is_refused(author, owner, approver, reader):
    draft = new_draft(author, owner).document
    document = released(author, owner, approver, title="Released").document
    with pytest.raises(Refused, match="No version is in force"):
        change_facts(draft, by=author, values={"review_due_on": on(9)})
    with pytest.raises(Refused, match="needs one"):
        change_facts(document, by=author, values={"audience": "department", "department": None})
    reader.is_active = False
    reader.save()
    with pytest.raises(Refused, match="cannot sign in"):
        change_facts(document, by=author, values={"owner": reader})


def test_moving_says_whose_reading_changes(author, owner, approver, reader, other_department):
    document = released(author, owner, approver, audience="department").document
    page, client, run = run_of(author, "department", document, department=other_department.pk)
    assert "<del>Inbound and below</del> <ins>Finance and below</ins>" in flat(page)
    client.post(reverse("core:bulk-apply", args=[run.pk]))
    assert not Document.objects.visible_to(reader).filter(pk=document.pk).exists()


def test_a_review_within_thirty_days_is_asked_for_at_once(author, owner, approver):
    document = released(author, owner, approver).document
    _page, client, run = run_of(author, "review", document, review_due_on=on(3).isoformat())
    client.post(reverse("core:bulk-apply", args=[run.pk]))
    assert [task.person for task in tasks_of(document)] == [owner]
    page, _client, _run = run_of(author, "review", document, review_due_on=on(-1).isoformat())
    assert "Choose today or a later day." in page


def test_the_interval_of_many_is_set(author, owner, approver):
    document = released(author, owner, approver).document
    page, client, run = run_of(author, "rhythm", document, review_months=6)
    assert "<del>24</del> <ins>6</ins>" in flat(page)
    client.post(reverse("core:bulk-apply", args=[run.pk]))
    assert Document.objects.get(pk=document.pk).review_months == 6
