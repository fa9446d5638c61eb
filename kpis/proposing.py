"""Proposals to re-base: made when enough points after a change show a lasting shift, with a task for the owner."""

from datetime import date
from typing import Any

from django.conf import settings
from django.urls import reverse

from actions.models import Task
from core import catalog
from core.safe.words import gettext_noop
from kpis.analysis import Analysis
from kpis.models import ChangeMarker, Kpi, Proposal
from kpis.periods import last_day
from kpis.spc.shift import Shift, shift_since

TASK = "rebase"
ASKED = gettext_noop("Decide on new limits: %(title)s")


def points_needed() -> int:
    """Points after a change before a re-base is proposed."""
    return settings.PORTAL_POINTS_AFTER_CHANGE


def shift_after(analysis: Analysis, marker: ChangeMarker) -> tuple[date, Shift] | None:
    """The first period after a marker and the sustained shift since then; None without one.

    Compared are the points of the marker's own stretch of limits: before it, and after it until the next marker.
    """
    place = analysis.marker_place(marker)
    if place is None:
        return None
    judged = analysis.series.points
    segment = judged[place].segment
    later = [n for m in analysis.rows.markers if m.on > marker.on and (n := analysis.marker_place(m)) is not None]
    end = min([n for n in later if n > place], default=len(judged))
    if any(row.since == judged[place].period for row in analysis.rows.limits):
        return None  # limits were set for this change already
    earlier = [p for p in judged[:place] if last_day(p.period, analysis.kpi.grain) < marker.on]
    before, after = (
        [p.value for p in part if p.value is not None and not p.is_excluded and p.segment == segment]
        for part in (earlier, judged[place:end])
    )
    center = next((p.center for p in judged[place:end] if p.center is not None), None)
    if center is None:
        return None
    shift = shift_since(before, after, center, points_needed())
    return (judged[place].period, shift) if shift else None


def renew_proposals(analysis: Analysis) -> bool:
    """Bring the open proposals of a KPI up to date; returns whether one waits.

    What was decided stays decided. A proposal that newer values no longer support goes away.
    """
    if not analysis.rows.markers:
        return False
    known = {row.marker_id: row for row in Proposal.objects.filter(kpi=analysis.kpi)}
    waits = False
    for marker in analysis.rows.markers:
        row = known.get(marker.pk)
        if row is not None and row.state != Proposal.State.OPEN:
            continue
        found = shift_after(analysis, marker)
        if found is None:
            if row is not None:
                row.delete()
                close_task(marker.pk)
            continue
        waits = True
        made, is_new = Proposal.objects.update_or_create(marker=marker, defaults=_proposal_facts(analysis.kpi, *found))
        if is_new:
            ask_owner(made)
    return waits


def _proposal_facts(kpi: Kpi, since: date, shift: Shift) -> dict[str, Any]:
    return {
        "kpi": kpi,
        "since": since,
        "difference": shift.difference,
        "low": shift.low,
        "high": shift.high,
        "p_value": shift.p_value,
        "test": shift.test,
        "before_mean": shift.before_mean,
        "after_mean": shift.after_mean,
        "before_n": shift.before_n,
        "after_n": shift.after_n,
    }


def _key(marker_id: int) -> str:
    return f"{TASK}:{marker_id}"


def ask_owner(proposal: Proposal) -> None:
    """Let it wait in the owner's inbox."""
    kpi = proposal.kpi
    Task.ask(
        key=_key(proposal.marker_id),
        kind=TASK,
        title=gettext_noop(ASKED, title=kpi.title),
        url=reverse("kpis:kpi-proposal", args=[kpi.code, proposal.pk]),
        entry=catalog.entry_of(kpi),
        person=kpi.owner,
    )


def close_task(marker_id: int, *, by: Any = None) -> None:
    """Nothing waits any more: it was decided, or the values no longer support it."""
    Task.objects.filter(key=_key(marker_id)).finish(by=by)
