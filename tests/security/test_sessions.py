"""Sessions end. Each test is named for what must not happen."""

from datetime import timedelta

import pytest
import time_machine
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from core.models import LedgerLine
from people.models import SignedIn
from tests.cast import PASSWORD, released

pytestmark = pytest.mark.django_db


def is_in(client):
    return client.get(reverse("people:preferences")).status_code == 200


def later(**how):
    return time_machine.travel(timezone.now() + timedelta(**how), tick=True)


def test_idle_session_does_not_stay_open(reader, author, administrator, browse):
    staff, officer, admin = browse(reader), browse(author), browse(administrator)
    for client in (staff, officer, admin):
        assert is_in(client)
    with later(minutes=70):
        assert not is_in(officer)
        assert not is_in(admin)
        assert is_in(staff)
    with later(minutes=70 + 490):
        assert not is_in(staff)
    assert LedgerLine.objects.filter(event="session_ended", actor=reader).exists()


def test_busy_session_does_not_last_for_ever(reader, browse, settings):
    settings.PORTAL_SESSION_HOURS, settings.PORTAL_IDLE_MINUTES = 10, 480
    client = browse(reader)
    for hours in (4, 8):
        with later(hours=hours):
            assert is_in(client)
    with later(hours=11):
        assert not is_in(client)


def test_session_that_was_ended_elsewhere_does_not_go_on(reader, outsider, browse):
    here, there, foreign = browse(reader), browse(reader), browse(outsider)
    for client in (here, there, foreign):
        assert is_in(client)
    assert "This session" in here.get(reverse("people:sessions")).content.decode()
    other = SignedIn.objects.get(session_key=there.session.session_key)
    assert foreign.post(reverse("people:session-end", args=[other.pk])).status_code == 404
    assert here.post(reverse("people:session-end", args=[other.pk])).status_code == 302
    assert not is_in(there)
    assert is_in(here)


def test_key_of_a_session_is_not_kept_at_reauthentication(reader):
    client = Client()
    client.post(reverse("account_login"), {"login": reader.email, "password": PASSWORD})
    before = client.session.session_key
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    assert client.session.session_key != before
    assert is_in(client)
    assert SignedIn.objects.filter(person=reader).count() == 1


def test_administrator_does_not_work_without_a_second_step(administrator, reader, browse, settings):
    settings.PORTAL_SECOND_STEP_FOR_ADMINISTRATORS = True
    client = browse(administrator)
    answer = client.get(reverse("people:list"))
    assert (answer.status_code, answer["Location"]) == (302, reverse("mfa_index"))
    assert client.get(reverse("mfa_index")).status_code in (200, 302)
    assert browse(reader).get(reverse("people:list")).status_code == 200
    TOTP.activate(administrator, generate_totp_secret())
    assert client.get(reverse("people:list")).status_code == 200


def test_browser_keeps_no_copy_of_what_is_confidential(author, owner, approver, auditor, browse):
    secret = released(author, owner, approver, audience="named").document
    client = browse(auditor)
    for address in (
        secret.get_absolute_url(),
        reverse("documents:history", args=[secret.code]),
        reverse("people:preferences"),
        reverse("core:audit-log"),
        reverse("account_change_password"),
    ):
        assert "no-store" in client.get(address)["Cache-Control"], address
