"""The audit log as people read it: filtered, and with what stands on confidential records hidden from who may not see
them. Auditors and administrators read it; administrators need not know what is confidential."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django.apps import apps
from django.contrib.contenttypes.models import ContentType
from django.db.models import Q, QuerySet
from django.utils import timezone

from core.models import CatalogEntry, LedgerLine
from core.verification import VERIFIED

CHUNK = 1_000
MOST_EXPORTED = 100_000
HIDDEN = "–"
NAMING = ("hidden_record_refused", VERIFIED)

# The areas of events that can be chosen: name → how events of it begin.
AREAS: dict[str, tuple[str, ...]] = {
    "signing_in": (
        *("signed_", "sign_in_", "sign_on_", "second_step_", "reauthentication_", "password_", "email_changed"),
        *("recovery_", "identity_", "token_", "signature_", "refused:single sign-on"),
    ),
    "decisions": ("decided:", "approve", "adopt", "reviewed:", "retire", "reassigned", "step_skipped", "submit"),
    "accounts": ("person_", "delegat", "confirmation_", "handed_over", "first_administrator", "made_administrator"),
    "refused": ("refused:", "hidden_record_refused", "address_not_found", "altered_file_refused"),
}


@dataclass(frozen=True)
class Asked:
    """What somebody wants to see; empty values ask for everything."""

    person: Any = None
    area: str = ""
    record: str = ""
    first: date | None = None
    last: date | None = None


@dataclass(frozen=True)
class Shown:
    """A line as this reader may see it."""

    line: LedgerLine
    is_hidden: bool

    @property
    def record(self) -> str:
        return HIDDEN if self.is_hidden else self.line.record_code

    @property
    def reason(self) -> str:
        return HIDDEN if self.is_hidden else self.line.reason

    @property
    def details(self) -> str:
        """What else the line keeps, in its own words."""
        if self.is_hidden:
            return ""
        return ", ".join(f"{name}: {_words(value)}" for name, value in self.line.data.items() if value not in ("", []))


def _words(value: Any) -> str:
    return " → ".join(str(one) for one in value) if isinstance(value, list) else str(value)


def lines(asked: Asked, *, reader: Any) -> QuerySet[LedgerLine]:
    """The lines asked for, newest first. A record is found only by who may see it."""
    found = LedgerLine.objects.select_related("actor").order_by("-id")
    if asked.person is not None:
        found = found.filter(Q(actor=asked.person) | Q(data__person=asked.person.pk))
    if asked.area:
        begins = Q()
        for prefix in AREAS[asked.area]:
            begins |= Q(event__startswith=prefix)
        found = found.filter(begins)
    if asked.record:
        found = found.filter(_of_record(asked.record, reader))
    if asked.first:
        found = found.filter(at__gte=_start(asked.first))
    if asked.last:
        found = found.filter(at__lt=_start(asked.last + timedelta(days=1)))
    return found


def _of_record(code: str, reader: Any) -> Q:
    """Lines of the records with this number that the reader may see."""
    wanted = Q(pk__in=[])
    for entry in CatalogEntry.objects.visible_to(reader).filter(code__iexact=code).select_related("content_type"):
        wanted |= Q(family_kind=f"{entry.content_type.app_label}.{entry.content_type.model}", family_id=entry.object_id)
    return wanted


def _start(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))


def shown_to(reader: Any, found: list[LedgerLine]) -> list[Shown]:
    """The lines with what the reader may not see left out: one query for each kind of record among them."""
    families: dict[str, set[int]] = defaultdict(set)
    for line in found:
        if line.family_kind and line.family_id:
            families[line.family_kind].add(line.family_id)
    hidden: set[tuple[str, int]] = set()
    for kind, ids in families.items():
        entries = CatalogEntry.objects.filter(content_type=_type_of(kind), object_id__in=ids)
        seen = entries.visible_to(reader).values("pk")
        hidden |= {(kind, pk) for pk in entries.exclude(pk__in=seen).values_list("object_id", flat=True)}
    return [Shown(line, (line.family_kind, line.family_id) in hidden or _names_hidden(line, reader)) for line in found]


def _names_hidden(line: LedgerLine, reader: Any) -> bool:
    """Some lines name records that an administrator may not see: what became open to somebody, the address of a hidden
    record, what a verification found. Auditors read them."""
    names = bool(line.data.get("records")) or line.event in NAMING
    return names and not reader.is_in("auditor")


def _type_of(kind: str) -> ContentType | None:
    try:
        return ContentType.objects.get_for_model(apps.get_model(kind))
    except (LookupError, ValueError):
        return None


def exported(asked: Asked, *, reader: Any) -> Iterator[list[str]]:
    """The lines as rows of a table, the headings first; the newest, where there are very many."""
    yield ["Number", "Time (UTC)", "Person", "Event", "Record", "From", "To", "Reason", "Content hash", "Details"]
    chunk: list[LedgerLine] = []
    for line in lines(asked, reader=reader)[:MOST_EXPORTED].iterator(CHUNK):
        chunk.append(line)
        if len(chunk) == CHUNK:
            yield from _rows(chunk, reader)
            chunk = []
    yield from _rows(chunk, reader)


def _rows(found: list[LedgerLine], reader: Any) -> Iterator[list[str]]:
    for shown in shown_to(reader, found):
        line = shown.line
        at = line.at.strftime("%Y-%m-%d %H:%M:%S.%f")
        states = ["", ""] if shown.is_hidden else [line.from_state, line.to_state]
        content = "" if shown.is_hidden else line.content_hash
        yield [
            str(line.pk),
            at,
            line.actor_name,
            line.event,
            shown.record,
            *states,
            shown.reason,
            content,
            shown.details,
        ]
