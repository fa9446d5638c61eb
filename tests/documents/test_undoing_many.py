"""What was done to many documents is taken back by a run of its own: looked at, refused row by row, once, traced."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from actions.models import Task
from core import bulk, jobs
from core.catalog_check import check_catalog
from core.ledger import lines_of
from core.models import BulkRun, Job, LedgerLine, Notice, Watch
from documents.drafting import open_draft, save_draft
from documents.keeping import change_facts
from documents.models import Document
from people.models import Department, Person
from tests.cast import flat, new_draft, released, taken_over

GONE = "There is no such record, or you may not see it."


@pytest.fixture
def documents(author, owner, approver):
    return taken_over(author, owner, [f"Procedure {number}" for number in range(3)])


def do(client, action, *picked, **answers):
    """Choose, answer and do it; the run as it stands then."""
    client.post(reverse("core:bulk", args=["documents"]), {"action": action, "pick": [one.pk for one in picked]})
    run = BulkRun.objects.latest("pk")
    if answers:
        client.post(run.get_absolute_url(), answers)
    return carry_out(client, run)


def carry_out(client, run):
    client.post(reverse("core:bulk-apply", args=[run.pk]))
    run.refresh_from_db()
    return run


def look_back(client, run):
    """Press “Undo”: the run that would take this one back, and the page that shows it."""
    answer = client.post(reverse("core:bulk-undo", args=[run.pk]), follow=True)
    undo = run.undos.latest("pk")
    assert answer.redirect_chain[-1][0] == undo.get_absolute_url()
    return undo, flat(answer.content.decode())


def undone(client, run):
    undo, _page = look_back(client, run)
    return carry_out(client, undo)


def page_of(client, run):
    return flat(client.get(run.get_absolute_url()).content.decode())


def outcomes(run):
    return list(run.rows.order_by("position").values_list("outcome", flat=True))


def reasons(run):
    return list(run.rows.order_by("position").values_list("reason", flat=True))


def owners(*documents):
    return [Document.objects.get(pk=document.pk).owner for document in documents]


def stored(document):
    return Document.objects.get(pk=document.pk)


# --- the way of one undo -----------------------------------------------------------------------------------


def test_what_was_handed_over_goes_back_after_looking(browse, author, owner, reader, documents):
    client = browse(author)
    run = do(client, "owner", *documents[:2], owner=reader.email, reason="New cut of duties")
    assert "Undo these changes" in page_of(client, run)
    undo, page = look_back(client, run)
    assert "<del>Rita Reader</del> <ins>Omar Owner</ins>" in page
    assert "Nothing has changed yet" in page
    assert "Undo: Hand over" in page
    assert owners(*documents) == [reader, reader, owner]
    done = client.post(reverse("core:bulk-apply", args=[undo.pk]), follow=True).content.decode()
    assert "2 records were put back." in done
    assert owners(*documents) == [owner] * 3
    line = lines_of(documents[0])[0]
    assert (line.event, line.actor, line.reason) == ("owner_changed", author, "Undone: New cut of duties")
    assert line.data == {"from": "Rita Reader", "to": "Omar Owner"}
    history = documents[0].history.first()
    assert (history.history_user, history.history_change_reason) == (author, "Undone: New cut of duties")
    line = LedgerLine.objects.get(event="bulk_undone")
    assert (line.actor, line.record_id, line.reason) == (author, undo.pk, "Undone: New cut of duties")
    assert line.data == {"action": "owner", "list": "documents", "rows": 2, "undoes": run.pk}
    assert LedgerLine.objects.filter(event="bulk_applied", record_id=run.pk).count() == 1
    assert check_catalog() == []


def test_both_runs_say_so_with_links_both_ways_and_there_is_no_second_undo(browse, author, owner, reader, documents):
    client = browse(author)
    run = do(client, "owner", *documents, owner=reader.email)
    undo = undone(client, run)
    page = page_of(client, run)
    assert "Undone" in page
    assert "Ann Author" in page.split("Undone", 1)[1]
    assert f'href="{undo.get_absolute_url()}"' in page
    assert "Undo these changes" not in page
    assert f'href="{run.get_absolute_url()}"' in page_of(client, undo)
    answer = client.post(reverse("core:bulk-undo", args=[run.pk]))
    assert answer.status_code == 409
    assert "It was undone already, by Ann Author." in answer.content.decode()
    assert run.undos.count() == 1


def test_an_undo_is_taken_back_as_well(browse, author, owner, reader, documents):
    client = browse(author)
    run = do(client, "owner", *documents, owner=reader.email, reason="New cut of duties")
    undo = undone(client, run)
    assert "Do these changes again" in page_of(client, undo)
    again, page = look_back(client, undo)
    assert "Do again: Hand over" in page
    carry_out(client, again)
    assert owners(*documents) == [reader] * 3
    assert lines_of(documents[0])[0].reason == "Done again: New cut of duties"
    assert "Done again" in page_of(client, undo)
    assert "That was taken back as well." in page_of(client, run)
    once_more = undone(client, again)
    assert owners(*documents) == [owner] * 3
    assert lines_of(documents[0])[0].reason == "Undone: New cut of duties"
    assert [run.undo_depth, undo.undo_depth, again.undo_depth, once_more.undo_depth] == [0, 1, 2, 3]


def test_pressed_twice_it_is_the_same_run_and_done_twice_it_is_once(browse, author, owner, reader, documents):
    client = browse(author)
    run = do(client, "owner", *documents, owner=reader.email)
    undo, _page = look_back(client, run)
    assert look_back(client, run)[0] == undo
    for _press in range(2):
        carry_out(client, undo)
    assert LedgerLine.objects.filter(event="bulk_undone").count() == 1
    assert LedgerLine.objects.filter(event="owner_changed").count() == 6
    assert owners(*documents) == [owner] * 3


def test_who_gets_a_document_back_is_told_once(browse, author, owner, reader, documents):
    client = browse(author)
    run = do(client, "owner", documents[0], owner=reader.email)
    undone(client, run)
    told = Notice.objects.filter(person=owner, text__startswith=f"You own {documents[0].code} now, after")
    assert told.count() == 1


# --- exact values ------------------------------------------------------------------------------------------


def test_a_department_and_the_readers_that_follow_it(browse, author, documents, department, other_department, outsider):
    document = documents[0]
    Document.objects.filter(pk=document.pk).update(audience="department")
    client = browse(author)
    run = do(client, "department", document, department=other_department.pk)
    assert "department:" + str(other_department.pk) in stored(document).audience_keys
    undo, page = look_back(client, run)
    assert "<del>Finance</del> <ins>Inbound</ins>" in page
    assert "<del>Finance and below</del> <ins>Inbound and below</ins>" in page
    carry_out(client, undo)
    assert stored(document).department == department
    assert not Document.objects.visible_to(outsider).filter(pk=document.pk).exists()


def test_a_review_that_was_overdue_is_overdue_again_and_asks_for_it(browse, author, owner, documents):
    day = timezone.localdate() - timedelta(days=3)
    Document.objects.filter(pk__in=[one.pk for one in documents]).update(review_due_on=day)
    Document.objects.filter(pk=documents[2].pk).update(review_due_on=None)
    client = browse(author)
    run = do(client, "review", *documents, review_due_on=(day + timedelta(days=400)).isoformat())
    undo = undone(client, run)
    assert outcomes(undo) == ["done"] * 3
    assert [stored(document).review_due_on for document in documents] == [day, day, None]
    keys = [f"review:{one.pk}:{day}" for one in documents[:2]]
    assert set(Task.objects.open().filter(kind="review").values_list("key", flat=True)) == set(keys)


def test_only_the_facts_that_were_changed_are_compared(browse, author, owner, reader, documents):
    client = browse(author)
    run = do(client, "rhythm", *documents, review_months="7")
    change_facts(documents[0], by=author, values={"owner": reader})
    change_facts(documents[1], by=author, values={"review_months": 9})
    change_facts(documents[2], by=author, values={"review_months": 24})  # back by hand
    undo, page = look_back(client, run)
    assert outcomes(undo) == ["change", "refused", "unchanged"]
    assert "Months between reviews: it has changed since and is now “9”." in page
    carry_out(client, undo)
    assert [stored(document).review_months for document in documents] == [24, 9, 24]
    assert owners(documents[0]) == [reader]


def test_what_changed_between_looking_and_doing_is_refused(browse, author, owner, reader, approver, documents):
    client = browse(author)
    run = do(client, "owner", *documents, owner=reader.email)
    undo, _page = look_back(client, run)
    change_facts(documents[0], by=author, values={"owner": approver})
    carry_out(client, undo)
    assert outcomes(undo) == ["refused", "done", "done"]
    assert reasons(undo)[0] == "Owner: it has changed since and is now “Quinn Approver”."
    assert owners(*documents) == [approver, owner, owner]


def test_who_or_what_is_gone_since_is_refused_in_words(browse, author, owner, reader, documents, department, outsider):
    client = browse(author)
    by_owner = do(client, "owner", *documents[:2], owner=reader.email)
    by_department = do(client, "department", *documents[:2], department=outsider.department_id)
    Person.objects.filter(pk=owner.pk).update(is_active=False)
    Department.objects.filter(pk=department.pk).update(is_active=False)
    for run, fact in ((by_owner, "owner"), (by_department, "department")):
        row = run.rows.get(position=2)
        row.kept = {fact: [987_654, row.kept[fact][1]]}
        row.save()
    assert reasons(look_back(client, by_owner)[0]) == [
        "It belonged to Omar Owner, who cannot sign in any more.",
        "Owner: what stood there before is not kept any more.",
    ]
    assert reasons(look_back(client, by_department)[0]) == [
        "The department “Inbound” is out of use.",
        "Department: what stood there before is not kept any more.",
    ]


# --- whom it concerns --------------------------------------------------------------------------------------


def test_neg_03_what_became_hidden_is_as_missing(browse, author, owner, reader, documents):
    client = browse(author)
    run = do(client, "owner", *documents, owner=reader.email)
    hidden = Document.objects.filter(pk=documents[1].pk)
    hidden.update(audience_keys=[f"person:{owner.pk}"], title="ZXCANARY")
    undo, page = look_back(client, run)
    assert (outcomes(undo), reasons(undo)[1]) == (["change", "refused", "change"], GONE)
    assert undo.rows.get(position=2).changes == []
    assert documents[1].code not in page
    carry_out(client, undo)
    assert owners(*documents) == [owner, reader, owner]
    assert "ZXCANARY" not in page + page_of(client, undo) + page_of(client, run)


def test_neg_03_what_became_hidden_between_looking_and_doing_is_not_touched(browse, author, owner, reader, documents):
    client = browse(author)
    run = do(client, "owner", *documents, owner=reader.email)
    undo, _page = look_back(client, run)
    Document.objects.filter(pk=documents[0].pk).update(audience_keys=[f"person:{owner.pk}"])
    carry_out(client, undo)
    assert (outcomes(undo), reasons(undo)[0]) == (["refused", "done", "done"], GONE)
    assert owners(documents[0]) == [reader]


def test_neg_03_the_permission_is_asked_again(browse, author, owner, reader, documents):
    client = browse(author)
    run = do(client, "owner", *documents, owner=reader.email)
    undo, _page = look_back(client, run)
    author.groups.clear()
    assert "Undo these changes" not in page_of(client, run)
    for name in ("bulk-undo", "bulk-apply"):
        assert client.post(reverse(f"core:{name}", args=[(run if name == "bulk-undo" else undo).pk])).status_code == 403
    assert owners(*documents) == [reader] * 3


def test_neg_03_somebody_elses_run_is_missing(browse, author, owner, reader, documents):
    run = do(browse(author), "owner", *documents, owner=reader.email)
    undo, _page = look_back(browse(author), run)
    for person in (owner, reader):
        client = browse(person)
        assert client.post(reverse("core:bulk-undo", args=[run.pk])).status_code == 404
        assert client.post(reverse("core:bulk-apply", args=[undo.pk])).status_code == 404
        assert client.get(undo.get_absolute_url()).status_code == 404
        assert run.get_absolute_url() not in client.get("/bulk/runs/").content.decode()
    assert browse(author).get(reverse("core:bulk-undo", args=[run.pk])).status_code == 405
    assert BulkRun.objects.count() == 2


def test_who_handed_over_all_they_had_sees_what_came_of_it(browse, author, owner, approver, reader):
    mine = released(author, owner, approver).document
    client = browse(owner)
    run = do(client, "owner", mine, owner=reader.email)
    page = page_of(client, run)
    assert "1 record was changed." in page
    assert "Undo these changes" not in page  # that is the new owner's to decide, or an officer's
    assert client.post(reverse("core:bulk-undo", args=[run.pk])).status_code == 403


# --- few, many, interrupted, old ---------------------------------------------------------------------------


def test_many_are_taken_back_by_a_worker_and_told_once(browse, author, owner, reader, documents, monkeypatch):
    client = browse(author)
    run = do(client, "owner", *documents, owner=reader.email)
    monkeypatch.setattr(bulk, "INLINE", 1)
    undo, page = look_back(client, run)
    assert "You can leave this page" in page
    assert look_back(client, run)[0] == undo  # while it is being looked at
    assert undo.job.kind == "core.look_at_undo"
    jobs.run_waiting(5)
    carry_out(client, undo)
    assert undo.job.kind == "core.undo_many"  # a worker of a release before leaves it to one that knows it
    assert owners(*documents) == [reader] * 3
    assert "Undo these changes" not in page_of(client, run)
    assert client.post(reverse("core:bulk-undo", args=[run.pk])).status_code == 409
    jobs.run_waiting(5)
    undo.refresh_from_db()
    assert (undo.stage, outcomes(undo)) == ("done", ["done"] * 3)
    assert owners(*documents) == [owner] * 3
    said = Notice.objects.filter(person=author, text__startswith="What you changed in many records is undone")
    assert said.count() == 1


def test_the_work_of_a_killed_worker_is_finished_and_nothing_happens_twice(
    browse, author, owner, reader, documents, monkeypatch
):
    client = browse(author)
    run = do(client, "owner", *documents, owner=reader.email)
    monkeypatch.setattr(bulk, "INLINE", 1)
    undo, _page = look_back(client, run)
    jobs.run_waiting(5)
    undo.refresh_from_db()
    bulk.go(undo)
    next(bulk._go(undo))  # the worker dies after the first record
    jobs.run_waiting(5)
    assert outcomes(undo) == ["done"] * 3
    assert LedgerLine.objects.filter(event="owner_changed").count() == 6
    assert owners(*documents) == [owner] * 3


def test_what_was_done_before_it_was_stopped_can_be_undone_and_the_rest_of_an_undo_too(
    browse, author, owner, reader, documents
):
    client = browse(author)
    run = do(client, "owner", *documents, owner=reader.email)
    undo, _page = look_back(client, run)
    job = Job.objects.create(kind="core.change_many", asked_by=author, state=Job.State.CANCELLED)
    BulkRun.objects.filter(pk=undo.pk).update(apply_asked_at=timezone.now(), job=job)
    next(bulk._go(undo))
    undo.refresh_from_db()
    assert undo.stage == "stopped"
    assert "Do these changes again" in page_of(client, undo)
    rest, _page = look_back(client, run)
    assert [row.object_id for row in rest.rows.all()] == [one.pk for one in documents[1:]]
    carry_out(client, rest)
    assert owners(*documents) == [owner] * 3
    assert client.post(reverse("core:bulk-undo", args=[run.pk])).status_code == 409


def test_what_could_not_go_back_can_be_tried_again(browse, author, owner, reader, documents):
    client = browse(author)
    run = do(client, "owner", *documents, owner=reader.email)
    keys = stored(documents[0]).audience_keys
    Document.objects.filter(pk=documents[0].pk).update(audience_keys=[f"person:{owner.pk}"])
    undone(client, run)
    Document.objects.filter(pk=documents[0].pk).update(audience_keys=keys)
    page = page_of(client, run)
    assert "2 records were put back." in page
    assert "Possible for 1 record until" in page
    undone(client, run)
    assert owners(*documents) == [owner] * 3
    assert "Undo these changes" not in page_of(client, run)


def test_after_thirty_days_there_is_nothing_to_undo(browse, author, owner, reader, documents):
    client = browse(author)
    run = do(client, "owner", *documents, owner=reader.email)
    undo, _page = look_back(client, run)
    BulkRun.objects.filter(pk=run.pk).update(asked_at=timezone.now() - timedelta(days=31))
    answer = client.post(reverse("core:bulk-undo", args=[run.pk]))
    assert (answer.status_code, "Changes can be undone for 30 days." in answer.content.decode()) == (409, True)
    bulk.forget_old()
    assert not BulkRun.objects.filter(pk=run.pk).exists()
    assert client.get(undo.get_absolute_url()).status_code == 200
    assert client.post(reverse("core:bulk-apply", args=[undo.pk])).status_code == 409
    assert owners(*documents) == [reader] * 3


def test_what_an_earlier_release_did_or_an_action_that_cannot_be_undone_has_no_button(
    browse, author, owner, reader, documents, monkeypatch
):
    client = browse(author)
    run = do(client, "owner", *documents, owner=reader.email)
    action = bulk._actions["documents"]["owner"]
    monkeypatch.setitem(bulk._actions["documents"], "owner", replace(action, undo=None))
    assert "Undo these changes" not in page_of(client, run)
    answer = client.post(reverse("core:bulk-undo", args=[run.pk]))
    assert (answer.status_code, "This cannot be undone." in answer.content.decode()) == (409, True)
    monkeypatch.undo()
    run.rows.update(kept=None)
    assert "Undo these changes" not in page_of(client, run)
    answer = client.post(reverse("core:bulk-undo", args=[run.pk]))
    assert (answer.status_code, "There is nothing to undo." in answer.content.decode()) == (409, True)


def test_a_run_whose_request_is_still_at_it_has_a_page_and_one_that_was_left_can_be_undone(
    browse, author, owner, reader, documents
):
    client = browse(author)
    run = do(client, "owner", *documents, owner=reader.email)
    BulkRun.objects.filter(pk=run.pk).update(applied_at=None)
    assert "The records are being changed." in page_of(client, run)
    assert client.post(reverse("core:bulk-undo", args=[run.pk])).status_code == 409
    BulkRun.objects.filter(pk=run.pk).update(apply_asked_at=timezone.now() - timedelta(minutes=2))
    assert "The work was stopped" in page_of(client, run)
    undone(client, run)
    assert owners(*documents) == [owner] * 3


# --- a table, watching -------------------------------------------------------------------------------------


def bring(client, *rows):
    """Upload a table and take it over."""
    text = "\n".join(";".join(row) for row in rows).encode()
    client.post("/documents/table/", {"file": SimpleUploadedFile("documents.csv", text)})
    return carry_out(client, BulkRun.objects.latest("pk"))


def test_a_table_is_taken_back_title_and_facts(browse, author, owner, reader, other_department):
    draft = new_draft(author, owner, title="Old words")
    client = browse(author)
    code = draft.document.code
    run = bring(client, ["Number", "Title", "Owner", "Department"], [code, "New words", reader.email, "FIN"])
    document = stored(draft.document)
    assert (document.title, document.owner, document.department) == ("New words", reader, other_department)
    undo, page = look_back(client, run)
    assert "<del>New words</del> <ins>Old words</ins>" in page
    assert "<del>Finance</del> <ins>Inbound</ins>" in page
    carry_out(client, undo)
    document = stored(draft.document)
    assert (document.title, document.owner, document.department) == ("Old words", owner, author.department)
    draft.refresh_from_db()
    assert draft.title == "Old words"
    assert lines_of(document)[0].reason == "Undone: Take over an edited table"
    undone(client, undo)
    assert stored(document).title == "New words"


def test_a_title_goes_back_only_in_the_draft_it_was_changed_in(browse, author, owner, approver):
    draft = new_draft(author, owner, title="Old words")
    other = new_draft(author, owner, title="Old words")
    written = new_draft(author, owner, title="Old words")
    client = browse(author)
    rows = [[one.document.code, "New words"] for one in (draft, other, written)]
    run = bring(client, ["Number", "Title"], *rows)
    other.refresh_from_db()
    other.move("discard", by=author)
    open_draft(other.document, by=author, title="New words")
    written.refresh_from_db()
    save_draft(written, by=author, row_version=written.row_version, title="Better words")
    undo, _page = look_back(client, run)
    assert outcomes(undo) == ["change", "refused", "refused"]
    assert reasons(undo)[1:] == [
        "Title: the draft it was changed in is not open any more.",
        "Title: it has changed since and is now “Better words”.",
    ]
    assert (undo.file_name, undo.rows.first().line) == ("", None)


def test_watching_goes_back_to_what_each_had_chosen(browse, reader, documents, author):
    client = browse(reader)
    do(client, "watch", documents[1])
    do(client, "unwatch", documents[1])
    assert Watch.objects.filter(person=reader).count() == 1
    run = do(client, "watch", *documents)
    assert Watch.objects.filter(person=reader, is_watching=True).count() == 3
    undo = undone(client, run)
    assert list(Watch.objects.filter(person=reader).values_list("is_watching", flat=True)) == [False]
    undone(client, undo)
    assert Watch.objects.filter(person=reader, is_watching=True).count() == 3


# --- where runs are found again ----------------------------------------------------------------------------


def test_what_was_done_is_found_again(browse, author, owner, reader, documents):
    client = browse(author)
    assert "Nothing was asked of many records yet" in client.get("/bulk/runs/").content.decode()
    run = do(client, "owner", *documents, owner=reader.email)
    undo = undone(client, run)
    page = flat(client.get("/bulk/runs/").content.decode())
    assert page.index(f'href="{undo.get_absolute_url()}">Undo: Hand over') < page.index(
        f'href="{run.get_absolute_url()}">Hand over'
    )
    assert "Undone" in page
    assert "/bulk/runs/" in client.get("/documents/").content.decode()


def test_the_list_of_runs_asks_the_same_for_few_and_many(browse, author, owner, reader, documents):
    client = browse(author)
    asked = []
    for _round in range(2):
        for _run in range(3):
            undone(client, do(client, "rhythm", *documents, review_months="7"))
        client.get("/bulk/runs/")
        with CaptureQueriesContext(connection) as queries:
            client.get("/bulk/runs/")
        asked.append(len(queries))
    assert asked[0] == asked[1]


def test_each_more_document_costs_few_questions_to_take_back(browse, author, reader, approver, owner):
    documents = taken_over(author, owner, [f"Procedure {number}" for number in range(5)])
    client, counts = browse(author), []
    for chosen in (documents[:1], documents[1:]):
        run = do(client, "owner", *chosen, owner=reader.email)
        undo, _page = look_back(client, run)
        with CaptureQueriesContext(connection) as queries:
            bulk.go(BulkRun.objects.get(pk=undo.pk))
        counts.append(len(queries))
    assert (counts[1] - counts[0]) / 3 <= 26


def test_a_german_person_reads_german_reasons(browse, author, owner, reader, documents):
    author.language = "de"
    author.save()
    client = browse(author)
    run = do(client, "rhythm", *documents, review_months="7", reason="Weniger Arbeit")
    change_facts(documents[1], by=author, values={"review_months": 9})
    undo, page = look_back(client, run)
    assert "Monate zwischen Überprüfungen: seither geändert, jetzt „9“." in page
    carry_out(client, undo)
    assert lines_of(documents[0])[0].reason == "Rückgängig gemacht: Weniger Arbeit"
