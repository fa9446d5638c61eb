"""Keeping what is stored about each KPI's judgement up to date: marking it outdated, and judging it again later."""

from collections.abc import Iterable
from datetime import date

from django.db import transaction

from core.doorbell import ring
from kpis.analysis import analyse_many, judgement_of
from kpis.models import Judgement, Kpi
from kpis.proposing import renew_proposals

AT_A_TIME = 50
CHUNK = 200


def mark_outdated(keys: Iterable[int]) -> None:
    """In the caller's transaction: these KPIs are to be judged again. A worker does so after the commit."""
    rows = [Judgement(kpi_id=key) for key in sorted(set(keys))]
    if rows:
        Judgement.objects.bulk_create(
            rows, update_conflicts=True, unique_fields=["kpi"], update_fields=["is_outdated"], batch_size=1000
        )
        ring("kpis.tasks.judge_outdated")


def judge_outdated() -> int:
    """Judge again what is outdated; returns how many KPIs that was.

    A change that is committed meanwhile waits for the rows locked here and marks them again, so none is lost.
    """
    done = 0
    while True:
        with transaction.atomic():
            keys = list(
                Judgement.objects.select_for_update(skip_locked=True)
                .filter(is_outdated=True)
                .exclude(kpi__state=Kpi.State.DRAFT)
                .order_by("kpi_id")
                .values_list("kpi_id", flat=True)[:AT_A_TIME]
            )
            if not keys:
                return done
            done += recompute(keys)


FIELDS = [field.name for field in Judgement._meta.local_concrete_fields if not field.primary_key]


def recompute(keys: Iterable[int], *, today: date | None = None) -> int:
    """Judge KPIs again and store what they say; returns how many. Twice is once."""
    wanted = list(keys)
    done = 0
    for start in range(0, len(wanted), CHUNK):
        kpis = list(Kpi.objects.filter(pk__in=wanted[start : start + CHUNK]).exclude(state=Kpi.State.DRAFT))
        found = analyse_many(kpis, today=today)
        rows = [judgement_of(analysis, has_proposal=renew_proposals(analysis)) for analysis in found.values()]
        Judgement.objects.bulk_create(rows, update_conflicts=True, unique_fields=["kpi"], update_fields=FIELDS)
        done += len(rows)
    return done
