"""The forms in which people enter and correct values."""

import re
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.formats import get_format
from django.utils.translation import gettext_lazy as _

from kpis.column_mapping import FIELDS_OF_KIND
from kpis.measurement_rows import number_words, period_problem_words
from kpis.measuring import MOST_VALUES, Entry
from kpis.models import Kpi, Measurement
from kpis.numbers import UnreadableNumber, parse_number
from kpis.period_words import period_words
from kpis.periods import UnreadablePeriod, parse_period


class NumberField(forms.CharField):
    """An exact number as people write it in their language."""

    def __init__(self, **options: Any) -> None:
        widget = forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"})
        super().__init__(**({"widget": widget, "required": False, "max_length": 100} | options))

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        return self.read(text) if text else None

    def read(self, text: str) -> Decimal:
        try:
            try:
                return parse_number(text)
            except UnreadableNumber as problem:
                if problem.reason != "two_ways":
                    raise
                return parse_number(text, get_format("DECIMAL_SEPARATOR"))
        except UnreadableNumber as problem:
            raise forms.ValidationError(number_words(problem, text)) from None


class SubgroupField(NumberField):
    """Several numbers, separated by semicolons or blanks."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**({"max_length": 40 * MOST_VALUES} | options))

    def clean(self, value: Any) -> Any:
        text = forms.CharField.clean(self, value)
        return tuple(self.read(part) for part in re.split(r"[;\s]+", text) if part) or None


class PeriodField(forms.CharField):
    """A period, named in any of the usual ways."""

    def __init__(self, *, kpi: Kpi, **options: Any) -> None:
        self.kpi = kpi
        super().__init__(**({"max_length": 40} | options))

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        if not text:
            return None
        try:
            return parse_period(text, self.kpi.grain, self.kpi.calendar)
        except UnreadablePeriod as problem:
            raise forms.ValidationError(period_problem_words(problem, text, self.kpi.grain)) from None


class EntryForm(forms.Form):
    """The value of one period. A row in which nothing was typed says nothing."""

    hide_optional = True

    value = NumberField(label=_("Value"))
    numerator = NumberField(label=_("Numerator"))
    denominator = NumberField(label=_("Denominator"))
    subgroup = SubgroupField(label=_("Values"), help_text=_("Separated by semicolons"))
    left_out_count = forms.IntegerField(label=_("Left out"), required=False, min_value=0, max_value=2**31 - 1)
    comment = forms.CharField(label=_("Comment"), required=False, max_length=2000)
    evidence = forms.CharField(
        label=_("Evidence"),
        required=False,
        max_length=500,
        help_text=_("Where it can be checked: a link or a reference"),
    )

    def __init__(self, *args: Any, kpi: Kpi, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.kpi = kpi
        self._keep_what_the_kind_needs()
        self.fields = {**self._leading_fields(), **self.fields}

    def _keep_what_the_kind_needs(self) -> None:
        kpi = self.kpi
        wanted = set(FIELDS_OF_KIND[kpi.kind])
        if kpi.kind == Kpi.Kind.NUMBER and kpi.aggregation != Kpi.Aggregation.WEIGHTED:
            wanted.discard("denominator")
        for name in ("value", "numerator", "denominator", "subgroup"):
            if name not in wanted:
                del self.fields[name]
        if not kpi.left_out:
            del self.fields["left_out_count"]
        else:
            self.fields["left_out_count"].help_text = kpi.left_out
        if "value" in self.fields and kpi.unit:
            self.fields["value"].label = f"{self.fields['value'].label} ({kpi.unit})"
        if kpi.kind == Kpi.Kind.NUMBER and "denominator" in self.fields:
            self.fields["denominator"].label = kpi.denominator_label or _("Weight")
        for name, label in (("numerator", kpi.numerator_label), ("denominator", kpi.denominator_label)):
            if label and name in self.fields:
                self.fields[name].label = label

    def _leading_fields(self) -> dict[str, forms.Field]:
        return {}

    @property
    def is_blank(self) -> bool:
        """Whether nothing was measured in this row."""
        names = [name for name in ("value", "numerator", "denominator", "subgroup") if name in self.fields]
        return not any(self.data.get(self.add_prefix(name), "").strip() for name in names)

    def entry(self, **facts: Any) -> Entry:
        """What was typed."""
        names = ("value", "numerator", "denominator", "subgroup", "left_out_count", "comment", "evidence", "reason")
        typed = {name: self.cleaned_data[name] for name in names if name in self.cleaned_data}
        return Entry(**(typed | facts))

    def add_problems(self, problems: dict[str, str]) -> None:
        """Show what was refused at its field."""
        for name, words in problems.items():
            self.add_error(name if name in self.fields else None, words)


class DueForm(EntryForm):
    """A row for a period that is due; the period and the breakdown are given."""

    def __init__(self, *args: Any, period: Any, breakdown: tuple[str, str] = ("", ""), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.period, self.breakdown = period, breakdown
        self.due_on = self.kpi.due_on(period)
        self.heading = period_words(period, self.kpi.grain, self.kpi.calendar)
        self.where = ", ".join(name for name in breakdown if name)
        self.spoken_as = f"{self.heading}, {self.where}" if self.where else self.heading

    def entry(self, **facts: Any) -> Entry:
        first, second = self.breakdown
        return super().entry(period=self.period, dimension_1=first, dimension_2=second, **facts)


class OtherPeriodForm(EntryForm):
    """A row for any other period."""

    def _leading_fields(self) -> dict[str, forms.Field]:
        example = {"day": "2026-03-02", "week": "2026-W10", "month": "2026-03", "quarter": "2026-Q1"}[self.kpi.grain]
        fields: dict[str, forms.Field] = {
            "period": PeriodField(
                kpi=self.kpi, label=_("Period"), required=False, help_text=_("For example %(text)s") % {"text": example}
            )
        }
        for name in ("dimension_1", "dimension_2"):
            if label := getattr(self.kpi, name):
                fields[name] = forms.CharField(label=label, required=False, max_length=100)
        return fields

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if not self.is_blank and data.get("period") is None and not self.has_error("period"):
            self.add_error("period", _("Enter the period of this value."))
        return data

    def entry(self, **facts: Any) -> Entry:
        data = self.cleaned_data
        return super().entry(
            period=data["period"],
            dimension_1=data.get("dimension_1", ""),
            dimension_2=data.get("dimension_2", ""),
            **facts,
        )


class CorrectionForm(EntryForm):
    """Another value for a period that has one, and why."""

    reason = forms.CharField(
        label=_("Reason for the correction"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": _("Enter the reason for the correction.")},
    )

    def __init__(self, *args: Any, measurement: Measurement, **kwargs: Any) -> None:
        self.measurement = measurement
        initial = {
            "value": shown(measurement.value),
            "numerator": shown(measurement.numerator),
            "denominator": shown(measurement.denominator),
            "subgroup": "; ".join(shown(number) for number in measurement.subgroup or ()),
            "left_out_count": measurement.left_out_count,
            "comment": measurement.comment,
            "evidence": measurement.evidence,
        }
        super().__init__(*args, initial=initial, **kwargs)

    def entry(self, **facts: Any) -> Entry:
        given = self.measurement
        return super().entry(period=given.period, dimension_1=given.dimension_1, dimension_2=given.dimension_2, **facts)


def shown(number: Decimal | None) -> str:
    """A number as a field shows it: all its digits, with the decimal mark of the language."""
    return "" if number is None else format(number, "f").replace(".", get_format("DECIMAL_SEPARATOR"))
