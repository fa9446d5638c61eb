from datetime import date
from decimal import Decimal

import pytest
from django.db import DatabaseError, IntegrityError, transaction

from core.ledger import lines_of
from core.lifecycle import Invalid, NotAllowed, Refused
from kpis.measuring import Entry, EntryProblems, enter, undo, withdraw
from kpis.models import Measurement
from kpis.series import LATE, MISSING, PARTIAL, REPORTED, is_stale, latest, rolled_up, series_of

MARCH = date(2024, 3, 1)


def number(value, period=MARCH, **fields):
    return Entry(period, value=Decimal(str(value)), **fields)


def problems(kpi, by, *entries):
    with pytest.raises(EntryProblems) as refused:
        enter(kpi, entries, by=by, way="form")
    return refused.value.problems


def test_value_is_stored_with_person_way_and_definition(kpi, owner):
    assert enter(kpi, [number("93.40", comment="counted twice")], by=owner, way="form") == ["new"]
    stored = Measurement.objects.get()
    assert str(stored.value) == "93.40"
    assert (stored.entered_by, stored.way, stored.definition.number) == (owner, "form", 1)
    assert lines_of(kpi).filter(event="measurements_entered").count() == 1


def test_same_value_twice_is_stored_once(kpi, owner):
    enter(kpi, [number(93)], by=owner, way="form")
    assert enter(kpi, [number("93.0")], by=owner, way="api") == ["same"]
    assert Measurement.objects.count() == 1


def test_correction_is_new_revision_with_reason(kpi, owner):
    enter(kpi, [number(93)], by=owner, way="form")
    assert problems(kpi, owner, number(94))[0].keys() == {"reason"}
    assert enter(kpi, [number(94, reason="Late scans")], by=owner, way="form") == ["changed"]
    old, new = Measurement.objects.order_by("revision")
    assert (old.value, old.is_current, new.value, new.is_current, new.reason) == (93, False, 94, True, "Late scans")


def test_measurement_cannot_be_changed_or_deleted_in_database(kpi, owner):
    enter(kpi, [number(93)], by=owner, way="form")
    for change in (
        lambda: Measurement.objects.update(value=1),
        lambda: Measurement.objects.update(comment="x"),
        lambda: Measurement.objects.all()._raw_delete("default"),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            change()
    Measurement.objects.update(is_current=False)
    with pytest.raises(DatabaseError), transaction.atomic():
        Measurement.objects.update(is_current=True)


def test_period_has_one_current_measurement(kpi, owner):
    enter(kpi, [number(93)], by=owner, way="form")
    stored = Measurement.objects.get()
    stored.pk, stored.revision, stored.reason, stored._state.adding = None, 2, "again", True
    with pytest.raises(IntegrityError, match="one_current_measurement_per_period_and_breakdown"):
        stored.save()


def test_withdrawn_value_is_a_gap_again(kpi, owner):
    enter(kpi, [number(93)], by=owner, way="form")
    withdraw(Measurement.objects.get(), by=owner, reason="Wrong month")
    assert [p for p in series_of(kpi) if p.value is not None] == []
    assert Measurement.objects.filter(is_current=True).get().is_withdrawn


def test_undo_brings_the_former_value_back(kpi, owner):
    enter(kpi, [number(93)], by=owner, way="form")
    enter(kpi, [number(94, reason="x")], by=owner, way="form")
    undo(Measurement.objects.get(is_current=True), by=owner)
    current = Measurement.objects.get(is_current=True)
    assert (current.value, current.revision) == (93, 3)
    undone = Measurement.objects.get(revision=2)
    with pytest.raises(Refused):
        undo(undone, by=owner)


@pytest.mark.parametrize("text", ["NaN", "Infinity", "1e300", "0.1234567890123456789"])
def test_what_is_no_storable_number_is_refused(kpi, owner, text):
    assert problems(kpi, owner, number(text))[0].keys() == {"value"}
    assert not Measurement.objects.exists()


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"numerator": -1, "denominator": 5}, "numerator"),
        ({"numerator": 6, "denominator": 5}, "numerator"),
        ({"numerator": 1}, "denominator"),
        ({"denominator": 1}, "numerator"),
        ({"value": 1}, "value"),
    ],
)
def test_ratio_needs_numerator_within_denominator(ratio, owner, fields, field):
    entry = Entry(MARCH, dimension_1="North", **{name: Decimal(n) for name, n in fields.items()})
    assert problems(ratio, owner, entry)[0].keys() == {field}


