"""People from a table: what would change, what did, and the second time nothing."""

import io
import json
import re
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from xlsxwriter import Workbook

from core import jobs
from core.jobs import Work
from core.models import Job, LedgerLine, OutboxMessage
from core.safe.spreadsheet import UnreadableTable
from people import importing, many
from people.importing import carry_out, make_plan
from people.models import Department, JobRole, PeopleImport, Person
from people.people_table import named_rows, read_table

TABLE = """email,name,department,manager,job_roles,groups,language,time_zone,active
boss@example.org,Bea Boss,Operations,,Site manager,owner;staff,en,Europe/Berlin,yes
ina@example.org,Ina Inbound,Operations / Dock,boss@example.org,Dock lead; First aider,,de,,yes
omar@example.org,Omar Out,Operations / Dispatch,ina@example.org,,staff,,,
"""


def rows_of(text):
    return named_rows(read_table(io.BytesIO(text.encode()), "people.csv"))[0]


def plan_of(text, by=None, **options):
    return make_plan(rows_of(text), by=by, **options)


def taken_over(text, by=None, **options):
    return carry_out(plan_of(text, by=by, **options), by=by, reason="import of people.csv")


def refusals(text, by=None, **options):
    return {row.email: " ".join(row.problems) for row in plan_of(text, by=by, **options).rows if row.problems}


def test_a_dry_run_says_what_would_be_made_and_makes_nothing(administrator):
    plan = plan_of(TABLE, by=administrator)
    assert plan.counts() == {"read": 3, "created": 3, "updated": 0, "unchanged": 0, "refused": 0, "left": 0}
    assert plan.new_departments == ["Operations", "Operations / Dispatch", "Operations / Dock"]
    assert plan.new_roles == ["Dock lead", "First aider", "Site manager"]
    assert Person.objects.count() == 1
    assert Department.objects.count() == 1


def test_people_departments_managers_and_roles_are_made(administrator):
    taken_over(TABLE, by=administrator)
    ina = Person.objects.get(email="ina@example.org")
    assert (ina.manager.email, ina.language) == ("boss@example.org", "de")
    assert ina.department.name == "Dock"
    assert ina.department.parent.name == "Operations"
    assert sorted(role.name for role in ina.job_roles.all()) == ["Dock lead", "First aider"]
    assert [group.name for group in ina.groups.all()] == ["staff"]
    assert ina.is_invited
    assert LedgerLine.objects.filter(event="person_added", actor=administrator).count() == 3
    assert not OutboxMessage.objects.exists()


def test_the_same_table_twice_changes_nothing_the_second_time(administrator):
    taken_over(TABLE, by=administrator)
    again = plan_of(TABLE, by=administrator)
    assert again.counts()["unchanged"] == 3
    assert not again.changes_anything


def test_what_the_portal_wrote_itself_reads_as_unchanged(administrator, author, owner, browse):
    Person.objects.filter(pk=author.pk).update(name="=SUM(A1)")
    text = browse(administrator).get("/people/import/people.csv").content.decode("utf-8-sig")
    assert "\n=SUM" not in text
    assert ",=SUM" not in text
    assert plan_of(text, by=administrator).counts()["unchanged"] == 3


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_the_template_and_everybody_are_tables_that_can_be_imported(administrator, author, reader, browse, form):
    client = browse(administrator)
    page = client.get("/people/import/").content.decode()
    tables = {}
    for which in ("template", "people"):
        address = f"/people/import/{which}.{form}"
        assert address in page
        tables[which] = read_table(io.BytesIO(client.get(address).content), f"{which}.{form}")
    with pytest.raises(UnreadableTable, match="names nobody"):  # its columns are known, but it has no rows yet
        named_rows(tables["template"])
    rows, unknown = named_rows(tables["people"])
    assert unknown == []
    counts = make_plan(rows, by=administrator).counts()
    assert (counts["read"], counts["unchanged"]) == (3, 3)
    assert client.get(f"/people/import/nobody.{form}").status_code == 404
    assert client.get("/people/import/people.pdf").status_code == 404
    assert browse(reader).get(f"/people/import/people.{form}").status_code == 403


