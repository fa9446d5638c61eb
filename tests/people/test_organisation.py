"""The directory, departments, job roles, delegation, preferences, set-up and the configuration pages."""

from datetime import timedelta

import pytest
from django.contrib import admin
from django.contrib.auth.models import Group
from django.core.management import CommandError, call_command
from django.test import RequestFactory
from django.urls import reverse
from django.utils import timezone

from actions.models import Task
from core.ledger import lines_of
from core.models import CatalogEntry, LedgerLine, Notice, Organisation
from core.organisation import organisation_name
from documents.models import Document
from documents.submission import StepPlan, submit
from people import leaving
from people.confirming import confirm
from people.first_administrator import setup_token
from people.leaving import deactivate, holdings_of
from people.models import Confirmation, Delegation, Department, JobRole, Person
from tests.cast import new_draft, released

# --- the directory ----------------------------------------------------------------------------------------------


def names(client, **query):
    return [person.name for person in client.get(reverse("people:list"), query).context["page_obj"]]


def test_the_directory_finds_by_name_department_role_and_group(client, reader, outsider, author, department):
    role = JobRole.objects.create(name="Dock lead")
    reader.job_roles.add(role)
    client.force_login(reader)
    assert names(client) == ["Ann Author", "Otto Outsider", "Rita Reader"]
    assert names(client, q="rit") == ["Rita Reader"]
    assert names(client, q="OTTO.outsider@") == ["Otto Outsider"]
    assert names(client, department=department.pk) == ["Ann Author", "Rita Reader"]
    assert names(client, role=role.pk) == ["Rita Reader"]
    assert names(client, group="officer") == ["Ann Author"]
    assert names(client, department="no number", sort="-name") == ["Rita Reader", "Otto Outsider", "Ann Author"]


def test_a_department_lists_the_people_below_it_too(client, reader, department):
    below = Department.objects.create(name="Dock", code="DOCK", parent=department)
    Person.objects.filter(pk=reader.pk).update(department=below)
    client.force_login(reader)
    assert names(client, department=department.pk) == ["Rita Reader"]


def test_who_left_is_not_there_for_colleagues_but_for_administrators(client, reader, author, administrator):
    deactivate(author, by=administrator, reason="left")
    page = reverse("people:page", args=[author.pk])
    client.force_login(reader)
    assert names(client, state="left") == ["Ada Min", "Rita Reader"]
    assert client.get(page).status_code == 404
    assert client.get(page).content == client.get(reverse("people:page", args=[10**6])).content
    client.force_login(administrator)
    assert names(client, state="left") == ["Ann Author"]
    assert client.get(page).status_code == 200


def test_the_list_costs_the_same_number_of_queries_for_few_and_many(
    client, reader, make_person, django_assert_num_queries
):
    client.force_login(reader)
    for number in range(30):
        make_person(f"Many {number}", "staff")
    client.get(reverse("people:list"))  # the first page of a session writes down where it is
    with django_assert_num_queries(13, exact=False) as captured:
        client.get(reverse("people:list"))
    assert len(captured) <= 13


def test_a_persons_page_shows_only_the_documents_the_reader_may_see(client, author, owner, approver, reader):
    secret = released(author, owner, approver, title="Canary secret", audience="named")
    open_one = released(author, owner, approver, title="Receiving goods")
    client.force_login(reader)
    page = client.get(reverse("people:page", args=[owner.pk])).content.decode()
    assert open_one.document.code in page
    assert secret.document.code not in page
    assert "Canary" not in page


# --- departments and job roles ----------------------------------------------------------------------------------


