"""Look at everything the portal needs and say what is wrong, in words an administrator can act on."""

import ctypes
import json
import uuid
from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.contrib.staticfiles.storage import staticfiles_storage
from django.core.cache import cache
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError, connection
from django.test import RequestFactory

from processportal import health
from processportal.run import PDF_LIBRARIES

Finding = tuple[str, str, str]
HINTS = {
    ("migrations", "missing"): "missing: manage.py migrate",
    ("worker", "never seen"): "never seen: celery -A processportal worker",
}


class Command(BaseCommand):
    """`manage.py selfcheck`: one line per thing; ends with an error when something needed is broken."""

    help = "Check database, rights, broker, worker, files, and what PDF needs."

    def handle(self, *args: Any, **options: Any) -> None:
        findings = [*_health()]
        if findings[0][0] == "ok":
            findings += [_role(), _cache()]
        findings += [_files(), _static_files(), _proxy(), _mail(), _pdf()]
        for state, name, said in findings:
            self.stdout.write(f"{state:<8} {name:<12} {said}")
        if any(state == "broken" for state, _, _ in findings):
            raise CommandError("Something the portal needs is broken.")


def _health() -> Iterator[Finding]:
    answer = json.loads(health.ready(RequestFactory().get("/healthz/ready")).content)
    for name, said in answer["checks"].items():
        bad = "broken" if name in ("database", "migrations") else "degraded"
        yield ("ok" if said == "ok" else bad), name, HINTS.get((name, said)) or said
        if (name, said) == ("database", "does not answer"):
            yield "broken", name, _why_no_database()


def _why_no_database() -> str:
    try:
        connection.ensure_connection()
    except DatabaseError as error:
        return " ".join(str(error).split())
    return "answered now"


def _role() -> Finding:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user, EXISTS (SELECT FROM pg_tables WHERE tableowner = current_user)")
        role, owns = cursor.fetchone()
    if owns:
        return (
            "degraded",
            "role",
            f"{role} owns the tables: set APP_DATABASE_URL, or the ledger is only kept by a trigger",
        )
    return "ok", "role", f"{role} owns no table"


def _cache() -> Finding:
    key, value = f"selfcheck-{uuid.uuid4().hex}", "kept"
    cache.set(key, value, 60)
    return ("ok", "cache", "kept") if cache.get(key) == value else ("broken", "cache", "did not keep a value")


def _files() -> Finding:
    try:
        name = default_storage.save(f"selfcheck-{uuid.uuid4().hex}", ContentFile(b"kept"))
        with default_storage.open(name) as file:
            same = file.read() == b"kept"
        default_storage.delete(name)
    except OSError as error:
        return "broken", "attachments", str(error)
    return ("ok" if same else "broken"), "attachments", str(settings.MEDIA_ROOT)


def _static_files() -> Finding:
    try:
        staticfiles_storage.url("favicon.svg")
    except ValueError:
        return "broken", "static", "files are not collected, no page can be shown: manage.py collectstatic"
    return "ok", "static", "files are collected"


def _proxy() -> Finding:
    if settings.SERVED_OVER_HTTPS and not settings.PORTAL_TRUSTED_PROXIES:
        said = "PORTAL_BASE_URL is https and no proxy trusted: every page leads to itself. Set PORTAL_TRUSTED_PROXIES=1"
        return "degraded", "proxy", said
    return "ok", "proxy", f"{settings.PORTAL_TRUSTED_PROXIES} in front of {settings.PORTAL_BASE_URL}"


def _mail() -> Finding:
    if settings.PORTAL_MAIL_BACKEND.endswith("console.EmailBackend"):
        return "degraded", "mail", "is only printed to the log: set EMAIL_URL"
    return "ok", "mail", settings.PORTAL_MAIL_BACKEND


def _pdf() -> Finding:
    for library in PDF_LIBRARIES:
        try:
            ctypes.CDLL(library)
        except OSError:
            return "degraded", "PDF", f"{library} is missing: apt-get install libpango-1.0-0 libpangoft2-1.0-0"
    return "ok", "PDF", "libraries are there"
