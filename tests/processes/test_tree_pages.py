"""The tree page, “Move under …”, merging and the landscape, as people meet them."""

from collections.abc import Callable

import pytest
from django.test import Client

from people.models import Person
from processes.branches import read_tree
from processes.landscape import read_landscape
from processes.linking import link_document
from processes.models import Process
from processes.tree import merge, place
from tests.cast import flat, taken_over
from tests.processes.conftest import Grower

pytestmark = pytest.mark.django_db
Browse = Callable[[Person], Client]


def titles(branches: list, depth: int = 0) -> list[str]:
    return [
        line
        for branch in branches
        for line in ("-" * depth + branch.process.title, *titles(branch.branches, depth + 1))
    ]


@pytest.fixture
def big_tree(warehouse: Process, inbound: Process, author: Person) -> None:
    """4,000 processes: 40 at the top, ten below each, nine below those; without history and entries."""
    keys = {"owner": author, "audience_keys": ["everyone"], "created_by": author}
    tops = Process.objects.bulk_create(Process(code=f"T{a}", title=f"Top {a}", **keys) for a in range(40))
    for top in tops:
        top.lineage = [top.pk]
    middles = Process.objects.bulk_create(
        Process(code=f"{top.code}.{b}", title="Middle", parent=top, level=1, lineage=[0, top.pk], **keys)
        for top in tops
        for b in range(10)
    )
    for one in middles:
        one.lineage = [one.pk, one.parent_id]
    Process.objects.bulk_update([*tops, *middles], ["lineage"])
    leaves = Process.objects.bulk_create(
        Process(code=f"{m.code}.{c}", title="Leaf", parent=m, level=2, lineage=[0, *m.lineage], **keys)
        for m in middles
        for c in range(9)
    )
    for one in leaves:
        one.lineage = [one.pk, *one.parent.lineage]
    Process.objects.bulk_update(leaves, ["lineage"], batch_size=1000)


def test_small_trees_show_open(grow: Grower, inbound: Process, reader: Person) -> None:
    grow("Receive cold goods", inbound)
    tree = read_tree(reader, None)
    assert titles(tree.branches) == ["Warehouse", "-Inbound", "--Receive cold goods"]
    assert titles(read_tree(reader, [""]).branches) == ["Warehouse"]
    assert titles(read_tree(reader, ["P3"]).branches) == ["Warehouse", "-Inbound"]
    assert titles(read_tree(reader, [], at="P3.1.1").branches) == ["Warehouse", "-Inbound", "--Receive cold goods"]


def test_hidden_parents_leave_no_trace(grow: Grower, author: Person, owner: Person, reader: Person) -> None:
    secret = grow("Prepare the merger", audience="named", owner=owner)
    grow("Count desks", secret, by=author)
    assert titles(read_tree(reader, None).branches) == ["Count desks"]
    assert titles(read_tree(owner, None).branches) == ["Prepare the merger", "-Count desks"]
    assert read_tree(reader, None).total == 1


def test_retired_processes_show_on_request(inbound: Process, author: Person, browse: Browse) -> None:
    inbound.move("retire", by=author, comment="gone")
    client = browse(author)
    assert "Inbound" not in client.get("/processes/").content.decode()
    assert "Inbound" in client.get("/processes/?retired=yes").content.decode()


@pytest.mark.long
def test_a_branch_of_4000_costs_few_queries(
    big_tree: None, reader: Person, browse: Browse, django_assert_max_num_queries: Callable
) -> None:
    client = browse(reader)
    client.get("/processes/?open=T7")
    with django_assert_max_num_queries(12):
        answer = client.get("/processes/?open=T7&open=T7.3")
    page = answer.content.decode()
    assert page.count('class="tree__row"') == 41 + 10 + 9
    with django_assert_max_num_queries(12):
        client.get("/processes/?at=T8.3.2")


def test_moving_by_form(grow: Grower, inbound: Process, author: Person, browse: Browse) -> None:
    quality, client = grow("Quality", code="P9"), browse(author)
    page = flat(client.get("/processes/P3.1/place/").content.decode())
    assert 'value="P3 Warehouse"' in page
    sent = {"parent": "P9 Quality", "position": "", "code": "P9.1", "reason": "", "row_version": inbound.row_version}
    answer = client.post("/processes/P3.1/place/", sent)
    assert answer["Location"] == "/processes/?at=P9.1#p-P9.1"
    inbound.refresh_from_db()
    assert (inbound.parent, inbound.code) == (quality, "P9.1")


def test_bad_moves_keep_what_was_typed(grow: Grower, inbound: Process, author: Person, browse: Browse) -> None:
    grow("Receive cold goods", inbound)
    client = browse(author)
    for parent, words in (("P3.1.1", "part of this process"), ("P77", "There is no process"), ("P3.1", "under itself")):
        answer = client.post("/processes/P3.1/place/", {"parent": parent, "reason": "a reason"})
        page = answer.content.decode()
        assert answer.status_code == 422
        assert words in page
        assert "a reason" in page
    for position in ("0", "x", "99999999999"):
        assert client.post("/processes/P3.1/place/", {"parent": "P3", "position": position}).status_code == 422
    assert Process.objects.get(code="P3.1").parent.code == "P3"


