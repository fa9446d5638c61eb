"""Overview, KPI page and the forms about how a KPI is judged, as people get them."""

from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils import timezone

from core.panels import panels_for
from kpis.judging import judge_outdated
from kpis.models import ChangeMarker, ChartMethod, ExcludedPoint, Judgement, LimitVersion, Proposal, Target
from kpis.rebasing import set_limits
from processes.models import Process
from processes.tree import start_process
from tests.cast import flat, released
from tests.kpis.rows import fill, levels, month

OVERVIEW = "/kpis/overview/"


@pytest.fixture
def shifted_kpi(kpi, owner):
    Target.objects.create(kpi=kpi, valid_from=month(0), target=Decimal(91))
    fill(kpi, levels((24, 90), (10, 95)), owner)
    ChangeMarker.objects.create(kpi=kpi, on=month(24), label="New scanners", made_by=owner)
    judge_outdated()
    return kpi


def body(client, address):
    answer = client.get(address)
    assert answer.status_code == 200
    return flat(answer.content.decode())


def test_page_shows_signals_chart_table_and_proposal(shifted_kpi, owner, browse):
    page = body(browse(owner), shifted_kpi.get_absolute_url())
    assert "Since Jan 2026 the mean is" in page
    assert "higher: " in page
    assert "Mann-Whitney test, p under 0.001; 24 periods before and 10 after." in page
    assert "XmR chart (individual values)" in page
    assert "Hit and miss" in page
    assert page.count("<chart-reader") == 2
    assert "Last 24 of" in page
    assert "New scanners" in page


def test_all_values_are_in_the_table_when_asked_for(shifted_kpi, owner, browse):
    page = body(browse(owner), shifted_kpi.get_absolute_url() + "?values=all")
    assert '<th scope="row">Jan 2024</th>' in page


def test_proposal_is_accepted_and_changes_assurance(shifted_kpi, owner, browse):
    client = browse(owner)
    address = reverse("kpis:kpi-proposal", args=[shifted_kpi.code, Proposal.objects.get().pk])
    assert "Accept new limits" in body(client, address)
    refused = client.post(address, {"decision": "accept", "reason": ""})
    assert refused.status_code == 422
    assert "Enter a reason" in refused.content.decode()
    answer = client.post(address, {"decision": "accept", "reason": "Scanners stay"})
    assert answer["Location"] == shifted_kpi.get_absolute_url()
    page = body(client, shifted_kpi.get_absolute_url())
    assert "Will pass" in page
    assert "Scanners stay" in page
    assert "Accepted: Omar Owner" in body(client, address)
    again = client.post(address, {"decision": "accept", "reason": "Again"})
    assert again.status_code == 409
    assert LimitVersion.objects.count() == 1


def test_proposal_is_declined(shifted_kpi, owner, browse):
    address = reverse("kpis:kpi-proposal", args=[shifted_kpi.code, Proposal.objects.get().pk])
    browse(owner).post(address, {"decision": "decline", "reason": "Only one site"})
    assert (Proposal.objects.get().state, LimitVersion.objects.count()) == ("declined", 0)


def test_reader_decides_nothing_on_pages(shifted_kpi, reader, browse):
    client = browse(reader)
    assert "Decide on new limits" not in body(client, shifted_kpi.get_absolute_url())
    for name, sent in (
        ("method", {"chart": "run", "rules": "nhs", "reason": "x"}),
        ("limits", {"since": "2025-01-01", "reason": "x"}),
        ("exclude", {"period": "2025-01-01", "reason": "x"}),
        ("marker", {"on": "2025-01-01", "label": "x"}),
    ):
        assert client.post(reverse(f"kpis:kpi-{name}", args=[shifted_kpi.code]), sent).status_code == 403
    assert not ChartMethod.objects.exists()


def test_forms_change_how_a_kpi_is_judged(shifted_kpi, owner, browse):
    client, code = browse(owner), shifted_kpi.code
    method = {
        "chart": "ewma",
        "rules": "wheeler",
        "marking": "whole_run",
        "constants": "exact",
        "reason": "Small steps",
    }
    assert client.post(reverse("kpis:kpi-method", args=[code]), method).status_code == 302
    limits = {"since": "2026-01-01", "reason": "Scanners"}
    assert client.post(reverse("kpis:kpi-limits", args=[code]), limits).status_code == 302
    left_out = {"period": "2024-03-01", "reason": "Power cut"}
    assert client.post(reverse("kpis:kpi-exclude", args=[code]), left_out).status_code == 302
    marker = {"on": "2025-02-03", "label": "New racks"}
    assert client.post(reverse("kpis:kpi-marker", args=[code]), marker).status_code == 302
    page = body(client, shifted_kpi.get_absolute_url())
    for words in ("EWMA chart", "Small steps", "Since Jan 2026", "Mar 2024 left out", "Power cut", "New racks"):
        assert words in page
    client.post(reverse("kpis:kpi-include", args=[code, ExcludedPoint.objects.get().pk]))
    client.post(reverse("kpis:kpi-marker-remove", args=[code, ChangeMarker.objects.get(label="New racks").pk]))
    withdraw = reverse("kpis:kpi-limits-withdraw", args=[code, LimitVersion.objects.get().number])
    client.post(withdraw, {"reason": "Too early"})
    page = body(client, shifted_kpi.get_absolute_url())
    assert "left out</span>" not in page
    assert "New racks" not in page
    assert "changed the chart" in body(client, reverse("kpis:kpi-history", args=[code]))


