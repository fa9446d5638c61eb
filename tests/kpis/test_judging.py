"""From stored values to a judgement, to a proposal, and to new limits."""

from datetime import date
from decimal import Decimal

import pytest

from actions.models import Task
from core.lifecycle import Invalid, NotAllowed, Refused
from core.models import LedgerLine
from documents.taking_effect import announce_effective
from kpis.analysis import analyse, analyse_many
from kpis.judging import judge_outdated, recompute
from kpis.markers import add_marker, mark_version, remove_marker
from kpis.measuring import Entry, enter
from kpis.models import ChangeMarker, Judgement, LimitVersion, Proposal, Target
from kpis.rebasing import (
    accept,
    choose_method,
    decline,
    exclude_point,
    include_point,
    set_limits,
    withdraw_limits,
)
from kpis.spc.judged import Chart
from processes.linking import link_document
from processes.tree import start_process
from tests.cast import released
from tests.kpis.rows import START, levels, month
from tests.kpis.rows import fill as fill_rows

pytestmark = pytest.mark.django_db


@pytest.fixture
def fill(owner):
    return lambda kpi, values: fill_rows(kpi, values, owner)


@pytest.fixture
def shifted_kpi(kpi, fill, owner):
    """Around 90 for two years, around 95 since the marker."""
    Target.objects.create(kpi=kpi, valid_from=START, target=Decimal(91))
    fill(kpi, levels((24, 90), (10, 95)))
    add_marker(kpi, month(24), "New scanners", by=owner)
    judge_outdated()
    return kpi


def test_entering_values_has_the_kpi_judged_again(kpi, fill):
    fill(kpi, levels((24, 90)))
    assert Judgement.objects.get(kpi=kpi).is_outdated
    assert judge_outdated() == 1
    row = Judgement.objects.get(kpi=kpi)
    assert not row.is_outdated
    assert row.value == levels((24, 90))[-1]
    assert row.previous_value == levels((24, 90))[-2]
    assert row.last_year_value == levels((24, 90))[11]
    assert row.variation == "common"
    assert judge_outdated() == 0


def test_target_valid_then_judges_the_latest_value(kpi, fill):
    Target.objects.create(kpi=kpi, valid_from=START, target=Decimal(80))
    Target.objects.create(kpi=kpi, valid_from=month(20), target=Decimal(99))
    fill(kpi, levels((24, 90)))
    judge_outdated()
    row = Judgement.objects.get(kpi=kpi)
    assert (row.verdict, row.assurance) == ("missed", "fail")
    points = analyse(kpi).series.points
    assert (points[0].target_low, points[-1 - row.missing_count].target_low) != (None, None)


def test_gaps_are_counted_and_stay_gaps(kpi, fill):
    values = levels((24, 90))
    values[5] = None
    fill(kpi, values)
    analysis = analyse(kpi, today=month(24))
    assert analysis.points[5].state == "missing"
    assert analysis.series.points[5].value is None


def test_a_sustained_shift_after_a_marker_is_proposed(shifted_kpi):
    [proposal] = Proposal.objects.all()
    assert proposal.since == month(24)
    assert proposal.difference == pytest.approx(5, abs=0.5)
    assert proposal.low > 0
    assert (proposal.before_n, proposal.after_n) == (24, 10)
    assert Judgement.objects.get(kpi=shifted_kpi).has_proposal
    assert LimitVersion.objects.count() == 0


def test_proposal_waits_in_the_inbox_of_its_owner(shifted_kpi, owner):
    [task] = Task.objects.open().filter(kind="rebase")
    assert (task.person, task.title) == (owner, "Decide on new limits: Orders shipped on time")
    decline(Proposal.objects.get(), by=owner, reason="One site")
    assert not Task.objects.open().filter(kind="rebase")


def test_no_marker_means_no_proposal(kpi, fill):
    fill(kpi, levels((24, 90), (10, 95)))
    judge_outdated()
    assert not Proposal.objects.exists()


def test_too_few_points_after_a_marker_propose_nothing(kpi, fill, owner):
    fill(kpi, levels((24, 90), (7, 95)))
    add_marker(kpi, month(24), "New scanners", by=owner)
    judge_outdated()
    assert not Proposal.objects.exists()


def test_accepting_changes_limits_and_assurance(shifted_kpi, owner):
    assert Judgement.objects.get(kpi=shifted_kpi).assurance == "hit_and_miss"
    accept(Proposal.objects.get(), by=owner, reason="Scanners are here to stay")
    judge_outdated()
    row = Judgement.objects.get(kpi=shifted_kpi)
    assert (row.assurance, row.variation, row.has_proposal) == ("pass", "common", False)
    proposal = Proposal.objects.get()
    assert (proposal.state, proposal.limits.since) == ("accepted", month(24))
    assert LedgerLine.objects.filter(event="limits_set").count() == 1


