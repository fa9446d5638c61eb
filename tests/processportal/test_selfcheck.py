"""`manage.py selfcheck` says what an administrator can mend, also while the database is away."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import OperationalError, connection

from processportal.management.commands import selfcheck


def said():
    """What is printed, and whether something needed is broken."""
    out = StringIO()
    try:
        call_command("selfcheck", stdout=out)
    except CommandError:
        return out.getvalue(), True
    return out.getvalue(), False


@pytest.mark.django_db
def test_a_database_that_is_away_is_told_with_its_reason_and_the_rest_is_looked_at(monkeypatch):
    def away(*_arguments, **_options):
        raise OperationalError("password authentication failed")

    monkeypatch.setattr(connection, "cursor", away)
    monkeypatch.setattr(connection, "ensure_connection", away)
    text, broken = said()
    assert broken
    assert "password authentication failed" in text
    assert "attachments" in text
    assert "PDF" in text


@pytest.mark.django_db
def test_files_that_were_not_collected_are_told(monkeypatch):
    def missing(name):
        raise ValueError(name)

    monkeypatch.setattr(selfcheck.staticfiles_storage, "url", missing)
    text, broken = said()
    assert broken
    assert "manage.py collectstatic" in text


@pytest.mark.django_db
def test_https_without_a_trusted_proxy_and_mail_that_is_only_printed_are_told(settings):
    settings.SERVED_OVER_HTTPS, settings.PORTAL_TRUSTED_PROXIES = True, 0
    settings.PORTAL_MAIL_BACKEND = "django.core.mail.backends.console.EmailBackend"
    text, broken = said()
    assert not broken
    assert "PORTAL_TRUSTED_PROXIES=1" in text
    assert "set EMAIL_URL" in text
