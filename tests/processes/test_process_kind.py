"""The process as a kind of record: its forms, its table, its history, and the names of its categories."""

import csv
import io
from collections.abc import Callable

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from core.models import BulkRun, LedgerLine
from people.models import ApiToken, Person
from processes.models import Process
from processes.models.category import category_names, forget_category_names, name_categories
from processes.tree import place
from tests.cast import flat
from tests.processes.conftest import Grower

pytestmark = pytest.mark.django_db
Browse = Callable[[Person], Client]
NEW = {"title": "Receive cold goods", "category": "core", "criticality": "high", "audience": "everyone"}


def test_a_new_process_takes_its_place(inbound: Process, author: Person, browse: Browse) -> None:
    client = browse(author)
    assert 'value="P3.1 Inbound"' in client.get("/processes/new/?parent=P3.1").content.decode()
    sent = NEW | {"parent": "P3.1", "suppliers": "Carrier\n\n carrier \nHaulier", "owner": "Ann Author"}
    answer = client.post("/processes/new/", sent)
    assert answer["Location"] == "/processes/P3.1.1/"
    process = Process.objects.get(code="P3.1.1")
    assert (process.parent, process.level, process.suppliers) == (inbound, 2, ["Carrier", "Haulier"])
    assert LedgerLine.objects.filter(event="created", record_id=process.pk).exists()


@pytest.mark.parametrize(
    ("sent", "words"),
    [
        ({"title": ""}, "This field is required"),
        ({"code": "P3"}, "is or was in use"),
        ({"code": "ä/"}, "cannot be a code"),
        ({"parent": "P77"}, "There is no process"),
        ({"suppliers": "\n".join(str(n) for n in range(21))}, "At most 20 lines"),
        ({"suppliers": "x" * 201}, "at most 200 letters"),
        ({"category": "magic"}, "not one of the available choices"),
        ({"audience": "department", "department": ""}, "Choose the department"),
        ({"audience": "named"}, "Name at least one person"),
    ],
)
def test_bad_input_keeps_what_was_typed(
    warehouse: Process, author: Person, browse: Browse, sent: dict[str, str], words: str
) -> None:
    answer = browse(author).post("/processes/new/", NEW | {"purpose": "A typed purpose"} | sent)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert words in page
    assert "A typed purpose" in page
    assert Process.objects.count() == 1


def test_owners_start_processes_below_their_own(
    inbound: Process, owner: Person, reader: Person, browse: Browse
) -> None:
    assert browse(reader).get("/processes/new/").status_code == 403
    answer = browse(owner).post("/processes/new/", NEW | {"parent": "P3.1"})
    assert answer.status_code == 422
    assert "may not add processes under P3.1" in answer.content.decode()
    Process.objects.filter(pk=inbound.pk).update(owner=owner)
    assert browse(owner).post("/processes/new/", NEW | {"parent": "P3.1"}).status_code == 302


def test_a_stale_edit_shows_both_versions(inbound: Process, author: Person, browse: Browse) -> None:
    seen = inbound.row_version
    inbound.purpose = "Saved meanwhile"
    inbound.save(by=author)
    sent = NEW | {"purpose": "Typed here", "row_version": seen}
    answer = browse(author).post("/processes/P3.1/edit/", sent)
    assert answer.status_code == 409
    assert "Saved meanwhile" in answer.content.decode()
    assert "Typed here" in answer.content.decode()


def test_editing_changes_facts_with_a_trace(inbound: Process, author: Person, browse: Browse) -> None:
    client = browse(author)
    sent = NEW | {"title": "Inbound", "outputs": "Stock", "row_version": inbound.row_version, "change_reason": "asked"}
    assert client.post("/processes/P3.1/edit/", sent).status_code == 302
    inbound.refresh_from_db()
    assert (inbound.outputs, inbound.criticality) == (["Stock"], "high")
    page = flat(client.get("/processes/P3.1/history/").content.decode())
    assert "Outputs" in page
    assert "asked" in page
    assert client.get("/processes/P3.1/edit/").status_code == 200


def test_retired_processes_are_not_changed(inbound: Process, author: Person, browse: Browse) -> None:
    client = browse(author)
    sent = {"comment": "no longer done", "successor": "P3 Warehouse"}
    assert client.post("/processes/P3.1/moves/retire/", {"comment": ""}).status_code == 422
    assert client.post("/processes/P3.1/moves/retire/", sent).status_code == 302
    page = flat(client.get("/processes/P3.1/").content.decode())
    assert "no longer done" in page
    assert "P3</span> Warehouse" in page
    assert client.get("/processes/P3.1/edit/").status_code == 403


