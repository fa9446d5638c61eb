"""The shape of the process tree: places, levels, order, merging."""

import pytest
from django.db import IntegrityError, connection, transaction

from core.lifecycle import NotAllowed, Refused
from core.models import CatalogEntry, CatalogLink, LedgerLine, Watch
from people.models import Person
from processes.linking import link_document
from processes.models import Process, ProcessMap
from processes.tree import merge, place, rename, start_process
from tests.cast import taken_over
from tests.processes.conftest import Grower

pytestmark = pytest.mark.django_db


def order_under(parent: Process | None) -> list[str]:
    return [one.title for one in Process.objects.filter(parent=parent).in_tree_order()]


def test_codes_and_levels_follow_the_tree(grow: Grower, inbound: Process) -> None:
    cold = grow("Receive cold goods", inbound)
    assert (cold.code, cold.level, cold.lineage) == ("P3.1.1", 2, [cold.pk, inbound.pk, inbound.parent_id])
    assert CatalogEntry.objects.get(code="P3.1.1").kind == "process"


def test_next_code_skips_taken_ones(grow: Grower, warehouse: Process) -> None:
    grow("Outbound", warehouse, code="P3.1")
    assert grow("Inbound", warehouse).code == "P3.2"


@pytest.mark.parametrize("code", ["P3", "p3", "not/ä code"])
def test_taken_or_odd_codes_are_refused(grow: Grower, warehouse: Process, code: str) -> None:
    with pytest.raises(Refused):
        grow("Copy", code=code)
    assert Process.objects.count() == 1


def test_no_level_below_l4(grow: Grower) -> None:
    process = None
    for level in range(5):
        process = grow(f"Level {level}", process)
    with pytest.raises(Refused, match="L0 to L4"):
        grow("Too deep", process)


def test_moving_takes_the_branch_along(grow: Grower, inbound: Process, author: Person) -> None:
    cold = grow("Receive cold goods", inbound)
    probe = grow("Probe", cold)
    quality = grow("Quality", code="P9")
    assert place(cold, quality, by=author, reason="belongs to quality")
    probe.refresh_from_db()
    assert probe.lineage == [probe.pk, cold.pk, quality.pk]
    assert probe.level == 2
    line = LedgerLine.objects.get(event="placed", record_id=cold.pk)
    assert (line.data["parent"], line.reason) == ([inbound.pk, quality.pk], "belongs to quality")


def test_moving_twice_is_once(grow: Grower, inbound: Process, author: Person) -> None:
    quality = grow("Quality", code="P9")
    assert place(inbound, quality, by=author)
    assert not place(inbound, quality, by=author)
    assert LedgerLine.objects.filter(event="placed").count() == 1


def test_cannot_move_under_own_child(grow: Grower, warehouse: Process, inbound: Process, author: Person) -> None:
    cold = grow("Receive cold goods", inbound)
    with pytest.raises(Refused, match="part of this process"):
        place(warehouse, cold, by=author)
    with pytest.raises(Refused, match="under itself"):
        place(warehouse, warehouse, by=author)
    warehouse.refresh_from_db()
    assert warehouse.parent is None
    assert LedgerLine.objects.filter(event="refused:place").count() == 2


def test_a_branch_too_deep_stays(grow: Grower, inbound: Process, author: Person) -> None:
    deep = grow("Deep", code="P9")
    for level in range(3):
        deep = grow(f"Below {level}", deep)
    with pytest.raises(Refused, match="L0 to L4"):
        place(Process.objects.get(code="P9"), inbound, by=author)


