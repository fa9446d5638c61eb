"""Ending a document's life: two people sign where its type signs, one click where it does not."""

from typing import Any

from django.db import transaction
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _t

from core import catalog
from core.ledger import record_line, record_refusal
from core.lifecycle import NotAllowed, Refused
from core.notices import tell
from core.permissions import sees
from core.safe.words import gettext_noop
from core.signing import Signature
from documents.models import Document, KindSettings, Retirement, Version
from people.models import Person
from people.printed import printed


def open_retirement(version: Version) -> Retirement | None:
    """Who asked that it is retired, while the second signature is missing."""
    return version.retirements.filter(closed_at=None).select_related("asked_by", "successor").first()


def retire(
    version: Version, *, by: Any, reason: str = "", successor: Document | None = None, signature: Signature | None
) -> Retirement | None:
    """Retire at once where the type of document needs no signature, or where another person asked for it; else store
    the first signature and ask for the second: then what waits is returned. Raises ``Refused``."""
    settings = KindSettings.of(version.document.kind)
    settings.refuse_unless_signed(signature, by=by)
    asked = open_retirement(version)
    if settings.signing != KindSettings.Signing.SIGNATURE:
        version.move("retire", by=by, comment=reason, successor=successor, signature=signature)
        return None
    if asked is None:
        return _ask(version, by=by, reason=reason, successor=successor, signature=signature)
    version.move("retire", by=by, comment=asked.reason, successor=asked.successor, signature=signature, asked=asked)
    return None


def _ask(version: Version, *, by: Any, reason: str, successor: Document | None, signature: Signature) -> Retirement:
    try:
        with transaction.atomic():
            version = version.locked()
            version.refuse_unless_retirable(by=by, reason=reason)
            asked = Retirement.objects.create(
                version=version,
                reason=reason,
                successor=successor,
                asked_by=by,
                **printed(by),
                signing_method=signature.method,
                manifest_hash=version.manifest_hash,
            )
            told = {"signed_with": signature.method, "successor": successor.code if successor else ""}
            record_line(
                version, "retirement_asked", by=by, reason=reason, content_hash=version.manifest_hash, data=told
            )
            _tell_who_may_sign(asked)
    except Refused as refusal:
        record_refusal(version, "retire", by=by, reason=str(refusal.message))
        raise
    return asked


def _tell_who_may_sign(asked: Retirement) -> None:
    document = asked.version.document
    candidates = Person.objects.active().filter(
        Q(groups__name="officer") | Q(pk__in=[document.owner_id, document.owner and document.owner.manager_id])
    )
    people = [
        person
        for person in candidates.distinct()
        if person.pk != asked.asked_by_id and may_sign_second(person, asked) and sees(person, document)
    ]
    tell(
        people,
        "asked",
        gettext_noop(
            "%(by)s asks for your signature to retire %(code)s: %(title)s",
            by=asked.asked_by,
            code=document.code,
            title=asked.version.title,
        ),
        occasion=f"retirement:{asked.pk}",
        url=reverse("documents:retire", args=[document.code]),
        entry=catalog.entry_of(document),
    )


def may_sign_second(person: Any, asked: Retirement) -> bool:
    """Whoever may retire the document, but for the one who asked."""
    return person.pk != asked.asked_by_id and person.has_perm("documents.retire_version", asked.version)


def take_back(asked: Retirement, *, by: Any) -> None:
    """End what waits without effect: whoever asked, or may retire the document."""
    with transaction.atomic():
        version = asked.version.locked()
        asked = Retirement.objects.select_for_update(of=("self",)).get(pk=asked.pk)
        if asked.closed_at:
            return
        if by.pk != asked.asked_by_id and not may_sign_second(by, asked):
            raise NotAllowed(_t("You may not retire this document."))
        asked.closed_at, asked.closed_by = timezone.now(), by
        asked.save(update_fields=["closed_at", "closed_by"])
        record_line(version, "retirement_declined", by=by, data={"asked_by": str(asked.asked_by)})
