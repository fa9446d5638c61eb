"""The manager's first page: one row a KPI, what needs attention first."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django import forms
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.pages.together import fragment
from core.paging import BoundedPaginator
from kpis.models import Judgement, Kpi
from kpis.overview_rows import LAST_YEAR, PREVIOUS, annotated, overview_row
from people.models import Department, Person
from processes.models import Process

PAGE_SIZE = 100
SHOW = {
    "off": Q(judgement__verdict=Judgement.Verdict.MISSED),
    "worse": Q(judgement__variation=Judgement.Variation.CONCERN),
    "better": Q(judgement__variation=Judgement.Variation.IMPROVEMENT),
    "miss": Q(judgement__assurance=Judgement.Assurance.FAIL),
    "proposal": Q(judgement__has_proposal=True),
}
SHOWN = (
    ("", _("All KPIs")),
    ("off", _("Off target")),
    ("worse", _("Worse")),
    ("miss", _("Will miss")),
    ("late", _("Late")),
    ("proposal", _("New limits proposed")),
    ("better", _("Better")),
)
TABLE, CARDS = "table", "cards"


class OverviewFilter(forms.Form):
    """The filters that stand in the address."""

    department = forms.ModelChoiceField(label=_("Department"), queryset=None, required=False, empty_label=_("All"))
    process = forms.ModelChoiceField(
        label=_("Process"), queryset=None, required=False, empty_label=_("All"), to_field_name="code"
    )
    owner = forms.ModelChoiceField(label=_("Owner"), queryset=None, required=False, empty_label=_("All"))
    show = forms.ChoiceField(label=_("Show"), choices=SHOWN, required=False)
    compare = forms.ChoiceField(
        label=_("Compare with"),
        choices=((PREVIOUS, _("Previous period")), (LAST_YEAR, _("Same period last year"))),
        required=False,
    )

    hide_optional = True  # every filter is optional

    def __init__(self, *args: Any, person: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        kpis = Kpi.objects.visible_to(person).in_use()
        self.fields["department"].queryset = Department.objects.filter(pk__in=kpis.values("department"))
        self.fields["owner"].queryset = Person.objects.filter(pk__in=kpis.values("owner")).order_by("name")
        lineages = Process.objects.filter(pk__in=kpis.values("process"))
        self.fields["process"].queryset = Process.objects.visible_to(person).filter(pk__in=lineages).order_by("code")

    def chosen(self, name: str) -> Any:
        """The value of a filter; none where the address holds nonsense."""
        self.is_valid()
        return self.cleaned_data.get(name)


def filtered(kpis: QuerySet, chosen: OverviewFilter, today: date) -> QuerySet:
    """The KPIs of the chosen department, process and below, owner."""
    if department := chosen.chosen("department"):
        kpis = kpis.filter(department=department)
    if process := chosen.chosen("process"):
        kpis = kpis.filter(process__lineage__contains=[process.pk])
    if owner := chosen.chosen("owner"):
        kpis = kpis.filter(owner=owner)
    return kpis


def shown(kpis: QuerySet, show: str, today: date) -> QuerySet:
    """Only those that say this."""
    if show == "late":
        return kpis.filter(judgement__next_due_on__lt=today)
    return kpis.filter(SHOW[show]) if show in SHOW else kpis


def counts_of(kpis: QuerySet, today: date) -> dict[str, int]:
    """How many KPIs say what, in one query."""
    late = Q(judgement__next_due_on__lt=today)
    return kpis.aggregate(
        all=Count("pk"), late=Count("pk", filter=late), **{name: Count("pk", filter=q) for name, q in SHOW.items()}
    )


def overview(request: HttpRequest) -> HttpResponse:
    """All KPIs in use that the person may see, by the filters in the address."""
    today = timezone.localdate()
    chosen = OverviewFilter(request.GET, person=request.user)
    every = filtered(Kpi.objects.visible_to(request.user).in_use(), chosen, today)
    show = chosen.chosen("show") or ""
    compare = chosen.chosen("compare") or PREVIOUS
    rows = annotated(shown(every, show, today), today).select_related("judgement", "owner").order_by(*_order(request))
    page = BoundedPaginator(rows, PAGE_SIZE).get_page(request.GET.get("page"))
    context = {
        "filter": chosen,
        "page_obj": page,
        "rows": [overview_row(kpi, today, compare) for kpi in page.object_list],
        "strip": _strip(request, counts_of(every, today), show),
        "show": show,
        "compare": compare,
        "view": CARDS if request.GET.get("view") == CARDS else TABLE,
        "views": [(name, label, _address(request, view=name)) for name, label in VIEWS],
        "may_add": request.user.has_perm("kpis.add_kpi"),
    }
    return render(request, "kpis/overview.html", context)


MINE = 6


@fragment
def mine(request: HttpRequest) -> HttpResponse:
    """Tiles of the KPIs that the person answers for, for their home page."""
    today = timezone.localdate()
    kpis = Kpi.objects.visible_to(request.user).in_use().entered_by(request.user)
    found = annotated(kpis, today).select_related("judgement", "owner").order_by("-urgency", "code")[:MINE]
    rows = [overview_row(kpi, today) for kpi in found]
    return render(request, "kpis/_mine.html", {"rows": rows}) if rows else HttpResponse("")


VIEWS = ((TABLE, _("Table")), (CARDS, _("Cards")))
ORDERS = {
    "": ("-urgency", "code"),
    "code": ("code",),
    "-code": ("-code",),
    "title": ("title", "code"),
    "-title": ("-title", "code"),
}


def _order(request: HttpRequest) -> tuple[str, ...]:
    return ORDERS.get(request.GET.get("sort", ""), ORDERS[""])


def _address(request: HttpRequest, **changes: str) -> str:
    query = request.GET.copy()
    query.pop("page", None)
    for name, value in changes.items():
        query.pop(name, None)
        if value:
            query[name] = value
    path = reverse("kpis:overview")
    return f"{path}?{query.urlencode()}" if query else path


@dataclass(frozen=True)
class Figure:
    """One number above the table and the address of what it counts."""

    word: Any
    count: int
    url: str
    is_on: bool
    tone: str


TONES = {"off": "late", "worse": "wait", "miss": "late", "late": "wait"}


def _strip(request: HttpRequest, counts: dict[str, int], show: str) -> list[Figure]:
    return [
        Figure(
            word,
            counts[name or "all"],
            _address(request, show=name),
            name == show,
            TONES.get(name, "") if counts[name or "all"] else "",
        )
        for name, word in SHOWN
        if name != "better"
    ]
