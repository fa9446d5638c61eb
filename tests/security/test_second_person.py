"""What one administrator cannot do alone. Each test is named for what must not happen."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from core.lifecycle import NotAllowed, Refused
from core.models import LedgerLine, Notice
from documents.models import Document, DocumentGrant, State, Version
from documents.sharing import share
from documents.submission import StepPlan, submit
from people import leaving
from people.changing import change_person
from people.confirming import confirm, decline
from people.models import Confirmation, Delegation, JobRole, Person
from people.standing_in import delegate
from tests.cast import new_draft, released

pytestmark = pytest.mark.django_db


@pytest.fixture
def second(make_person):
    return make_person("Sam Second", "staff", "administrator")


@pytest.fixture
def secret(author, owner, approver):
    version = released(author, owner, approver, title="Secret", audience="named")
    version.document.readers.set([owner])
    version.document.refresh_audience()
    return version.document


def days():
    return {"starts_on": timezone.localdate(), "ends_on": timezone.localdate() + timedelta(days=5)}


def fresh(person):
    return Person.objects.get(pk=person.pk)


# --- delegation --------------------------------------------------------------------------------------------------


def test_administrator_does_not_make_themself_a_delegate(administrator, owner):
    with pytest.raises(Refused, match="does not make themself"):
        delegate(owner, to=administrator, by=administrator, **days())
    assert not Delegation.objects.exists()
    assert not Confirmation.objects.exists()
    assert LedgerLine.objects.filter(event="refused:delegate").exists()


def test_delegation_set_up_by_administrator_does_not_take_effect_unconfirmed(
    administrator, owner, reader, browse, outsider
):
    address = reverse("people:delegation", args=[owner.pk])
    answer = browse(administrator).post(address, {"to": reader.email, **days()})
    assert answer.status_code == 302
    assert f"person:{owner.pk}" not in fresh(reader).keys()  # noqa: SIM118
    asked = Confirmation.objects.get()
    for person in (administrator, reader, outsider):
        with pytest.raises(NotAllowed):
            confirm(asked, by=person)
    assert Notice.objects.filter(person=owner, text__contains="asks you to confirm").exists()
    page = browse(owner).get(reverse("people:confirmations")).content.decode()
    assert "Rita Reader is delegate of Omar Owner" in page
    browse(owner).post(reverse("people:confirmation", args=[asked.pk]), {"answer": "confirm"})
    assert f"person:{owner.pk}" in fresh(reader).keys()  # noqa: SIM118


def test_declined_or_old_confirmation_does_not_take_effect(administrator, second, owner, reader):
    asked = delegate(owner, to=reader, by=administrator, **days())
    decline(asked, by=second)
    with pytest.raises(Refused):
        confirm(asked, by=owner)
    again = delegate(owner, to=reader, by=administrator, **days())
    Confirmation.objects.filter(pk=again.pk).update(expires_at=timezone.now())
    with pytest.raises(Refused):
        confirm(again, by=owner)
    assert not Delegation.objects.exists()


def test_confirmation_of_others_is_not_found(administrator, owner, reader, outsider, browse):
    asked = delegate(owner, to=reader, by=administrator, **days())
    address = reverse("people:confirmation", args=[asked.pk])
    assert browse(outsider).post(address, {"answer": "confirm"}).status_code == 404
    assert "Omar Owner" not in browse(outsider).get(reverse("people:confirmations")).content.decode()


def test_what_a_delegation_opens_to_an_administrator_is_not_unlogged(administrator, second, owner, secret):
    confirm(delegate(owner, to=second, by=administrator, **days()), by=owner)
    line = LedgerLine.objects.get(event="confirmation_confirmed")
    assert secret.code in line.data["records"]


# --- groups ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("way", ["page", "verb", "job role"])
def test_administrator_does_not_open_confidential_records_to_themself_alone(administrator, second, secret, browse, way):
    before = [group.name for group in administrator.groups.all()]
    if way == "page":
        data = {"name": str(administrator), "email": administrator.email, "language": "en"}
        data |= {"department": administrator.department_id, "groups": [*before, "auditor"]}
        browse(administrator).post(reverse("people:change", args=[administrator.pk]), data)
    elif way == "verb":
        change_person(fresh(administrator), by=administrator, values={"groups": [*before, "auditor"]})
    else:
        role = JobRole.objects.create(name="Sees secrets")
        secret.reader_roles.add(role)
        secret.refresh_audience()
        secret.entry = None
        from core import catalog  # noqa: PLC0415

        catalog.refresh(secret)
        change_person(fresh(administrator), by=administrator, values={"job_roles": [role]})
    assert not Document.objects.visible_to(fresh(administrator)).filter(pk=secret.pk).exists()
    asked = Confirmation.objects.get(act="groups")
    with pytest.raises(NotAllowed):
        confirm(asked, by=administrator)
    confirm(asked, by=second)
    assert Document.objects.visible_to(fresh(administrator)).filter(pk=secret.pk).exists()
    assert secret.code in LedgerLine.objects.get(event="confirmation_confirmed").data["records"]


def test_only_administrator_cannot_confirm_for_themself(administrator, secret):
    with pytest.raises(Refused, match="second administrator"):
        change_person(administrator, by=administrator, values={"groups": ["administrator", "auditor"]})


# --- hand-over ---------------------------------------------------------------------------------------------------


def test_hand_over_to_oneself_does_not_happen_alone(administrator, second, owner, secret):
    asked = leaving.hand_over(owner, to=administrator, by=administrator, names=["documents"])
    secret.refresh_from_db()
    assert secret.owner == owner
    confirm(asked, by=second)
    secret.refresh_from_db()
    assert secret.owner == administrator


def test_hand_over_of_an_active_person_is_not_silent(administrator, owner, reader, secret):
    leaving.hand_over(owner, to=reader, by=administrator, names=["documents"])
    told = set(Notice.objects.filter(text__contains="handed over").values_list("person", flat=True))
    assert told == {owner.pk, reader.pk}


def test_hand_over_does_not_forget_what_the_administrator_may_not_read(
    administrator, owner, author, approver, reader, secret, browse
):
    new_draft(owner, author, title="A draft")
    page = browse(administrator).get(reverse("people:hand-over", args=[owner.pk]))
    assert "1 that you may not read" in page.content.decode()
    assert "Secret" not in page.content.decode()
    names = [name for name, _label in page.context["choices"]]
    assert {"documents", "drafts", "readerships"} <= set(names)
    leaving.hand_over(owner, to=reader, by=administrator, names=names)
    secret.refresh_from_db()
    assert secret.owner == reader
    assert list(secret.readers.all()) == [reader]
    assert Version.objects.get(title="A draft").author == reader
    assert owner.pk in Version.objects.get(title="A draft").makers()


def test_handed_over_approval_does_not_land_with_an_author(administrator, owner, author, approver, reader):
    version = new_draft(author, owner)
    submit(version, by=author, plan=[StepPlan("Approved", people=[approver])])
    assert leaving.hand_over(approver, to=author, by=administrator, names=["decisions"]) == {"decisions": 0}
    assert leaving.hand_over(approver, to=reader, by=administrator, names=["decisions"]) == {"decisions": 1}
    version.refresh_from_db()
    assert version.state == State.IN_REVIEW


def test_share_does_not_outlive_or_revive_with_an_account(administrator, owner, outsider, secret):
    share(secret, by=owner, until=timezone.localdate() + timedelta(days=30), reason="Needs it", person=outsider)
    assert Document.objects.visible_to(fresh(outsider)).filter(pk=secret.pk).exists()
    leaving.deactivate(outsider, by=administrator, reason="left")
    leaving.reactivate(fresh(outsider), by=administrator, reason="is back")
    assert not DocumentGrant.objects.exists()
    assert not Document.objects.visible_to(fresh(outsider)).filter(pk=secret.pk).exists()
    assert LedgerLine.objects.filter(event="unshared", record_id=secret.pk).exists()
