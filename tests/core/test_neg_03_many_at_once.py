"""NEG-03: what is asked of many records reaches only those the person may see and change, however they were chosen."""

import re
from dataclasses import replace
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from core import bulk, jobs
from core.ledger import lines_of
from core.models import BulkRow, BulkRun, LedgerLine, Watch
from documents.models import Document
from people.models import Person
from tests.cast import flat, new_draft, released, taken_over

CANARY = "ZXCANARY"


@pytest.fixture
def secret(owner, approver, make_person):
    """A confidential document of people whom the others do not work with."""
    keeper = make_person("Kim Keeper", "staff", "officer")
    return released(keeper, keeper, approver, title=f"{CANARY} plans", audience="named").document


@pytest.fixture
def documents(author, owner, approver):
    return taken_over(author, owner, [f"Procedure {number}" for number in range(3)])


def ask(client, action, *picked, follow=True, **more):
    data = {"action": action, "pick": [getattr(one, "pk", one) for one in picked], **more}
    return client.post(reverse("core:bulk", args=["documents"]), data, follow=follow)


def hand_over(client, to, *picked, **more):
    """Choose, answer, look; returns the run and the page that shows what would change."""
    asked = ask(client, "owner", *picked, **more)
    run = BulkRun.objects.latest("pk")
    assert asked.redirect_chain[-1][0] == run.get_absolute_url()
    looked = client.post(run.get_absolute_url(), {"owner": to.email, "reason": "New cut of duties"}, follow=True)
    run.refresh_from_db()
    return run, looked.content.decode()


def outcomes(run):
    return list(run.rows.order_by("position").values_list("outcome", flat=True))


def owners(*documents):
    return [Document.objects.get(pk=document.pk).owner for document in documents]


def test_an_officer_hands_documents_over_after_looking(browse, author, owner, reader, documents):
    client = browse(author)
    run, page = hand_over(client, reader, *documents[:2])
    assert "<del>Omar Owner</del> <ins>Rita Reader</ins>" in flat(page)
    assert "Nothing has changed yet" in page
    assert owners(*documents) == [owner] * 3
    done = client.post(reverse("core:bulk-apply", args=[run.pk]), follow=True).content.decode()
    assert "2 records were changed" in done
    assert owners(*documents) == [reader, reader, owner]
    line = lines_of(documents[0])[0]
    assert (line.event, line.actor, line.reason) == ("owner_changed", author, "New cut of duties")
    assert line.data == {"from": "Omar Owner", "to": "Rita Reader"}
    assert documents[0].history.first().history_user == author
    assert LedgerLine.objects.get(event="bulk_applied").data["rows"] == 2


def test_neg_03_a_hidden_record_among_the_chosen_is_untouched_and_not_told_from_a_missing_one(
    browse, author, reader, documents, secret
):
    client = browse(author)
    before, lines = Document.objects.filter(pk=secret.pk).values().get(), lines_of(secret).count()
    run, page = hand_over(client, reader, documents[0], secret)
    assert (run.missing, [row.object_id for row in run.rows.all()]) == (1, [documents[0].pk])
    missing_run, missing_page = hand_over(client, reader, documents[0], 999_999)
    same = lambda text, run: re.sub(r'csrf\w*" value="[^"]*"|nonce="[^"]*"', "", text).replace(str(run.pk), "#")  # noqa: E731
    assert same(page, run).count("<tr>") == same(missing_page, missing_run).count("<tr>")
    assert "1 chosen row does not exist, or you may not see it." in page
    assert "1 chosen row does not exist, or you may not see it." in missing_page
    done = client.post(reverse("core:bulk-apply", args=[run.pk]), follow=True).content.decode()
    for text in (page, done):
        assert CANARY not in text
        assert secret.code not in text
    assert Document.objects.filter(pk=secret.pk).values().get() == before
    assert lines_of(secret).count() == lines
    assert owners(documents[0]) == [reader]


@pytest.mark.parametrize("query", ["", f"q={CANARY}", "kind=sop", "q=Procedure&page=7"])
def test_neg_03_all_that_match_the_filter_are_only_those_the_person_sees(
    browse, author, reader, documents, secret, query
):
    client = browse(author)
    visible = set(Document.objects.visible_to(author).values_list("pk", flat=True))
    if CANARY in query:
        answer = ask(client, "owner", every="1", query=query)
        assert answer.status_code == 422
        assert not BulkRun.objects.exists()
        return
    run, page = hand_over(client, reader, every="1", query=query)
    assert {row.object_id for row in run.rows.all()} == visible
    assert secret.pk not in visible
    client.post(reverse("core:bulk-apply", args=[run.pk]))
    assert CANARY not in page
    assert owners(secret) != [reader]


def test_neg_03_who_may_read_and_not_keep_is_refused_row_by_row(browse, owner, author, approver, reader, documents):
    mine = released(author, reader, approver, title="Mine").document
    client = browse(reader)
    run, page = hand_over(client, owner, *documents, mine)
    assert outcomes(run) == ["refused"] * 3 + ["change"]
    assert page.count("You may not change the facts of this document.") == 3
    client.post(reverse("core:bulk-apply", args=[run.pk]))
    assert outcomes(run) == ["refused"] * 3 + ["done"]
    assert owners(*documents, mine) == [owner] * 4


