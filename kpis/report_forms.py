"""The form of a report: what it shows, its pages as rows, when it is sent and to whom."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from django import forms
from django.core.exceptions import ValidationError
from django.forms import formset_factory
from django.forms.formsets import BaseFormSet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.kinds import RecordForm
from core.numbering import tidy_code
from kpis.models import Kpi, Report, ReportItem, ReportPage
from kpis.schedule import Schedule

MOST_PAGES = 30
CUSTOM = "custom"
FREQUENCIES = (
    ("daily", _("Every day"), "FREQ=DAILY"),
    ("weekdays", _("Monday to Friday"), "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR"),
    ("weekly", _("Every week"), "FREQ=WEEKLY"),
    ("monthly", _("Every month on the day of the start"), "FREQ=MONTHLY"),
    ("quarterly", _("Every three months on the day of the start"), "FREQ=MONTHLY;INTERVAL=3"),
)
SECTIONS = (
    (_("What it shows"), (("code",), ("title",), ("introduction",), ("grain", "periods_shown"))),
    (_("Filters"), (("only_department", "only_process"), ("only_owner",))),
    (
        _("Schedule"),
        (("is_scheduled",), ("frequency",), ("rule",), ("starts_at", "time_zone"), ("only_if_changed",)),
    ),
    (_("Recipients"), (("recipients",), ("recipient_roles",))),
    (_("Where it belongs"), (("department", "owner"), ("audience",), ("readers",), ("reader_roles",))),
)


class PageForm(forms.Form):
    """One page: a heading and the codes of its KPIs."""

    page_id = forms.IntegerField(widget=forms.HiddenInput, required=False)
    heading = forms.CharField(label=_("Heading"), max_length=200)
    kpis = forms.CharField(
        label=_("KPIs"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("Codes, separated by commas, in the order of the page"),
        error_messages={"required": _("Enter the code of at least one KPI.")},
    )

    def __init__(self, *args: Any, person: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.person = person

    def clean_kpis(self) -> list[Kpi]:
        codes = [tidy_code(part) for part in self.cleaned_data["kpis"].replace(";", ",").split(",") if part.strip()]
        known = {kpi.code: kpi for kpi in Kpi.objects.visible_to(self.person).filter(code__in=codes)}
        missing = [code for code in codes if code not in known]
        if missing:
            raise ValidationError(_("There is no KPI “%(code)s”. Check the code.") % {"code": missing[0][:80]})
        if not codes:
            raise ValidationError(_("Enter the code of at least one KPI."))
        return [known[code] for code in dict.fromkeys(codes)]


class PageRows(BaseFormSet):
    """The pages of a report in their order."""

    def save_to(self, report: Report, person: Any) -> None:
        """Make the pages what the rows say. KPIs that this person does not see stay where they are."""
        kept: set[int] = set()
        own = {page.pk: page for page in report.pages.all()}
        rows = [form for form in self.forms if form.cleaned_data and not form.cleaned_data.get("DELETE")]
        for position, form in enumerate(rows):
            data = form.cleaned_data
            page = own.get(data.get("page_id") or 0) or ReportPage(report=report)
            page.heading, page.position = data["heading"], position
            page.save()
            kept.add(page.pk)
            visible = Kpi.objects.visible_to(person)
            page.items.filter(kpi__in=visible).exclude(kpi__in=data["kpis"]).delete()
            for place, kpi in enumerate(data["kpis"]):
                ReportItem.objects.update_or_create(page=page, kpi=kpi, defaults={"position": place})
        report.pages.exclude(pk__in=kept).delete()


PageFormSet = formset_factory(
    PageForm, formset=PageRows, extra=1, max_num=MOST_PAGES, validate_max=True, can_delete=True
)


def page_rows(report: Report, person: Any) -> list[dict[str, Any]]:
    """The pages as rows of the form, with the KPIs that the person sees."""
    if report.pk is None:
        return []
    visible = set(Kpi.objects.visible_to(person).values_list("pk", flat=True))
    return [
        {
            "page_id": page.pk,
            "heading": page.heading,
            "kpis": ", ".join(item.kpi.code for item in page.items.all() if item.kpi_id in visible),
        }
        for page in report.pages.prefetch_related("items__kpi")
    ]


class ReportForm(RecordForm):
    """A report with its pages as rows."""

    frequency = forms.ChoiceField(
        label=_("How often"),
        required=False,
        choices=[*((key, label) for key, label, _rule in FREQUENCIES), (CUSTOM, _("By a recurrence rule"))],
        initial="monthly",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.pages = PageFormSet(
            self.data if self.is_bound else None,
            initial=page_rows(self.instance, self.person),
            prefix="pages",
            form_kwargs={"person": self.person},
        )
        known = {rule: key for key, _label, rule in FREQUENCIES}
        if self.instance.rule:
            self.fields["frequency"].initial = known.get(self.instance.rule, CUSTOM)
        self.fields["rule"].help_text = _(
            "Only for “By a recurrence rule”, as RFC 5545 has it: FREQ=MONTHLY;BYMONTHDAY=5"
        )
        self.fields["starts_at"].help_text = _("First day and the hour of every sending")

    def is_valid(self) -> bool:
        is_valid = super().is_valid()
        return self.pages.is_valid() and is_valid

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        chosen = data.get("frequency") or CUSTOM
        if chosen != CUSTOM:
            data["rule"] = self._rule_of(chosen, data.get("starts_at"), data.get("time_zone"))
        if data.get("is_scheduled") and not (data.get("recipients") or data.get("recipient_roles")):
            self.add_error("recipients", _("Enter who gets the report, or do not send it on a schedule."))
        return data

    def _rule_of(self, chosen: str, starts_at: datetime | None, zone: str | None) -> str:
        rule = next(rule for key, _label, rule in FREQUENCIES if key == chosen)
        if chosen not in ("monthly", "quarterly") or starts_at is None or zone not in available_timezones():
            return rule
        is_late = starts_at.astimezone(ZoneInfo(zone)).day > 28
        return f"{rule};BYMONTHDAY=28,29,30,31;BYSETPOS=-1" if is_late else rule  # months without that day have a last

    def sections(self) -> list[tuple[Any, list[list[forms.BoundField]]]]:
        """Heading and rows of each part of the form."""
        return [
            (heading, [[self[name] for name in row if name in self.fields] for row in rows])
            for heading, rows in SECTIONS
        ]


def upcoming(report: Report, count: int = 3) -> list[datetime]:
    """The next moments at which it is sent."""
    schedule: Schedule | None = report.schedule
    return schedule.upcoming(timezone.now(), count) if schedule else []