def test_a_table_from_elsewhere_may_call_its_columns_otherwise(administrator):
    table = (
        "E-Mail-Adresse;Vorname;Nachname;Abteilung;Vorgesetzte;Rolle;Status;Kostenstelle\n"
        "bea@example.org;Bea;Boss;Operations;;Site manager | First aider;aktiv;4711\n"
        "ina@example.org;Ina;Inbound;Operations / Dock;bea@example.org;;aktiv;4711\n"
    )
    rows, unknown = named_rows(read_table(io.BytesIO(table.encode("cp1252")), "people.csv"))
    assert unknown == ["kostenstelle"]
    carry_out(make_plan(rows, by=administrator), by=administrator, reason="import")
    bea, ina = (Person.objects.get(email=f"{name}@example.org") for name in ("bea", "ina"))
    assert (bea.name, ina.name, ina.manager, ina.department.name) == ("Bea Boss", "Ina Inbound", bea, "Dock")
    assert sorted(role.name for role in bea.job_roles.all()) == ["First aider", "Site manager"]


def test_a_mover_is_shown_with_what_it_was_before(administrator):
    taken_over(TABLE, by=administrator)
    moved = TABLE.replace("Operations / Dispatch", "Operations / Dock")
    row = next(row for row in plan_of(moved, by=administrator).rows if row.changes)
    change = row.changes[0]
    assert (row.email, change.field) == ("omar@example.org", "department")
    assert (change.before, change.after) == ("Operations / Dispatch", "Operations / Dock")
    taken_over(moved, by=administrator)
    omar = Person.objects.get(email="omar@example.org")
    assert f"department:{Department.objects.get(name='Dock').pk}" in set(omar.keys())


def test_a_department_is_found_by_its_short_name(administrator, department):
    taken_over("email,name,department\nnew@example.org,New One,inb\n", by=administrator)
    assert Person.objects.get(email="new@example.org").department == department


def test_who_is_marked_as_left_is_deactivated_and_comes_back(administrator, reader):
    left = taken_over(f"email,active\n{reader.email},no\n", by=administrator)
    assert [person.pk for person in left] == [reader.pk]
    assert not Person.objects.get(pk=reader.pk).is_active
    taken_over(f"email,active\n{reader.email},yes\n", by=administrator)
    assert Person.objects.get(pk=reader.pk).is_active


def test_who_is_not_in_the_table_leaves_only_when_asked_and_administrators_stay(administrator, author, reader):
    text = f"email\n{author.email}\n"
    assert plan_of(text, by=administrator).counts()["left"] == 0
    plan = plan_of(text, by=administrator, others_left=True)
    assert [row.email for row in plan.rows if row.outcome == "left"] == [reader.email]


@pytest.mark.parametrize("text", ["email,name\n", "email,name\n,\n"])
def test_a_table_that_names_nobody_is_refused(text):
    with pytest.raises(UnreadableTable, match="names nobody"):
        named_rows(read_table(io.BytesIO(text.encode()), "people.csv"))


def test_a_table_without_one_good_row_lets_nobody_go(administrator, author, reader):
    plan = plan_of("email\nnot an address\nneither this\n", by=administrator, others_left=True)
    assert plan.counts()["left"] == 0


def test_a_manager_who_leaves_with_the_same_table_is_told_as_that(administrator, author, reader):
    text = f"email,active,manager\n{reader.email},no,\n{author.email},yes,{reader.email}\n"
    assert "leaves or has left" in refusals(text, by=administrator)[author.email]


def test_each_fault_is_refused_with_its_reason_and_the_rest_goes_through(administrator, reader):
    text = f"""email,name,manager,groups,language,time_zone,active
not an address,A,,,,,
new@example.org,,,,,,
b@example.org,B,nobody@example.org,,,,
c@example.org,C,,wizard,,,
d@example.org,D,,,xx,,
e@example.org,E,,,,Mars/Base,
f@example.org,F,,,,,perhaps
g@example.org,G,g@example.org,,,,
{reader.email},Twice,,,,,
{reader.email},Twice again,,,,,
fine@example.org,Fine,,,,,
"""
    found = refusals(text, by=administrator)
    assert "no e-mail address" in found["not an address"]
    assert "needs a name" in found["new@example.org"]
    assert "neither here nor in the file" in found["b@example.org"]
    assert "no group" in found["c@example.org"]
    assert "no language" in found["d@example.org"]
    assert "no time zone" in found["e@example.org"]
    assert "neither yes nor no" in found["f@example.org"]
    assert "own manager" in found["g@example.org"]
    assert "same address" in found[reader.email]
    taken_over(text, by=administrator)
    assert Person.objects.filter(email="fine@example.org").exists()
    assert not Person.objects.filter(email="b@example.org").exists()


