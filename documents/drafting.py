"""Starting documents, opening drafts and saving what people write: document, version, content and parts together."""

from dataclasses import dataclass
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Max
from django.utils.translation import gettext as _t

from core import catalog
from core.ledger import record_line
from core.lifecycle import Invalid, NotAllowed, Refused, WrongState
from core.numbering import NumberTaken, is_well_formed, next_code, take_code, tidy_code
from core.safe.html import ContentTooLarge
from core.safe.line import one_line
from core.saying import in_words
from documents.appendices import take_over
from documents.catalog import listing_of_draft, words_beside
from documents.kinds import ContentRefused, Kind, all_kinds, kind_named
from documents.models import Content, Document, KindSettings, Part, Version


@dataclass
class Saved:
    """A draft as it now stands, and in words what the cleaning took out of it."""

    version: Version
    removed: list[str]


@dataclass(frozen=True)
class UploadedContent:
    """A file that is a version's whole content, judged and read: its name, bytes, type and words."""

    name: str
    data: bytes
    media_type: str
    text: str = ""


def start_document(
    *,
    kind: str,
    by: Any,
    title: str,
    department: Any = None,
    owner: Any = None,
    code: str = "",
    audience: str = Document.Audience.EVERYONE,
    body: bytes | None = None,
    review_months: int | None = None,
    source_key: str = "",
    file: UploadedContent | None = None,
    data: dict[str, Any] | None = None,
) -> Version:
    """Make a document with its first draft. Without ``code`` the next number of kind and department is taken.

    The text is ``body``, or the whole version is a ``file``; ``data`` is kept beside it."""
    refuse_unless_startable(kind, title, by=by)
    with transaction.atomic():
        document = Document(
            kind=kind,
            code=_code_for(kind_named(kind), department, code),
            title=one_line(title)[:300],
            owner=owner or by,
            department=department,
            audience=audience,
            review_months=review_months or KindSettings.of(kind).review_months,
            source_key=source_key,
        )
        document.open_to_workers(by)
        document.save(by=by, reason="started")
        record_line(document, "started", by=by, data={"kind": kind, "title": document.title})
        version = _new_version(document, by=by, title=document.title, body=body, file=file, data=data)
        catalog.enter([(document, listing_of_draft(document, version, _words(version)))])
        return version


def refuse_unless_startable(kind: str, title: str, *, by: Any) -> None:
    """Raise ``Refused`` unless this person may start a document of this kind with this title."""
    if kind not in {known.key for known in all_kinds()}:
        raise Invalid(_t("There is no kind of document with the name “%(kind)s”.") % {"kind": kind})
    if not by.has_perm(kind_named(kind).write_permission):
        raise NotAllowed(_t("You may not start documents of this kind."))
    if not one_line(title):
        raise Refused(_t("Enter a title."))


def prefix_of(kind: Kind, department: Any) -> str:
    """What stands before the counted part of a number: SOP-FIN."""
    return "-".join(part for part in (kind.prefix, department.code if department else "") if part)


def well_formed(code: str) -> str:
    """The tidied code; raises ``Refused`` where it cannot be a number."""
    tidy = tidy_code(code)
    if not is_well_formed(tidy):
        raise Refused(_t("“%(code)s” cannot be a number. Use letters, digits, dots and hyphens.") % {"code": code})
    return tidy


def _code_for(kind: Kind, department: Any, code: str) -> str:
    if not code.strip():
        return next_code(prefix_of(kind, department))
    try:
        return take_code(well_formed(code))
    except NumberTaken as taken:
        raise Refused(str(taken)) from None


def open_draft(document: Document, *, by: Any, reason: str = "", **content: Any) -> Version:
    """Open the next version as a draft that starts from the newest released text, or from ``content``: ``title``,
    ``body`` or ``file``, and ``data``, as in ``start_document``."""
    if not by.has_perm("documents.change_document", document):
        raise NotAllowed(_t("You may not change this document."))
    try:
        with transaction.atomic():
            document = Document.objects.select_for_update(no_key=True).get(pk=document.pk)
            if document.is_retired:
                raise WrongState(_t("This document is retired."))
            title = one_line(content.pop("title", "") or "")[:300] or document.title
            base = document.versions.released().order_by("-sequence").first()
            last = document.versions.aggregate(last=Max("sequence"))["last"] or 0
            version = _new_version(document, base, sequence=last + 1, by=by, title=title, reason=reason, **content)
            _after_opening(version, by=by)
            return version
    except IntegrityError:
        raise WrongState(_t("A draft is open already.")) from None


