"""Changing what is true of a process: facts and SIPOC, each change with its trace."""

from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from core.ledger import record_line, record_refusal
from core.lifecycle import NotAllowed, Refused
from core.safe.line import one_line
from people.models import Audience
from processes.models import Process, SipocRow
from processes.models.sipoc import SipocPart
from processes.tree import take_free_code

LABELS = {
    "code": _("Code"),
    "title": _("Title"),
    "category": _("Category"),
    "criticality": _("Criticality"),
    "owner": _("Owner"),
    "department": _("Department"),
    "audience": _("Visible to"),
    "purpose": _("Purpose"),
    "trigger": _("Starts when"),
    "outcome": _("Ends with"),
    "external_reference": _("External reference"),
    "sipoc": _("SIPOC"),
}
FACTS = tuple(name for name in LABELS if name != "sipoc")
MAX_SIPOC_ROWS = 60

Sipoc = list[tuple[str, str]]  # (part, text) in order


@dataclass(frozen=True)
class FactChange:
    """One fact that becomes different."""

    name: str
    before: Any
    after: Any

    @property
    def label(self) -> Any:
        return LABELS[self.name]


def sipoc_of(process: Process) -> Sipoc:
    """The SIPOC of a process as pairs of column and text, in order."""
    return [(row.part, row.text) for row in process.sipoc_rows.all()]


def tidy_sipoc(rows: Sipoc) -> Sipoc:
    """The rows in the order of the columns, each text once per column, without empty ones."""
    parts = list(SipocPart.values)
    seen: set[tuple[str, str]] = set()
    kept: Sipoc = []
    for part, text in sorted(rows, key=lambda row: parts.index(row[0])):
        text = one_line(text)[:200]
        if text and (part, text.casefold()) not in seen:
            seen.add((part, text.casefold()))
            kept.append((part, text))
    return kept


def pending(process: Process, values: dict[str, Any]) -> list[FactChange]:
    """What setting these values would change."""
    found = []
    for name, value in values.items():
        before = sipoc_of(process) if name == "sipoc" else getattr(process, name)
        after = tidy_sipoc(value) if name == "sipoc" else value
        if before != after:
            found.append(FactChange(name, before, after))
    return found


def refuse_bad_facts(process: Process, changes: list[FactChange], *, by: Any) -> None:
    """Raise ``Refused`` when this person may not make these changes, or they make no sense for this process."""
    if process.is_retired:
        raise Refused(_t("This process is retired. Reactivate it before you change it."))
    if not by.has_perm("processes.change_process", process):
        raise NotAllowed(_t("You may not change this process."))
    changed = {change.name: change.after for change in changes}
    if "title" in changed and not one_line(changed["title"]):
        raise Refused(_t("Enter a title."))
    owner = changed.get("owner")
    if owner is not None and not owner.is_active:
        raise Refused(_t("%(name)s cannot sign in any more. Choose somebody else.") % {"name": owner})
    department = changed.get("department", process.department)
    if changed.get("audience", process.audience) == Audience.DEPARTMENT and department is None:
        raise Refused(_t("Choose the department whose people may see it."))
    if len(changed.get("sipoc", ())) > MAX_SIPOC_ROWS:
        raise Refused(_t("A SIPOC has at most %(n)s rows. Keep the ones that matter.") % {"n": MAX_SIPOC_ROWS})


def change_process(
    process: Process, *, by: Any, values: dict[str, Any], reason: str = "", row_version: int | None = None
) -> list[FactChange]:
    """Set facts and SIPOC (``sipoc``: pairs of column and text). Raises ``Refused``, leaving a trace of that too, and
    ``Stale`` when somebody else saved since ``row_version``."""
    try:
        with transaction.atomic():
            locked = Process.objects.select_for_update(no_key=True).get(pk=process.pk)
            if row_version is not None:
                locked.refuse_if_changed_since(row_version)
            changes = pending(locked, values)
            refuse_bad_facts(locked, changes, by=by)
            if changes:
                _write(locked, changes, by=by, reason=reason)
            return changes
    except Refused as refusal:
        record_refusal(process, "change facts", by=by, reason=str(refusal.message))
        raise


def _write(process: Process, changes: list[FactChange], *, by: Any, reason: str) -> None:
    for change in changes:
        if change.name == "code":
            process.rename_code(take_free_code(change.after), by=by)
        elif change.name == "sipoc":
            store_sipoc(process, change.after)
        else:
            setattr(process, change.name, change.after)
    process.save(by=by, reason=reason or "facts changed")
    data = {change.name: [_kept(change.before), _kept(change.after)] for change in changes}
    record_line(process, "facts_changed", by=by, reason=reason, data={"changes": data})


def store_sipoc(process: Process, rows: Sipoc) -> None:
    """Make the SIPOC of a process these rows, in this order."""
    process.sipoc_rows.all().delete()
    SipocRow.objects.bulk_create(
        SipocRow(process=process, part=part, text=text, position=number)
        for number, (part, text) in enumerate(tidy_sipoc(rows), start=1)
    )
    process._prefetched_objects_cache = {}  # the index reads the rows as they are now


def _kept(value: Any) -> str:
    """A fact as the ledger keeps it, in no particular language."""
    if isinstance(value, list):
        return "\n".join(f"{part}: {text}" for part, text in value)
    return "" if value is None else str(value)