def test_nobody_reports_to_themself_over_others(administrator):
    rows = ["email,name,manager", *(f"{a}@example.org,{a},{b}@example.org" for a, b in ("ab", "bc", "ca"))]
    text = "\n".join(rows)
    assert set(refusals(text, by=administrator)) == {"a@example.org", "b@example.org", "c@example.org"}


def test_a_long_chain_of_managers_is_made_from_the_top(administrator):
    lines = ["email,name,manager"]
    lines += [f"p{n}@example.org,P {n},p{n + 1}@example.org" for n in range(60)]
    taken_over("\n".join([*lines, "p60@example.org,Top,"]), by=administrator)
    assert Person.objects.get(email="p0@example.org").manager.email == "p1@example.org"
    assert LedgerLine.objects.filter(event="person_changed").count() == 0


def test_the_last_administrator_cannot_be_taken_out_by_a_table(administrator):
    assert refusals(f"email,groups\n{administrator.email},staff\n")[administrator.email]
    assert refusals(f"email,active\n{administrator.email},no\n", by=administrator)[administrator.email]


def test_neg_14_a_limited_administrator_changes_no_superuser_by_a_table(administrator, make_person):
    root = make_person("Ruth Root", "administrator", is_superuser=True, is_staff=True)
    assert "may not change" in refusals(f"email,name\n{root.email},Mine\n", by=administrator)[root.email]
    assert "may not change" in refusals(f"email,active\n{root.email},no\n", by=administrator)[root.email]


def test_neg_14_who_is_no_administrator_any_more_when_the_work_runs_makes_nobody_one(administrator, reader):
    text = "email,name,groups\nmine@example.org,My Own,administrator\n"
    assert not refusals(text, by=administrator)
    administrator.groups.clear()
    former = Person.objects.get(pk=administrator.pk)
    assert "Only administrators" in refusals(text, by=former)["mine@example.org"]
    taken_over(text, by=former)
    assert not Person.objects.filter(email="mine@example.org").exists()


def test_a_part_is_done_whole_or_not_and_the_same_table_goes_on(administrator, monkeypatch):
    def broken(*args, **kwargs):
        raise RuntimeError("power cut")

    monkeypatch.setattr(importing, "AT_ONCE", 2)
    text = "email,name\n" + "".join(f"p{n}@example.org,Person {n}\n" for n in range(5))
    with monkeypatch.context() as fault:
        fault.setattr(many, "record_lines", broken)
        with pytest.raises(RuntimeError):
            taken_over(text, by=administrator)
    assert Person.objects.count() == 1
    parts = iter([many.record_lines, many.record_lines, broken])
    with monkeypatch.context() as fault:
        fault.setattr(many, "record_lines", lambda lines: next(parts)(lines))
        with pytest.raises(RuntimeError):
            taken_over(text, by=administrator)
    assert Person.objects.count() == 1 + 4
    taken_over(text, by=administrator)
    assert Person.objects.count() == 1 + 5
    assert LedgerLine.objects.filter(event="person_added").count() == 5


def test_many_at_once_leave_the_same_trace_as_one(administrator, department):
    text = "email,name,department,job_roles\n"
    taken_over(text + "".join(f"p{n}@example.org,P {n},INB,Lead; Driver\n" for n in range(3)), by=administrator)
    person = Person.objects.get(email="p1@example.org")
    assert not person.has_usable_password()
    assert {group.name for group in person.groups.all()} == {"staff"}
    first = person.history.get()
    assert (first.history_type, first.history_user, first.name) == ("+", administrator, "P 1")
    assert {held.jobrole.name for held in first.job_roles.all()} == {"Lead", "Driver"}
    taken_over(text + "p1@example.org,P One,INB,Driver\n", by=administrator)
    last = person.history.first()
    assert (last.history_type, last.name, last.history_change_reason) == ("~", "P One", "import of people.csv")
    assert {held.jobrole.name for held in last.job_roles.all()} == {"Driver"}
    line = LedgerLine.objects.get(event="person_changed", record_id=person.pk)
    assert line.data == {"name": ["P 1", "P One"], "job_roles": ["Driver, Lead", "Driver"]}
    assert line.actor == administrator


