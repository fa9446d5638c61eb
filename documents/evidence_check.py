"""Has every decision, release, review and retirement its line in the audit log, and every line its row?"""

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import timedelta
from typing import Any

from core.ledger import kind_of
from core.models import LedgerLine
from documents.models import Decision, Document, DocumentGrant, DocumentRoleGrant, Review, Version

RELEASING = ("approve", "adopt")
APART = timedelta(minutes=5)  # a row and its line are written in one transaction
CHUNK = 200


def check_evidence() -> Iterator[str]:
    """What is wrong, in words."""
    yield from _both_ways(
        "decision",
        Counter(
            Decision.objects.values_list(
                "seat__step__route__version_id", "by_id", "verdict", "manifest_hash"
            ).iterator()
        ),
        _lines("decided:"),
    )
    yield from _both_ways(
        "review",
        Counter(Review.objects.values_list("version_id", "reviewed_by_id", "outcome", "manifest_hash").iterator()),
        _lines("reviewed:"),
    )
    yield from _moments_of_decisions()
    yield from _releases()
    yield from _ends()
    yield from _routes()
    yield from _audiences()
    yield from _shares()


def _lines(prefix: str) -> Counter[tuple[Any, ...]]:
    """What the audit log says was signed: version, person, verdict, hash."""
    lines = LedgerLine.objects.filter(record_kind=kind_of(Version), event__startswith=prefix)
    return Counter(
        (record, actor, event.removeprefix(prefix), content)
        for record, actor, event, content in lines.values_list(
            "record_id", "actor_id", "event", "content_hash"
        ).iterator()
    )


def _both_ways(what: str, rows: Counter[tuple[Any, ...]], lines: Counter[tuple[Any, ...]]) -> Iterator[str]:
    for version, person, verdict, _hash in (rows - lines).elements():
        yield f"A {what} “{verdict}” on version {version} by person {person} has no line in the audit log."
    for version, person, verdict, _hash in (lines - rows).elements():
        yield f"The audit log has a {what} “{verdict}” on version {version} by person {person}, which is not stored."


def _moments_of_decisions() -> Iterator[str]:
    """Decisions that name another moment or person than their line."""
    lines = LedgerLine.objects.filter(record_kind=kind_of(Version), event__startswith="decided:")
    lines = lines.filter(data__has_key="decision").exclude(data__has_key="demo")
    said = {line.data["decision"]: line for line in lines.iterator()}
    for decision in Decision.objects.filter(pk__in=said).iterator():
        line = said[decision.pk]
        if abs(decision.decided_at - line.at) > APART:
            yield f"Decision {decision.pk} bears another moment than its line in the audit log."
        printed = (decision.by_name, decision.by_email, decision.by_job)
        if printed != (line.actor_name, line.data.get("email", ""), line.data.get("job", "")):
            yield f"Decision {decision.pk} is printed under another name than its line in the audit log."


def _releases() -> Iterator[str]:
    """Versions in effect without the move that released them, and moves whose version is not as they left it."""
    lines = LedgerLine.objects.filter(record_kind=kind_of(Version), event__in=RELEASING).order_by("id")
    released = {line.record_id: line for line in lines.iterator()}
    for version in Version.objects.released().select_related("document").defer("data").iterator(CHUNK):
        line = released.pop(version.pk, None)
        named = f"{version.code} (sequence {version.sequence})"
        if line is None:
            yield f"{named} is in effect, but the audit log has no release of it."
            continue
        if line.content_hash != version.manifest_hash:
            yield f"{named} is not the text that the audit log says was released."
        said = line.data.get("effective_from")
        if said and said != version.effective_from.isoformat():
            yield f"{named} takes effect at another moment than the audit log says."
        if line.data.get("approved_before_the_portal") != version.approved_before:
            yield f"{named}: what was approved before the portal is not what the audit log says."
    for pk in released:
        yield f"The audit log says that version {pk} was released, but it is not."


def _ends() -> Iterator[str]:
    """Versions whose time ended without a retirement or a version that follows."""
    ended = Version.objects.released().exclude(effective_until=None)
    starts = set(Version.objects.released().values_list("document_id", "effective_from"))
    retired = set(
        LedgerLine.objects.filter(record_kind=kind_of(Version), event="retire").values_list("family_id", flat=True)
    )
    for version in ended.select_related("document").defer("data").iterator(CHUNK):
        followed = (version.document_id, version.effective_until) in starts
        never = version.effective_until == version.effective_from  # overtaken before its day
        if not followed and not never and version.document_id not in retired:
            yield f"{version.code} (sequence {version.sequence}) ended, but nothing in the audit log ended it."
    for document in Document.objects.exclude(retired_at=None).exclude(pk__in=retired):
        yield f"{document.code} is retired, but the audit log does not say so."


def _routes() -> Iterator[str]:
    """Versions that were released in the portal without all approvals of their route, each by another person."""
    pks = list(
        Version.objects.released().filter(approved_before=None).order_by("pk").values_list("pk", flat=True).iterator()
    )
    for at in range(0, len(pks), CHUNK):
        for version in Version.objects.filter(pk__in=pks[at : at + CHUNK]).select_related("document").defer("data"):
            route = version.route()
            if route is None or not route.is_complete():
                yield f"{version.code} (sequence {version.sequence}) was released without all approvals of its route."
            elif any(decision.by_id in version.makers() for decision in route.approvals()):
                yield f"{version.code} (sequence {version.sequence}) was approved by somebody who wrote it."


def _audiences() -> Iterator[str]:
    """Documents that open to others than their readers, their workers and whom they are shared with."""
    pks = list(Document.objects.order_by("pk").values_list("pk", flat=True).iterator())
    for at in range(0, len(pks), CHUNK):
        documents = list(Document.objects.filter(pk__in=pks[at : at + CHUNK]))
        for document, (working, audience) in zip(documents, Document.keys_of(documents), strict=True):
            if sorted(document.working_keys) != working or sorted(document.audience_keys) != audience:
                yield f"{document.code} opens to others than its readers and those who work on it."


def _shares() -> Iterator[str]:
    """Shares that nobody made in the portal."""
    told: dict[int, set[str]] = {}
    for family, name in LedgerLine.objects.filter(family_kind=kind_of(Document), event="shared").values_list(
        "family_id", "data__receiver"
    ):
        told.setdefault(family, set()).add(name or "")
    grants: Iterable[tuple[int, str]] = [
        *((pk, f"person:{user}") for pk, user in DocumentGrant.objects.values_list("content_object_id", "user_id")),
        *((pk, f"role:{role}") for pk, role in DocumentRoleGrant.objects.values_list("document_id", "role_id")),
    ]
    for document, receiver in grants:
        names = told.get(document, set())
        if receiver not in names and "" not in names:  # lines of earlier releases name the receiver by name only
            yield f"Document {document} is shared with {receiver}, but the audit log does not say so."