def exported(client: Client) -> list[dict[str, str]]:
    text = client.get("/processes/export.csv").content.decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text), dialect=csv.Sniffer().sniff(text.splitlines()[0])))


def test_the_table_goes_out_and_comes_back(inbound: Process, author: Person, browse: Browse) -> None:
    inbound.suppliers = ["Carrier", "Haulier"]
    inbound.save(by=author)
    client = browse(author)
    rows = exported(client)
    row = next(one for one in rows if one["Code"] == "P3.1")
    assert (row["Level"], row["Suppliers"].splitlines()) == ("1", ["Carrier", "Haulier"])
    row |= {"Suppliers": "Carrier\nRailway", "Criticality": "Low", "Category": "Support processes"}
    text = io.StringIO()
    table = csv.DictWriter(text, row.keys())
    table.writeheader()
    table.writerows(rows)
    client.post("/processes/table/", {"file": SimpleUploadedFile("p.csv", text.getvalue().encode(), "text/csv")})
    run = BulkRun.objects.latest("pk")
    assert "Railway" in flat(client.get(run.get_absolute_url()).content.decode())
    inbound.refresh_from_db()
    assert inbound.criticality == "medium"
    client.post(reverse("core:bulk-apply", args=[run.pk]))
    inbound.refresh_from_db()
    assert (inbound.suppliers, inbound.criticality, inbound.category) == (["Carrier", "Railway"], "low", "support")


def test_excel_goes_out(inbound: Process, author: Person, browse: Browse) -> None:
    answer = browse(author).get("/processes/export.xlsx")
    assert answer.status_code == 200
    assert answer.content.startswith(b"PK")


def test_categories_have_names_of_their_own(inbound: Process, author: Person, reader: Person, browse: Browse) -> None:
    try:
        assert browse(reader).get("/administration/process-categories/").status_code == 403
        client = browse(author)
        sent = {"core": "  Value chain ", "management": "", "support": ""}
        assert client.post("/administration/process-categories/", sent).status_code == 302
        assert category_names()["core"] == "Value chain"
        assert "Value chain" in client.get("/processes/landscape/").content.decode()
        assert "Value chain" in client.get("/processes/list/").content.decode()
        assert not name_categories({"core": "Value chain"}, by=author)
        assert LedgerLine.objects.filter(event="process_categories_named").count() == 1
    finally:
        forget_category_names()


def test_history_tells_a_move_in_words(grow: Grower, inbound: Process, author: Person, browse: Browse) -> None:
    place(inbound, grow("Quality", code="P9"), by=author, reason="belongs there")
    page = flat(browse(author).get("/processes/P3.1/history/").content.decode())
    assert "moved it to another place in the tree" in page
    assert "P9 Quality" in page
    assert "belongs there" in page


def test_the_list_costs_the_same_for_many(
    grow: Grower, warehouse: Process, author: Person, browse: Browse, django_assert_max_num_queries: Callable
) -> None:
    for number in range(20):
        grow(f"Step {number}", warehouse)
    client = browse(author)
    client.get("/processes/list/")
    with django_assert_max_num_queries(14):
        client.get("/processes/list/")


def test_programs_read_and_start_processes(inbound: Process, author: Person, reader: Person) -> None:
    token = {"Authorization": f"Bearer {ApiToken.make(author, name='t', scope='write')[1]}"}
    sent = {"title": "Receive cold goods", "parent": "P3.1", "suppliers": ["Carrier", "Haulier"]}
    answer = Client().post("/api/processes", sent, "application/json", headers=token | {"Idempotency-Key": "one"})
    assert answer.status_code == 201, answer.content
    process = Process.objects.get(code="P3.1.1")
    assert (process.parent, process.suppliers, process.level) == (inbound, ["Carrier", "Haulier"], 2)
    again = Client().post("/api/processes", sent, "application/json", headers=token | {"Idempotency-Key": "one"})
    assert (again.status_code, Process.objects.count()) == (201, 3)
    token = {"Authorization": f"Bearer {ApiToken.make(reader, name='t', scope='read')[1]}"}
    read = Client().get("/api/processes/P3.1.1", headers=token).json()
    assert (read["parent"], read["suppliers"], read["category"]) == ("P3.1", ["Carrier", "Haulier"], "core")
