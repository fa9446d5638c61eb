"""Dates, numbers, notices and tasks reach each person in their language and time zone, whoever wrote them."""

from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from allauth.mfa.base.forms import AuthenticateForm
from django.test import Client
from django.utils import timezone, translation
from django.utils.formats import date_format, localize

from actions.models import Task
from core.models import Notice
from documents.submission import StepPlan, submit
from people.standing_in import delegate
from tests.cast import new_draft, released

LATE_EVENING = datetime(2026, 11, 22, 23, 30, tzinfo=UTC)


@pytest.fixture
def gerda(make_person):
    """Reads German, in Berlin; one hour ahead of UTC in November."""
    return make_person("Gerda Grün", "staff", "manager", "officer", language="de", time_zone="Europe/Berlin")


def submitted_to(person, author, owner):
    version = new_draft(author, owner)
    return version, submit(version, by=author, plan=[StepPlan("Approved for use", people=[person])])


def test_german_dates_and_numbers_are_written_as_germans_write_them() -> None:
    with translation.override("de"):
        assert date_format(date(2026, 11, 22)) == "22. Nov. 2026"
        assert date_format(LATE_EVENING, "DATETIME_FORMAT") == "22. Nov. 2026, 23:30"
        assert date_format(date(2026, 3, 1), "SHORT_DATE_FORMAT") == "1. März"
        assert localize(1234.5, use_l10n=True) == "1234,5"
    with translation.override("en"):
        assert date_format(date(2026, 11, 22)) == "22 Nov 2026"
        assert localize(1234.5, use_l10n=True) == "1234.5"


@pytest.mark.django_db
def test_a_page_shows_days_in_the_readers_language_and_zone(author, owner, approver, gerda, make_person) -> None:
    ned = make_person("Ned North", "staff", language="en", time_zone="America/New_York")
    with time_machine.travel(LATE_EVENING, tick=False):
        version = released(author, owner, approver)
        seen = {}
        for person in (gerda, ned):
            client = Client()
            client.force_login(person)
            seen[person] = client.get(version.get_absolute_url()).content.decode()
    assert 'lang="de"' in seen[gerda]
    assert "23. Nov. 2026" in seen[gerda]
    assert "Gültig" in seen[gerda]
    assert "22 Nov 2026" in seen[ned]
    assert "Effective" in seen[ned]


@pytest.mark.django_db
def test_who_is_asked_reads_it_in_their_language_though_the_author_wrote_in_another(author, owner, gerda) -> None:
    with translation.override("en"):
        version, _route = submitted_to(gerda, author, owner)
    notice = Notice.objects.get(person=gerda, topic="asked")
    with translation.override("de"):
        day = date_format(timezone.localdate() + timedelta(days=7))
    assert notice.text == f"{author} bittet Sie, bis {day} über {version.code} zu entscheiden: {version.title}"
    task = Task.objects.get(person=gerda, kind="decide")
    with translation.override("de"):
        assert task.words == f"Über {version.code} entscheiden: {version.title}"
    with translation.override("en"):
        assert str(task) == f"Decide on {version.code}: {version.title}"


@pytest.mark.django_db
def test_an_english_author_is_told_in_english_by_a_german_approver(author, owner, gerda) -> None:
    version, route = submitted_to(gerda, author, owner)
    with translation.override("de"):
        route.decide("request_changes", by=gerda, seen_hash=version.manifest_hash, comment="Zu kalt")
    assert Notice.objects.filter(
        person=author, text=f"{gerda} asks for changes in {version.code}: {version.title}"
    ).exists()


@pytest.mark.django_db
def test_the_days_within_a_notice_are_written_in_the_language_of_who_reads_it(author, gerda) -> None:
    with time_machine.travel(LATE_EVENING, tick=False), translation.override("en"):
        delegate(author, to=gerda, starts_on=date(2026, 12, 1), ends_on=date(2026, 12, 24), by=author)
    said = Notice.objects.get(person=gerda, topic="delegation").text
    assert said == f"Sie vertreten {author} von 1. Dez. 2026 bis 24. Dez. 2026"


@pytest.mark.django_db
def test_a_percent_sign_in_a_title_harms_no_sentence(author, owner, gerda) -> None:
    version = new_draft(author, owner, title="Keep 70 % alcohol (100%s)")
    submit(version, by=author, plan=[StepPlan("Approved for use", people=[gerda])])
    with translation.override("de"):
        assert str(Task.objects.get(person=gerda)).endswith("Keep 70 % alcohol (100%s)")


def test_a_code_that_is_typed_is_not_called_a_number_of_a_document() -> None:
    """The second step of signing in asks for one, and the editor marks it: one word, one translation."""
    with translation.override("de"):
        assert str(AuthenticateForm.base_fields["code"].label) == "Code"
        assert translation.gettext("Number") == "Nummer"
