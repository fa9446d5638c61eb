"""The index of everything: one entry per findable record, and links for what depends on what.

An app says how its records stand in the index, in its ``catalog.py``::

    @lists(Document)
    def listings(documents) -> list[Listing]: ...

and calls ``refresh(document)``, or ``refresh_together`` for many, in the transaction that changes the record. Core
compares the entry's audience keys with the person's keys and knows nothing else about who may see it.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.dispatch import Signal
from django.http import Http404

from core.many_rows import update_rows
from core.models.catalog import CatalogEntry, CatalogLink
from core.numbering import code_key
from core.questions import IDS, THE_PORTAL, OneOf, Question, Slot
from core.search_text import store_words, store_words_of_new
from core.search_words import plain

Text = str | Callable[[], str]

# Sent in the transaction, with: entries whose audience is another one now. What follows a record's audience follows it.
audience_changed = Signal()


@dataclass
class Listing:
    """How one record stands in the index. ``body`` is what may be found by everybody in the audience; a text that
    must be fetched may be given as a function, which is called only where the words are stored."""

    kind: str
    title: str
    url: str
    code: str = ""
    state: str = ""
    current_from: datetime | None = None
    current_until: datetime | None = None
    department_id: int | None = None
    owner_id: int | None = None
    audience_keys: list[str] = field(default_factory=list)
    changed_at: datetime | None = None
    body: Text = ""
    attachments: Text = ""
    indexed: str = ""  # the body's words as ``search_words.plain`` gives them, where somebody has cut them already


def said(text: Text) -> str:
    """A text of a listing, fetched where it has to be."""
    return text if isinstance(text, str) else text()


Lister = Callable[[list[Any]], list[Listing]]
_listings: dict[type[models.Model], Lister] = {}


def lists(model: type[models.Model]) -> Callable[[Lister], Lister]:
    """Register the decorated function as the way records of ``model`` stand in the index: a listing for each."""

    def register(function: Lister) -> Lister:
        _listings[model] = function
        return function

    return register


def listed_models() -> Iterable[type[models.Model]]:
    """The models whose records can be found."""
    return _listings.keys()


def is_listed(model: type[models.Model]) -> bool:
    """Whether records of the model can be found at all."""
    return model in _listings


_BY_RECORD = Question(lambda _: CatalogEntry.objects.filter(content_type=Slot("kind"), object_id=Slot("record")))
_BY_RECORDS = Question(
    lambda _: CatalogEntry.objects.filter(OneOf("object_id", Slot("records", IDS)), content_type=Slot("kind"))
)


def refresh(
    record: models.Model, *, words: bool = True, listing: Listing | None = None, anew: bool = False
) -> CatalogEntry:
    """Bring the record's entry up to date. Entries are updated in place: tasks and comments point at them.

    ``words=False`` leaves the searchable text alone, for changes that touch only state or audience. ``listing`` is
    given by a caller who holds all it says. ``anew`` cuts words again that are stored already.
    """
    listing = listing or _listings[type(record)]([record])[0]
    fields = _fields(listing)
    entry = _BY_RECORD.first(THE_PORTAL, kind=ContentType.objects.get_for_model(record).pk, record=record.pk)
    is_new = is_renamed = entry is None
    if entry is None:
        entry, is_new = CatalogEntry.objects.update_or_create(
            content_type=ContentType.objects.get_for_model(record), object_id=record.pk, defaults=fields
        )
    else:
        changed = {name: value for name, value in fields.items() if getattr(entry, name) != value}
        for name, value in changed.items():
            setattr(entry, name, value)
        entry.save(update_fields=changed)
        is_renamed = not changed.keys().isdisjoint(("title", "code", "kind"))
        if "audience_keys" in changed:
            audience_changed.send(sender=type(record), entries=[entry])
    if words or is_new:
        store_words(entry, body=said(listing.body), attachments=said(listing.attachments), anew=anew or is_renamed)
    return entry


def refresh_together(records: list[Any]) -> list[CatalogEntry]:
    """``refresh`` without words for many records of one model, all of them in the index, in few statements."""
    if not records:
        return []
    kind = ContentType.objects.get_for_model(records[0])
    found = _BY_RECORDS.rows(THE_PORTAL, kind=kind.pk, records=[record.pk for record in records])
    entries = {entry.object_id: entry for entry in found}
    changed: dict[int, CatalogEntry] = {}
    reopened: list[CatalogEntry] = []
    names: set[str] = set()
    for record, listing in zip(records, _listings[type(records[0])](records), strict=True):
        entry = entries[record.pk]
        for name, value in _fields(listing).items():
            if getattr(entry, name) != value:
                setattr(entry, name, value)
                changed[entry.pk] = entry
                names.add(name)
                if name == "audience_keys":
                    reopened.append(entry)
    update_rows(list(changed.values()), names)
    if reopened:
        audience_changed.send(sender=type(records[0]), entries=reopened)
    return [entries[record.pk] for record in records]


def store_audiences(records: list[Any]) -> None:
    """Give the entries of these records of one model, where there are any, the audience keys that the records have."""
    if not records:
        return
    keys = {record.pk: sorted(set(record.audience_keys)) for record in records}
    kind = ContentType.objects.get_for_model(records[0])
    found = CatalogEntry.objects.filter(content_type=kind, object_id__in=keys)
    entries = [entry for entry in found if entry.audience_keys != keys[entry.object_id]]
    for entry in entries:
        entry.audience_keys = keys[entry.object_id]
    update_rows(entries, ("audience_keys",))
    if entries:
        audience_changed.send(sender=type(records[0]), entries=entries)


def enter(listings: list[tuple[models.Model, Listing]]) -> list[CatalogEntry]:
    """Enter many new records at once: what ``refresh`` does for each, in few statements."""
    entries = [
        CatalogEntry(content_type=ContentType.objects.get_for_model(record), object_id=record.pk, **_fields(listing))
        for record, listing in listings
    ]
    CatalogEntry.objects.bulk_create(entries)
    texts = [
        (entry, said(listing.body), said(listing.attachments), listing.indexed)
        for entry, (_record, listing) in zip(entries, listings, strict=True)
    ]
    store_words_of_new(texts)
    return entries


def fields_of(records: list[Any]) -> list[dict[str, Any]]:
    """What the entry of each record should say, by field."""
    return [_fields(listing) for listing in _listings[type(records[0])](records)] if records else []


def _fields(listing: Listing) -> dict[str, Any]:
    moment = {"changed_at": listing.changed_at} if listing.changed_at else {}
    return moment | {
        "kind": listing.kind,
        "code": listing.code,
        "code_key": code_key(listing.code),
        "title": listing.title[:300],
        "title_key": plain(listing.title)[:300],
        "url": listing.url,
        "state": listing.state,
        "current_from": listing.current_from,
        "current_until": listing.current_until,
        "department_id": listing.department_id,
        "owner_id": listing.owner_id,
        "audience_keys": sorted(set(listing.audience_keys)),
    }


_SEEN = Question(
    lambda person: CatalogEntry.objects.visible_to(person).filter(pk=Slot("entry")).select_related("owner")
)


def find_entry(person: Any, pk: int) -> CatalogEntry:
    """The entry that the person may see. What is invisible is missing: 404 either way."""
    entry = _SEEN.first(person, entry=pk) if pk < 2**63 else None
    if entry is None:
        raise Http404
    return entry


def entries_of(record: models.Model) -> models.QuerySet[CatalogEntry]:
    """The entry of a record, if it is in the index."""
    return CatalogEntry.objects.filter(content_type=ContentType.objects.get_for_model(record), object_id=record.pk)


def entry_of(record: models.Model) -> CatalogEntry:
    """The entry of a record that is in the index."""
    entry = _BY_RECORD.first(THE_PORTAL, kind=ContentType.objects.get_for_model(record).pk, record=record.pk)
    if entry is None:
        raise CatalogEntry.DoesNotExist(f"{record!r} is not in the index")
    return entry


def remove(record: models.Model) -> None:
    """Take a record out of the index, before it is deleted."""
    entries_of(record).delete()


def link(source: models.Model, target: models.Model, relation: str) -> None:
    """Say once that ``source`` depends on ``target``."""
    CatalogLink.objects.get_or_create(source=entry_of(source), target=entry_of(target), relation=relation)


def unlink(source: models.Model, relation: str) -> None:
    """Forget the links of one relation that start at ``source``."""
    CatalogLink.objects.filter(source=entry_of(source), relation=relation).delete()
