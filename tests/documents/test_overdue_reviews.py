"""A review that is overdue reaches the owner's manager: the mail, where its link leads, and what can be done there."""

from datetime import timedelta

import pytest
from django.core import mail
from django.urls import reverse
from django.utils import timezone

from actions.reminders import remind
from core.digests import mail_notices
from core.lifecycle import NotAllowed
from core.models import Notice
from core.outbox import relay
from documents.keeping import change_facts
from documents.models import Document, Review
from documents.reviewing import record_review
from people.models import Person
from tests.cast import flat, released, signed, signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def manager(make_person, owner):
    boss = make_person("Mona Manager", "manager")
    Person.objects.filter(pk=owner.pk).update(manager=boss)
    return boss


@pytest.fixture
def overdue(author, owner, approver, manager):
    """A document whose review fell due fifteen days ago."""
    document = released(author, owner, approver).document
    due_on = timezone.localdate() - timedelta(days=15)
    change_facts(document, by=Person.objects.get(pk=owner.pk), values={"review_due_on": due_on})
    return Document.objects.get(pk=document.pk)


def test_the_managers_mail_leads_to_a_page_on_which_the_manager_can_review(overdue, owner, manager, settings):
    settings.PORTAL_MAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    remind()
    mail_notices()
    relay()
    [told] = Notice.objects.filter(person=manager, topic="reminders")
    assert told.text.endswith(f"waits for {owner}: Review {overdue.code}: {overdue.title}")
    assert told.text.startswith("Overdue since ")
    [sent] = [one for one in mail.outbox if one.to == [manager.email]]
    assert overdue.get_absolute_url() in sent.body
    browser = signed_in(manager)
    page = browser.get(told.url)
    assert page.status_code == 200
    assert f"It waits for {owner}, who owns the document." in flat(page.content.decode())
    review = reverse("documents:review", args=[overdue.code])
    assert review in page.content.decode()
    form = flat(browser.get(review).content.decode())
    assert "Reviewed, no change" in form
    assert f"If it should change, say so to {owner}, who owns it." in form


def test_the_managers_review_starts_the_clock_again_and_is_in_the_ledger(overdue, manager):
    record_review(overdue, Review.Outcome.NO_CHANGE, by=manager, note="Read it", signature=signed(manager))
    overdue.refresh_from_db()
    assert overdue.review_due_on > timezone.localdate()
    assert overdue.reviews.get().reviewed_by == manager


def test_a_manager_who_may_not_write_opens_no_draft(overdue, manager):
    with pytest.raises(NotAllowed):
        record_review(overdue, Review.Outcome.CHANGE, by=manager, note="Colder")
    assert overdue.open_version() is None
    page = signed_in(manager).post(
        reverse("documents:review", args=[overdue.code]), {"outcome": "change", "note": "Colder"}
    )
    assert page.status_code == 422


def test_another_manager_and_one_outside_the_audience_may_not_review(overdue, owner, manager, make_person):
    other = make_person("Otis Other", "manager")
    assert not other.has_perm("documents.review_document", overdue)
    assert manager.has_perm("documents.review_document", overdue)
    overdue.audience = Document.Audience.NAMED
    overdue.save(by=owner)
    overdue.refresh_audience()
    assert not manager.has_perm("documents.review_document", Document.objects.get(pk=overdue.pk))


def test_the_owner_sees_on_the_page_that_the_review_is_overdue_and_readers_do_not(overdue, owner, reader):
    assert "Its review is overdue since" in signed_in(owner).get(overdue.get_absolute_url()).content.decode()
    assert "Its review is overdue since" not in signed_in(reader).get(overdue.get_absolute_url()).content.decode()


def test_home_and_inbox_show_a_manager_what_is_late_in_the_team(overdue, owner, manager, reader):
    browser = signed_in(manager)
    assert "1 thing is late with the people who report to you" in flat(browser.get("/").content.decode())
    page = flat(browser.get("/inbox/?show=team").content.decode())
    assert overdue.title in page
    assert f"for {owner}" in page
    assert f'href="{overdue.get_absolute_url()}"' in page
    assert "report to you" not in flat(signed_in(reader).get("/").content.decode())
    assert "Late in my team" not in signed_in(reader).get("/inbox/").content.decode()


def test_neg_11_what_the_manager_may_not_see_is_not_late_in_the_team(overdue, owner, manager):
    overdue.audience = Document.Audience.NAMED
    change_facts(overdue, by=Person.objects.get(pk=owner.pk), values={"audience": Document.Audience.NAMED})
    assert overdue.title not in signed_in(manager).get("/inbox/?show=team").content.decode()
    assert "report to you" not in flat(signed_in(manager).get("/").content.decode())