def test_wrong_period_is_said_by_the_form(kpi, owner, browse):
    sent = {"since": "2025-01-15", "reason": "Scanners"}
    answer = browse(owner).post(reverse("kpis:kpi-limits", args=[kpi.code]), sent)
    assert answer.status_code == 422
    assert "Enter the first day of a period" in answer.content.decode()
    assert 'value="2025-01-15"' in answer.content.decode()


def test_document_that_is_hidden_is_not_named(shifted_kpi, author, owner, approver, outsider, browse):
    version = released(author, owner, approver, audience="named")
    ChangeMarker.objects.create(kpi=shifted_kpi, on=month(20), label=f"{version.document.code} 1.0", version=version)
    assert version.document.code in body(browse(owner), shifted_kpi.get_absolute_url())
    page = body(browse(outsider), shifted_kpi.get_absolute_url())
    assert version.document.code not in page
    assert "Another document changed" in page


def test_overview_puts_what_needs_attention_first(make_kpi, owner, reader, browse):
    calm, missing = make_kpi("KPI-201", title="Calm"), make_kpi("KPI-202", title="Will not do")
    for kpi, target in ((calm, 80), (missing, 99)):
        Target.objects.create(kpi=kpi, valid_from=month(0), target=Decimal(target))
        fill(kpi, levels((30, 90)), owner)
    judge_outdated()
    page = body(browse(reader), OVERVIEW)
    assert page.index("Will not do") < page.index("Calm")
    assert "Off target" in page
    assert "Will miss" in page
    only = body(browse(reader), OVERVIEW + "?show=miss")
    assert "Will not do" in only
    assert "Calm" not in only
    assert "2 KPIs" in page
    assert 'class="tiles"' in body(browse(reader), OVERVIEW + "?view=cards&compare=year&show=nonsense&department=x")


def test_late_values_are_said_and_found(kpi, owner, browse):
    fill(kpi, levels((12, 90)), owner)
    judge_outdated()
    page = body(browse(owner), OVERVIEW + "?show=late")
    assert "days late" in page
    assert Judgement.objects.get().next_due_on < timezone.localdate()


def test_hidden_kpis_are_in_no_overview(make_kpi, owner, outsider, browse):
    kpi = make_kpi("KPI-300", title="Secret figure", audience="named")
    fill(kpi, levels((12, 90)), owner)
    judge_outdated()
    assert "Secret figure" in body(browse(owner), OVERVIEW)
    assert "Secret figure" not in body(browse(outsider), OVERVIEW)
    assert browse(outsider).get(reverse("kpis:kpi-limits", args=[kpi.code])).status_code == 404


def test_overview_costs_the_same_for_many(make_kpi, owner, browse, django_assert_max_num_queries):
    for number in range(12):
        fill(make_kpi(f"KPI-4{number:02}"), levels((12, 90)), owner)
    judge_outdated()
    client = browse(owner)
    client.get(OVERVIEW)
    with django_assert_max_num_queries(15):
        client.get(OVERVIEW)


def test_process_page_and_home_show_kpis(shifted_kpi, author, owner, reader, browse):
    process = start_process(by=author, title="Receive goods")
    shifted_kpi.process = process
    shifted_kpi.save()
    judge_outdated()
    panel = next(panel for panel in panels_for(Process) if panel.name == "kpis")
    html = panel.render(reader, process)
    assert shifted_kpi.title in html
    assert "Hit and miss" in html
    assert "/kpis/mine/" in body(browse(owner), "/")
    assert shifted_kpi.title in body(browse(owner), "/kpis/mine/")
    assert "/kpis/mine/" not in body(browse(reader), "/")


def test_limits_set_twice_for_a_period_count_once(shifted_kpi, owner):
    set_limits(shifted_kpi, month(24), by=owner, reason="First")
    set_limits(shifted_kpi, month(24), by=owner, reason="Second")
    assert [row.number for row in LimitVersion.objects.filter(withdrawn_at=None)] == [2]
