"""Look at everything the portal needs and say what is wrong, in words an administrator can act on."""

import ctypes
import json
import uuid
from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.management.base import BaseCommand, CommandError
from django.db import connection
from django.test import RequestFactory

from processportal import health
from processportal.run import PDF_LIBRARIES

Finding = tuple[str, str, str]


class Command(BaseCommand):
    """`manage.py selfcheck`: one line per thing; ends with an error when something needed is broken."""

    help = "Check database, rights, broker, worker, files, and what PDF needs."

    def handle(self, *args: Any, **options: Any) -> None:
        findings = [*_health(), _role(), _cache(), _files(), _pdf()]
        for state, name, said in findings:
            self.stdout.write(f"{state:<8} {name:<12} {said}")
        if any(state == "broken" for state, _, _ in findings):
            raise CommandError("Something the portal needs is broken.")


def _health() -> Iterator[Finding]:
    answer = json.loads(health.ready(RequestFactory().get("/healthz/ready")).content)
    for name, said in answer["checks"].items():
        bad = "broken" if name in ("database", "migrations") else "degraded"
        yield ("ok" if said == "ok" else bad), name, said


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


def _pdf() -> Finding:
    for library in PDF_LIBRARIES:
        try:
            ctypes.CDLL(library)
        except OSError:
            return "degraded", "PDF", f"{library} is missing: apt-get install libpango-1.0-0 libpangoft2-1.0-0"
    return "ok", "PDF", "libraries are there"
