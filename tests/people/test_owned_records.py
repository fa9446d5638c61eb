"""Who sees an owned record, shown on the trial kind: the rules of documents, without versions."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from core.lifecycle import NotAllowed, Refused
from people.models import JobRole, Person
from people.sharing import end_share, share
from tests.trial.models import Forklift, ForkliftGrant

pytestmark = pytest.mark.django_db


@pytest.fixture
def forklift(owner: Person) -> Forklift:
    """forklift: open to everyone, owned by the owner."""
    truck = Forklift(code="FL-1", title="Reach truck", owner=owner, department=owner.department)
    truck.save(by=owner)
    return truck


def seen(forklift: Forklift, person: Person) -> bool:
    return Forklift.objects.visible_to(Person.objects.get(pk=person.pk)).filter(pk=forklift.pk).exists()


def hide(forklift: Forklift) -> None:
    forklift.audience = Forklift.Audience.NAMED
    forklift.save(by=forklift.owner)


def test_open_record_is_seen_by_everyone(forklift, outsider):
    assert seen(forklift, outsider)


def test_nobody_inactive_sees_anything(forklift, outsider):
    outsider.is_active = False
    outsider.save()
    assert not seen(forklift, outsider)


def test_department_audience_reaches_the_department_alone(forklift, reader, outsider):
    forklift.audience = Forklift.Audience.DEPARTMENT
    forklift.save(by=forklift.owner)
    assert (seen(forklift, reader), seen(forklift, outsider)) == (True, False)


def test_department_audience_needs_a_department(forklift):
    forklift.audience, forklift.department = Forklift.Audience.DEPARTMENT, None
    with pytest.raises(ValidationError, match="department"):
        forklift.full_clean()


def test_confidential_record_is_hidden_from_officers(forklift, author, auditor, owner, reader):
    hide(forklift)
    assert [seen(forklift, person) for person in (author, auditor, owner, reader)] == [False, True, True, False]


def test_named_people_and_roles_see_confidential_record(forklift, reader, outsider, approver):
    role = JobRole.objects.create(name="Dock lead")
    outsider.job_roles.add(role)
    hide(forklift)
    forklift.set_readers(people=[reader], roles=[role], by=forklift.owner)
    assert [seen(forklift, person) for person in (reader, outsider, approver)] == [True, True, False]


def test_who_works_on_it_sees_it(forklift, reader):
    hide(forklift)
    forklift.drivers.add(reader)
    forklift.refresh_audience()
    assert seen(forklift, reader)


def test_stale_copy_does_not_bring_back_old_readers(forklift, reader):
    hide(forklift)
    forklift.set_readers(people=[reader], roles=[], by=forklift.owner)
    old = Forklift.objects.get(pk=forklift.pk)
    forklift.set_readers(people=[], roles=[], by=forklift.owner)
    old.title = "Renamed"
    old.save(by=forklift.owner)
    assert not seen(forklift, reader)


def test_share_opens_until_its_day_ends(forklift, outsider, owner):
    hide(forklift)
    grant = share(forklift, by=owner, until=timezone.localdate(), person=outsider)
    assert seen(forklift, outsider)
    ForkliftGrant.objects.filter(pk=grant.pk).update(expires_at=timezone.now() - timedelta(seconds=1))
    assert not seen(forklift, outsider)


def test_share_with_role_opens_for_its_people(forklift, outsider, reader, owner):
    role = JobRole.objects.create(name="Dock lead")
    outsider.job_roles.add(role)
    hide(forklift)
    share(forklift, by=owner, until=timezone.localdate(), role=role)
    assert [seen(forklift, person) for person in (outsider, reader)] == [True, False]


def test_sharing_twice_moves_the_date(forklift, outsider, owner):
    today = timezone.localdate()
    share(forklift, by=owner, until=today, person=outsider)
    share(forklift, by=owner, until=today + timedelta(days=7), person=outsider)
    assert forklift.grants.get().expires_at.date() > today


def test_ended_share_closes_the_record(forklift, outsider, owner):
    hide(forklift)
    end_share(forklift, share(forklift, by=owner, until=timezone.localdate(), person=outsider), by=owner)
    assert not seen(forklift, outsider)


def test_reader_may_not_share(forklift, reader, outsider):
    with pytest.raises(NotAllowed):
        share(forklift, by=reader, until=timezone.localdate(), person=outsider)


def test_share_needs_one_receiver(forklift, owner):
    with pytest.raises(Refused):
        share(forklift, by=owner, until=timezone.localdate())


def test_owner_and_officer_may_change(forklift, owner, author, reader):
    may = [person.has_perm("trial.change_forklift", forklift) for person in (owner, author, reader)]
    assert may == [True, True, False]


def test_officer_may_not_change_what_is_hidden(forklift, author):
    hide(forklift)
    assert not author.has_perm("trial.change_forklift", forklift)


def test_history_names_person_and_reason(forklift, author):
    forklift.title = "Counterbalance truck"
    forklift.save(by=author, reason="it is another one")
    line = forklift.history.first()
    assert (line.history_user, line.history_change_reason, line.title) == (author, "it is another one", forklift.title)


def test_many_audiences_cost_as_many_queries_as_one(owner, reader):
    trucks = [Forklift(code=f"FL-{n}", title="Truck", owner=owner) for n in range(8)]
    for truck in trucks:
        truck.save(by=owner)
        truck.drivers.add(reader)
    counts = []
    for some in (trucks[:1], trucks[1:]):
        with CaptureQueriesContext(
            connection,
        ) as queries:
            Forklift.refresh_audiences(some)
        counts.append(len(queries))
    assert counts[0] == counts[1]
