"""How documents stand in the index: what everybody in the audience may find is the released text."""

from collections import defaultdict
from datetime import datetime
from functools import partial

from django.utils import timezone

from core.attachment_text import words_of_files
from core.catalog import Listing, lists
from core.questions import IDS, THE_PORTAL, OneOf, Question, Slot
from documents.models import Appendix, Document, Version

_RELEASED = Question(
    lambda _: Version.objects.released().filter(OneOf("document", Slot("documents", IDS))).order_by("effective_from")
)


@lists(Document)
def listings(documents: list[Document]) -> list[Listing]:
    """The version in force is what is found; before the first release the draft, for who works on it."""
    released: dict[int, list[Version]] = defaultdict(list)
    for version in _RELEASED.rows(THE_PORTAL, documents=[document.pk for document in documents]):
        released[version.document_id].append(version)
    return [_listing(document, released[document.pk]) for document in documents]


def _listing(document: Document, released: list[Version]) -> Listing:
    lived = [v for v in released if v.effective_until is None or v.effective_until > v.effective_from]
    now = timezone.now()
    in_force = [v for v in lived if v.effective_from <= now and not (v.effective_until and v.effective_until <= now)]
    known = in_force or lived
    shown = known[-1] if known else document.versions.order_by("-sequence").first()
    state = shown.state if shown else "draft"
    if document.is_retired:
        state = "retired"
    elif lived:
        state = "effective"
    return Listing(
        kind=document.kind,
        code=document.code,
        title=shown.title if shown else document.title,
        url=document.get_absolute_url(),
        state=state,
        current_from=lived[0].effective_from if lived else None,
        current_until=document.retired_at,
        department_id=document.department_id,
        owner_id=document.owner_id,
        audience_keys=document.audience_keys,
        changed_at=_news_at(document, shown),
        body=partial(_words, document, shown),
        attachments=partial(words_beside, document, shown),
    )


def listing_of_draft(document: Document, version: Version, words: str, files: str = "", indexed: str = "") -> Listing:
    """The same for a document that has nothing but this first draft, without asking the database."""
    return Listing(
        kind=document.kind,
        code=document.code,
        title=version.title,
        url=document.get_absolute_url(),
        state=version.state,
        department_id=document.department_id,
        owner_id=document.owner_id,
        audience_keys=document.audience_keys,
        changed_at=version.changed_at,
        body=words,
        attachments=files,
        indexed=indexed,
    )


def _news_at(document: Document, version: Version | None) -> datetime:
    """When what readers find changed last; before the first release, when the draft was saved."""
    if document.retired_at:
        return document.retired_at
    if version is None:
        return document.changed_at
    if version.is_released:
        return version.approved_at if version.shown_state == "approved" else version.effective_from
    return version.changed_at


_APPENDED = Question(
    lambda _: (
        Appendix.objects.filter(version=Slot("version"))
        .exclude(attachment__text="")
        .values_list("attachment__text", flat=True)
    )
)


def words_beside(document: Document, version: Version | None) -> str:
    """The words of the files beside the document, and of those that belong to the version."""
    texts = _APPENDED.rows(THE_PORTAL, version=version.pk) if version else ()
    return "\n".join([words_of_files(document), *texts])


def _words(document: Document, version: Version | None) -> str:
    if version is None:
        return ""
    if version.is_file:
        return version.data.get("text", "")
    return document.kind_of.text(version.body_bytes())