def test_a_code_that_is_taken_moves_nothing(grow: Grower, inbound: Process, author: Person, browse: Browse) -> None:
    grow("Quality", code="P9")
    answer = browse(author).post("/processes/P3.1/place/", {"parent": "P9", "code": "P3"})
    assert answer.status_code == 422
    assert "is or was in use" in answer.content.decode()
    assert Process.objects.get(code="P3.1").parent.code == "P3"


def test_a_stale_move_asks_to_look_again(grow: Grower, inbound: Process, author: Person, browse: Browse) -> None:
    quality, seen = grow("Quality", code="P9"), inbound.row_version
    place(inbound, quality, by=author)
    answer = browse(author).post("/processes/P3.1/place/", {"parent": "P3", "row_version": seen})
    assert answer.status_code == 409
    assert "Somebody else has saved this" in answer.content.decode()
    assert Process.objects.get(code="P3.1").parent == quality


def test_hidden_processes_are_missing_everywhere(
    grow: Grower, author: Person, owner: Person, reader: Person, browse: Browse
) -> None:
    hidden = grow("Prepare the merger", audience="named", owner=owner, code="P8")
    client = browse(reader)
    for path in ("", "place/", "merge/", "documents/", "panels/map/"):
        assert client.get(f"/processes/{hidden.code}/{path}").status_code == 404
    for path in ("/processes/", "/processes/landscape/", "/processes/suggest?q=merger"):
        assert "merger" not in client.get(path).content.decode().replace("q=merger", "")
    other = grow("Open", code="P9")
    answer = browse(author).post(f"/processes/{other.code}/place/", {"parent": "P8"})
    assert browse(reader).post(f"/processes/{other.code}/place/", {"parent": "P8"}).status_code == 403
    assert answer.status_code in (302, 422)


def test_readers_see_no_buttons_of_officers(inbound: Process, reader: Person, browse: Browse) -> None:
    client = browse(reader)
    page = client.get("/processes/").content.decode() + client.get("/processes/P3.1/").content.decode()
    assert "/place/" not in page
    assert "/merge/" not in page
    for path in ("place/", "merge/", "documents/"):
        assert client.get(f"/processes/P3.1/{path}").status_code == 403


def test_merging_by_form_leads_on(
    grow: Grower, warehouse: Process, inbound: Process, author: Person, browse: Browse
) -> None:
    grow("Receive by hand", warehouse, code="P3.7")
    client = browse(author)
    assert client.post("/processes/P3.7/merge/", {"into": "P3.1", "reason": ""}).status_code == 422
    assert client.post("/processes/P3.7/merge/", {"into": "P3.7", "reason": "x"}).status_code == 422
    answer = client.post("/processes/P3.7/merge/", {"into": "P3.1", "reason": "same work"})
    assert answer["Location"] == "/processes/P3.1/"
    assert client.get("/processes/P3.7/")["Location"] == "/processes/P3.1/"


def test_landscape_tells_owners_and_reviews(
    grow: Grower, inbound: Process, author: Person, owner: Person, reader: Person
) -> None:
    grow("Buy", code="P5", category="support", owner=None)
    late = taken_over(author, owner, ["Receiving"])[0]
    late.review_due_on = "2020-01-31"
    late.save(by=author)
    link_document(inbound, late, by=author)
    core, support = [band for band in read_landscape(reader) if band.boxes]
    [head], [lone] = core.boxes, support.boxes
    assert (head.process.title, head.care.overdue, head.boxes[0].care.overdue) == ("Warehouse", 1, 1)
    assert (lone.process.owner, lone.care.documents) == (None, 0)


def test_landscape_costs_the_same_for_many(
    grow: Grower, warehouse: Process, reader: Person, django_assert_num_queries: Callable
) -> None:
    for number in range(12):
        grow(f"Step {number}", warehouse)
    read_landscape(reader)
    with django_assert_num_queries(3):
        read_landscape(reader)


def test_pages_cost_the_same_for_many_children(
    grow: Grower, inbound: Process, author: Person, browse: Browse, django_assert_max_num_queries: Callable
) -> None:
    for number, document in enumerate(taken_over(author, author, [f"Text {n}" for n in range(8)])):
        link_document(inbound, document, by=author)
        grow(f"Step {number}", inbound)
    client = browse(author)
    client.get("/processes/P3.1/")
    with django_assert_max_num_queries(18):
        client.get("/processes/P3.1/")


def test_merged_pages_show_only_who_may_see(
    grow: Grower, warehouse: Process, inbound: Process, author: Person, owner: Person, reader: Person, browse: Browse
) -> None:
    inbound.audience = "named"
    inbound.owner = owner
    inbound.save(by=author)
    old = grow("Receive by hand", warehouse, code="P3.7", owner=owner)
    merge(old, inbound, by=owner, reason="same work")
    answer = browse(reader).get("/processes/P3.7/")
    assert answer.status_code == 200
    assert "P3.1" not in answer.content.decode()
