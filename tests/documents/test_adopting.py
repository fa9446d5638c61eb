"""Taking many versions over as approved before the portal writes what taking over each of them would write."""

from datetime import date
from typing import Any

from django.db import connection
from django.test.utils import CaptureQueriesContext

from core.ledger import lines_of
from core.lifecycle import NotAllowed, Refused, moved
from core.models import LedgerLine
from documents.adopting import DAY_KEPT, Adoption, adopt
from documents.bulk import Start, start_documents
from documents.drafting import open_draft
from documents.kinds import Prepared, kind_named
from documents.models import Document, Version
from tests.cast import new_draft
from tests.documents.rows import everything_about

BEFORE = {"approver": "Quinn Größe", "approved_on": "2024-02-20", "version": "3.1", "source": "a.md"}


def drafts(author: Any, many: int, body: bytes = b"<p>Goods arrive cold.</p>", **facts: Any) -> list[Version]:
    text = Prepared.by(kind_named("sop"), body)
    return start_documents([Start(kind="sop", title="Receiving", text=text, **facts) for _ in range(many)], by=author)


def adoption(version: Version, number: str = "3.1", **fields: Any) -> Adoption:
    return Adoption(version, number, fields.pop("effective_on", date(2024, 3, 1)), BEFORE, **fields)


def alone(taken: Adoption, by: Any) -> Version:
    """The single move, and the stated day of the next review."""
    version = taken.version.move(
        "adopt",
        by=by,
        number=taken.number,
        effective_on=taken.effective_on,
        approved_before=taken.approved_before,
        told=taken.told,
    )
    if taken.review_due_on:
        document = Document.objects.get(pk=version.document_id)
        document.review_due_on = taken.review_due_on
        document.save(by=by, reason=DAY_KEPT)
    return version


def in_full(version: Version) -> dict[str, Any]:
    rows = everything_about(Document.objects.get(pk=version.document_id))
    for row in (*rows["versions"], *rows["version history"]):
        assert (row.pop("approved_at") is not None) == (row["state"] == "approved")
        row.pop("manifest_hash")  # the number is in it; looked at on its own
    for line in rows["ledger"]:
        line.pop("content_hash")
    return rows


def same(author: Any, one: list[Adoption], many: list[Adoption]) -> list[Version]:
    """Take over the first alone, the others together, and compare; the versions."""
    singles = [alone(taken, author) for taken in one]
    together = adopt(many, by=author)
    assert [in_full(version) for version in together] == [in_full(version) for version in singles]
    for version in (*singles, *together):
        stored = Version.objects.get(pk=version.pk)
        assert stored.manifest_hash == stored.compute_manifest_hash() == version.manifest_hash
        line = lines_of(version.document).filter(event="adopt").get()
        assert line.content_hash == stored.manifest_hash
        assert version.history.first().manifest_hash == stored.manifest_hash
    return [*singles, *together]


def test_first_versions(author: Any, owner: Any, department: Any) -> None:
    versions = drafts(author, 6, department=department, owner=owner)
    facts: list[dict[str, Any]] = [
        {},
        {"number": "C", "told": {"run": 7, "key": "a.md"}},
        {"review_due_on": date(2027, 1, 31)},
    ]
    same(
        author,
        [adoption(version, **fields) for version, fields in zip(versions[:3], facts, strict=True)],
        [adoption(version, **fields) for version, fields in zip(versions[3:], facts, strict=True)],
    )
    assert Version.objects.effective().count() == 6


def test_audiences_links_and_later_versions(author: Any, owner: Any, reader: Any, department: Any) -> None:
    target = new_draft(author, owner).document
    body = f'<p>See <a href="/documents/{target.code}/">this</a>.</p>'.encode()
    versions = drafts(author, 4, body=body, department=department, audience="department")
    same(author, [adoption(v) for v in versions[:2]], [adoption(v) for v in versions[2:]])
    newer = [open_draft(v.document, by=author, reason="again", title="Receiving goods", body=body) for v in versions]
    later = {"number": "4", "effective_on": date(2025, 1, 1)}
    taken = [alone(adoption(version, **later), author) for version in newer[:2]]
    taken += adopt([adoption(version, **later) for version in newer[2:]], by=author)
    rows = [in_full(version) for version in taken]
    assert rows[2:] == rows[:2]
    for version in taken:
        assert [v.number for v in version.document.versions.all()] == ["4.0", "3.1"]
        assert Document.objects.get(pk=version.document_id).title == "Receiving goods"


def test_one_that_is_refused_keeps_no_other_back_and_leaves_its_trace(author: Any, owner: Any) -> None:
    versions = drafts(author, 4)
    versions[1].move("discard", by=author)
    other = adopt([adoption(versions[2])], by=author)[0].document
    again = open_draft(other, by=author, reason="the same number again")
    wanted = [versions[0], versions[1], again, versions[3]]
    became = adopt([adoption(version, effective_on=date(2025, 5, 5)) for version in wanted], by=author)
    assert [isinstance(one, Refused) for one in became] == [False, True, True, False]
    assert "version 3.1 already" in str(became[2].message)
    refusals = LedgerLine.objects.filter(event="refused:adopt")
    assert set(refusals.values_list("record_id", flat=True)) == {versions[1].pk, again.pk}


def test_who_may_not_takes_over_none(author: Any, owner: Any) -> None:
    became = adopt([adoption(version) for version in drafts(author, 2)], by=owner)
    assert [type(one) for one in became] == [NotAllowed, NotAllowed]
    assert not Version.objects.released().exists()


def test_statements_do_not_grow_with_the_number_and_receivers_hear_once(author: Any, owner: Any) -> None:
    adopt([adoption(version) for version in drafts(author, 2)], by=author)
    heard: list[int] = []

    def listen(records: list[Version], **_facts: Any) -> None:
        heard.append(len(records))

    moved.connect(listen, sender=Version)
    try:
        counts = []
        for many in (3, 30):
            taken = [adoption(version) for version in drafts(author, many)]
            with CaptureQueriesContext(connection) as queries:
                adopt(taken, by=author)
            counts.append(len(queries))
    finally:
        moved.disconnect(listen, sender=Version)
    assert counts[0] == counts[1] < 30
    assert heard == [3, 30]


def test_nothing_asked_nothing_done(author: Any) -> None:
    assert adopt([], by=author) == []


def test_an_old_number_is_kept_however_it_looks(author: Any) -> None:
    numbers = ["3", "v3.1", "C", "1.2.3", "20260131123456", "²"]
    became = adopt(
        [adoption(version, number) for version, number in zip(drafts(author, 6), numbers, strict=True)], by=author
    )
    assert [version.number for version in became] == ["3.0", "3.1", "C", "1.2.3", "20260131123456", "²"]
