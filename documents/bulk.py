"""Starting many documents at once: the same rows as ``start_document`` writes for each, in few statements."""

from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction

from core import catalog
from core.history import create_with_history
from core.ledger import line_of, record_lines
from core.lifecycle import Refused
from core.numbering import NumberTaken, next_codes, take_codes
from documents.catalog import listing_of_draft
from documents.drafting import prefix_of, refuse_unless_startable, well_formed
from documents.kinds import Prepared, kind_named
from documents.models import Content, Document, KindSettings, Part, Version


@dataclass(frozen=True)
class Start:
    """What one document starts with. ``text`` was prepared by its kind (``Prepared.by``), perhaps elsewhere."""

    kind: str
    title: str
    text: Prepared
    department: Any = None
    owner: Any = None
    code: str = ""
    number_is_reserved: bool = False  # the caller took the code in this import already
    audience: str = Document.Audience.EVERYONE
    source_key: str = ""
    data: dict[str, Any] = field(default_factory=dict)


def start_documents(starts: list[Start], *, by: Any) -> list[Version]:
    """Make each document with its first draft, in order; all of them, or none and ``Refused``."""
    if not starts:
        return []
    for kind, title in {start.kind: start.title for start in starts}.items():
        refuse_unless_startable(kind, title, by=by)
    for start in starts:
        if not start.title.strip():
            refuse_unless_startable(start.kind, start.title, by=by)
    with transaction.atomic():
        documents = _documents(starts, by=by)
        versions = _versions(starts, documents, by=by)
        _parts_and_entries(starts, versions)
    return versions


def _codes(starts: list[Start]) -> list[str]:
    """A number for each: the stated ones first, so that none of them is counted out to somebody else."""
    codes = [well_formed(start.code) if start.code.strip() else "" for start in starts]
    try:
        take_codes([code for code, start in zip(codes, starts, strict=True) if code and not start.number_is_reserved])
    except NumberTaken as taken:
        raise Refused(str(taken)) from None
    waiting: dict[str, list[int]] = defaultdict(list)
    for place, start in enumerate(starts):
        if not codes[place]:
            waiting[prefix_of(kind_named(start.kind), start.department)].append(place)
    for prefix, places in sorted(waiting.items()):
        for place, code in zip(places, next_codes(prefix, len(places)), strict=True):
            codes[place] = code
    return codes


def _documents(starts: list[Start], *, by: Any) -> list[Document]:
    months = {kind: KindSettings.of(kind).review_months for kind in {start.kind for start in starts}}
    documents = []
    for start, code in zip(starts, _codes(starts), strict=True):
        document = Document(
            kind=start.kind,
            code=code,
            title=start.title.strip()[:300],
            owner=start.owner or by,
            department=start.department,
            audience=start.audience,
            review_months=months[start.kind],
            source_key=start.source_key,
            created_by=by,
            changed_by=by,
        )
        document.open_to_workers(by)
        documents.append(document)
    create_with_history(documents, by=by, reason="started")
    record_lines([line_of(d, "started", by=by, data={"kind": d.kind, "title": d.title}) for d in documents])
    return documents


def _versions(starts: list[Start], documents: list[Document], *, by: Any) -> list[Version]:
    contents = Content.store_many([(start.text.content, kind_named(start.kind).media_type) for start in starts])
    versions = [
        Version(
            document=document,
            sequence=1,
            title=document.title,
            content_id=content,
            data=start.data,
            author=by,
            writer_ids=[by.pk],
            created_by=by,
            changed_by=by,
        )
        for start, document, content in zip(starts, documents, contents, strict=True)
    ]
    create_with_history(versions, by=by, reason="opened")
    record_lines([line_of(v, "draft_opened", by=by, to_state=v.state, data={"sequence": 1}) for v in versions])
    return versions


def _parts_and_entries(starts: list[Start], versions: list[Version]) -> None:
    Part.keep((version.document, start.text.parts) for start, version in zip(starts, versions, strict=True))
    listings = []
    for start, version in zip(starts, versions, strict=True):
        document, text = version.document, start.text
        listings.append((document, listing_of_draft(document, version, text.words, indexed=text.indexed)))
    catalog.enter(listings)
