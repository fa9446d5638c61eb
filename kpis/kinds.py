"""KPIs as a kind of record."""

from collections.abc import Mapping
from typing import Any, ClassVar

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from core.event_words import EventWords
from core.kinds import Fact
from core.kinds.changes import FactChange
from core.kinds.record_kind import Route
from kpis.due import refresh_tasks
from kpis.forms import KpiForm
from kpis.lifecycle import State
from kpis.models import Kpi
from kpis.part_field import PartType
from kpis.views.entering import CheckInView, CorrectView, MeasurementListView, UndoView
from kpis.views.importing import ImportView, TemplateFileView
from kpis.views.judging import ROUTES
from kpis.views.kpi import KpiCreateView, KpiPageView, KpiUpdateView
from people.kinds import OwnedKind


class KpiKind(OwnedKind):
    """What process owners are measured by."""

    key = "kpi"
    path = "kpis"
    model = Kpi
    icon = "chart"
    group = "measure"
    order = 20
    code_prefix = "KPI"
    form_class = KpiForm
    form_template = "kpis/kpi_form.html"
    page_template = "kpis/kpi_page.html"
    page_view = KpiPageView
    create_view = KpiCreateView
    update_view = KpiUpdateView
    facts = (
        Fact("purpose", column=None, on_page=False),
        Fact("direction", head=True, column=False),
        Fact("unit", column=False, on_page=False),
        Fact("decimals", column=None, filterable=False, on_page=False),
        Fact("baseline", column=False, filterable=False, hide_empty=True),
        Fact("kind", column=False, on_page=False),
        Fact("per", column=None, filterable=False, on_page=False),
        Fact("numerator_label", column=None, filterable=False, on_page=False),
        Fact("denominator_label", column=None, filterable=False, on_page=False),
        Fact("aggregation", column=None, filterable=False, on_page=False),
        Fact("dimension_1", column=False, filterable=False, on_page=False),
        Fact("dimension_2", column=False, filterable=False, on_page=False),
        Fact("period_rule", column=None, filterable=False, on_page=False),
        Fact("left_out", column=None, filterable=False, on_page=False),
        Fact("source", column=False, filterable=False, on_page=False),
        Fact("portal_figure", column=None, filterable=False, on_page=False),
        Fact("definition_from", column=None, filterable=False, on_page=False),
        Fact("grain", head=True),
        Fact("starts_on", column=None, filterable=False, hide_empty=True),
        Fact("due_days", column=None, filterable=False, on_page=False),
        Fact("fiscal_year_start", column=None, filterable=False, on_page=False),
        Fact("week_start", column=None, filterable=False, on_page=False),
        Fact("working_days", column=None, filterable=False, on_page=False, exported=False, in_api=False),
        Fact("process", head=True),
        Fact("part", column=False, filterable=False, hide_empty=True, value_type=PartType),
        Fact("deputy", column=False, hide_empty=True),
    )
    states: ClassVar[Mapping[str, tuple[str, str]]] = {State.IN_USE: ("check-circle", "ok")}
    events: ClassVar[Mapping[str, EventWords]] = {
        "measurements_entered": EventWords(_("entered values"), "pencil"),
        "measurements_imported": EventWords(_("imported values from %(file)s"), "table"),
        "import_undone": EventWords(_("took the import of %(file)s back"), "undo"),
        "measurement_withdrawn": EventWords(_("withdrew a value"), "x"),
        "measurement_undone": EventWords(_("took the last entry back"), "undo"),
        "chart_method_chosen": EventWords(_("changed the chart"), "chart"),
        "limits_set": EventWords(_("set new limits"), "sliders"),
        "limits_withdrawn": EventWords(_("withdrew limits"), "undo"),
        "rebase_declined": EventWords(_("kept the limits as they were"), "minus"),
        "point_excluded": EventWords(_("left a period out of the limits"), "minus"),
        "point_included": EventWords(_("let a period count again"), "plus"),
        "marker_added": EventWords(_("marked a change in the process"), "flag"),
        "marker_removed": EventWords(_("removed a marker"), "x"),
    }
    task_labels: ClassVar[Mapping[str, tuple[str, Any, Any]]] = {
        "measure": ("chart", _("Enter value"), _("Enter")),
        "rebase": ("sliders", _("Decide on new limits"), _("Decide")),
    }

    def with_facts(self, records: QuerySet) -> QuerySet:
        """With the document of the step, which is named with it."""
        return super().with_facts(records).select_related("part__document")

    def after_save(self, record: Any, changes: list[FactChange], *, by: Any) -> None:
        """What is asked of the owner follows another owner, calendar or due day."""
        super().after_save(record, changes, by=by)
        refresh_tasks([record])

    def routes(self) -> list[Route]:
        """With the pages on which values come in."""
        page = f"{self.path}/<str:code>"
        return [
            *super().routes(),
            ("check-in", f"{page}/check-in/", CheckInView),
            ("measurements", f"{page}/measurements/", MeasurementListView),
            ("correct", f"{page}/measurements/<int:pk>/correct/", CorrectView),
            ("undo", f"{page}/measurements/<int:pk>/undo/", UndoView),
            ("import", f"{page}/import/", ImportView),
            ("import-template", f"{page}/import/template.<str:form>", TemplateFileView),
            *ROUTES,
        ]


KPI = KpiKind()