def test_a_proposal_is_decided_once(shifted_kpi, owner):
    proposal = Proposal.objects.get()
    decline(proposal, by=owner, reason="Two sites only")
    with pytest.raises(Refused):
        accept(proposal, by=owner, reason="Again")
    judge_outdated()
    assert Proposal.objects.get().state == "declined"
    assert not LimitVersion.objects.exists()


def test_proposal_goes_away_with_its_marker(shifted_kpi, owner):
    remove_marker(ChangeMarker.objects.get(), by=owner)
    assert not Proposal.objects.exists()


def test_a_reader_decides_nothing(shifted_kpi, reader):
    with pytest.raises(NotAllowed):
        accept(Proposal.objects.get(), by=reader, reason="Please")
    with pytest.raises(NotAllowed):
        add_marker(shifted_kpi, START, "Mine", by=reader)
    assert Proposal.objects.get().state == "open"


def test_limits_need_a_reason_and_a_real_period(kpi, owner):
    with pytest.raises(Invalid, match="reason"):
        set_limits(kpi, START, by=owner, reason=" ")
    with pytest.raises(Invalid, match="first day"):
        set_limits(kpi, date(2024, 1, 15), by=owner, reason="x")


def test_withdrawn_limits_no_longer_hold(shifted_kpi, owner):
    limits = set_limits(shifted_kpi, month(24), by=owner, reason="Scanners")
    assert len(analyse(shifted_kpi).series.segments) == 2
    withdraw_limits(limits, by=owner, reason="Too early")
    withdraw_limits(limits, by=owner, reason="Too early")
    assert len(analyse(shifted_kpi).series.segments) == 1
    assert LedgerLine.objects.filter(event="limits_withdrawn").count() == 1


def test_excluded_points_count_again_when_included(kpi, fill, owner):
    values = levels((24, 90))
    values[3] = Decimal(150)
    fill(kpi, values)
    row = exclude_point(kpi, month(3), by=owner, reason="Power cut")
    assert exclude_point(kpi, month(3), by=owner, reason="Power cut") == row
    assert analyse(kpi).series.points[3].is_excluded
    include_point(row, by=owner)
    assert not analyse(kpi).series.points[3].is_excluded


def test_owner_chooses_another_chart_with_a_reason(kpi, fill, owner):
    fill(kpi, levels((24, 90)))
    assert analyse(kpi).method.chart is Chart.XMR
    choose_method(kpi, by=owner, reason="Small steps matter", chart="ewma", rules="nhs")
    analysis = analyse(kpi)
    assert analysis.method.chart is Chart.EWMA
    assert analysis.is_chosen_by_owner
    with pytest.raises(Invalid, match="does not suit"):
        choose_method(kpi, by=owner, reason="x", chart="p", rules="nhs")


def test_large_denominators_are_explained(ratio, owner):
    entries = [
        Entry(month(i), dimension_1="North", numerator=Decimal(5000 + 300 * (i % 5)), denominator=Decimal(100_000))
        for i in range(24)
    ]
    enter(ratio, entries, by=owner, way="form")
    analysis = analyse(ratio)
    assert analysis.method.chart is Chart.P_PRIME
    assert analysis.choice.reason == "large_denominators"
    latest = analysis.series.latest
    assert latest.center == pytest.approx(5.6, abs=0.2)
    assert latest.value == pytest.approx(100 * (5000 + 300 * 3) / 100_000)


def test_version_that_takes_effect_is_marked_once(shifted_kpi, author, owner, approver):
    version = released(author, owner, approver)
    process = start_process(by=author, title="Receive goods")
    link_document(process, version.document, by=None)
    shifted_kpi.process = process
    shifted_kpi.save()
    assert announce_effective() == 1
    marker = ChangeMarker.objects.get(version=version)
    assert (marker.on, marker.made_by) == (version.effective_on, None)
    assert marker.label == f"{version.document.code} {version.number}"
    mark_version(version)
    assert ChangeMarker.objects.filter(version=version).count() == 1


def test_many_kpis_cost_as_many_queries_as_one(make_kpi, fill, django_assert_num_queries):
    kpis = [fill(make_kpi(f"KPI-1{n}"), levels((12, 90))) for n in range(4)]
    with django_assert_num_queries(7):
        analyse_many(kpis)


def test_drafts_are_not_judged(make_kpi):
    kpi = make_kpi("KPI-009", in_use=False)
    assert recompute([kpi.pk]) == 0
