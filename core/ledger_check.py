"""Proof that nobody changed the ledger: walks the chain and compares its head with the anchor file."""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.db.models import Exists, OuterRef
from django.utils import timezone

from core.ledger import GENESIS, anchor_path, link_hash
from core.models.ledger import LedgerLine, LedgerSeal

UNSEALED_AT_MOST = timedelta(minutes=10)
PAGE = 5_000


@dataclass
class Finding:
    """One thing that is not as it should be."""

    check: str
    message: str


@dataclass
class LedgerReport:
    """What a walk along the chain found."""

    lines: int = 0
    head: str = GENESIS
    findings: list[Finding] = field(default_factory=list)

    def add(self, message: str) -> None:
        self.findings.append(Finding("ledger", message))


def check_ledger() -> LedgerReport:
    """Walk all seals in order: every line present, unaltered, in its place; the anchored heads still there."""
    report = LedgerReport()
    anchors = _anchors()
    expected_id = 0
    for seal in _pages(LedgerSeal):
        expected_id += 1
        if seal.id != expected_id:
            report.add(f"Seals {expected_id} to {seal.id - 1} are missing.")
            expected_id = seal.id
        line = seal.line
        if line is None:
            report.add(f"Ledger line {seal.line_id} was removed.")
        elif link_hash(report.head, line) != seal.hash:
            report.add(f"Ledger line {line.id} or its seal was altered.")
        if anchors.get(seal.id, seal.hash) != seal.hash:
            report.add(f"Seal {seal.id} differs from the anchor kept outside the database.")
        report.head = seal.hash
        report.lines += 1
    if anchors and max(anchors) > expected_id:
        report.add(f"The chain ends at seal {expected_id}, but seal {max(anchors)} was anchored: the tail was cut.")
    _check_unsealed(report)
    return report


def _check_unsealed(report: LedgerReport) -> None:
    sealed = LedgerSeal.objects.filter(line_id=OuterRef("id"))
    old = LedgerLine.objects.filter(~Exists(sealed), at__lt=timezone.now() - UNSEALED_AT_MOST).count()
    if old:
        report.add(f"{old} ledger lines older than ten minutes are not sealed. Is the worker running?")


def _pages(model: Any) -> Any:
    """All seals in order, each with its line (or None), a page at a time so that memory stays flat."""
    last = 0
    while page := list(model.objects.filter(id__gt=last).order_by("id")[:PAGE]):
        lines = LedgerLine.objects.in_bulk([seal.line_id for seal in page])
        for seal in page:
            seal.line = lines.get(seal.line_id)
            yield seal
        last = page[-1].id


def _anchors() -> dict[int, str]:
    path = anchor_path()
    if not path.exists():
        return {}
    pairs = (row.split() for row in path.read_text(encoding="ascii").splitlines())
    return {int(pair[0]): pair[1] for pair in pairs if len(pair) == 2}
