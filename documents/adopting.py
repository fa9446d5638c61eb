"""Taking over what was approved before the portal: versions take effect with their old number, people and dates."""

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _t

from core.history import save_with_history
from core.ledger import record_refusal
from core.lifecycle import Refused
from documents.models import Version

DAY_KEPT = "next review as the imported file states it"


@dataclass(frozen=True)
class Adoption:
    """One draft, and what the old system said of it."""

    version: Version
    number: str
    effective_on: date
    approved_before: dict[str, Any]
    review_due_on: date | None = None  # else it is counted from the day it took effect
    told: dict[str, Any] = field(default_factory=dict)  # what else its ledger line keeps


def adopt(adoptions: list[Adoption], *, by: Any) -> list[Version | Refused]:
    """Let them take effect together; where one is refused, each alone, so that the others do. What became of each."""
    try:
        with transaction.atomic():
            return list(_adopt_together(adoptions, by=by))
    except (Refused, IntegrityError) as problem:
        if len(adoptions) > 1:
            return [became for adoption in adoptions for became in adopt([adoption], by=by)]
        refusal = problem if isinstance(problem, Refused) else _taken(adoptions[0])
        record_refusal(adoptions[0].version, "adopt", by=by, reason=str(refusal.message))
        return [refusal]


def _adopt_together(adoptions: list[Adoption], *, by: Any) -> list[Version]:
    if not adoptions:
        return []
    moving = [
        (
            adoption.version,
            {
                "number": adoption.number,
                "effective_on": adoption.effective_on,
                "approved_before": adoption.approved_before,
                "told": adoption.told,
            },
        )
        for adoption in adoptions
    ]
    versions = Version.move_together("adopt", moving, by=by)
    dated = []
    for version, adoption in zip(versions, adoptions, strict=True):
        if adoption.review_due_on:
            version.document.review_due_on = adoption.review_due_on
            dated.append(version.document)
    save_with_history(dated, by=by, reason=DAY_KEPT)
    return versions


def _taken(adoption: Adoption) -> Refused:
    return Refused(_t("There is a version %(number)s already.") % {"number": adoption.number})
