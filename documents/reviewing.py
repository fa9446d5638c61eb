"""The periodic review: is the version in force still right?"""

from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _t

from actions.models import Task
from core import catalog
from core.ledger import record_line, record_refusal
from core.lifecycle import NotAllowed, Refused, WrongState
from core.signing import Signature
from documents.drafting import open_draft
from documents.keeping import LEAD, ask_for_review, review_key
from documents.models import Document, KindSettings, Review


def ask_for_due_reviews() -> int:
    """Give each owner a task for what falls due within the lead time; returns how many tasks are new."""
    made = 0
    until = timezone.localdate() + LEAD
    for document in Document.objects.due_for_review(until).exclude(owner=None).with_people().iterator():
        if Task.objects.filter(key=review_key(document)).exists():
            continue
        ask_for_review(document, catalog.entry_of(document))
        made += 1
    return made


def record_review(
    document: Document, outcome: str, *, by: Any, note: str, signature: Signature | None = None
) -> Review:
    """Sign that the version in force was looked at. Without change the clock starts again; else a draft opens."""
    try:
        with transaction.atomic():
            return _record_review(document, outcome, by=by, note=note, signature=signature)
    except Refused as refusal:
        record_refusal(document, f"review {outcome}", by=by, reason=str(refusal.message))
        raise


def _record_review(document: Document, outcome: str, *, by: Any, note: str, signature: Signature | None) -> Review:
    document = Document.objects.select_for_update(no_key=True).get(pk=document.pk)
    version = document.version_in_force()
    if version is None:
        raise WrongState(_t("No version is in force, so there is nothing to review."))
    if not by.has_perm("documents.review_document", document):
        raise NotAllowed(_t("You may not review this document."))
    if outcome == Review.Outcome.CHANGE and not by.has_perm("documents.change_document", document):
        raise NotAllowed(_t("You may not change this document."))
    if outcome == Review.Outcome.NO_CHANGE:
        KindSettings.of(document.kind).refuse_unless_signed(signature, by=by)
        document.schedule_review(from_day=timezone.localdate())
    elif not document.versions.open().exists():
        open_draft(document, by=by, reason=note)
    review = Review.objects.create(
        document=document,
        version=version,
        outcome=outcome,
        note=note,
        reviewed_by=by,
        next_due_on=document.review_due_on,
        manifest_hash=version.manifest_hash,
        signing_method=signature.method if signature else "",
    )
    record_line(
        version,
        f"reviewed:{outcome}",
        by=by,
        reason=note,
        content_hash=version.manifest_hash,
        data={"signed_with": review.signing_method, "next_due_on": str(document.review_due_on or "")},
    )
    Task.objects.open().filter(key__startswith=f"review:{document.pk}:").finish(by=by)
    return review