def test_an_administrator_adds_renames_moves_and_closes_a_department(client, administrator, department, reader):
    client.force_login(administrator)
    client.post(reverse("people:department-new"), {"name": "Dock", "code": "dock", "parent": department.pk})
    dock = Department.objects.get(code="DOCK")
    assert dock.lineage == [dock.pk, department.pk]
    top = Department.objects.create(name="Top", code="TOP")
    address = reverse("people:department", args=[dock.pk])
    client.post(address, {"name": "Docks", "code": "DOCK", "parent": top.pk, "is_active": "on"})
    dock.refresh_from_db()
    assert (dock.name, dock.lineage) == ("Docks", [dock.pk, top.pk])
    client.post(address, {"name": "Docks", "code": "DOCK", "parent": top.pk})
    dock.refresh_from_db()
    assert not dock.is_active
    assert [line.event for line in lines_of(dock)] == ["department_changed"] * 2 + ["department_added"]


def test_a_department_with_people_cannot_be_closed_nor_be_put_below_itself(client, administrator, department):
    below = Department.objects.create(name="Dock", code="DOCK", parent=department)
    client.force_login(administrator)
    address = reverse("people:department", args=[department.pk])
    closed = client.post(address, {"name": "Inbound", "code": "INB"})
    assert b"still belong" in closed.content
    ring = client.post(address, {"name": "Inbound", "code": "INB", "parent": below.pk, "is_active": "on"})
    assert ring.status_code == 422
    department.refresh_from_db()
    assert department.is_active
    assert department.parent is None


def test_a_job_role_is_given_taken_and_closed(client, administrator, reader, author):
    client.force_login(administrator)
    client.post(reverse("people:role-new"), {"name": "Dock lead", "members": f"{reader.email}, {author.email}"})
    role = JobRole.objects.get(name="Dock lead")
    assert set(role.people.all()) == {reader, author}
    address = reverse("people:role", args=[role.pk])
    refused = client.post(address, {"name": "Dock lead", "members": reader.email})
    assert refused.status_code == 422
    assert set(JobRole.objects.get(pk=role.pk).people.all()) == {reader, author}
    client.post(address, {"name": "Dock leads", "members": ""})
    role.refresh_from_db()
    assert (role.name, role.is_active, role.people.count()) == ("Dock leads", False, 0)
    assert LedgerLine.objects.filter(event="person_changed", actor=administrator).count() == 4


@pytest.mark.parametrize("name", ["department-new", "role-new", "invite", "import"])
def test_only_administrators_change_the_organisation(client, author, name):
    client.force_login(author)
    assert client.post(reverse(f"people:{name}"), {"name": "X", "code": "X"}).status_code == 403
    assert not JobRole.objects.exists()


# --- delegation -------------------------------------------------------------------------------------------------


def delegate_to(client, person, days=3, starts=0):
    first = timezone.localdate() + timedelta(days=starts)
    data = {"to": person.email, "starts_on": first, "ends_on": first + timedelta(days=days)}
    return client.post(reverse("people:my-delegation"), data)


def test_who_stands_in_is_told_carries_the_key_and_loses_it_when_it_ends(client, reader, author):
    client.force_login(reader)
    assert delegate_to(client, author).status_code == 302
    one = Delegation.objects.get()
    assert f"person:{reader.pk}" in set(Person.objects.get(pk=author.pk).keys())
    assert Notice.objects.filter(person=author, topic="delegation").count() == 1
    client.force_login(author)
    assert b"Rita Reader" in client.get(reverse("people:my-delegation")).content
    client.post(reverse("people:end-delegation", args=[one.pk]))
    assert f"person:{reader.pk}" not in set(Person.objects.get(pk=author.pk).keys())
    assert [line.event for line in lines_of(reader)] == ["delegation_ended", "delegated"]


def test_two_stand_ins_on_one_day_and_days_in_the_past_are_refused(client, reader, author, owner):
    client.force_login(reader)
    delegate_to(client, author)
    assert delegate_to(client, owner, starts=1).status_code == 422
    assert delegate_to(client, owner, starts=-9).status_code == 422
    assert delegate_to(client, reader, starts=9).status_code == 422
    assert Delegation.objects.count() == 1


def test_a_delegation_of_others_is_not_there(client, reader, author, outsider):
    client.force_login(reader)
    delegate_to(client, author)
    client.force_login(outsider)
    assert client.post(reverse("people:end-delegation", args=[Delegation.objects.get().pk])).status_code == 404
    assert Delegation.objects.exists()


