"""Changing what is true of a document and not of one version: one way for its page, for many at once and for a table.

Number, owner, department, readers and review cycle. Each change carries the person's name in the history, leaves a
ledger line with before and after, and brings audience, index and tasks up to date.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from actions.models import Task
from core import catalog
from core.ledger import record_line, record_refusal
from core.lifecycle import NotAllowed, Refused
from core.notices import tell
from core.safe.words import gettext_noop
from documents.models import Document
from documents.moments import start_of_day
from people.models import Person

LEAD = timedelta(days=30)  # how long before a review its task appears
LABELS = {
    "code": _("Number"),
    "owner": _("Owner"),
    "department": _("Department"),
    "audience": _("Who may read it"),
    "readers": _("Named people"),
    "reader_roles": _("Named job roles"),
    "review_months": _("Months between reviews"),
    "review_due_on": _("Next review"),
}
LISTS = ("readers", "reader_roles")
WHO_SEES = {"owner", "department", "audience", *LISTS}  # the facts that decide who finds the document


@dataclass(frozen=True)
class FactChange:
    """One fact that becomes different."""

    name: str
    before: Any
    after: Any

    @property
    def label(self) -> Any:
        return LABELS[self.name]


def words(name: str, value: Any) -> str:
    """A fact as people read it, in the language that is active."""
    if name in LISTS:
        return ", ".join(sorted(str(one) for one in value))
    if name == "audience":
        return str(Document.Audience(value).label)
    if name == "review_due_on" and value:
        return date_format(value, "DATE_FORMAT")
    return "" if value is None else str(value)


def pending(document: Document, values: dict[str, Any]) -> list[FactChange]:
    """What setting these values would change."""
    found = []
    for name, value in values.items():
        before = list(getattr(document, name).all()) if name in LISTS else getattr(document, name)
        same = set(before) == set(value) if name in LISTS else before == value
        if not same:
            found.append(FactChange(name, before, list(value) if name in LISTS else value))
    return found


def refuse_bad_facts(document: Document, changes: list[FactChange], *, by: Any) -> None:
    """Raise ``Refused`` when this person may not make these changes, or they make no sense for this document."""
    if not by.has_perm("documents.keep_document", document):
        raise NotAllowed(_t("You may not change the facts of this document."))
    changed = {change.name: change.after for change in changes}
    owner = changed.get("owner")
    if owner is not None and not owner.is_active:
        raise Refused(_t("%(name)s cannot sign in any more. Choose somebody else.") % {"name": owner})
    if "owner" in changed and owner is None:
        raise Refused(_t("A document needs an owner."))
    department = changed.get("department", document.department)
    if changed.get("audience", document.audience) == Document.Audience.DEPARTMENT and department is None:
        raise Refused(_t("Its readers are the people of its department, so it needs one."))
    if changed.get("review_due_on"):
        if document.is_retired:
            raise Refused(_t("It is retired, so there is nothing to review."))
        if document.version_in_force() is None:
            raise Refused(_t("No version is in force, so there is nothing to review."))


def change_facts(document: Document, *, by: Any, values: dict[str, Any], reason: str = "") -> list[FactChange]:
    """Set facts of a document by the rule of its page. Raises ``Refused``, and leaves a trace of that too."""
    try:
        with transaction.atomic():
            return change_locked(
                Document.objects.select_for_update(no_key=True).get(pk=document.pk), by, values, reason
            )
    except Refused as refusal:
        record_refusal(document, "change facts", by=by, reason=str(refusal.message))
        raise


def change_locked(document: Document, by: Any, values: dict[str, Any], reason: str) -> list[FactChange]:
    """The same in the transaction of a caller who read and locked the document just now."""
    changes = pending(document, values)
    refuse_bad_facts(document, changes, by=by)
    if changes:
        write_facts(document, changes, by=by, reason=reason)
    return changes


def write_facts(document: Document, changes: list[FactChange], *, by: Any, reason: str = "") -> None:
    """Store what was decided on, in the caller's transaction and with the document locked."""
    told: dict[str, list[str]] = {}
    for change in changes:
        if change.name == "code":
            document.rename_code(change.after, by=by)
        elif change.name not in LISTS:
            setattr(document, change.name, change.after)
        if change.name == "owner":
            data = {"from": str(change.before or ""), "to": str(change.after or "")}
            record_line(document, "owner_changed", by=by, reason=reason, data=data)
        else:
            told[change.name] = [_kept(change.before), _kept(change.after)]
    document.save(by=by, reason=reason or "facts changed")
    for change in changes:
        if change.name in LISTS:
            getattr(document, change.name).set(change.after)
    if told:
        record_line(document, "facts_changed", by=by, reason=reason, data={"changes": told})
    if WHO_SEES & {change.name for change in changes}:
        document.refresh_audience()
    entry = catalog.refresh(document, words=False)
    _follow_up(document, {change.name: change for change in changes}, entry, by=by)


def _kept(value: Any) -> str:
    """A fact as the ledger keeps it, in no particular language."""
    if isinstance(value, list):
        return ", ".join(sorted(str(one) for one in value))
    return "" if value is None else str(value)


def _follow_up(document: Document, changed: dict[str, FactChange], entry: Any, *, by: Any) -> None:
    """Tasks follow the new owner and the new date; the new owner hears of it."""
    if "owner" in changed and document.owner:
        Task.objects.open().filter(key__startswith=f"review:{document.pk}:").update(
            person=document.owner, remind_at=None
        )
        if document.owner_id != getattr(by, "pk", None):
            _tell_owner(document, changed["owner"].before, entry)
    if "review_due_on" in changed:
        Task.objects.open().filter(key__startswith=f"review:{document.pk}:").finish(by=by)
        if document.review_due_on and document.review_due_on <= timezone.localdate() + LEAD:
            ask_for_review(document, entry)


def _tell_owner(document: Document, before: Person | None, entry: Any) -> None:
    text = (
        gettext_noop(
            "You own %(code)s now, after %(name)s: %(title)s", code=document.code, name=before, title=document.title
        )
        if before
        else gettext_noop("You own %(code)s now: %(title)s", code=document.code, title=document.title)
    )
    occasion = f"owner:{document.pk}:{document.row_version}"
    tell([document.owner], "my_documents", text, occasion=occasion, url=document.get_absolute_url(), entry=entry)


def review_key(document: Document) -> str:
    """One task for each document and date."""
    return f"review:{document.pk}:{document.review_due_on}"


def ask_for_review(document: Document, entry: Any) -> None:
    """Give the owner the task of looking whether the version in force is still right."""
    if document.owner is None or document.review_due_on is None:
        return
    Task.ask(
        key=review_key(document),
        kind="review",
        title=gettext_noop("Review %(code)s: %(title)s", code=document.code, title=document.title),
        url=reverse("documents:review", args=[document.code]),
        entry=entry,
        person=document.owner,
        due_at=start_of_day(document.review_due_on + timedelta(days=1)),
    )