def test_neg_03_what_became_hidden_after_it_was_chosen_is_not_looked_at(browse, author, owner, reader, documents):
    client = browse(author)
    ask(client, "owner", *documents)
    run, hidden = BulkRun.objects.get(), documents[1]
    Document.objects.filter(pk=hidden.pk).update(audience_keys=[f"person:{owner.pk}"])
    client.post(run.get_absolute_url(), {"owner": reader.email, "reason": "New cut of duties"})
    assert outcomes(run) == ["change", "refused", "change"]
    assert run.rows.get(object_id=hidden.pk).changes == []  # not one word of it is kept


def test_neg_03_what_became_hidden_between_looking_and_doing_is_not_touched(browse, author, owner, reader, documents):
    client = browse(author)
    run, _page = hand_over(client, reader, *documents)
    hidden = documents[1]
    Document.objects.filter(pk=hidden.pk).update(audience_keys=[f"person:{owner.pk}"], title=f"{CANARY} now")
    assert CANARY not in client.get(run.get_absolute_url()).content.decode()
    done = client.post(reverse("core:bulk-apply", args=[run.pk]), follow=True).content.decode()
    assert outcomes(run) == ["done", "refused", "done"]
    assert owners(hidden) == [owner]
    assert CANARY not in done
    assert hidden.code not in done


def test_neg_03_rights_are_asked_again_when_the_work_runs(browse, author, owner, reader, documents):
    client = browse(author)
    run, _page = hand_over(client, reader, *documents)
    author.groups.clear()
    client.post(reverse("core:bulk-apply", args=[run.pk]))
    assert owners(*documents) == [owner] * 3


def test_neg_03_a_right_that_is_lost_while_the_work_runs_is_lost_for_the_rest(
    browse, author, owner, reader, documents, monkeypatch
):
    run, _page = hand_over(browse(author), reader, *documents)
    action, done = bulk.action_of(run), []

    def apply(record, person, values):
        action.apply(record, person, values)
        done.append(record)
        Person.objects.filter(pk=author.pk).update(is_active=False)

    monkeypatch.setattr(bulk, "AT_A_TIME", 1)
    monkeypatch.setitem(bulk._actions["documents"], "owner", replace(action, apply=apply))
    bulk.go(run)
    assert len(done) == 1
    assert outcomes(run) == ["done", "refused", "refused"]
    assert owners(*documents) == [reader, owner, owner]


def test_neg_03_a_run_belongs_to_who_asked(browse, author, owner, reader, documents):
    run, _page = hand_over(browse(author), reader, *documents)
    for name in ("bulk-run", "bulk-apply", "bulk-undo"):
        address = reverse(f"core:{name}", args=[run.pk])
        assert browse(owner).post(address, {"owner": owner.email}).status_code == 404
        missing = reverse(f"core:{name}", args=[run.pk + 1000])
        assert browse(author).post(missing).status_code == 404
    assert owners(*documents) == [owner] * 3


def test_a_get_never_changes_anything(browse, author, owner, reader, documents):
    client = browse(author)
    run, _page = hand_over(client, reader, *documents)
    assert client.get(reverse("core:bulk-apply", args=[run.pk])).status_code == 405
    assert client.get(reverse("core:bulk", args=["documents"])).status_code == 405
    assert owners(*documents) == [owner] * 3


def test_twice_is_once(browse, author, reader, documents):
    client = browse(author)
    run, _page = hand_over(client, reader, *documents)
    for _press in range(2):
        client.post(reverse("core:bulk-apply", args=[run.pk]))
    assert LedgerLine.objects.filter(event="owner_changed").count() == 3
    assert LedgerLine.objects.filter(event="bulk_applied").count() == 1


def test_what_changed_meanwhile_is_left_as_it_is(browse, author, owner, reader, approver, documents):
    client = browse(author)
    run, _page = hand_over(client, reader, *documents)
    Document.objects.filter(pk=documents[0].pk).update(owner=approver)
    done = client.post(reverse("core:bulk-apply", args=[run.pk]), follow=True).content.decode()
    assert outcomes(run) == ["left", "done", "done"]
    assert owners(documents[0]) == [approver]
    assert "It has changed since you looked" in done


def test_a_wrong_answer_is_told_at_the_field_and_kept(browse, author, documents):
    client = browse(author)
    ask(client, "owner", *documents)
    run = BulkRun.objects.get()
    answer = client.post(run.get_absolute_url(), {"owner": "Nobody Known", "reason": "Because"})
    assert answer.status_code == 422
    assert "Nobody here is called “Nobody Known”" in answer.content.decode()
    assert 'value="Because"' in answer.content.decode()
    run.refresh_from_db()
    assert run.stage == "asking"