def test_a_table_of_people_costs_a_handful_of_statements(administrator, department, django_assert_max_num_queries):
    text = "email,name,department,manager\nboss@example.org,Boss,INB,\n"
    text += "".join(f"p{n}@example.org,P {n},INB,boss@example.org\n" for n in range(200))
    plan = plan_of(text, by=administrator)
    with django_assert_max_num_queries(40):
        carry_out(plan, by=administrator, reason="test")
    moved = plan_of(text.replace(",P ", ",Q "), by=administrator)
    assert moved.counts()["updated"] == 200
    with django_assert_max_num_queries(40):
        carry_out(moved, by=administrator, reason="test")


def upload(client, text=None, name="people.csv", **options):
    data = text.encode() if isinstance(text, str) else text
    return client.post(reverse("people:import"), {"file": SimpleUploadedFile(name, data), **options})


def test_the_wizard_shows_first_and_does_it_when_told(client, administrator):
    client.force_login(administrator)
    address = upload(client, TABLE).url
    page = client.get(address)
    assert b"ina@example.org" in page.content
    assert Person.objects.count() == 1
    answer = client.post(address, {"seen": page.context["plan"].digest()})
    assert answer.url == address
    client.post(address, {"seen": page.context["plan"].digest()})
    assert Job.objects.count() == 1
    assert b"The people are being taken over" in client.get(address).content
    assert Person.objects.count() == 1
    jobs.run_waiting()
    assert client.get(address, headers={"HX-Request": "true"})["HX-Refresh"] == "true"
    assert Person.objects.count() == 4
    result = client.get(address)
    assert result.context["counts"]["created"] == 3
    client.post(address, {"seen": "anything"})
    assert Person.objects.count() == 4


def test_the_wizard_does_not_do_what_was_not_shown(client, administrator, reader):
    client.force_login(administrator)
    address = upload(client, f"email,name\n{reader.email},Rita New\n").url
    seen = client.get(address).context["plan"].digest()
    Person.objects.filter(pk=reader.pk).update(name="Changed Meanwhile")
    answer = client.post(address, {"seen": seen})
    assert answer.status_code == 409
    assert Person.objects.get(pk=reader.pk).name == "Changed Meanwhile"


def test_what_changed_before_the_worker_came_is_not_done_unseen(client, administrator, reader):
    client.force_login(administrator)
    address = upload(client, f"email,name\n{reader.email},Rita New\n").url
    client.post(address, {"seen": client.get(address).context["plan"].digest()})
    Person.objects.filter(pk=reader.pk).update(name="Changed Meanwhile")
    jobs.run_waiting()
    assert Person.objects.get(pk=reader.pk).name == "Changed Meanwhile"
    page = client.get(address)
    assert b"Something changed since you looked" in page.content
    client.post(address, {"seen": page.context["plan"].digest()})
    jobs.run_waiting()
    assert Person.objects.get(pk=reader.pk).name == "Rita New"


def test_work_that_was_interrupted_goes_on_and_counts_everything(client, administrator, monkeypatch):
    monkeypatch.setattr(importing, "AT_ONCE", 2)
    client.force_login(administrator)
    text = "email,name\n" + "".join(f"p{n}@example.org,Person {n}\n" for n in range(6))
    address = upload(client, text).url
    client.post(address, {"seen": client.get(address).context["plan"].digest()})
    with monkeypatch.context() as fault:
        fault.setattr(Work, "step", killed_after(2))
        with pytest.raises(SystemExit):
            jobs.run_waiting()
    assert Person.objects.filter(email__startswith="p").count() == 4
    Job.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
    jobs.run_waiting()
    assert Person.objects.filter(email__startswith="p").count() == 6
    job = Job.objects.get()
    assert (job.state, job.done_count, job.total) == ("done", 6, 6)
    assert client.get(address).context["counts"]["created"] == 6
    assert LedgerLine.objects.filter(event="person_added").count() == 6


