"""One KPI as a row of an overview: figures as text, signals as marks. For the overview page and for panels."""

from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import BooleanField, Case, ExpressionWrapper, F, IntegerField, Q, QuerySet, Value, When
from django.db.models.functions import Coalesce
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from kpis.analysis import LATE_ATTENTION
from kpis.charting import spark_of
from kpis.figures import change_text, figure_text, target_text
from kpis.models import Judgement, Kpi
from kpis.period_words import period_words
from kpis.wording import ASSURANCES, VERDICTS, variation_look

PREVIOUS, LAST_YEAR = "previous", "year"


def annotated(kpis: QuerySet, today: date) -> QuerySet:
    """With lateness and the order of attention, which both depend on the day."""
    late = Q(judgement__next_due_on__lt=today)
    return kpis.annotate(
        is_late=ExpressionWrapper(late, output_field=BooleanField()),
        urgency=Coalesce(F("judgement__attention"), Value(0))
        + Case(When(late, then=Value(LATE_ATTENTION)), default=Value(0), output_field=IntegerField()),
    )


@dataclass(frozen=True)
class OverviewRow:
    """One KPI as text and marks."""

    kpi: Kpi
    url: str
    value: str
    period: str
    target: str
    verdict: str
    verdict_tone: str
    verdict_icon: str
    change: str
    change_icon: str
    change_words: str
    variation: str
    variation_tone: str
    variation_icon: str
    assurance: str
    assurance_tone: str
    assurance_icon: str
    spark: SafeString
    late: str
    has_proposal: bool


ARROWS = {1: ("arrow-up", _("up")), -1: ("arrow-down", _("down")), 0: ("arrow-right", _("unchanged"))}


def overview_row(kpi: Kpi, today: date, compare: str = PREVIOUS) -> OverviewRow:
    """What one row of an overview shows; `kpi` comes with its judgement."""
    row = getattr(kpi, "judgement", None) or Judgement(kpi=kpi)
    before = row.last_year_value if compare == LAST_YEAR else row.previous_value
    change = None if row.value is None or before is None else row.value - before
    icon, words = ARROWS[0 if not change else 1 if change > 0 else -1] if change is not None else ("", "")
    variation_tone, variation_icon = variation_look(row.variation, kpi.direction)
    assurance_tone, assurance_icon = ASSURANCES[Judgement.Assurance(row.assurance)]
    tone, verdict_icon = VERDICTS[Judgement.Verdict(row.verdict)] if row.verdict else ("", "circle")
    return OverviewRow(
        kpi=kpi,
        url=kpi.get_absolute_url(),
        value=figure_text(kpi, row.value),
        period=period_words(row.period, kpi.grain, kpi.calendar) if row.period else "",
        target=target_text(kpi, row.target_low, row.target_high),
        verdict=str(row.get_verdict_display()) if row.verdict else "",
        verdict_tone=tone,
        verdict_icon=verdict_icon,
        change=change_text(kpi, abs(change)).lstrip("+") if change is not None else change_text(kpi, None),
        change_icon=icon,
        change_words=str(words),
        variation=str(row.get_variation_display()),
        variation_tone=variation_tone,
        variation_icon=variation_icon,
        assurance=str(row.get_assurance_display()),
        assurance_tone=assurance_tone,
        assurance_icon=assurance_icon,
        spark=spark_of(kpi, row),
        late=late_text(row, today),
        has_proposal=row.has_proposal,
    )


def late_text(row: Judgement, today: date) -> str:
    """How late the next value is; what is partial is said as well."""
    if row.next_due_on is not None and row.next_due_on < today:
        days = (today - row.next_due_on) // timedelta(days=1)
        return ngettext("%(count)d day late", "%(count)d days late", days) % {"count": days}
    return _t("Partial") if row.is_partial else ""
