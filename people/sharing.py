"""Sharing an owned record with somebody outside its audience until a date (people/models/grant.py holds the rows)."""

from datetime import date, datetime, time, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _t

from core.ledger import record_line
from core.lifecycle import NotAllowed, Refused
from people.models.grant import RecordGrant
from people.models.job_role import JobRole
from people.models.owned import OwnedRecord
from people.models.person import Person


def share(
    record: OwnedRecord,
    *,
    by: Any,
    until: date,
    reason: str = "",
    person: Person | None = None,
    role: JobRole | None = None,
) -> RecordGrant:
    """Let a person, or everybody in a role, see the record until the end of ``until``. Again: a new date.

    Raises ``NotAllowed`` for who may not change the record, and ``Refused`` when it is for nobody or for both."""
    _refuse_unless_allowed(record, by)
    if (person is None) == (role is None):
        raise Refused(_t("Choose one person or one job role."))
    end = timezone.make_aware(datetime.combine(until + timedelta(days=1), time.min))
    with transaction.atomic():
        grant, _created = record.grants.update_or_create(
            person=person, role=role, defaults={"expires_at": end, "granted_by": by}
        )
        record_line(record, "shared", by=by, reason=reason, data={"with": str(grant.receiver), "until": str(until)})
        record.refresh_audience()
    return grant


def end_share(record: OwnedRecord, grant: RecordGrant, *, by: Any) -> None:
    """Take a grant away at once. Raises ``NotAllowed`` for who may not change the record."""
    _refuse_unless_allowed(record, by)
    with transaction.atomic():
        receiver = str(grant.receiver)
        grant.delete()
        record_line(record, "unshared", by=by, data={"with": receiver})
        record.refresh_audience()


def _refuse_unless_allowed(record: OwnedRecord, by: Any) -> None:
    if not by.has_perm(record.permission("change"), record):
        raise NotAllowed(_t("You may not share this record."))
