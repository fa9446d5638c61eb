"""Showing one document to somebody outside its audience until a date. The moment of expiry decides, not a worker:
a person's keys hold only grants that have not run out."""

from datetime import date, timedelta
from typing import Any

from django.contrib.auth.models import Permission
from django.db import transaction
from django.utils.translation import gettext as _t

from core import catalog
from core.ledger import record_line
from core.lifecycle import NotAllowed
from core.notices import tell
from core.safe.words import gettext_noop
from documents.models import Document, DocumentGrant, DocumentRoleGrant
from documents.moments import start_of_day
from people.models import JobRole, Person

Grant = DocumentGrant | DocumentRoleGrant


def share(
    document: Document, *, by: Any, until: date, reason: str, person: Person | None = None, role: JobRole | None = None
) -> Grant:
    """Let a person or everybody in a role read the document until the end of ``until``. Again: a new date."""
    if not by.has_perm("documents.share_document", document):
        raise NotAllowed(_t("You may not share this document."))
    facts = {"expires_at": start_of_day(until + timedelta(days=1)), "granted_by": by}
    with transaction.atomic():
        grant: Grant
        if person is not None:
            permission = Permission.objects.get(content_type__app_label="documents", codename="read_shared")
            grant, _new = DocumentGrant.objects.update_or_create(
                content_object=document, user=person, permission=permission, defaults=facts
            )
        else:
            grant, _new = DocumentRoleGrant.objects.update_or_create(document=document, role=role, defaults=facts)
        _after(
            document,
            "shared",
            by=by,
            reason=reason,
            data={
                "with": str(person or role),
                "until": str(until),
                "receiver": f"person:{person.pk}" if person is not None else f"role:{role.pk}",
            },
        )
        if person is not None:
            tell(
                [person],
                "my_documents",
                gettext_noop("%(by)s shows you %(code)s: %(title)s", by=by, code=document.code, title=document.title),
                occasion=f"shared:{grant.pk}:{until}",
                url=document.get_absolute_url(),
                entry=catalog.entry_of(document),
            )
    return grant


def end_share(document: Document, grant: Grant, *, by: Any) -> None:
    """Take a grant away at once."""
    if not by.has_perm("documents.share_document", document):
        raise NotAllowed(_t("You may not share this document."))
    with transaction.atomic():
        name = str(grant.user if isinstance(grant, DocumentGrant) else grant.role)
        grant.delete()
        _after(document, "unshared", by=by, reason="", data={"with": name})


def _after(document: Document, event: str, *, by: Any, reason: str, data: dict[str, str]) -> None:
    record_line(document, event, by=by, reason=reason, data=data)
    document.refresh_audience()
    catalog.refresh(document, words=False)