def test_the_database_refuses_a_ring(warehouse: Process, inbound: Process) -> None:
    for values in ({"parent": warehouse}, {"lineage": [warehouse.pk, inbound.pk, warehouse.pk]}, {"level": 5}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Process.objects.filter(pk=warehouse.pk).update(**values)


def test_siblings_keep_the_given_order(grow: Grower, warehouse: Process, author: Person) -> None:
    for title in ("Inbound", "Storage", "Outbound"):
        grow(title, warehouse)
    storage = Process.objects.get(title="Storage")
    assert place(storage, warehouse, by=author, position=1)
    assert order_under(warehouse) == ["Storage", "Inbound", "Outbound"]
    assert place(storage, warehouse, by=author, position=99)
    assert order_under(warehouse) == ["Inbound", "Outbound", "Storage"]
    assert not place(storage, warehouse, by=author, position=3)


def test_who_may_grow_the_tree(inbound: Process, owner: Person, reader: Person, author: Person) -> None:
    with pytest.raises(NotAllowed):
        start_process(by=reader, title="Mine", parent=inbound)
    with pytest.raises(NotAllowed, match="officers"):
        start_process(by=owner, title="Mine")
    Process.objects.filter(pk=inbound.pk).update(owner=owner)
    own = start_process(by=owner, title="Mine", parent=inbound)
    with pytest.raises(NotAllowed):
        place(own, None, by=owner)
    with pytest.raises(NotAllowed):
        place(own, inbound.parent, by=reader)


def test_merging_hands_everything_over(
    grow: Grower, inbound: Process, warehouse: Process, author: Person, reader: Person
) -> None:
    document = taken_over(author, author, ["Receiving"])[0]
    old = grow("Receive goods by hand", warehouse, suppliers=["Carrier", "Haulier"])
    child = grow("Count", old)
    inbound.suppliers = ["carrier"]
    inbound.save(by=author)
    link_document(old, document, by=author)
    Watch.objects.create(person=reader, entry=CatalogEntry.objects.get(code=old.code))
    merge(old, inbound, by=author, reason="same work")
    old.refresh_from_db()
    child.refresh_from_db()
    assert (old.state, old.successor, old.is_merged) == ("retired", inbound, True)
    assert child.lineage == [child.pk, inbound.pk, warehouse.pk]
    inbound.refresh_from_db()
    assert inbound.suppliers == ["carrier", "Haulier"]
    assert [link.document for link in inbound.document_links.all()] == [document]
    assert Watch.objects.filter(person=reader, entry__code=inbound.code).exists()
    assert {link.source.code for link in CatalogLink.objects.filter(relation="refers to")} == {inbound.code}
    assert LedgerLine.objects.filter(event="merge", record_id=old.pk, reason="same work").exists()
    with pytest.raises(Refused):
        merge(old, inbound, by=author, reason="again")


def test_merging_into_own_branch_is_refused(warehouse: Process, inbound: Process, author: Person) -> None:
    with pytest.raises(Refused, match="Move it out first"):
        merge(warehouse, inbound, by=author, reason="no")
    with pytest.raises(Refused, match="itself"):
        merge(inbound, inbound, by=author, reason="no")
    assert Process.objects.active().count() == 2


def test_retiring_needs_an_empty_branch(warehouse: Process, inbound: Process, author: Person, reader: Person) -> None:
    with pytest.raises(Refused, match="sub-processes"):
        warehouse.move("retire", by=author, comment="gone")
    with pytest.raises(NotAllowed):
        inbound.move("retire", by=reader, comment="gone")
    with pytest.raises(Refused, match="reason"):
        inbound.move("retire", by=author)
    inbound.move("retire", by=author, comment="gone", successor=warehouse)
    assert (inbound.successor, inbound.retire_reason) == (warehouse, "gone")
    assert CatalogEntry.objects.get(code=inbound.code).state == "retired"


def test_reactivating_needs_an_active_parent(warehouse: Process, inbound: Process, author: Person) -> None:
    inbound.move("retire", by=author, comment="gone")
    warehouse.move("retire", by=author, comment="gone")
    with pytest.raises(Refused, match="Reactivate P3 first"):
        inbound.move("reactivate", by=author, comment="back")
    warehouse.move("reactivate", by=author, comment="back")
    inbound.move("reactivate", by=author, comment="back")
    assert (inbound.state, inbound.retired_at) == ("active", None)


def test_moving_many_costs_few_queries(
    grow: Grower, inbound: Process, author: Person, django_assert_max_num_queries
) -> None:
    place(grow("Warm up", inbound), None, by=author)
    for number in range(30):
        grow(f"Step {number}", inbound)
    quality = grow("Quality", code="P9")
    with django_assert_max_num_queries(40):
        place(inbound, quality, by=author, position=1)


def test_search_finds_purpose_and_sipoc(inbound: Process, author: Person) -> None:
    inbound.suppliers = ["Hauliers of hospital beds"]
    inbound.purpose = "Keep the chain unbroken"
    inbound.save(by=author)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM core_catalogtext WHERE vector @@ to_tsquery('portal', 'hauliers & unbroken')"
        )
        assert cursor.fetchone() == (1,)


def test_confidential_processes_stay_hidden(grow: Grower, author: Person, owner: Person, reader: Person) -> None:
    hidden = grow("Prepare layoffs", owner=owner, by=author, audience="named")
    assert not Process.objects.visible_to(reader).filter(pk=hidden.pk).exists()
    assert Process.objects.visible_to(owner).filter(pk=hidden.pk).exists()


def test_a_new_code_keeps_the_old_address(inbound: Process, author: Person, reader: Person, browse) -> None:
    with pytest.raises(NotAllowed):
        rename(inbound, "P4.1", by=reader)
    rename(inbound, "p4.1", by=author)
    answer = browse(reader).get("/processes/P3.1/")
    assert (answer.status_code, answer["Location"]) == (301, "/processes/P4.1/")
    with pytest.raises(Refused):
        rename(inbound, "P3.1", by=author)


def test_merging_takes_maps_along_or_asks(inbound: Process, warehouse: Process, author: Person, grow: Grower) -> None:
    old = grow("Receive by hand", warehouse)
    first, second = taken_over(author, author, ["Map one", "Map two"])
    ProcessMap.objects.create(document=first, process=old)
    other = ProcessMap.objects.create(document=second, process=inbound)
    with pytest.raises(Refused, match="As-Is map"):
        merge(old, inbound, by=author, reason="same work")
    other.purpose = "to_be"
    other.save()
    merge(old, inbound, by=author, reason="same work")
    assert set(inbound.maps.values_list("document", "purpose")) == {(first.pk, "as_is"), (second.pk, "to_be")}