def test_an_administrator_delegates_for_somebody_who_is_away(client, administrator, reader, author):
    client.force_login(administrator)
    today = timezone.localdate()
    data = {"to": author.email, "starts_on": today, "ends_on": today}
    client.post(reverse("people:delegation", args=[reader.pk]), data)
    assert not Delegation.objects.exists()
    confirm(Confirmation.objects.get(), by=reader)
    assert Delegation.objects.get().person == reader
    assert lines_of(reader).get(event="delegated").actor == administrator


# --- preferences ------------------------------------------------------------------------------------------------


def test_preferences_are_kept_on_the_account(client, reader):
    client.force_login(reader)
    data = {"name": "Rita Reader", "language": "de", "time_zone": "Europe/Berlin", "theme": "dark", "digest": "daily"}
    assert client.post(reverse("people:preferences"), data).status_code == 302
    reader.refresh_from_db()
    assert (reader.language, reader.time_zone, reader.theme, reader.digest) == ("de", "Europe/Berlin", "dark", "daily")
    assert not reader.single_keys
    page = client.get(reverse("people:preferences")).content
    assert b'lang="de"' in page
    assert b'data-single-keys="off"' in page
    assert b'data-theme="dark"' in page


def test_a_wrong_time_zone_is_refused(client, reader):
    client.force_login(reader)
    data = {"name": "R", "language": "en", "time_zone": "Mars/Base", "theme": "auto", "digest": "weekly"}
    assert client.post(reverse("people:preferences"), data).status_code == 422
    reader.refresh_from_db()
    assert reader.time_zone == "UTC"


# --- who leaves holds documents ---------------------------------------------------------------------------------


def test_documents_go_over_with_history_and_ledger(author, owner, approver, administrator, reader):
    version = released(author, owner, approver)
    deactivate(owner, by=administrator, reason="left")
    held = dict((holding.name, held) for holding, held in holdings_of(owner, seen_by=administrator))
    assert [one.code for one in held["documents"]] == [version.document.code]
    moved = leaving.hand_over(owner, to=reader, by=administrator, names=["documents"])
    assert moved == {"documents": 1}
    document = Document.objects.get(pk=version.document_id)
    assert document.owner == reader
    assert document.changed_by == administrator
    assert f"person:{reader.pk}" in document.working_keys
    assert f"person:{owner.pk}" not in document.working_keys
    assert lines_of(document)[0].data == {"from": "Omar Owner", "to": "Rita Reader"}
    assert CatalogEntry.objects.get(code=document.code).owner_id == reader.pk


def test_what_the_administrator_may_not_see_is_not_listed_but_counted_handed_over_and_told(
    author, owner, approver, administrator, reader, auditor
):
    version = released(author, owner, approver, title="Canary secret", audience="named")
    deactivate(owner, by=administrator, reason="left")
    assert holdings_of(owner, seen_by=administrator) == []
    [(_holding, held)] = leaving.all_holdings_of(owner, seen_by=administrator)
    assert (list(held), held.total) == ([], 1)
    leaving.hand_over(owner, to=reader, by=administrator, names=["documents"])
    assert Document.objects.get(pk=version.document_id).owner == reader
    told = {notice.person for notice in Notice.objects.filter(text__contains="left and owns")}
    assert told == {author}  # an officer who works on it; the auditor sees it and could do nothing


def test_only_who_may_name_the_next_owner_is_told_that_there_is_none(
    author, owner, approver, auditor, make_person, reader
):
    officer = make_person("Olga Officer", "officer")
    released(author, owner, approver)
    deactivate(owner, by=None, reason="left")
    told = {notice.person for notice in Notice.objects.filter(text__contains="left and owns")}
    assert officer in told
    assert not told & {auditor, approver, reader}


