"""What the page of a KPI shows of its judgement: figures as text, picture, table, limits, markers, proposals."""

from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _t
from django.utils.translation import ngettext

from kpis.analysis import Analysis, analyse, judgement_of
from kpis.charting import Picture, Row, SpreadPicture, marker_labels, picture, spread_picture, table_rows
from kpis.figure_words import plain_words
from kpis.figures import DASH, figure_text, number_text, target_text
from kpis.models import Judgement, Kpi, Proposal
from kpis.period_words import period_words
from kpis.series import overdue_periods
from kpis.spc.judged import BASE_POINTS, LEAST_POINTS
from kpis.wording import (
    ASSURANCES,
    VERDICTS,
    assurance_sentence,
    chart_name,
    chart_reason,
    proposal_evidence,
    proposal_sentence,
    variation_look,
    variation_sentence,
)

ALL_ROWS = 5000


@dataclass(frozen=True)
class Line:
    """One row of a panel: limits, an excluded point, a marker or a proposal."""

    label: str
    reason: str = ""
    by: str = ""
    on: date | None = None
    made_at: Any = None
    since: str = ""
    url: str = ""
    remove_url: str = ""
    withdraw_url: str = ""
    sentence: str = ""
    evidence: str = ""


class JudgedPage:
    """One KPI for one person; each part is made when the template asks for it."""

    def __init__(self, kpi: Kpi, person: Any, *, shows_all: bool = False) -> None:
        self.kpi, self.person, self.shows_all = kpi, person, shows_all
        self.analysis: Analysis = analyse(kpi)
        self.may_judge = person.has_perm("kpis.change_kpi", kpi)
        self.may_mark = person.has_perm("kpis.enter_measurements", kpi)

    @cached_property
    def judgement(self) -> Judgement:
        """Computed now, so that the page never lags behind its values."""
        return judgement_of(self.analysis, has_proposal=bool(self.open_proposals))

    # --- four facts ----------------------------------------------------------------------------------

    @property
    def has_values(self) -> bool:
        return self.analysis.latest_place is not None

    def _period(self, period: date) -> str:
        return period_words(period, self.kpi.grain, self.kpi.calendar)

    @property
    def latest_label(self) -> str:
        return self._period(self.judgement.period) if self.judgement.period else ""

    @property
    def latest(self) -> str:
        return figure_text(self.kpi, self.judgement.value)

    @property
    def previous(self) -> str:
        place = self.analysis.latest_place or 0
        before = next((p for p in reversed(self.analysis.points[:place]) if p.value is not None), None)
        return f"{self._period(before.period)}: {figure_text(self.kpi, before.value)}" if before else ""

    @property
    def late(self) -> str:
        """What is late, in words; empty when nothing is."""
        if self.judgement.is_partial:
            return _t("Partial")
        late = overdue_periods(self.analysis.points)
        return ngettext("%(count)d period late", "%(count)d periods late", late) % {"count": late} if late else ""

    @property
    def target(self) -> str:
        return target_text(self.kpi, self.judgement.target_low, self.judgement.target_high)

    @property
    def target_since(self) -> str:
        row = self.analysis.target(self.judgement.period) if self.judgement.period else None
        return _t("Since %(day)s") % {"day": date_format(row.valid_from, "DATE_FORMAT")} if row else ""

    @property
    def verdict_word(self) -> str:
        return str(self.judgement.get_verdict_display()) if self.judgement.verdict else ""

    @property
    def verdict_tone(self) -> str:
        return VERDICTS[Judgement.Verdict(self.judgement.verdict)][0] if self.judgement.verdict else ""

    @property
    def verdict_icon(self) -> str:
        return VERDICTS[Judgement.Verdict(self.judgement.verdict)][1] if self.judgement.verdict else "circle"

    @property
    def variation(self) -> str:
        return str(Judgement.Variation(self.judgement.variation).label)

    @property
    def variation_tone(self) -> str:
        return variation_look(self.judgement.variation, self.kpi.direction)[0]

    @property
    def variation_icon(self) -> str:
        return variation_look(self.judgement.variation, self.kpi.direction)[1]

    @property
    def variation_sentence(self) -> str:
        if self.judgement.variation == Judgement.Variation.UNKNOWN:
            return _t("Limits need %(count)d values") % {"count": LEAST_POINTS}
        return variation_sentence(self.analysis)

    @property
    def assurance(self) -> str:
        return str(Judgement.Assurance(self.judgement.assurance).label)

    @property
    def assurance_tone(self) -> str:
        return ASSURANCES[Judgement.Assurance(self.judgement.assurance)][0]

    @property
    def assurance_icon(self) -> str:
        return ASSURANCES[Judgement.Assurance(self.judgement.assurance)][1]

    @property
    def assurance_sentence(self) -> str:
        return assurance_sentence(self.kpi, self.judgement)

    # --- chart and table -----------------------------------------------------------------------------

    @property
    def chart_name(self) -> str:
        return chart_name(self.analysis)

    @property
    def chart_reason(self) -> str:
        return chart_reason(self.analysis)

    @property
    def method_by(self) -> str:
        row = self.analysis.rows.method
        if row is None or not row.chart:
            return ""
        return _t("Chosen by %(person)s.") % {"person": row.made_by or _t("the portal")}

    @cached_property
    def picture(self) -> Picture:
        return picture(self.analysis, self.labels)

    @cached_property
    def spread(self) -> SpreadPicture | None:
        return spread_picture(self.analysis)

    @cached_property
    def labels(self) -> dict[int, str]:
        return marker_labels(self.analysis.rows.markers, self.person)

    @cached_property
    def rows(self) -> list[Row]:
        return table_rows(self.analysis, ALL_ROWS) if self.shows_all else table_rows(self.analysis)

    @property
    def count(self) -> int:
        return len(self.analysis.points)

    @property
    def has_parts(self) -> bool:
        return self.kpi.has_parts

    # --- how it is counted ---------------------------------------------------------------------------

    @property
    def counted(self) -> list[tuple[Any, Any]]:
        """The definition as one reads it beside the newest value: only what is known is listed."""
        kpi, place = self.kpi, self.analysis.latest_place
        point = self.analysis.points[place] if place is not None else None
        left_out = kpi.left_out
        if point is not None and point.left_out is not None:
            count = ngettext("%(count)d in this period", "%(count)d in this period", point.left_out)
            left_out = (
                f"{left_out} ({count % {'count': point.left_out}})" if left_out else count % {"count": point.left_out}
            )
        loaded = (
            date_format(timezone.localtime(point.entered_at), "DATETIME_FORMAT") if point and point.entered_at else ""
        )
        lines = [
            (_t("Counted as"), self._formula(point)),
            (_t("Date that counts"), kpi.period_rule),
            (_t("Left out"), left_out),
            (_t("Over time"), kpi.get_aggregation_display()),
            (_t("Source"), kpi.source),
            (_t("Loaded"), loaded),
            (_t("Periods without a value"), str(self.judgement.missing_count or "")),
        ]
        return [(label, value) for label, value in lines if value]

    def _formula(self, point: Any) -> str:
        kpi = self.kpi
        if not kpi.has_parts:
            return str(kpi.get_kind_display())
        words = f"{kpi.numerator_label or _t('Numerator')} / {kpi.denominator_label or _t('Denominator')}"
        words = f"{words} × {number_text(kpi.per, 0)}" if kpi.per != 1 else words
        if point is None or point.numerator is None or point.denominator is None:
            return words
        return f"{words} = {plain_words(point.numerator)} / {plain_words(point.denominator)}"

    # --- limits, excluded points, markers, proposals -------------------------------------------------

    def _address(self, name: str, *more: Any) -> str:
        return reverse(f"kpis:kpi-{name}", args=[self.kpi.code, *more])

    @property
    def method_url(self) -> str:
        return self._address("method")

    @property
    def limits_url(self) -> str:
        return self._address("limits")

    @property
    def exclude_url(self) -> str:
        return self._address("exclude")

    @property
    def marker_url(self) -> str:
        return self._address("marker")

    @property
    def limits(self) -> list[Line]:
        return [
            Line(
                label="",
                since=self._period(row.since),
                reason=row.reason,
                by=str(row.made_by or ""),
                made_at=row.made_at,
                withdraw_url=self._address("limits-withdraw", row.number) if self.may_judge else "",
            )
            for row in reversed(self.analysis.rows.limits)
        ]

    @property
    def base_sentence(self) -> str:
        """Where the newest limits come from."""
        rows = self.analysis.rows.limits
        newest = rows[-1] if rows else None
        if newest is not None and (newest.base_from or newest.base_until):
            return _t("Computed from %(first)s to %(last)s.") % {
                "first": self._period(newest.base_from or newest.since),
                "last": self._period(newest.base_until) if newest.base_until else _t("now"),
            }
        return _t("Computed from the first %(count)d values of their stretch and kept after that.") % {
            "count": BASE_POINTS
        }

    @property
    def excluded(self) -> list[Line]:
        rows = sorted(self.analysis.rows.excluded.values(), key=lambda row: row.period)
        return [
            Line(
                label=self._period(row.period),
                reason=row.reason,
                url=self._address("include", row.pk),
            )
            for row in rows
        ]

    @property
    def markers(self) -> list[Line]:
        return [
            Line(
                label=self.labels[row.pk],
                on=row.on,
                by=str(row.made_by or ""),
                remove_url=self._address("marker-remove", row.pk),
            )
            for row in reversed(self.analysis.rows.markers)
        ]

    @cached_property
    def open_proposals(self) -> list[Proposal]:
        if not self.analysis.rows.markers:
            return []
        rows = Proposal.objects.filter(kpi=self.kpi, state=Proposal.State.OPEN)
        return list(rows.select_related("marker", "kpi"))

    @property
    def proposals(self) -> list[Line]:
        return [
            Line(
                label=self.labels.get(row.marker_id, DASH),
                sentence=proposal_sentence(row, self.labels.get(row.marker_id, DASH)),
                evidence=proposal_evidence(row),
                url=self._address("proposal", row.pk),
            )
            for row in self.open_proposals
        ]
