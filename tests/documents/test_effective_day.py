"""The day a version takes effect is the one the organisation chose, wherever who reads it is."""

from datetime import timedelta

import pytest
from django.utils import timezone
from django.utils.formats import date_format

from people.models import Person
from tests.cast import approve, new_draft, retype


@pytest.mark.parametrize("there", ["Europe/Berlin", "America/New_York", "Pacific/Auckland"])
def test_the_chosen_day_is_the_day_on_every_page(browse, author, owner, approver, settings, there):
    settings.TIME_ZONE = there
    Person.objects.update(time_zone="America/Los_Angeles")
    chosen = timezone.localdate(timezone=timezone.get_default_timezone()) + timedelta(days=5)
    draft = retype(new_draft(author, owner, review_months=12), author, b"<p>Soon.</p>", planned_on=chosen)
    version = approve(draft, author, approver)
    said, client = date_format(chosen, "DATE_FORMAT"), browse(owner)
    page = client.get(version.document.get_absolute_url()).content.decode()
    assert f'<time datetime="{chosen.isoformat()}">{said}</time>' in page
    assert f"It takes effect on {said}." in page
    assert f"effective {said}" in page  # on paper
    assert f"{said} – " in page  # among the versions
    assert said in client.get("/documents/?columns=effective").content.decode()


@pytest.mark.parametrize("there", ["Europe/Berlin", "America/New_York"])
def test_the_next_review_is_counted_from_that_day(author, owner, approver, settings, there):
    settings.TIME_ZONE = there
    chosen = timezone.localdate(timezone=timezone.get_default_timezone()) + timedelta(days=5)
    draft = retype(new_draft(author, owner, review_months=12), author, b"<p>Soon.</p>", planned_on=chosen)
    due = approve(draft, author, approver).document.review_due_on
    assert (due.month, due.day) in {(chosen.month, chosen.day), (2, 28)}
