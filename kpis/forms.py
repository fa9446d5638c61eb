"""Forms of KPIs: definition and targets. Values are entered in ``kpis.entry_forms``."""

from typing import Any

from django import forms
from django.forms import BaseInlineFormSet, inlineformset_factory
from django.utils.dates import MONTHS, WEEKDAYS
from django.utils.translation import gettext_lazy as _

from core.day_field import DateInput, DayField
from core.kinds import RecordForm
from kpis.models import Aggregation, Kind, Kpi, Target
from kpis.models.definition import DefinitionFields
from kpis.portal_figures import FIGURES

MOST_TARGETS = 40
# Heading, then rows: fields that stand beside each other, or one alone.
SECTIONS: tuple[tuple[Any, tuple[tuple[str, ...], ...]], ...] = (
    (
        _("What it measures"),
        (("code",), ("title",), ("purpose",), ("direction", "unit"), ("decimals", "baseline")),
    ),
    (
        _("How it is counted"),
        (
            ("kind", "per"),
            ("numerator_label", "denominator_label"),
            ("aggregation",),
            ("dimension_1", "dimension_2"),
            ("period_rule",),
            ("left_out",),
            ("source",),
            ("portal_figure",),
            ("definition_from",),
        ),
    ),
    (_("When"), (("grain", "starts_on"), ("due_days",), ("fiscal_year_start", "week_start"), ("working_days",))),
    (
        _("Where it belongs"),
        (("process", "department"), ("part",), ("owner", "deputy"), ("audience",), ("readers",), ("reader_roles",)),
    ),
)


class TargetForm(forms.ModelForm):
    """One row of targets."""

    valid_from = DayField(label=_("Valid from"), widget=DateInput())

    class Meta:
        model = Target
        fields = ("valid_from", "target", "lower", "upper", "note")


class TargetRows(BaseInlineFormSet):
    """The targets of a KPI, one row for each day from which another one is valid."""

    def save_by(self, person: Any) -> None:
        """Store what became different; the history shows who."""
        for target in self.save(commit=False):
            target._history_user = person
            target.save()
        for target in self.deleted_objects:
            target._history_user = person
            target.delete()


TargetFormSet = inlineformset_factory(
    Kpi,
    Target,
    form=TargetForm,
    formset=TargetRows,
    extra=1,
    max_num=MOST_TARGETS,
    validate_max=True,
    can_delete=True,
)


class KpiForm(RecordForm):
    """Definition of a KPI, with its targets as rows."""

    fiscal_year_start = forms.TypedChoiceField(
        label=_("Fiscal year starts in"), choices=list(MONTHS.items()), coerce=int, initial=1
    )
    week_start = forms.TypedChoiceField(
        label=_("Week starts on"), choices=list(WEEKDAYS.items()), coerce=int, initial=0
    )
    working_days = forms.TypedMultipleChoiceField(
        label=_("Working days"),
        choices=list(WEEKDAYS.items()),
        coerce=int,
        initial=[0, 1, 2, 3, 4],
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Choose at least one working day.")},
    )

    portal_figure = forms.ChoiceField(
        label=_("Taken by the portal"),
        required=False,
        choices=[("", _("No: people, files or programs enter the values"))]
        + [(figure.key, figure.label) for figure in FIGURES.values()],
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.targets = TargetFormSet(self.data if self.is_bound else None, instance=self.instance, prefix="targets")
        if self.is_new:
            del self.fields["definition_from"]

    def is_valid(self) -> bool:
        """Both are judged, so that everything wrong is said at once."""
        is_valid = super().is_valid()
        return self.targets.is_valid() and is_valid

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        figure = FIGURES.get(data.get("portal_figure", ""))
        if figure and (figure.kind, figure.aggregation) != (data.get("kind"), data.get("aggregation")):
            kind, aggregation = Kind(figure.kind).label, Aggregation(figure.aggregation).label
            self.add_error(
                "portal_figure",
                _("For this figure choose “%(kind)s” and “%(aggregation)s”.")
                % {"kind": kind, "aggregation": aggregation},
            )
        is_recounted = self.instance.pk and self.instance.state != Kpi.State.DRAFT
        changed = set(self.changed_data) & set(DefinitionFields.definition_fields())
        if is_recounted and changed and not data.get("change_reason"):
            self.add_error("change_reason", _("Enter the reason: this changes how the KPI is counted."))
        return data

    def sections(self) -> list[tuple[Any, list[list[forms.BoundField]]]]:
        """Heading and rows of each part of the form."""
        return [
            (heading, [[self[name] for name in row if name in self.fields] for row in rows])
            for heading, rows in SECTIONS
        ]
