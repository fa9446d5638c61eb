"""The forms of an import: the file, then which of its columns is what."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from core.safe.spreadsheet import MAX_BYTES
from kpis.column_mapping import FIELDS, FIELDS_OF_KIND, UnusableMapping, check, guess
from kpis.models import Kpi, MeasurementImport

LABELS = {
    "kpi": _("Code of the KPI"),
    "period": _("Period"),
    "value": _("Value"),
    "numerator": _("Numerator"),
    "failures": _("Cases that failed"),
    "denominator": _("Denominator or weight"),
    "subgroup": _("Values of a subgroup"),
    "dimension_1": _("First breakdown"),
    "dimension_2": _("Second breakdown"),
    "left_out_count": _("Left out"),
    "comment": _("Comment"),
    "evidence": _("Evidence"),
    "reason": _("Reason for a correction"),
}
HINTS = {
    "failures": _("Instead of the numerator: the denominator less this"),
    "subgroup": _("Several values in one cell, separated by semicolons"),
}


class FileForm(forms.Form):
    """A file of measurements."""

    file = forms.FileField(
        label=_("File"),
        help_text=_("CSV or Excel (.xlsx) with a line of headings; up to 200,000 rows"),
        widget=forms.FileInput(attrs={"accept": ".csv,.xlsx"}),
        error_messages={"required": _("Choose a file"), "empty": _("The file is empty. Choose another one.")},
    )

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if file.size > MAX_BYTES:
            raise forms.ValidationError(_("The table is larger than %(limit)d MB.") % {"limit": MAX_BYTES // 1024**2})
        return file


class ColumnsForm(forms.Form):
    """Which column is what, and how its cells are read."""

    decimal_mark = forms.ChoiceField(
        label=_("Decimal mark"),
        required=False,
        choices=[("", _("As the numbers show")), (".", _("Point: 1,234.5")), (",", _("Comma: 1.234,5"))],
    )
    day_first = forms.TypedChoiceField(
        label=_("Dates with slashes"),
        required=False,
        coerce=lambda text: text == "day",
        choices=[("day", _("Day first: 31/12/2026")), ("month", _("Month first: 12/31/2026"))],
    )
    replace = forms.BooleanField(
        label=_("Replace values that are there already"),
        required=False,
        help_text=_("Without this, rows that differ from a stored value are left out and listed."),
    )
    reason = forms.CharField(
        label=_("Reason"), required=False, max_length=500, help_text=_("Why stored values are replaced")
    )

    def __init__(self, *args: Any, kept: MeasurementImport, known: Any = None, **kwargs: Any) -> None:
        self.kept = kept
        chosen = kept.mapping or (known.mapping if known else guess(kept.headings, self.names(), self.labels()))
        options = kept.options or (known.options if known else {})
        initial = {f"column_{name}": column for name, column in chosen.items()}
        initial |= {name: options[name] for name in ("decimal_mark", "replace", "reason") if name in options}
        initial["day_first"] = "day" if options.get("day_first", True) else "month"
        super().__init__(*args, initial=initial, **kwargs)
        columns = [("", _("Not in the file")), *((number, heading or _t("Column %(n)d") % {"n": number + 1})
                                                for number, heading in enumerate(kept.headings))]  # fmt: skip
        for name in self.names():
            self.fields[f"column_{name}"] = forms.TypedChoiceField(
                label=self.labels().get(name) or LABELS[name],
                help_text=HINTS.get(name, ""),
                choices=columns,
                coerce=int,
                empty_value=None,
                required=False,
            )
        self.order_fields([f"column_{name}" for name in self.names()])

    def names(self) -> list[str]:
        """The fields that the file may fill."""
        kpi = self.kept.kpi
        if kpi is None:
            return list(FIELDS)
        left_out = {"kpi"} | {"value", "numerator", "failures", "denominator", "subgroup"} - set(
            FIELDS_OF_KIND[kpi.kind]
        )
        left_out |= {name for name in ("dimension_1", "dimension_2") if not getattr(kpi, name)}
        return [name for name in FIELDS if name not in left_out]

    def labels(self) -> dict[str, str]:
        """The KPI's own words."""
        kpi = self.kept.kpi
        if kpi is None:
            return {}
        return {
            "dimension_1": kpi.dimension_1,
            "dimension_2": kpi.dimension_2,
            "numerator": kpi.numerator_label,
            "denominator": kpi.denominator_label,
        }

    def mapping(self) -> dict[str, int]:
        """Field → number of the column."""
        chosen = {name: self.cleaned_data.get(f"column_{name}") for name in self.names()}
        return {name: column for name, column in chosen.items() if column is not None}

    def options(self) -> dict[str, Any]:
        data = self.cleaned_data
        options = {name: data[name] for name in ("decimal_mark", "replace", "reason") if data.get(name)}
        return options if data.get("day_first", True) in (True, "") else options | {"day_first": False}

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        kpi: Kpi | None = self.kept.kpi
        kinds = {str(kpi.kind)} if kpi else set()
        dimensions = bool(kpi.dimension_1) + bool(kpi.dimension_2) if kpi else 0
        try:
            check(self.mapping(), kinds, dimensions)
        except UnusableMapping as problem:
            words = {
                "missing": _("Choose the column. Every row needs it."),
                "both": _("Choose the numerator or the cases that failed, not both."),
                "twice": _("Another field uses this column already."),
            }
            self.add_error(f"column_{problem.field}", words[problem.reason])
        if data.get("replace") and not data.get("reason") and "reason" not in self.mapping():
            self.add_error("reason", _("Enter why stored values are replaced."))
        return data
