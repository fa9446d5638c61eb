"""One confidential document for one person or role, until a date."""

from datetime import date, timedelta

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone

from core.lifecycle import NotAllowed
from core.models import CatalogEntry
from documents.models import Document
from documents.sharing import end_share, share
from people.models import JobRole, Person
from tests.cast import flat, released


@pytest.fixture
def confidential(author, owner, approver):
    return released(author, owner, approver, audience="named").document


def sees(person: Person, document: Document) -> bool:
    person = Person.objects.get(pk=person.pk)
    by_index = CatalogEntry.objects.visible_to(person).filter(code=document.code).exists()
    assert Document.objects.visible_to(person).filter(pk=document.pk).exists() == by_index
    return by_index


def test_a_person_sees_it_until_the_end_of_the_day_and_no_longer(confidential, owner, outsider):
    assert not sees(outsider, confidential)
    share(confidential, by=owner, until=timezone.localdate() + timedelta(days=2), reason="Audit", person=outsider)
    assert sees(outsider, confidential)
    with time_machine.travel(timezone.now() + timedelta(days=3, hours=1)):
        assert not sees(outsider, confidential)


def test_everybody_in_a_role_sees_it_and_ending_the_grant_ends_it_at_once(confidential, owner, outsider):
    role = JobRole.objects.create(name="Dock lead")
    outsider.job_roles.add(role)
    grant = share(confidential, by=owner, until=timezone.localdate(), reason="Handover", role=role)
    assert sees(outsider, confidential)
    end_share(confidential, grant, by=owner)
    assert not sees(outsider, confidential)


def test_who_may_only_read_it_may_not_share_it(confidential, owner, outsider, reader):
    share(confidential, by=owner, until=timezone.localdate(), reason="Audit", person=outsider)
    with pytest.raises(NotAllowed):
        share(confidential, by=outsider, until=timezone.localdate(), reason="Friend", person=reader)


def test_the_page_names_the_last_day_as_it_was_chosen(confidential, owner, outsider, browse):
    share(confidential, by=owner, until=date(2031, 10, 3), reason="Audit", person=outsider)
    page = flat(browse(owner).get(reverse("documents:share", args=[confidential.code])).content.decode())
    assert 'until <time datetime="2031-10-03">3 Oct 2031</time>' in page