def test_tasks_and_open_decisions_are_listed_and_go_over(author, owner, approver, administrator, reader, department):
    administrator.groups.add(Group.objects.get(name="officer"))
    version = new_draft(author, owner)
    submit(version, by=author, plan=[StepPlan("Approved for use", people=[approver])])
    entry = CatalogEntry.objects.get(code=version.document.code)
    Task.ask(key="review:1", kind="review", title="Review it", url="/", entry=entry, person=approver)
    deactivate(approver, by=administrator, reason="left")
    administrator = Person.objects.get(pk=administrator.pk)
    assert [holding.name for holding, _held in holdings_of(approver, seen_by=administrator)] == ["tasks", "decisions"]
    moved = leaving.hand_over(approver, to=reader, by=administrator, names=["decisions", "tasks"])
    assert moved == {"decisions": 1, "tasks": 1}
    assert set(Task.objects.open().values_list("person", "kind")) == {(reader.pk, "decide"), (reader.pk, "review")}
    assert holdings_of(approver, seen_by=administrator) == []


# --- set-up -----------------------------------------------------------------------------------------------------

FIRST = {
    "organisation": "Harbour Clinic",
    "name": "First One",
    "email": "First@example.org",
    "password": "many good words here",
    "again": "many good words here",
    "language": "en",
    "time_zone": "UTC",
}


def test_an_empty_portal_leads_the_first_administrator_through_set_up(client, db, capsys):
    call_command("first_administrator")
    address = reverse("people:setup-form", args=[setup_token()])
    assert capsys.readouterr().out.strip().endswith(address)
    asked = client.get(address, headers={"accept-language": "de"}).content.decode()
    assert '<option value="de" selected>' in asked  # as the browser says
    assert client.get(reverse("people:setup")).status_code == 200
    assert client.post(reverse("people:setup-form", args=["guess"]), FIRST).status_code == 403
    assert not Person.objects.exists()
    assert client.get(address).status_code == 200
    assert client.post(address, FIRST).status_code == 302
    first = Person.objects.get()
    assert (first.email, first.is_superuser, first.is_staff) == ("first@example.org", True, True)
    assert organisation_name() == "Harbour Clinic"
    assert client.login(email=first.email, password=FIRST["password"])
    assert client.get(reverse("people:invite")).status_code == 200


def test_set_up_is_gone_once_anybody_is_here(client, reader):
    address = reverse("people:setup-form", args=[setup_token()])
    assert client.get(address).status_code == 404
    assert client.post(address, FIRST).status_code == 404
    assert client.get(reverse("people:setup")).status_code == 404
    with pytest.raises(CommandError):
        call_command("first_administrator")


def test_who_runs_the_server_can_make_somebody_an_administrator_again(reader):
    call_command("first_administrator", email=reader.email)
    assert Person.objects.administrators().get() == reader
    assert lines_of(reader)[0].event == "made_administrator"


# --- the configuration pages ------------------------------------------------------------------------------------

CONFIGURATION = {Group, Organisation}


def test_only_configuration_is_registered_and_nothing_of_it_can_be_deleted(make_person):
    request = RequestFactory().get("/admin/")
    request.user = make_person("Ruth Root", is_superuser=True, is_staff=True)
    assert set(admin.site._registry) <= CONFIGURATION | _kept_by_search()
    for model, page in admin.site._registry.items():
        if model in CONFIGURATION:
            assert not page.has_delete_permission(request), model
    groups = admin.site._registry[Group]
    assert not groups.has_change_permission(request)
    assert not groups.has_add_permission(request)


def _kept_by_search():
    return {model for model in admin.site._registry if model._meta.label == "core.SynonymGroup"}


def test_the_configuration_is_entered_by_the_one_door(client, db):
    answer = client.get("/admin/login/")
    assert answer.status_code == 302
    assert answer["Location"].startswith("/accounts/login/")


def test_staff_do_not_get_into_the_configuration(client, reader):
    client.force_login(reader)
    assert client.get("/admin/").status_code == 302
    assert client.get("/admin/auth/group/").status_code == 302