def _new_version(
    document: Document,
    base: Version | None = None,
    *,
    by: Any,
    title: str,
    sequence: int = 1,
    body: bytes | None = None,
    file: UploadedContent | None = None,
    data: dict[str, Any] | None = None,
    reason: str = "",
) -> Version:
    kind = document.kind_of
    kept = dict(base.data) if base else {}
    file_name = base.file_name if base else ""
    if file is not None:
        content, file_name = Content.of(file.data, file.media_type, ""), file.name
        kept["text"] = file.text
    elif body is not None:
        cleaned, _removed = _cleaned(kind, body)
        content, file_name = Content.of(cleaned, kind.media_type, kind.encoding), ""
        kept.pop("text", None)
    else:
        content = None if base else Content.of(kind.empty_content, kind.media_type, kind.encoding)
    if content:
        content.keep()
    version = Version(
        document=document,
        sequence=sequence,
        title=title,
        **({"content": content} if content else {"content_id": base.content_id}),  # a file is not read for it
        file_name=file_name,
        data=kept | (data or {}),
        author=by,
        writer_ids=[by.pk],
        reason=reason,
    )
    version.save(by=by, reason="opened")
    if base:
        take_over(version, base)
    record_line(version, "draft_opened", by=by, to_state=version.state, data={"sequence": version.sequence})
    _keep_parts(version)
    return version


def save_draft(
    version: Version,
    *,
    by: Any,
    row_version: int,
    title: str | None = None,
    body: bytes | None = None,
    **fields: Any,
) -> Saved:
    """Store what somebody typed. Raises ``Stale`` when somebody else saved since ``row_version`` was read,
    ``Refused`` when the version is not open for editing. A save that changes nothing writes nothing."""
    with transaction.atomic():
        version = version.locked()
        if not version.is_editable:
            raise WrongState(_t("This version is not open for editing any more."))
        if not by.has_perm("documents.change_version", version):
            raise NotAllowed(_t("You may not change this document."))
        removed: list[str] = []
        changes = {name: value for name, value in fields.items() if getattr(version, name) != value}
        line = one_line(title or "")[:300]
        if line and line != version.title:
            changes["title"] = line
        if body is not None:
            if version.is_file:
                raise Refused(_t("This version is a file. Replace the file instead."))
            kind = version.document.kind_of
            cleaned, removed = _cleaned(kind, body)
            content = Content.of(cleaned, kind.media_type, kind.encoding)
            if content.sha256 != version.content_id:
                changes["content"] = content
        if not changes:
            return Saved(version, removed)
        version.refuse_if_changed_since(row_version)
        if "content" in changes:
            changes["content"].keep()
        for name, value in changes.items():
            setattr(version, name, value)
        noted = version.note_writer(by)
        version.save(by=by, reason="edited", update_fields=[*changes, *noted, *Version.TOUCHED])
        _after_saving(version, by=by)
    return Saved(version, removed)


def _cleaned(kind: Kind, body: bytes) -> tuple[bytes, list[str]]:
    """What is stored of a content, and what was removed. Raises ``Invalid`` for what the kind cannot take."""
    try:
        return kind.clean(body)
    except ContentRefused as problem:
        raise Invalid(problem.message) from problem
    except ContentTooLarge as problem:
        raise Invalid(in_words(problem.args[0])) from problem


def _after_opening(version: Version, *, by: Any) -> None:
    """A new author may see the draft, and before the first release the draft is what is found."""
    document = version.document
    document.refresh_audience()
    is_first = not document.was_released()
    if is_first and document.title != version.title:
        document.title = version.title
        document.save(by=by, reason="title of the first draft")
    catalog.refresh(document, words=is_first)


def _after_saving(version: Version, *, by: Any) -> None:
    """Parts follow the text. The index follows only before the first release: later readers find what is in force."""
    document = version.document
    _keep_parts(version)
    if not document.was_released():
        if document.title != version.title:
            document.title = version.title
            document.save(by=by, reason="title of the first draft")
        files = words_beside(document, version)
        catalog.refresh(document, listing=listing_of_draft(document, version, _words(version), files))


def _words(version: Version) -> str:
    return version.data.get("text", "") if version.is_file else version.document.kind_of.text(version.body_bytes())


def _keep_parts(version: Version) -> None:
    if not version.is_file:
        Part.keep([(version.document, version.document.kind_of.parts(version.body_bytes()))])
