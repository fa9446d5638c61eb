"""Approval routes are kept on pages: by whom, with which trace, and so that nothing typed is lost."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from core.ledger import lines_of
from core.lifecycle import NotAllowed, Refused
from core.models import LedgerLine
from core.models.record import Stale
from documents.models import RouteTemplate
from documents.routing import StepSetting, coverage, fingerprint, save_route, set_in_use, steps_of
from documents.submission import plan_for
from people.models import JobRole
from tests.cast import flat, new_draft, released


def make_route(by, *people, name="SOPs", kind="sop", department=None, **step):
    route = RouteTemplate()
    values = {"name": name, "kind": kind, "department": department}
    save_route(route, by=by, values=values, steps=[StepSetting("Approved for use", people=list(people), **step)])
    return RouteTemplate.objects.get(pk=route.pk)


def sent(*steps, name="SOPs of Inbound", kind="sop", department="", seen="", **more):
    """What the form sends; each step is a dict over the usual answers."""
    data = {"name": name, "kind": kind, "department": department, "seen": seen, **more}
    data |= {"steps-TOTAL_FORMS": len(steps), "steps-INITIAL_FORMS": 0}
    usual = {"meaning": "Approved", "people": "", "rule": "all", "needed": 1, "due_days": 7, "step": ""}
    for number, step in enumerate(steps):
        for field, value in {**usual, "ORDER": number + 1, **step}.items():
            data[f"steps-{number}-{field}"] = value
    return data


NEW = "documents:route-new"


def test_an_administrator_adds_a_route_and_it_is_traced(browse, administrator, approver, owner, department):
    lead = JobRole.objects.create(name="Dock lead")
    lead.people.add(owner)
    steps = [
        {"meaning": "Checked", "roles": [lead.pk], "due_days": 3},
        {
            "meaning": "Approved",
            "people": f"{approver.email}, {owner.email}",
            "by_owner": "on",
            "rule": "count",
            "needed": 2,
        },
    ]
    answer = browse(administrator).post(reverse(NEW), sent(*steps, department=department.pk))
    route = RouteTemplate.objects.get()
    assert answer["Location"] == reverse("documents:route", args=[route.pk])
    first, second = steps_of(route)
    assert (first.roles, first.due_days) == ([lead], 3)
    assert (set(second.people), second.by_owner, second.rule, second.needed) == ({approver, owner}, True, "count", 2)
    assert route.history.get().history_user == administrator
    assert {row.history_user for row in route.steps.get(position=2).history.filter(history_type="+")} == {administrator}
    line = lines_of(route).get()
    assert (line.event, line.actor, line.data["name"]) == ("route_added", administrator, ["", "SOPs of Inbound"])
    assert line.data["steps"][1][0] == "Checked: Dock lead (3 days)"


def test_an_officer_keeps_routes_too_and_nobody_else(browse, author, owner, approver, reader, auditor, administrator):
    route = make_route(author, approver)
    pages = [reverse("documents:routes"), reverse(NEW)]
    pages += [reverse(f"documents:{name}", args=[route.pk]) for name in ("route", "route-change")]
    for person, status in (
        (author, 200),
        (administrator, 200),
        (owner, 403),
        (approver, 403),
        (reader, 403),
        (auditor, 403),
    ):
        for address in pages:
            assert browse(person).get(address).status_code == status, (person, address)
    for person in (owner, approver, reader, auditor):
        browse(person).post(reverse("documents:route-use", args=[route.pk]), {"in_use": "0"})
        with pytest.raises(NotAllowed):
            save_route(route, by=person, values={"name": "Mine", "kind": "", "department": None}, steps=steps_of(route))
        with pytest.raises(NotAllowed):
            set_in_use(route, False, by=person)
    route.refresh_from_db()
    assert (route.name, route.is_active) == ("SOPs", True)
    assert LedgerLine.objects.filter(event="refused:keep route").count() == 8


def test_the_proposal_of_the_submit_page_follows_the_route(browse, author, owner, approver):
    make_route(author, approver)
    version = new_draft(author, owner)
    assert [step.people for step in plan_for(version.document)] == [[approver]]
    page = browse(author).get(reverse("documents:submit", args=[version.document.code, version.sequence]))
    assert str(approver) in page.content.decode()
    assert "No approval route is set" not in page.content.decode()


def test_without_a_route_the_submit_page_leads_to_where_one_is_set(browse, author, owner):
    version = new_draft(author, owner)
    address = reverse("documents:submit", args=[version.document.code, version.sequence])
    link = f"{reverse(NEW)}?kind=sop&amp;department={author.department_id}"
    assert link in browse(author).get(address).content.decode()
    told = browse(owner).get(address).content.decode()
    assert "No approval route is set" in told
    assert link not in told
    form = browse(author).get(link.replace("&amp;", "&")).content.decode()
    assert '<option value="sop" selected>' in form
    assert f'<option value="{author.department_id}" selected>' in form


def test_wrong_answers_are_told_at_their_step_and_nothing_typed_is_lost(browse, administrator, approver):
    steps = [
        {"meaning": "", "people": "Nobody Known"},
        {"meaning": "Kept words"},
        {"people": approver.email, "rule": "count", "needed": 3},
    ]
    answer = browse(administrator).post(reverse(NEW), sent(*steps, name=""))
    text = answer.content.decode()
    assert answer.status_code == 422
    assert not RouteTemplate.objects.exists()
    for said in (
        "Enter a name for the route",
        "Step 1: Say what they sign for",
        "Step 1: Nobody here is called “Nobody Known”",
        "Step 2: Say who decides",
        "Step 3: Only 1 decide in this step",
        "Kept words",
        'value="3"',
    ):
        assert said in text, said
    assert "<title>Error:" in text


def test_a_route_without_steps_is_refused(browse, administrator):
    answer = browse(administrator).post(reverse(NEW), sent())
    assert answer.status_code == 422
    assert "Add at least one step" in answer.content.decode()
    assert not RouteTemplate.objects.exists()


def test_buttons_add_remove_and_order_steps_without_script(browse, administrator, approver):
    client = browse(administrator)
    rows = [{"meaning": "First", "people": "Some half typed na"}, {"meaning": "Second", "due_days": "soon"}]
    answer = client.post(reverse(NEW), sent(*rows, name="Half typed", rows="add"))
    assert answer.status_code == 200
    forms = answer.context["steps"].forms
    assert [form["meaning"].value() for form in forms] == ["First", "Second", "Approved for use"]
    assert forms[0]["people"].value() == "Some half typed na"
    assert forms[1]["due_days"].value() == "soon"
    assert answer.context["form"]["name"].value() == "Half typed"
    assert "autofocus" in answer.content.decode()
    moved = client.post(reverse(NEW), sent(*rows, rows="up-2")).context["steps"].forms
    assert [form["meaning"].value() for form in moved] == ["Second", "First"]
    left = client.post(reverse(NEW), sent(*rows, rows="remove-1")).context["steps"].forms
    assert [form["meaning"].value() for form in left] == ["Second"]
    assert not RouteTemplate.objects.exists()


def test_the_order_of_the_page_is_what_is_stored_and_steps_keep_their_rows(browse, administrator, approver, owner):
    route = make_route(administrator, approver)
    kept = steps_of(route)[0]
    rows = [
        {"meaning": kept.meaning, "people": approver.email, "step": kept.pk, "ORDER": 2},
        {"meaning": "Checked first", "people": owner.email, "ORDER": 1},
    ]
    data = sent(*rows, name=route.name, seen=fingerprint(route, [kept]))
    answer = browse(administrator).post(reverse("documents:route-change", args=[route.pk]), data)
    assert answer.status_code == 302, answer.content.decode()
    assert [(step.meaning, step.pk == kept.pk) for step in steps_of(route)] == [
        ("Checked first", False),
        ("Approved for use", True),
    ]
    assert [line.event for line in lines_of(route)] == ["route_changed", "route_added"]


def test_a_step_of_another_route_is_not_taken_over(administrator, approver, owner):
    first = make_route(administrator, approver)
    second = make_route(administrator, owner, name="Forms", kind="form")
    foreign = steps_of(first)[0]
    steps = [StepSetting("Mine", people=[owner], pk=foreign.pk)]
    values = {"name": "Forms", "kind": "form", "department": None}
    save_route(second, by=administrator, values=values, steps=steps, seen=fingerprint(second, steps_of(second)))
    assert [step.meaning for step in steps_of(first)] == ["Approved for use"]
    assert [step.meaning for step in steps_of(second)] == ["Mine"]


def test_a_save_that_changes_nothing_writes_nothing(administrator, approver):
    route = make_route(administrator, approver)
    steps = steps_of(route)
    values = {"name": "SOPs", "kind": "sop", "department": None}
    assert save_route(route, by=administrator, values=values, steps=steps, seen=fingerprint(route, steps)) is False
    assert lines_of(route).count() == 1
    assert route.history.count() == 1


def test_who_saves_from_an_old_page_is_told_and_sees_both(browse, administrator, author, approver, owner):
    route = make_route(administrator, approver)
    seen = fingerprint(route, steps_of(route))
    values = {"name": "SOPs", "kind": "sop", "department": None}
    save_route(route, by=author, values=values, steps=[StepSetting("Meanwhile", people=[owner])], seen=seen)
    with pytest.raises(Stale):
        save_route(route, by=administrator, values=values, steps=[StepSetting("Late", people=[owner])], seen=seen)
    data = sent({"meaning": "Typed by me", "people": approver.email}, name="SOPs", seen=seen)
    client, address = browse(administrator), reverse("documents:route-change", args=[route.pk])
    answer = client.post(address, data)
    assert answer.status_code == 422
    assert "Typed by me" in answer.content.decode()
    assert "Meanwhile: Omar Owner" in answer.content.decode()
    again = client.post(address, {**data, "seen": answer.context["form"]["seen"].value()})
    assert again.status_code == 302
    assert [step.meaning for step in steps_of(route)] == ["Typed by me"]


def test_two_routes_for_the_same_documents_are_refused(browse, administrator, approver, department):
    make_route(administrator, approver, department=department)
    answer = browse(administrator).post(
        reverse(NEW), sent({"people": approver.email}, name="Again", department=department.pk)
    )
    assert answer.status_code == 422
    assert "is for the same kind and department" in answer.content.decode()
    assert "Again" in answer.content.decode()


def test_a_route_goes_out_of_use_and_comes_back_and_is_never_deleted(browse, administrator, author, owner, approver):
    route = make_route(administrator, approver)
    version = new_draft(author, owner)
    client, address = browse(administrator), reverse("documents:route-use", args=[route.pk])
    assert client.get(address).status_code == 405
    client.post(address, {"in_use": "0"})
    assert plan_for(version.document) == []
    assert "SOPs" in client.get(reverse("documents:routes") + "?show=retired").content.decode()
    client.post(address, {"in_use": "1"})
    client.post(address, {"in_use": "1"})
    assert len(plan_for(version.document)) == 1
    assert [line.event for line in lines_of(route)] == ["route_restored", "route_retired", "route_added"]
    set_in_use(route, False, by=administrator)
    make_route(administrator, approver, name="In its place")
    with pytest.raises(Refused):
        set_in_use(route, True, by=administrator)


def test_where_a_route_is_used_counts_only_what_the_person_sees(
    browse, administrator, author, owner, approver, other_department
):
    near = make_route(administrator, approver, department=author.department)
    everywhere = make_route(administrator, approver, name="All", kind="")
    released(author, owner, approver)
    released(author, owner, approver, title="Elsewhere", department=other_department)
    released(author, owner, approver, title="Hidden", audience="named")
    assert (coverage(administrator).count(near.pk), coverage(administrator).count(everywhere.pk)) == (1, 1)
    assert coverage(owner).count(near.pk) == 2
    set_in_use(everywhere, False, by=administrator)
    assert coverage(administrator).without == {("sop", other_department.pk): 1}
    told = browse(administrator).get(reverse("documents:routes")).content.decode()
    assert "Documents without a route" in told
    assert "SOP, Finance: 1 document" in flat(told)


def test_who_left_is_marked_on_the_route_and_must_be_replaced(browse, administrator, approver, owner):
    route = make_route(administrator, approver)
    approver.is_active = False
    approver.save()
    client = browse(administrator)
    assert "cannot decide any more" in client.get(reverse("documents:route", args=[route.pk])).content.decode()
    page = client.get(reverse("documents:route-change", args=[route.pk]))
    row = page.context["steps"].forms[0]
    assert approver.email in row["people"].value()
    data = sent(
        {"people": row["people"].value(), "step": row["step"].value()}, seen=page.context["form"]["seen"].value()
    )
    assert client.post(reverse("documents:route-change", args=[route.pk]), data).status_code == 422
    data["steps-0-people"] = owner.email
    assert client.post(reverse("documents:route-change", args=[route.pk]), data).status_code == 302


def test_the_list_of_routes_costs_the_same_however_many(browse, administrator, approver):
    client = browse(administrator)
    make_route(administrator, approver)
    client.get(reverse("documents:routes"))
    with CaptureQueriesContext(connection) as one:
        client.get(reverse("documents:routes"))
    for kind in ("", "form", "policy"):
        make_route(administrator, approver, name=f"Route {kind}", kind=kind)
    with CaptureQueriesContext(connection) as four:
        client.get(reverse("documents:routes"))
    assert len(four) == len(one) <= 16
