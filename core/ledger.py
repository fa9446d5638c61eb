"""The ledger: an append-only line for every move, decision, signature and security event.

A line is written in the transaction of what it tells of, *unchained*: a chain inside the move would make all writers
wait for each other. ``seal`` chains committed lines by hash afterwards, one sealer at a time, and anchors the head in
a file outside the database, so that a cut tail is found too. ``core.ledger_check`` walks the chain.
"""

import hashlib
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection, models, transaction

from core.clock import told
from core.models.ledger import LedgerLine, LedgerSeal
from core.request_id import current_request_id

GENESIS = "0" * 64
SEALER_LOCK = 7_310_001  # the advisory lock that makes the sealer a single one
BATCH = 2_000
_COLUMNS = [field.attname for field in LedgerLine._meta.concrete_fields if field.attname not in ("id", "at")]


def kind_of(record: models.Model) -> str:
    """The name under which the ledger files a record: its model's label in lower case."""
    return record._meta.label_lower


def record_line(record: models.Model | None, event: str, *, by: Any, **facts: Any) -> LedgerLine:
    """Write one line, in the caller's transaction. ``by=None`` means the portal itself. ``facts`` as in ``line_of``."""
    line = line_of(record, event, by=by, **facts)
    line.save(force_insert=True)
    return line


def record_lines(lines: list[LedgerLine]) -> None:
    """Write many lines made by ``line_of`` at once, in the caller's transaction."""
    if not lines:
        return
    rows = [{column: getattr(line, column) for column in _COLUMNS} | {"at": _told_at(line)} for line in lines]
    columns = ", ".join(_COLUMNS)
    with connection.cursor() as cursor:
        # The clock is the server's, as the column's default has it; a past that is told has its own.
        cursor.execute(
            f"""INSERT INTO core_ledgerline (at, {columns})
                SELECT coalesce(at, statement_timestamp()), {columns}
                FROM jsonb_populate_recordset(NULL::core_ledgerline, %s)""",  # noqa: S608 - the model's own columns
            [json.dumps(rows)],
        )


def _told_at(line: LedgerLine) -> str | None:
    return line.at.isoformat() if isinstance(line.at, datetime) else None


def line_of(
    record: models.Model | None,
    event: str,
    *,
    by: Any,
    reason: str = "",
    from_state: str = "",
    to_state: str = "",
    content_hash: str = "",
    data: dict[str, Any] | None = None,
) -> LedgerLine:
    """A line as it will be written."""
    family = getattr(record, "family", lambda: None)() if record is not None else None
    family = family or record
    telling = told.get()
    return LedgerLine(
        **({"at": telling.at} if telling else {}),
        actor=by if getattr(by, "pk", None) else None,
        actor_name=str(by) if by is not None else "",
        event=event,
        record_kind=kind_of(record) if record is not None else "",
        record_id=record.pk if record is not None else None,
        record_code=str(getattr(record, "code", "") or "")[:80],
        family_kind=kind_of(family) if family is not None else "",
        family_id=family.pk if family is not None else None,
        from_state=from_state,
        to_state=to_state,
        reason=reason,
        content_hash=content_hash,
        request_id=current_request_id.get()[:64],
        data=_plain(data or {}) | (telling.mark if telling else {}),
    )


def _plain(data: dict[str, Any]) -> dict[str, Any]:
    """The facts of a line as JSON keeps them: decimals, days, durations and UUIDs as text, exactly."""
    return json.loads(json.dumps(data, cls=DjangoJSONEncoder))


def record_refusal(record: models.Model | None, event: str, *, by: Any, reason: str) -> None:
    """Write that something was refused, in a transaction of its own: the refused one is rolled back."""
    with transaction.atomic():
        record_line(record, f"refused:{event}"[:60], by=by, reason=reason)


def lines_of(record: models.Model) -> models.QuerySet[LedgerLine]:
    """What happened to a record and its family, newest first, refusals left out."""
    return (
        LedgerLine.objects.filter(family_kind=kind_of(record), family_id=record.pk)
        .exclude(event__startswith="refused:")
        .select_related("actor")
        .order_by("-id")
    )


def canonical(line: LedgerLine) -> bytes:
    """The bytes of a line that its seal vouches for."""
    fields = [
        line.id,
        line.at.astimezone(UTC).isoformat(timespec="microseconds"),
        line.actor_id,
        line.actor_name,
        line.event,
        line.record_kind,
        line.record_id,
        line.record_code,
        line.family_kind,
        line.family_id,
        line.from_state,
        line.to_state,
        line.reason,
        line.content_hash,
        line.request_id,
        line.data,
    ]
    return json.dumps(fields, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def link_hash(previous: str, line: LedgerLine) -> str:
    """sha256 of the previous seal's hash and the line, as hexadecimal digits."""
    return hashlib.sha256(previous.encode() + canonical(line)).hexdigest()


def anchor_path() -> Path:
    """The file outside the database that remembers heads of the chain, one line each: seal id, hash."""
    return Path(settings.PORTAL_LEDGER_ANCHOR)


def seal() -> int:
    """Chain every committed line that has no seal yet; returns how many. A second sealer leaves at once."""
    sealed = 0
    while True:
        count = _seal_batch()
        sealed += count
        if count < BATCH:
            return sealed


def _seal_batch() -> int:
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [SEALER_LOCK])
            if not cursor.fetchone()[0]:
                return 0
        head = LedgerSeal.objects.order_by("-id").first()
        seal_id, previous = (head.id, head.hash) if head else (0, GENESIS)
        sealed_lines = LedgerSeal.objects.filter(line_id=models.OuterRef("id"))
        lines = LedgerLine.objects.filter(~models.Exists(sealed_lines)).order_by("id")[:BATCH]
        seals = []
        for line in lines:
            seal_id += 1
            previous = link_hash(previous, line)
            seals.append(LedgerSeal(id=seal_id, line_id=line.id, hash=previous))
        LedgerSeal.objects.bulk_create(seals)
    if seals:
        _anchor(seals[-1])
    return len(seals)


def _anchor(head: LedgerSeal) -> None:
    path = anchor_path()
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a", encoding="ascii") as file:
        file.write(f"{head.id} {head.hash}\n")
