"""List, form, page and history of KPIs, as people see them."""

from datetime import date

import pytest
from django.urls import reverse

from documents.models import Part
from kpis.models import Kpi, Target
from tests.cast import flat, released

TYPED = {
    "title": "Dock-to-stock time",
    "purpose": "Staff the dock",
    "direction": "lower",
    "unit": "min",
    "decimals": "0",
    "kind": "number",
    "per": "1",
    "aggregation": "mean",
    "grain": "month",
    "due_days": "5",
    "fiscal_year_start": "1",
    "week_start": "0",
    "working_days": ["0", "1", "2", "3", "4"],
    "audience": "everyone",
    "owner": "omar.owner@example.org",
    "targets-TOTAL_FORMS": "1",
    "targets-INITIAL_FORMS": "0",
    "targets-0-valid_from": "2026-01-01",
    "targets-0-target": "100",
    "targets-0-upper": "120",
}


def test_new_kpi_gets_code_targets_and_is_put_in_use(author, owner, browse):
    client = browse(author)
    answer = client.post(reverse("kpis:kpi-new"), TYPED)
    assert answer.status_code == 302, answer.content.decode()[:5000]
    kpi = Kpi.objects.get()
    assert (kpi.code, kpi.owner, kpi.state) == ("KPI-001", owner, "draft")
    assert [(t.target, t.upper) for t in kpi.targets.all()] == [(100, 120)]
    client.post(reverse("kpis:kpi-move", args=[kpi.code, "use"]))
    kpi.refresh_from_db()
    assert kpi.state == "in_use"
    assert kpi.definitions.count() == 1
    page = flat(client.get(kpi.get_absolute_url()).content.decode())
    assert "Lower is better" in page
    assert "≤ 100" in page


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"title": ""}, "This field is required"),
        ({"kind": "ratio", "aggregation": "sum"}, "Choose “Ratio of sums”"),
        ({"targets-0-target": "130"}, "must not be below the target"),
        ({"targets-0-target": "", "targets-0-upper": ""}, "Enter a target or a limit."),
        ({"targets-0-target": "1e300"}, "Ensure that there are no more than"),
        ({"starts_on": "2026-01-15"}, "Enter the first day of a period, for example 1 Jan 2026"),
        ({"baseline": "NaN"}, "Enter a number."),
        ({"working_days": []}, "Choose at least one working day."),
    ],
)
def test_definition_that_is_refused_keeps_what_was_typed(author, owner, browse, typed, words):
    answer = browse(author).post(reverse("kpis:kpi-new"), TYPED | typed)
    assert answer.status_code == 422
    page = answer.content.decode()
    assert words in page
    assert "Staff the dock" in page
    assert not Kpi.objects.exists()
    assert not Target.objects.exists()


def edited(kpi, **typed):
    return TYPED | {"row_version": str(kpi.row_version), "targets-TOTAL_FORMS": "0", "title": kpi.title} | typed


def test_change_of_counting_needs_a_reason_and_makes_a_version(make_kpi, owner, browse):
    kpi = make_kpi(purpose="Staff the dock", direction="lower", unit="h", decimals=0)
    address = reverse("kpis:kpi-edit", args=[kpi.code])
    client = browse(owner)
    refused = client.post(address, edited(kpi, starts_on="2024-01-01"))
    assert "this changes how the KPI is counted" in refused.content.decode()
    typed = edited(kpi, starts_on="2024-01-01", change_reason="Minutes are clearer", definition_from="2026-10-01")
    answer = client.post(address, typed)
    assert answer.status_code == 302, flat(answer.content.decode())[:6000]
    first, second = kpi.definitions.all()
    assert (first.unit, second.unit, second.valid_from) == ("h", "min", date(2026, 10, 1))
    page = flat(client.get(kpi.get_absolute_url()).content.decode())
    assert "Earlier definitions" in page
    assert "<del>h</del> <ins>min</ins>" in page


def test_list_history_and_export_know_kpis(kpi, owner, browse, enter_values):
    enter_values(kpi, {"2024-01": 5})
    client = browse(owner)
    assert kpi.title in client.get(reverse("kpis:kpi-list")).content.decode()
    assert "entered values" in flat(client.get(reverse("kpis:kpi-history", args=[kpi.code])).content.decode())
    assert kpi.code in client.get(reverse("kpis:kpi-export", args=["csv"])).content.decode("utf-8-sig")


def test_only_owner_and_officers_change_a_kpi(kpi, reader, outsider, author, browse):
    address = reverse("kpis:kpi-edit", args=[kpi.code])
    assert browse(author).get(address).status_code == 200
    assert browse(reader).get(address).status_code == 403
    assert browse(outsider).get(reverse("kpis:kpi-new")).status_code == 403


def test_step_of_a_procedure_is_named_by_its_words(author, owner, approver, browse, outsider):
    version = released(author, owner, approver)
    part = Part.objects.create(document=version.document, key="s-1", label="Probe the load")
    client, code = browse(author), version.document.code
    unknown = client.post(reverse("kpis:kpi-new"), TYPED | {"part": f"{code} / Nowhere"})
    assert "has no single step or element “Nowhere”" in unknown.content.decode()
    missing = client.post(reverse("kpis:kpi-new"), TYPED | {"part": "SOP-404 / Probe"})
    assert "There is no document “SOP-404”." in missing.content.decode()
    answer = client.post(reverse("kpis:kpi-new"), TYPED | {"part": f"{code.lower()} / probe the load"})
    assert answer.status_code == 302
    kpi = Kpi.objects.get()
    assert kpi.part == part
    assert f"{code} / Probe the load" in client.get(kpi.get_absolute_url()).content.decode()
    edit = client.get(reverse("kpis:kpi-edit", args=[kpi.code])).content.decode()
    assert f'value="{code} / Probe the load"' in edit