def test_breakdown_is_asked_for_and_refused(kpi, ratio, owner):
    parts = {"numerator": Decimal(1), "denominator": Decimal(2)}
    assert problems(ratio, owner, Entry(MARCH, **parts))[0].keys() == {"dimension_1"}
    assert problems(kpi, owner, number(1, dimension_1="North"))[0].keys() == {"dimension_1"}


@pytest.mark.parametrize("day", [date(2024, 3, 2), date(2199, 1, 1), date(1850, 1, 1)])
def test_wrong_grain_future_and_far_past_are_refused(kpi, owner, day):
    assert problems(kpi, owner, number(1, day))[0].keys() == {"period"}


def test_double_periods_in_one_request_are_refused(kpi, owner):
    assert problems(kpi, owner, number(1), number(2)) == {
        1: {"period": "This period is there twice. Keep one of the two."}
    }


def test_one_bad_entry_stores_none(kpi, owner):
    problems(kpi, owner, number(1), number("1e300", date(2024, 4, 1)))
    assert not Measurement.objects.exists()


def test_draft_retired_and_strangers_enter_nothing(make_kpi, kpi, owner, reader):
    with pytest.raises(Refused):
        enter(make_kpi("KPI-009", in_use=False), [number(1)], by=owner, way="form")
    with pytest.raises(NotAllowed):
        enter(kpi, [number(1)], by=reader, way="form")
    kpi.move("retire", by=owner, comment="No longer needed")
    with pytest.raises(Refused):
        enter(kpi, [number(1)], by=owner, way="form")


def test_withdrawing_needs_a_reason(kpi, owner):
    enter(kpi, [number(93)], by=owner, way="form")
    with pytest.raises(Invalid):
        withdraw(Measurement.objects.get(), by=owner, reason=" ")


def test_ratio_over_sites_is_ratio_of_sums(ratio, owner):
    for site, good, all_ in (("North", 90, 100), ("South", 1, 10)):
        enter(
            ratio,
            [Entry(MARCH, dimension_1=site, numerator=Decimal(good), denominator=Decimal(all_))],
            by=owner,
            way="form",
        )
    [point] = [p for p in series_of(ratio) if p.value is not None]
    assert round(point.value, 6) == round(Decimal(9100) / 110, 6)
    [north] = [p for p in series_of(ratio, dimension_1="North") if p.value is not None]
    assert north.value == 90


def test_gaps_are_missing_then_late_and_never_zero(kpi, enter_values):
    enter_values(kpi, {"2024-01": 5, "2024-03": 7})
    points = series_of(kpi, today=date(2024, 6, 20))
    assert [(p.period.month, p.value, p.state) for p in points] == [
        (1, 5, REPORTED),
        (2, None, MISSING),
        (3, 7, REPORTED),
        (4, None, LATE),
        (5, None, LATE),
    ]
    assert is_stale(points)
    assert latest(points).period == MARCH
    assert series_of(kpi, today=date(2024, 5, 3))[-1].state == "due"


def test_quarter_is_rolled_up_from_its_months(make_kpi, enter_values):
    for aggregation, expected in (("sum", 18), ("mean", 6), ("last", 7)):
        kpi = make_kpi(f"KPI-{aggregation.upper()}", aggregation=aggregation)
        enter_values(kpi, {"2024-01": 5, "2024-02": 6, "2024-03": 7})
        [quarter] = rolled_up(kpi, series_of(kpi, until=MARCH), "quarter")
        assert (quarter.value, quarter.state) == (expected, REPORTED)
        [part] = rolled_up(kpi, series_of(kpi, until=date(2024, 2, 1)), "quarter")
        assert part.state == PARTIAL
