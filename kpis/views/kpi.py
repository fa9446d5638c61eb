"""The pages of a KPI that differ from those of every record."""

from typing import Any

from django.utils.translation import gettext as _t

from core.kinds import RecordForm
from core.kinds.changes import create
from core.pages.kind import RecordCreateView, RecordPageView, RecordUpdateView
from core.views import say
from kpis.models import Definition
from kpis.period_words import period_words
from kpis.views.judging import judged_page

CHECK_INS_SHOWN = 12


class KpiPageView(RecordPageView):
    """Latest value, targets, definition and check-ins of one KPI."""

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        kpi, person = self.record, self.request.user
        check_ins = kpi.measurements.select_related("entered_by", "batch", "definition").order_by("-entered_at", "-pk")
        shown = list(check_ins[:CHECK_INS_SHOWN])
        for row in shown:
            row.period_words = period_words(row.period, kpi.grain, kpi.calendar)
        definitions = list(kpi.definitions.all())
        return super().get_context_data(
            may_enter=kpi.is_in_use and not kpi.portal_figure and person.has_perm("kpis.enter_measurements", kpi),
            check_ins=shown,
            targets=list(kpi.targets.order_by("-valid_from")),
            definition=definitions[-1] if definitions else None,
            earlier_definitions=changes_of(definitions),
            judged=judged_page(self.request, kpi),
            **context,
        )


def changes_of(definitions: list[Definition]) -> list[dict[str, Any]]:
    """Each definition with what it changed, newest first; nothing where there is only the first."""
    pairs = zip(definitions[1:], definitions, strict=False)
    return [{"definition": new, "changes": new.changes_since(old)} for new, old in pairs][::-1]


class KpiCreateView(RecordCreateView):
    """A new KPI with its first targets."""

    def save(self, form: RecordForm) -> str:
        kpi = create(self.kind, form.values(), by=self.request.user)
        form.targets.instance = kpi
        form.targets.save_by(self.request.user)
        say(self.request, _t("%(code)s is created. Put it in use to enter values.") % {"code": kpi.code})
        return kpi.get_absolute_url()


class KpiUpdateView(RecordUpdateView):
    """Definition and targets of a KPI."""

    def save(self, form: RecordForm) -> str:
        address = super().save(form)
        form.targets.instance = self.record
        form.targets.save_by(self.request.user)
        return address
