"""The living style guide: each component from its real tag, each shape with sample data. Nothing here is stored."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from django import forms
from django.contrib.auth.decorators import login_not_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.state_labels import STATES
from portal.icons import icon_names

TOKENS = [
    "desk",
    "sheet",
    "sunken",
    "raised",
    "line",
    "edge",
    "control-line",
    "ink",
    "quiet",
    "accent",
    "accent-wash",
    "ok",
    "ok-wash",
    "wait",
    "wait-wash",
    "late",
    "late-wash",
    "note",
    "note-wash",
    "idle-wash",
    "c-1",
    "c-2",
    "c-3",
    "c-4",
    "heat-1",
    "heat-2",
    "heat-3",
    "heat-4",
]


@dataclass(frozen=True)
class SamplePerson:
    """Somebody who exists in the style guide only."""

    pk: int
    name: str

    def __str__(self) -> str:
        return self.name


PEOPLE = [
    SamplePerson(pk, name)
    for pk, name in enumerate(("Omar Haddad", "Ann Lindqvist", "Aisha Rahman", "Luka Petrović", "Maren Brandt"), 1)
]
ROWS = [
    ("SOP-INB-011", "Booking in ambient goods", "effective", "2.0", 0, -20),
    ("SOP-INB-003", "Dock safety and traffic", "effective", "5.1", 1, -7),
    ("WI-INB-031", "Probing pallets in the cold dock", "effective", "2.1", 1, 11),
    ("SOP-INB-012", "Weighing and measuring", "in_review", "3.1", 0, 13),
    ("SOP-INB-020", "Cross-dock to Harrow Street", "effective", "1.0", 4, 61),
    ("SOP-INB-016", "Receiving frozen goods", "draft", "2.0", 1, None),
    ("SOP-INB-009", "Pallet label standard", "superseded", "1.0", 3, None),
]


class SampleForm(forms.Form):
    """One field of each kind, with a hint, and rules that can be broken."""

    title = forms.CharField(
        label=_("Title"),
        help_text=_("What people will search for. Start with a verb: “Receiving cold goods”."),
        error_messages={"required": _("Enter a title")},
    )
    kind = forms.ChoiceField(
        label=_("Type"),
        help_text=_("Decides the approval route"),
        choices=[("sop", _("Procedure (SOP)")), ("wi", _("Work instruction")), ("policy", _("Policy"))],
    )
    effective_from = forms.DateField(
        label=_("Effective from"), required=False, widget=forms.DateInput(attrs={"type": "date", "data-size": "mid"})
    )
    review_months = forms.IntegerField(
        label=_("Review every"),
        help_text=_("Months"),
        min_value=1,
        max_value=60,
        widget=forms.NumberInput(attrs={"data-size": "short"}),
        error_messages={"max_value": _("Choose 60 months or fewer")},
    )
    readers = forms.MultipleChoiceField(
        label=_("Who must read it"),
        help_text=_("They are asked to acknowledge each major version."),
        choices=[("dock", _("Dock operative")), ("quality", _("Quality technician")), ("driver", _("Driver"))],
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Choose at least one role that must read it")},
    )
    size = forms.ChoiceField(
        label=_("Size of change"),
        choices=[("minor", _("Minor")), ("major", _("Major"))],
        widget=forms.RadioSelect,
        initial="minor",
    )
    reason = forms.CharField(label=_("Why is it needed?"), required=False, widget=forms.Textarea(attrs={"rows": 3}))
    original = forms.FileField(label=_("Original file"), required=False)
    signed = forms.BooleanField(label=_("Sign with password"), required=False, help_text=_("Needed for drug records"))
    watch = forms.BooleanField(
        label=_("Watch changes"), required=False, initial=True, widget=forms.CheckboxInput(attrs={"role": "switch"})
    )


def _samples() -> dict[str, Any]:
    today, now = timezone.localdate(), timezone.now()
    return {
        "people": PEOPLE,
        "omar": PEOPLE[0],
        "ann": PEOPLE[1],
        "states": list(STATES),
        "days": [today + timedelta(days=n) for n in (-40, -5, 0, 1, 5, 12, 60)],
        "moment": datetime(2026, 9, 18, 14, 42, tzinfo=UTC),
        "day": date(2026, 10, 1),
        "just_now": now - timedelta(hours=2),
        "gates": [
            {"label": _("Draft"), "step": "done", "note": "12 Sep"},
            {"label": _("Review"), "step": "now", "note": _("2 of 3 signed")},
            {"label": _("Effective"), "step": ""},
        ],
        "views": [
            {"label": _("All"), "url": "?"},
            {"label": _("Review due"), "url": "?view=due", "current": True, "count": 42},
            {"label": _("My drafts"), "url": "?view=drafts", "count": 3},
        ],
        "crumbs": [(_("Warehouse"), "?"), (_("Inbound"), "?"), (_("Receive cold goods"), "")],
        "facts": [(_("Effective"), "1 Oct 2026"), (_("Review due"), "1 Oct 2027"), (_("Reading time"), "7 min")],
        "rows": [
            dict(zip(("code", "title", "state", "version", "owner", "review"), row, strict=True))
            | {"owner": PEOPLE[row[4]], "review": today + timedelta(days=row[5]) if row[5] is not None else None}
            for row in ROWS
        ],
    }


@login_not_required
def styleguide(request: HttpRequest) -> HttpResponse:
    """Every component in all variants, light and dark beside each other."""
    sample = {**_samples(), "tokens": TOKENS, "icons": icon_names()}
    sample["page"] = Paginator(range(420), 10).page(3)
    for theme in ("light", "dark"):
        refused = SampleForm({"kind": "sop", "review_months": "90", "size": "minor"}, auto_id=f"{theme}-refused-%s")
        sample[theme] = {"form": SampleForm(auto_id=f"{theme}-%s"), "refused": refused}
    return render(request, "portal/styleguide.html", sample)


@login_not_required
def shape(request: HttpRequest, shape: str) -> HttpResponse:
    """One of the page shapes with sample data; the form can be sent, and is refused as forms are."""
    if shape not in {"record", "list", "form", "message"}:
        raise Http404
    sample = _samples()
    if shape == "list":
        wanted = request.GET.get("q", "").lower()
        found = [row for row in sample["rows"] if wanted in row["title"].lower()]
        sample["page_obj"] = Paginator(found, 5).get_page(request.GET.get("page"))
    if shape == "form":
        sample["form"] = SampleForm(request.POST) if request.method == "POST" else SampleForm()
        if request.method == "POST" and sample["form"].is_valid():
            return render(request, "portal/styleguide/message.html", sample)
    return render(request, f"portal/styleguide/{shape}.html", sample)
