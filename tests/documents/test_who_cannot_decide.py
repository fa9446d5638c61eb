"""Who was chosen and cannot decide: the pages say why, and whom the version waits for."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from documents.submission import StepPlan, submit
from people.leaving import deactivate
from people.standing_in import delegate
from tests.cast import flat, new_draft

pytestmark = pytest.mark.django_db


@pytest.fixture
def version(author, owner, approver):
    version = new_draft(author, owner)
    submit(version, by=author, plan=[StepPlan("Approved for use", people=[approver])])
    return version


def test_an_author_who_stands_in_reads_that_it_is_their_own_text(version, author, approver, browse):
    today = timezone.localdate()
    delegate(approver, to=author, starts_on=today, ends_on=today + timedelta(days=2), by=approver)
    page = browse(author).get(reverse("documents:version-decide", args=[version.document.code, 1]))
    assert "Nobody decides on their own text, also not in place of somebody who is away." in flat(page.content.decode())


def test_who_was_deactivated_meanwhile_is_marked_in_the_route(version, author, approver, administrator, browse):
    address = version.get_absolute_url()
    assert "Deactivated" not in browse(author).get(address).content.decode()
    deactivate(approver, by=administrator, reason="Left")
    page = flat(browse(author).get(address).content.decode())
    assert "Deactivated" in page[page.index("Route of version") :]