def killed_after(steps):
    """A worker that dies after so many parts, its last progress written."""
    step, seen = Work.step, []

    def dies(self, done, total=None, /, **cursor):
        step(self, done, total, **cursor)
        self.save()
        seen.append(done)
        if len(seen) > steps:
            raise SystemExit

    return dies


def test_the_wizard_reads_excel(client, administrator):
    out = io.BytesIO()
    with Workbook(out) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["Email", "Name"])
        sheet.write_row(1, 0, ["x@example.org", "Xenia Excel"])
    client.force_login(administrator)
    address = upload(client, out.getvalue(), name="people.xlsx").url
    assert client.get(address).context["counts"]["created"] == 1


@pytest.mark.parametrize("text", ["", "name\nOnly names\n", "\x00\x01\x02"])
def test_a_file_that_is_no_table_of_people_is_refused_at_the_field(client, administrator, text):
    client.force_login(administrator)
    answer = upload(client, text or b"\n")
    assert answer.status_code == 422
    assert not PeopleImport.objects.exists()


def test_only_who_uploaded_it_sees_an_import_and_only_administrators_import(client, administrator, author, make_person):
    client.force_login(administrator)
    address = upload(client, TABLE).url
    client.force_login(make_person("Ben Second", "administrator"))
    assert client.get(address).status_code == 404
    client.force_login(author)
    assert client.get(reverse("people:import")).status_code == 403


def test_links_are_mailed_when_wished(client, administrator):
    client.force_login(administrator)
    address = upload(client, TABLE, send_links="on").url
    client.post(address, {"seen": client.get(address).context["plan"].digest()})
    jobs.run_waiting()
    assert OutboxMessage.objects.count() == 3


def test_the_result_lists_what_lost_its_owner(client, administrator, owner, reader):
    Person.objects.filter(pk=reader.pk).update(manager=owner)
    role = JobRole.objects.create(name="Dock lead")
    owner.job_roles.add(role)
    client.force_login(administrator)
    address = upload(client, f"email,active\n{owner.email},no\n").url
    client.post(address, {"seen": client.get(address).context["plan"].digest()})
    jobs.run_waiting()
    page = client.get(address).content.decode()
    assert reverse("people:hand-over", args=[owner.pk]) in page
    assert "Dock lead" in page


def test_the_command_counts_on_its_last_line(tmp_path, db, capsys):
    file = tmp_path / "people.csv"
    file.write_text(TABLE)
    call_command("import_people", str(file), "--dry-run", "--json")
    assert Person.objects.count() == 0
    for expected in ("created", "unchanged"):
        capsys.readouterr()
        call_command("import_people", str(file), "--json")
        counts = json.loads(capsys.readouterr().out.splitlines()[-1])
        assert counts["read"] == counts[expected] == 3


def test_links_are_written_together_and_each_opens_its_own_account(administrator, client):
    table = TABLE + "".join(f"n{number}@example.org,New {number},,,,,,,\n" for number in range(20))
    with CaptureQueriesContext(connection) as few:
        carry_out(plan_of(TABLE, by=administrator), by=administrator, reason="import", send_links=True)
    with CaptureQueriesContext(connection) as many_more:
        carry_out(plan_of(table, by=administrator), by=administrator, reason="import", send_links=True)
    assert len(many_more) - len(few) < 20, "each further link costs questions of its own"
    mails = OutboxMessage.objects.filter(key__startswith="direct:invitation:")
    assert mails.count() == 23
    assert LedgerLine.objects.filter(event="password_link_sent", actor=administrator).count() == 23
    mail = mails.get(recipient="n7@example.org")
    address = re.search(r"/invitation/[^\s]+", mail.text).group(0)
    assert client.post(address, {"password": "four words in a row", "again": "four words in a row"}).status_code == 302
    opened = [person.email for person in Person.objects.filter(email__startswith="n") if person.has_usable_password()]
    assert opened == ["n7@example.org"]


def test_a_token_whose_name_is_too_long_is_told_in_words(author):
    with pytest.raises(CommandError, match="longer than 120 letters"):
        call_command("create_token", author.email, "--name", "n" * 121)
