"""The department tree and the job roles: everybody reads them, administrators change them."""

from typing import Any

from django.db import transaction
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _t

from core.lifecycle import Refused
from core.views import say
from people.changing import change_person
from people.forms import DepartmentForm, JobRoleForm
from people.models import Department, JobRole, Person
from people.structure import department_tree, save_part
from people.views.administering import administrators_only


def departments(request: HttpRequest) -> HttpResponse:
    """The tree; administrators also see what is out of use."""
    may_change = request.user.has_perm("people.change_person")
    tree = department_tree(with_closed=may_change)
    return render(request, "people/departments.html", {"tree": tree, "may_change": may_change})


def roles(request: HttpRequest) -> HttpResponse:
    """The job roles with the number of people who hold them."""
    may_change = request.user.has_perm("people.change_person")
    found = JobRole.objects.annotate(members=Count("people", filter=Q(people__is_active=True)))
    if not may_change:
        found = found.filter(is_active=True)
    return render(request, "people/roles.html", {"roles": found, "may_change": may_change})


@administrators_only
def department(request: HttpRequest, pk: int | None = None) -> HttpResponse:
    """Add a department, or rename, move or close one."""
    record = get_object_or_404(Department, pk=pk) if pk else Department()
    form = DepartmentForm(request.POST or None, instance=record)
    if request.method == "POST" and form.is_valid():
        try:
            save_part(form.instance, by=request.user, values=form.cleaned_data)
        except Refused as refusal:
            form.add_error(None, str(refusal.message))
        else:
            say(request, _t("Saved: %(name)s") % {"name": record.name})
            return redirect("people:departments")
    stored = Department.objects.filter(pk=pk).first()
    context = {"form": form, "department": stored}
    return render(request, "people/department_form.html", context, status=422 if form.errors else 200)


@administrators_only
def role(request: HttpRequest, pk: int | None = None) -> HttpResponse:
    """Add a job role, rename or close one, and say who holds it."""
    record = get_object_or_404(JobRole, pk=pk) if pk else JobRole()
    form = JobRoleForm(request.POST or None, instance=record)
    if request.method == "POST" and form.is_valid():
        values = dict(form.cleaned_data)
        members = values.pop("members")
        try:
            _save_role(record, values, members, by=request.user)
        except Refused as refusal:
            form.add_error(None, str(refusal.message))
        else:
            say(request, _t("Saved: %(name)s") % {"name": record.name})
            return redirect("people:roles")
    stored = JobRole.objects.filter(pk=pk).first()
    return render(request, "people/role_form.html", {"form": form, "role": stored}, status=422 if form.errors else 200)


def _save_role(role: JobRole, values: dict[str, Any], members: list[Person], *, by: Any) -> None:
    """Members first where the role exists, so that a role can be emptied and closed in one go."""
    with transaction.atomic():
        if role.pk is None:
            save_part(role, by=by, values=values)
        _set_members(role, members, by=by)
        save_part(role, by=by, values=values)


def _set_members(role: JobRole, members: list[Person], *, by: Any) -> None:
    """Give the role to these people and take it from the others, each as a change of their account."""
    wanted = {person.pk: person for person in members}
    now = {person.pk: person for person in role.people.active()}
    for person in [*(one for pk, one in wanted.items() if pk not in now), *now.values()]:
        roles = [one for one in person.job_roles.all() if one.pk != role.pk]
        change_person(person, by=by, values={"job_roles": [*roles, role] if person.pk in wanted else roles})
