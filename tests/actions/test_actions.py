"""Agreed work: done by its owner, verified by somebody else, extended within a cap, told to who is asked next."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from actions.kinds import ACTION
from actions.models import Action, Task
from actions.models.action import MAX_EXTENSION_DAYS
from core.catalog import entry_of
from core.kinds.changes import change
from core.ledger import lines_of
from core.lifecycle import NotAllowed, Refused, WrongState
from core.models import BulkRun, CatalogEntry, LedgerLine
from documents.keeping import change_facts
from people.fields import written
from people.leaving import hand_over
from people.models import Delegation, Person
from tests.cast import flat, released

pytestmark = pytest.mark.django_db

TODAY = timezone.localdate


def again(person: Person) -> Person:
    """The person as a new request meets them."""
    return Person.objects.get(pk=person.pk)


@pytest.fixture
def action(owner, auditor) -> Action:
    """action: the owner replaces the curtain within a week, the auditor verifies it."""
    return Action.agree(by=auditor, title="Replace the curtain", owner=owner, due_on=TODAY() + timedelta(days=7))


def done(action: Action, owner: Person) -> Action:
    return action.move("complete", by=owner, evidence="New curtain since Monday.")


def waiting(person: Person) -> list[str]:
    return list(Task.objects.waiting_for(again(person)).values_list("kind", flat=True))


def test_work_goes_from_owner_to_verifier(action, owner, auditor):
    assert (waiting(owner), waiting(auditor)) == (["act"], [])
    done(action, owner)
    assert (waiting(owner), waiting(auditor)) == ([], ["verify_action"])
    action.move("verify", by=auditor, comment="Seen at door 4.")
    assert (action.state, action.verified_by, waiting(auditor)) == ("verified", auditor, [])
    assert [line.event for line in lines_of(action)] == ["verify", "complete", "agreed"]


def test_owner_cannot_verify_own_action(action, owner):
    done(action, owner)
    with pytest.raises(NotAllowed):
        action.move("verify", by=again(owner), comment="Fine.")
    assert LedgerLine.objects.filter(event="refused:verify", record_id=action.pk).exists()


def test_former_owner_cannot_verify_what_others_finished(action, owner, author, auditor):
    action.move("reassign", by=auditor, to=author, comment="Knows doors better")
    action.move("complete", by=again(author), evidence="Done.")
    with pytest.raises(NotAllowed):
        action.move("verify", by=again(owner), comment="Fine.")
    with pytest.raises(NotAllowed):
        action.move("verify", by=again(author), comment="Fine.")  # an officer, but it was theirs


def test_delegate_of_owner_cannot_verify(action, owner, author):
    Delegation.objects.create(person=owner, delegate=author, starts_on=TODAY(), ends_on=TODAY())
    done(action, owner)
    with pytest.raises(NotAllowed):
        action.move("verify", by=again(author), comment="Fine.")


def test_database_refuses_owner_as_verifier(action, owner):
    with pytest.raises(IntegrityError), transaction.atomic():
        Action.objects.filter(pk=action.pk).update(verifier=owner)


def test_owner_and_verifier_are_two_people(owner):
    with pytest.raises(Refused, match="somebody else"):
        Action.agree(by=owner, title="Sweep", owner=owner, due_on=TODAY())


def test_done_twice_is_done_once(action, owner):
    done(action, owner)
    with pytest.raises(WrongState):
        done(action, owner)


def test_verifier_sends_back_with_reason(action, owner, auditor):
    done(action, owner)
    with pytest.raises(Refused, match="reason"):
        action.move("send_back", by=auditor)
    action.move("send_back", by=auditor, comment="The seal is still torn.")
    assert (action.state, waiting(owner)) == ("open", ["act"])


def test_due_date_is_extended_within_the_cap(action, owner, auditor):
    cap = action.first_due_on + timedelta(days=MAX_EXTENSION_DAYS)
    with pytest.raises(NotAllowed):
        action.move("extend", by=owner, until=cap, comment="Busy")
    with pytest.raises(Refused, match="up to"):
        action.move("extend", by=auditor, until=cap + timedelta(days=1), comment="Parts are late")
    action.move("extend", by=auditor, until=action.due_on + timedelta(days=30), comment="Parts are late")
    action.move("extend", by=auditor, until=cap, comment="Later still")
    with pytest.raises(Refused, match="2 times"):
        action.move("extend", by=auditor, until=cap, comment="Once more")
    assert Task.objects.open().get(key=f"act:{action.pk}").due_at == action.due_at


def test_dependency_must_be_done_first(action, owner, auditor):
    first = Action.agree(by=auditor, title="Order it", owner=owner, due_on=TODAY())
    action.needs([first], by=auditor)
    with pytest.raises(Refused, match=first.code):
        done(action, owner)
    with pytest.raises(Refused, match="itself"):
        first.needs([action], by=auditor)
    done(first, owner)
    assert done(action, owner).state == "done"


def test_cancelling_wants_a_reason_and_another_person(action, owner, auditor):
    with pytest.raises(NotAllowed):
        action.move("cancel", by=owner, comment="Not needed")
    action.move("cancel", by=auditor, comment="The door was bricked up")
    assert (action.state, waiting(owner)) == ("cancelled", [])


def test_action_is_hidden_where_its_source_is(author, owner, approver, auditor, outsider):
    secret = released(author, owner, approver, audience="named").document
    action = Action.agree(by=again(auditor), title="Hidden work", owner=owner, due_on=TODAY(), source=secret)
    seen = [Action.objects.visible_to(again(one)).filter(pk=action.pk).exists() for one in (owner, auditor, outsider)]
    assert seen == [True, True, False]
    assert "everyone" not in entry_of(action).audience_keys


def test_what_somebody_leaves_goes_to_another(action, owner, auditor, author, administrator):
    moved = hand_over(owner, to=author, by=administrator, names=["unfinished_actions"])
    action.refresh_from_db()
    assert (moved["unfinished_actions"], action.owner, owner.pk in action.owner_ids) == (1, author, True)
    assert waiting(author) == ["act"]


@pytest.mark.parametrize("title", ["", "   ", "\u200b"])
def test_action_without_words_is_refused(owner, auditor, title):
    with pytest.raises(Refused):
        Action.agree(by=auditor, title=title, owner=owner, due_on=TODAY())
    assert not Action.objects.exists()


def test_past_due_date_is_refused(owner, auditor):
    with pytest.raises(Refused, match="passed"):
        Action.agree(by=auditor, title="Late", owner=owner, due_on=TODAY() - timedelta(days=1))


def test_forms_of_moves_keep_what_was_typed(action, owner, auditor, outsider, browse):
    address = f"/actions/{action.code}/moves/complete/"
    assert browse(outsider).get(address).status_code == 403
    refused = browse(owner).post(address, {"evidence": " "})
    assert (refused.status_code, "Say what was done" in refused.content.decode()) == (422, True)
    assert browse(owner).post(address, {"evidence": "New curtain."}).status_code == 302
    page = browse(auditor).get(f"/actions/{action.code}/")
    assert "New curtain." in page.content.decode()
    early = browse(auditor).post(f"/actions/{action.code}/moves/send_back/", {"comment": ""})
    assert early.status_code == 422


def test_action_is_made_and_changed_in_the_browser(owner, auditor, author, browse):
    sent = {"title": "Paint the zone", "owner": written(owner), "due_on": TODAY() + timedelta(days=9)}
    sent |= {"verifier": written(auditor), "priority": 2, "kind": "corrective", "audience": "everyone"}
    refused = browse(auditor).post("/actions/new/", sent | {"verifier": written(owner)})
    assert (refused.status_code, "Choose somebody else than the owner" in flat(refused.content.decode())) == (422, True)
    made = browse(auditor).post("/actions/new/", sent)
    action = Action.objects.get()
    assert (made.status_code, action.owner_ids, action.first_due_on) == (302, [owner.pk], action.due_on)
    assert waiting(owner) == ["act"]
    edit = browse(auditor).get(f"/actions/{action.code}/edit/").content.decode()
    assert ('name="owner"' in edit, 'name="due_on"' in edit) == (False, False)
    for address in ("/actions/", "/actions/board/", f"/actions/{action.code}/history/", "/actions/?late=on"):
        assert browse(auditor).get(address).status_code == 200


def test_many_actions_get_another_owner_at_once(action, owner, author, reader, browse):
    client = browse(author)
    other = Action.agree(by=author, title="Oil the hinge", owner=owner, due_on=TODAY())
    chosen = {"pick": [action.pk, other.pk], "action": "reassign"}
    client.post("/bulk/action/", chosen)
    run = BulkRun.objects.get()
    client.post(f"/bulk/runs/{run.pk}/", {"to": written(reader), "reason": "Omar is away"})
    client.post(f"/bulk/runs/{run.pk}/apply/")
    assert set(Action.objects.values_list("owner", flat=True)) == {reader.pk}, run.rows.values_list("reason")


def test_owner_cannot_be_changed_past_the_move(action, owner, auditor, reader):
    with pytest.raises(NotAllowed, match="cannot be changed here"):
        change(ACTION, action, {"owner": reader}, by=auditor)
    assert Action.objects.get().owner == owner


def test_action_is_hidden_when_its_source_becomes_confidential(author, owner, approver, auditor, reader, outsider):
    document = released(author, owner, approver).document
    due_on = TODAY() + timedelta(days=7)
    action = Action.agree(by=auditor, title="Secret work", owner=owner, due_on=due_on, source=document)
    assert Action.objects.visible_to(again(reader)).filter(pk=action.pk).exists()
    change_facts(document, by=owner, values={"audience": "named", "readers": [outsider]})
    assert not Action.objects.visible_to(again(reader)).filter(pk=action.pk).exists()
    assert not CatalogEntry.objects.visible_to(again(reader)).filter(pk=entry_of(action).pk).exists()
    assert Action.objects.visible_to(again(owner)).filter(pk=action.pk).exists()
