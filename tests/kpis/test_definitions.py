from datetime import date
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.db import DatabaseError, IntegrityError, transaction

from core.lifecycle import Refused
from kpis.models import Definition, Kpi, Target
from kpis.models.target import target_at, verdict


def test_change_of_definition_keeps_the_old_one(kpi, owner, enter_values):
    enter_values(kpi, {"2024-01": 5})
    kpi.unit, kpi.source = "min", "Scanner log"
    kpi.definition_from = date(2024, 6, 1)
    kpi.save(by=owner, reason="New scanners")
    first, second = kpi.definitions.all()
    assert (first.unit, second.unit, second.valid_from, second.reason) == ("", "min", date(2024, 6, 1), "New scanners")
    assert kpi.markers.get().on == date(2024, 6, 1)  # on the chart, too
    assert [label for label, _old, _new in second.changes_since(first)] == ["unit", "source"]
    assert kpi.definition_at(date(2024, 5, 1)) == first
    assert kpi.definition_at(date(2024, 6, 1)) == second
    assert kpi.definition_at(date(2020, 1, 1)) == first


def test_other_changes_make_no_new_definition(kpi, owner):
    kpi.title, kpi.purpose = "Shipped in time", "See what is late"
    kpi.save(by=owner, reason="wording")
    assert kpi.definitions.count() == 1


def test_draft_has_no_definition_yet(make_kpi):
    assert not make_kpi(in_use=False).definitions.exists()


def test_definition_is_written_once(kpi):
    with pytest.raises(DatabaseError), transaction.atomic():
        Definition.objects.update(unit="h")


def test_kind_and_grain_stay_once_there_are_values(kpi, enter_values):
    enter_values(kpi, {"2024-01": 5})
    kpi.grain = Kpi.Grain.WEEK
    with pytest.raises(ValidationError) as refused:
        kpi.full_clean()
    assert "grain" in refused.value.message_dict


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"kind": "ratio", "aggregation": "sum"}, "aggregation"),
        ({"kind": "number", "aggregation": "ratio_of_sums"}, "aggregation"),
        ({"kind": "number", "per": 100}, "per"),
        ({"dimension_2": "Product"}, "dimension_1"),
        ({"dimension_1": "Site", "dimension_2": "site"}, "dimension_2"),
        ({"working_days": []}, "working_days"),
        ({"starts_on": date(2024, 1, 5)}, "starts_on"),
        ({"decimals": 9}, "decimals"),
        ({"fiscal_year_start": 13}, "fiscal_year_start"),
    ],
)
def test_definition_that_makes_no_sense_is_refused(make_kpi, fields, field):
    kpi = make_kpi(in_use=False)
    for name, value in fields.items():
        setattr(kpi, name, value)
    with pytest.raises(ValidationError) as refused:
        kpi.full_clean()
    assert field in refused.value.message_dict


def test_kpi_without_owner_is_not_put_in_use(make_kpi, author):
    kpi = make_kpi(in_use=False, owner=None)
    with pytest.raises(Refused, match="Choose an owner"):
        kpi.move("use", by=author)


def test_period_is_judged_by_the_target_valid_then(kpi):
    for year, goal in ((2024, 90), (2025, 95)):
        Target.objects.create(kpi=kpi, valid_from=date(year, 1, 1), target=Decimal(goal), lower=Decimal(goal - 5))
    targets = list(kpi.targets.all())
    assert target_at(targets, date(2023, 12, 1)) is None
    assert verdict(Decimal(92), target_at(targets, date(2024, 12, 1)), "higher") == "met"
    assert verdict(Decimal(92), target_at(targets, date(2025, 1, 1)), "higher") == "near"
    assert verdict(Decimal(80), target_at(targets, date(2025, 1, 1)), "higher") == "missed"
    assert verdict(None, targets[0], "higher") == ""


def test_lower_and_within_are_judged_their_way(kpi):
    band = Target(target=Decimal(2), lower=Decimal(1), upper=Decimal(3))
    assert [verdict(Decimal(n), band, "lower") for n in (2, 3, 4)] == ["met", "near", "missed"]
    assert [verdict(Decimal(n), band, "within") for n in (0, 1, 3, 4)] == ["missed", "met", "met", "missed"]


@pytest.mark.parametrize(
    ("fields", "name"),
    [
        ({}, "target_row_says_something"),
        ({"lower": 3, "upper": 2}, "target_lies_between_its_limits"),
        ({"lower": 3, "target": 2}, "target_lies_between_its_limits"),
    ],
)
def test_database_refuses_targets_outside_their_limits(kpi, fields, name):
    with pytest.raises(IntegrityError, match=name):
        Target.objects.create(kpi=kpi, valid_from=date(2024, 1, 1), **fields)


def test_kpi_is_hidden_from_those_outside_its_audience(make_kpi, department, owner, reader, outsider, auditor):
    kpi = make_kpi(audience="department", department=department)
    for person, seen in ((owner, True), (reader, True), (auditor, True), (outsider, False)):
        assert Kpi.objects.visible_to(person).filter(pk=kpi.pk).exists() is seen


def test_draft_is_seen_by_those_who_work_on_it(make_kpi, owner, author, reader):
    make_kpi(in_use=False)
    assert Kpi.objects.visible_to(owner).exists()
    assert Kpi.objects.visible_to(author).exists()  # a process officer
    assert not Kpi.objects.visible_to(reader).exists()
