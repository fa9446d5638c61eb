"""What the portal holds of a source already: its newest version, and whether that still waits to take effect."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import QuerySet
from django.db.models.fields.json import KeyTextTransform

from documents.lifecycle import OPEN, RELEASED, State
from documents.models import Appendix, Document, Version


@dataclass
class Newest:
    """The newest version of a document that was not discarded."""

    pk: int
    state: str
    source: str  # hash of the source it was made from, also when it was written here on top of that
    row_version: int
    released: "Newest | None" = None  # what it follows
    has_other_files: bool = False

    @property
    def waits(self) -> bool:
        """A draft that an import made. One written here carries the hash of the text it started from."""
        return self.state in OPEN and bool(self.source) and self.source != (self.released and self.released.source)

    @property
    def was_worked_on(self) -> bool:
        """Whether somebody saved, sent or added a file to it since it came in."""
        return self.row_version > 1 or self.has_other_files


def _with_source() -> QuerySet[Version]:
    versions = Version.objects.exclude(state=State.DISCARDED)
    return versions.annotate(source=KeyTextTransform("source_sha256", "data")).order_by("sequence")


def newest_of(documents: Iterable[int]) -> dict[int, Newest]:
    """The newest version of each document."""
    newest: dict[int, Newest] = {}
    released: dict[int, Newest] = {}
    rows = _with_source().filter(document__in=documents)
    for document, *facts, source in rows.values_list("document_id", "pk", "state", "row_version", "source"):
        pk, state, row_version = facts
        version = Newest(pk, state, source or "", row_version, released.get(document))
        newest[document] = version
        if state in RELEASED:
            released[document] = version
    return newest


def still_wait(documents: dict[int, Document], newest: dict[int, Newest]) -> dict[int, Version]:
    """The drafts that an import made and that never took effect, by document; files added to them are noticed."""
    waiting = {version.pk: pk for pk, version in newest.items() if version.waits}
    if not waiting:
        return {}
    before = {version.released.pk for version in newest.values() if version.waits and version.released}
    files: dict[int, set[object]] = {}
    for version, file in Appendix.objects.filter(version__in=[*waiting, *before]).values_list("version", "attachment"):
        files.setdefault(version, set()).add(file)
    drafts = {}
    for draft in Version.objects.filter(pk__in=waiting):
        known = newest[waiting[draft.pk]]
        taken_over = files.get(known.released.pk) if known.released else None
        known.has_other_files = (files.get(draft.pk) or set()) != (taken_over or set())
        draft.document = documents[draft.document_id]
        drafts[draft.document_id] = draft
    return drafts


def hashes_as_they_are(as_effective: bool, keys: list[str]) -> dict[str, str]:
    """The hash of what the source of each key became last, where there is nothing more to do with the same source: a
    draft that is to take effect is read again, for the number and the dates it states."""
    rows = _with_source().filter(document__source_key__in=keys).values_list("document__source_key", "source", "state")
    return {key: "" if as_effective and state in OPEN else source or "" for key, source, state in rows}
