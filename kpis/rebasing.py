"""Deciding how a KPI is judged: chart and rules, limits from a period on, points left out, and the portal's proposals.

Each verb locks the KPI, checks, writes a row with who and why and a line in the ledger, and has the KPI judged again.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _t

from core.ledger import record_line
from core.lifecycle import Invalid, NotAllowed, Refused
from kpis.judging import mark_outdated
from kpis.models import ChartMethod, ExcludedPoint, Kpi, LimitVersion, Proposal
from kpis.periods import first_day
from kpis.proposing import close_task
from kpis.spc.judged import ALLOWED


@contextmanager
def judging(kpi: Kpi, *, by: Any, reason: str) -> Iterator[Kpi]:
    """The locked KPI, for somebody who may decide this and says why; it is judged again afterwards."""
    if not reason.strip():
        raise Invalid(_t("Enter a reason."))
    with transaction.atomic():
        locked = kpi.locked()
        if not by.has_perm("kpis.change_kpi", locked):
            raise NotAllowed(
                _t("Only the owner and process officers decide how %(code)s is judged.") % {"code": kpi.code}
            )
        yield locked
        mark_outdated([locked.pk])


def choose_method(kpi: Kpi, *, by: Any, reason: str, **choices: Any) -> ChartMethod:
    """Judge the KPI by another chart or other rules from now on; the whole series is judged that way."""
    with judging(kpi, by=by, reason=reason) as locked:
        row = ChartMethod(kpi=locked, made_by=by, reason=reason.strip(), **choices)
        if row.chart and row.chart not in ALLOWED[locked.kind]:
            raise Invalid(_t("This chart does not suit the KPI’s kind of figure. Choose another one."))
        try:
            row.full_clean()
        except ValidationError as problem:
            raise Invalid(str(problem.messages[0])) from problem
        row.save()
        record_line(
            locked, "chart_method_chosen", by=by, reason=row.reason, data={"chart": row.chart, "rules": row.rules}
        )
    return row


def set_limits(
    kpi: Kpi,
    since: date,
    *,
    by: Any,
    reason: str,
    base_from: date | None = None,
    base_until: date | None = None,
) -> LimitVersion:
    """Re-base: new limits from a period on. Limits set for the same period before are withdrawn by that."""
    with judging(kpi, by=by, reason=reason) as locked:
        _check_period(locked, since)
        if base_from and base_until and base_from > base_until:
            raise Invalid(_t("The base must begin before it ends."))
        LimitVersion.objects.filter(kpi=locked, since=since, withdrawn_at=None).update(
            withdrawn_at=timezone.now(), withdrawn_by=by, withdrawn_reason=reason.strip()
        )
        last = LimitVersion.objects.filter(kpi=locked).aggregate(last=Max("number"))["last"] or 0
        row = LimitVersion.objects.create(
            kpi=locked,
            number=last + 1,
            since=since,
            base_from=base_from,
            base_until=base_until,
            reason=reason.strip(),
            made_by=by,
        )
        record_line(
            locked, "limits_set", by=by, reason=row.reason, data={"since": since.isoformat(), "number": row.number}
        )
    return row


def withdraw_limits(limits: LimitVersion, *, by: Any, reason: str) -> None:
    """Take limits back: those before them hold again."""
    with judging(limits.kpi, by=by, reason=reason) as locked:
        changed = LimitVersion.objects.filter(pk=limits.pk, withdrawn_at=None).update(
            withdrawn_at=timezone.now(), withdrawn_by=by, withdrawn_reason=reason.strip()
        )
        if changed:
            record_line(
                locked, "limits_withdrawn", by=by, reason=reason.strip(), data={"since": limits.since.isoformat()}
            )


def exclude_point(kpi: Kpi, period: date, *, by: Any, reason: str) -> ExcludedPoint:
    """Leave a period out of limits and signals. Excluding it again changes nothing."""
    with judging(kpi, by=by, reason=reason) as locked:
        _check_period(locked, period)
        row, is_new = ExcludedPoint.objects.get_or_create(
            kpi=locked, period=period, lifted_at=None, defaults={"reason": reason.strip(), "made_by": by}
        )
        if is_new:
            record_line(locked, "point_excluded", by=by, reason=row.reason, data={"period": period.isoformat()})
    return row


def include_point(row: ExcludedPoint, *, by: Any) -> None:
    """Let an excluded period count again."""
    reason = _t("Counts again")
    with judging(row.kpi, by=by, reason=reason) as locked:
        if ExcludedPoint.objects.filter(pk=row.pk, lifted_at=None).update(lifted_at=timezone.now(), lifted_by=by):
            record_line(locked, "point_included", by=by, reason=reason, data={"period": row.period.isoformat()})


def accept(proposal: Proposal, *, by: Any, reason: str) -> LimitVersion:
    """Re-base as proposed. Whoever comes second is told that it is decided already."""
    with transaction.atomic():
        with judging(proposal.kpi, by=by, reason=reason) as locked:
            row = _open_proposal(proposal)
        limits = set_limits(locked, row.since, by=by, reason=reason)
        _decide(row, Proposal.State.ACCEPTED, by=by, reason=reason, limits=limits)
    return limits


def decline(proposal: Proposal, *, by: Any, reason: str) -> None:
    """Keep the limits as they are; the proposal is not made again for this change."""
    with judging(proposal.kpi, by=by, reason=reason) as locked:
        row = _open_proposal(proposal)
        _decide(row, Proposal.State.DECLINED, by=by, reason=reason)
        record_line(locked, "rebase_declined", by=by, reason=reason.strip(), data={"since": row.since.isoformat()})


def _open_proposal(proposal: Proposal) -> Proposal:
    row = Proposal.objects.select_for_update().filter(pk=proposal.pk, state=Proposal.State.OPEN).first()
    if row is None:
        raise Refused(_t("This proposal was decided or is no longer supported by the values. Nothing was changed."))
    return row


def _decide(row: Proposal, state: str, *, by: Any, reason: str, limits: LimitVersion | None = None) -> None:
    row.state, row.decided_by, row.decided_at = state, by, timezone.now()
    row.reason, row.limits = reason.strip(), limits
    row.save()
    close_task(row.marker_id, by=by)


def _check_period(kpi: Kpi, period: date) -> None:
    nearest = first_day(period, kpi.grain, kpi.calendar)
    if nearest != period:
        raise Invalid(
            _t("Enter the first day of a period, for example %(day)s.") % {"day": date_format(nearest, "DATE_FORMAT")}
        )
    if period > timezone.localdate():
        raise Invalid(_t("Enter a period that has begun."))