def test_nothing_chosen_and_no_such_action_are_refused(browse, author, reader, documents):
    assert ask(browse(author), "owner").status_code == 422
    assert ask(browse(author), "burn", *documents).status_code == 422
    assert ask(browse(reader), "owner", *documents).status_code == 403
    assert browse(author).post(reverse("core:bulk", args=["spells"]), {"action": "owner"}).status_code == 404
    assert not BulkRun.objects.exists()


def test_too_many_at_once_are_refused(browse, author, documents, monkeypatch):
    monkeypatch.setattr(bulk, "MOST", 2)
    assert ask(browse(author), "watch", *documents).status_code == 409
    assert ask(browse(author), "watch", every="1").status_code == 409


def test_many_are_watched_at_once_by_anybody_who_sees_them(browse, reader, documents, author, owner):
    hidden = new_draft(author, owner, title="Not released").document
    client = browse(reader)
    ask(client, "watch", *documents, hidden)
    run = BulkRun.objects.get()
    assert (outcomes(run), run.missing) == (["change"] * 3, 1)
    client.post(reverse("core:bulk-apply", args=[run.pk]))
    assert Watch.objects.filter(person=reader, is_watching=True).count() == 3
    ask(client, "watch", documents[0])
    assert outcomes(BulkRun.objects.latest("pk")) == ["unchanged"]
    ask(client, "unwatch", *documents)
    client.post(reverse("core:bulk-apply", args=[BulkRun.objects.latest("pk").pk]))
    assert Watch.objects.filter(person=reader, is_watching=True).count() == 0


def test_many_are_looked_at_and_changed_by_a_worker_with_progress(
    browse, author, owner, reader, documents, monkeypatch
):
    monkeypatch.setattr(bulk, "INLINE", 1)
    monkeypatch.setattr(bulk, "AT_A_TIME", 2)
    client = browse(author)
    run, page = hand_over(client, reader, *documents)
    assert run.stage == "preparing"
    assert "You can leave this page" in page
    assert client.post(run.get_absolute_url(), {"owner": owner.email}).status_code == 409
    jobs.run_waiting(5)
    run.refresh_from_db()
    assert (run.stage, outcomes(run)) == ("ready", ["change"] * 3)
    client.post(reverse("core:bulk-apply", args=[run.pk]))
    assert owners(*documents) == [owner] * 3
    run.refresh_from_db()
    assert run.stage == "applying"
    jobs.run_waiting(5)
    run.refresh_from_db()
    assert (run.stage, run.job.done_count, run.job.total) == ("done", 3, 3)
    assert owners(*documents) == [reader] * 3
    notices = client.get(reverse("core:notices")).content.decode()
    assert "What you asked of many records is done" in notices


def test_the_work_of_a_killed_worker_is_finished_and_nothing_happens_twice(
    browse, author, reader, documents, monkeypatch
):
    monkeypatch.setattr(bulk, "INLINE", 1)
    client = browse(author)
    run, _page = hand_over(client, reader, *documents)
    jobs.run_waiting(5)
    run.refresh_from_db()
    bulk.go(run)
    walk = bulk._go(run)
    next(walk)  # the worker dies after the first record
    jobs.run_waiting(5)
    assert outcomes(run) == ["done"] * 3
    assert LedgerLine.objects.filter(event="owner_changed").count() == 3
    assert owners(*documents) == [reader] * 3


def test_an_answer_that_no_longer_holds_stops_the_work(browse, author, owner, reader, documents):
    client = browse(author)
    run, _page = hand_over(client, reader, *documents)
    Person.objects.filter(pk=reader.pk).update(is_active=False)
    client.post(reverse("core:bulk-apply", args=[run.pk]))
    assert owners(*documents) == [owner] * 3
    assert BulkRow.objects.filter(outcome="done").count() == 0


def test_two_workers_at_one_run_do_each_row_once(browse, author, reader, documents):
    """A worker that was silent for too long is taken for dead and may still go on."""
    run, _page = hand_over(browse(author), reader, *documents)
    silent, successor = bulk._go(run), bulk._go(BulkRun.objects.get(pk=run.pk))
    next(silent)
    for worker in (successor, silent):  # the rows of the second were read before the first did them
        for _done in worker:
            pass
    assert outcomes(run) == ["done"] * 3
    assert LedgerLine.objects.filter(event="owner_changed").count() == 3


def test_a_run_whose_request_is_still_at_it_has_a_page_and_one_that_was_left_says_so(browse, author, reader, documents):
    client = browse(author)
    run, _page = hand_over(client, reader, *documents)
    begun = BulkRun.objects.filter(pk=run.pk)
    begun.update(apply_asked_at=timezone.now())
    assert "The records are being changed." in client.get(run.get_absolute_url()).content.decode()
    begun.update(apply_asked_at=timezone.now() - timedelta(minutes=2))
    assert "The work was stopped" in client.get(run.get_absolute_url()).content.decode()


def test_who_handed_over_all_they_had_sees_what_came_of_it(browse, author, owner, approver, reader):
    mine = released(author, owner, approver).document
    client = browse(owner)
    run, _page = hand_over(client, reader, mine)
    done = client.post(reverse("core:bulk-apply", args=[run.pk]), follow=True)
    assert (done.status_code, "1 record was changed." in done.content.decode()) == (200, True)
