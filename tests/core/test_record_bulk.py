"""Bulk changes, the table that comes back, and handing over, shown on the trial kind."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from core.history import save_with_history
from core.ledger import line_of, record_line, record_lines
from core.models import BulkRun, LedgerLine, Notice, Watch
from people.leaving import deactivate, hand_over, holdings_of
from tests.cast import signed_in
from tests.trial.models import Forklift

pytestmark = pytest.mark.django_db


@pytest.fixture
def forklifts(owner) -> list[Forklift]:
    made = []
    for number in (1, 2):
        truck = Forklift(code=f"FL-{number}", title=f"Truck {number}", owner=owner, department=owner.department)
        truck.lift_height, truck.battery_life = Decimal("4.25"), timedelta(hours=7)
        truck.save(by=owner)
        made.append(Forklift.objects.get(pk=truck.pk))
    return made


@pytest.fixture
def client(author) -> Client:
    return signed_in(author)


def ask(client: Client, action: str, forklifts: list[Forklift], **answers: object) -> BulkRun:
    """Choose, answer, apply."""
    client.post("/bulk/forklift/", {"action": action, "pick": [truck.pk for truck in forklifts]})
    run = BulkRun.objects.latest("pk")
    if answers:
        client.post(run.get_absolute_url(), answers)
    client.post(f"{run.get_absolute_url()}apply/")
    run.refresh_from_db()
    return run


def send_table(client: Client, text: str) -> BulkRun:
    file = SimpleUploadedFile("table.csv", text.encode())
    answer = client.post("/forklifts/table/", {"file": file})
    assert answer.status_code == 302, answer.content.decode()
    return BulkRun.objects.latest("pk")


def test_assigning_an_owner_is_previewed_done_and_undone(client, forklifts, owner, approver):
    run = ask(client, "set-owner", forklifts, owner=approver.email, reason="New shift")
    assert set(Forklift.objects.values_list("owner", flat=True)) == {approver.pk}
    assert run.rows.first().changes == [["Owner", "Omar Owner", "Quinn Approver"]]
    assert LedgerLine.objects.filter(event="changed", reason="New shift").count() == 2
    client.post(f"{run.get_absolute_url()}undo/")
    undo = BulkRun.objects.latest("pk")
    client.post(f"{undo.get_absolute_url()}apply/")
    assert set(Forklift.objects.values_list("owner", flat=True)) == {owner.pk}


def test_new_owner_hears_of_it(client, forklifts, approver):
    ask(client, "set-owner", forklifts[:1], owner=approver.email)
    assert Notice.objects.get(person=approver, topic="owned").text == "You own FL-1 now: Truck 1"


def test_bulk_changes_only_what_the_person_may_change(forklifts, owner, reader):
    Forklift.objects.filter(pk=forklifts[1].pk).update(owner=reader)
    forklifts[1].refresh_audience()
    run = ask(signed_in(owner), "set-owner", forklifts, owner=reader.email)
    assert sorted(run.rows.values_list("outcome", flat=True)) == ["done", "refused"]


def test_department_can_be_set_for_many(client, forklifts, other_department):
    ask(client, "set-department", forklifts, department=other_department.pk)
    assert set(Forklift.objects.values_list("department", flat=True)) == {other_department.pk}


def test_watching_many(client, forklifts, author):
    ask(client, "watch", forklifts)
    assert Watch.objects.filter(person=author, is_watching=True).count() == 2


def test_edited_table_changes_only_edited_cells(client, forklifts):
    exported = client.get("/forklifts/export.csv").content.decode("utf-8-sig")
    run = send_table(client, exported.replace("4.25", "5.5", 1))
    changes = [row.changes for row in run.rows.order_by("position")]
    assert changes == [[["Lift height (m)", "4.25", "5.5"]], []]
    client.post(f"{run.get_absolute_url()}apply/")
    assert [str(truck.lift_height) for truck in Forklift.objects.order_by("code")] == ["5.50", "4.25"]


def test_table_takes_every_type_back_and_undoes_it(client, forklifts, reader):
    head = "code,energy,lift height (m),last inspection,battery life,leased,drivers,audience"
    run = send_table(client, f"{head}\nFL-1,Gas,3.1,2026-10-01,2:30:00,yes,{reader.email},everyone\n")
    client.post(f"{run.get_absolute_url()}apply/")
    truck = Forklift.objects.get(code="FL-1")
    assert (truck.energy, truck.lift_height, truck.inspected_on) == ("gas", Decimal("3.1"), date(2026, 10, 1))
    assert (truck.battery_life, truck.is_leased, list(truck.drivers.all())) == (timedelta(hours=2.5), True, [reader])
    client.post(f"{run.get_absolute_url()}undo/")
    client.post(f"{BulkRun.objects.latest('pk').get_absolute_url()}apply/")
    truck = Forklift.objects.get(code="FL-1")
    assert (truck.energy, truck.lift_height, truck.inspected_on) == ("battery", Decimal("4.25"), None)
    assert (truck.battery_life, truck.is_leased, list(truck.drivers.all())) == (timedelta(hours=7), False, [])


def test_table_says_what_is_wrong_in_which_cell(client, forklifts):
    run = send_table(client, "code,energy,lift height (m)\nFL-1,Coal,high\nFL-9,Gas,1\nFL-2,Gas,2\nFL-2,Gas,2\n")
    reasons = [row.reason for row in run.rows.order_by("position")]
    assert "Energy: “Coal” is none of: Battery, Gas." in reasons[0]
    assert "Lift height (m): Enter a number." in reasons[0]
    assert reasons[1].startswith("There is no such record")
    assert (reasons[2], "line 4" in reasons[3]) == ("", True)


def test_table_without_code_column_is_refused(client, forklifts):
    answer = client.post("/forklifts/table/", {"file": SimpleUploadedFile("t.csv", b"title\nx\n")})
    assert answer.status_code == 422
    assert "one of them “Code”" in answer.content.decode()


def test_reader_is_offered_no_table(forklifts, reader):
    assert signed_in(reader).get("/forklifts/table/").status_code == 403


def test_leaver_hands_over(forklifts, owner, approver, administrator):
    held = holdings_of(owner, seen_by=administrator)
    assert [(str(holding.label), len(lines)) for holding, lines in held] == [("Forklifts they own", 2)]
    hand_over(owner, to=approver, by=administrator, names=["forklift"])
    assert set(Forklift.objects.values_list("owner", flat=True)) == {approver.pk}


def test_hidden_record_of_a_leaver_is_somebody_elses_to_assign(forklifts, owner, auditor, administrator, approver):
    truck = forklifts[0]
    truck.audience = "named"
    truck.save(by=owner)
    truck.set_readers(people=[approver], roles=[], by=owner)
    deactivate(owner, by=administrator, reason="left")
    told = Notice.objects.filter(topic="owned", text__contains="left and owns FL-1").values_list(
        "person__name", flat=True
    )
    assert "Ada Auditor" in told


def test_exact_values_survive_writing_many_and_the_ledger(forklifts, owner):
    truck = forklifts[0]
    save_with_history(forklifts, by=owner, reason="checked")
    again = Forklift.objects.get(pk=truck.pk)
    assert (again.lift_height, again.serial, again.battery_life) == (Decimal("4.25"), truck.serial, timedelta(hours=7))
    data = {"height": truck.lift_height, "serial": truck.serial, "life": truck.battery_life, "on": date(2026, 10, 1)}
    record_line(truck, "measured", by=owner, data=data)
    record_lines([line_of(truck, "measured", by=owner, data=data)])
    kept = [line.data for line in LedgerLine.objects.filter(event="measured")]
    assert kept == [{"height": "4.25", "serial": str(truck.serial), "life": "P0DT07H00M00S", "on": "2026-10-01"}] * 2
