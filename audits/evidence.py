"""Adding what shows that an answer is right, while the audit runs; each addition once, by the id from the device."""

import uuid
from collections.abc import Callable
from datetime import date
from typing import Any

from django.core.files.base import ContentFile
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _t

from audits.answering import find_question, hold
from audits.models import Audit, Evidence
from audits.photos import MAX_BYTES, PhotoRefused, clean_photo
from core import attachments
from core.catalog import entry_of
from core.ledger import record_line
from core.lifecycle import Invalid, Refused
from core.models import CatalogEntry
from core.numbering import code_key
from core.safe.line import one_line
from core.saying import in_words

PURPOSE = "evidence"
MAX_OF_A_QUESTION = 30


def add_photo(audit: Audit, question_key: str, file: UploadedFile, *, by: Any, **facts: Any) -> Evidence:
    """Keep a photo upright, small, and without where it was taken. Raises ``Refused``."""
    if file.size > MAX_BYTES:
        raise Invalid(_t("The photo is larger than 25 MB. Take it with fewer megapixels."))
    try:
        photo = clean_photo(file.read(MAX_BYTES + 1))
    except PhotoRefused as refusal:
        raise Invalid(in_words(refusal.message)) from refusal
    number = find_question(audit, question_key).number
    clean = ContentFile(photo.data, name=f"photo-{number}-{timezone.now():%Y%m%d-%H%M%S}.jpg")
    return _add_file(audit, question_key, clean, by=by, kind=Evidence.Kind.PHOTO, **facts)


def add_file(audit: Audit, question_key: str, file: UploadedFile, *, by: Any, **facts: Any) -> Evidence:
    """Keep a file as it is. Raises ``Refused``."""
    if not file.size:
        raise Invalid(_t("The file is empty."))
    return _add_file(audit, question_key, file, by=by, kind=Evidence.Kind.FILE, **facts)


def _add_file(audit: Audit, question_key: str, file: Any, *, by: Any, **facts: Any) -> Evidence:
    def keep(evidence: Evidence) -> None:
        evidence.attachment = attachments.store(file, entry_of(audit), by=by, purpose=PURPOSE)

    return _add(audit, question_key, keep, by=by, **facts)


def add_record(audit: Audit, question_key: str, code: str, *, by: Any, **facts: Any) -> Evidence:
    """Name a record of the portal that ``by`` may see. Raises ``Refused``."""
    key = code_key(code)
    entry = CatalogEntry.objects.visible_to(by).filter(code_key=key).first() if key else None
    if entry is None:
        raise Invalid(_t("There is no record with the code “%(code)s”.") % {"code": one_line(code)[:80]})

    def keep(evidence: Evidence) -> None:
        evidence.entry = entry

    facts["dated_on"] = facts.get("dated_on") or min(timezone.localdate(entry.changed_at), timezone.localdate())
    return _add(audit, question_key, keep, by=by, kind=Evidence.Kind.RECORD, **facts)


def _add(
    audit: Audit,
    question_key: str,
    keep: Callable[[Evidence], None],
    *,
    by: Any,
    kind: str,
    evidence_id: uuid.UUID | None = None,
    words: str = "",
    dated_on: date | None = None,
) -> Evidence:
    if dated_on and dated_on > timezone.localdate():
        raise Invalid(_t("Evidence cannot be from a day that has not come."))
    with transaction.atomic():
        hold(audit, by, alone=True)
        question = find_question(audit, question_key)
        known = Evidence.objects.filter(pk=evidence_id).first() if evidence_id else None
        if known:
            if known.audit_id != audit.pk or known.added_by_id != by.pk:
                raise Refused(_t("This evidence belongs to somebody else. Load the page again."))
            return known
        if audit.evidence.filter(question_key=question.key, removed_at=None).count() >= MAX_OF_A_QUESTION:
            raise Refused(_t("A question takes at most %(n)s pieces of evidence.") % {"n": MAX_OF_A_QUESTION})
        evidence = Evidence(
            id=evidence_id or uuid.uuid4(),
            audit=audit,
            question_key=question.key,
            kind=kind,
            words=one_line(words)[:300],
            dated_on=dated_on or timezone.localdate(),
            added_by=by,
        )
        keep(evidence)
        evidence.save(force_insert=True)
    return evidence


def remove_evidence(evidence: Evidence, *, by: Any) -> None:
    """Take evidence back while the audit runs; the row and its file stay for who looks into the history."""
    with transaction.atomic():
        hold(evidence.audit, by)
        removed = Evidence.objects.filter(pk=evidence.pk, removed_at=None)
        if removed.update(removed_at=timezone.now(), removed_by=by):
            record_line(
                evidence.audit,
                "evidence_removed",
                by=by,
                data={"file": str(evidence), "question": evidence.question_key},
            )
