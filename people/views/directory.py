"""Who works here: the list of people, a person's page, and suggestions for the fields that take a person."""

from typing import Any

from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.core.paginator import Paginator
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render

from core.ledger import lines_of
from core.saved_views import tabs_for, tidy
from core.views import find
from people.fields import written
from people.forms import DirectoryFilter
from people.groups import GROUPS
from people.leaving import holdings_of
from people.models import Delegation, Person

SUGGESTED = 8
ROWS = 50
SORTS = {"name": "name", "department": "department__name", "manager": "manager__name", "joined": "joined_at"}


def suggest(request: HttpRequest) -> JsonResponse:
    """Colleagues whose name or address begins with what was typed, for the fields that take a person."""
    text = request.GET.get("q", "").strip()[:100]
    if len(text) < 2:
        return JsonResponse({"suggestions": []})
    words = Q(name__istartswith=text) | Q(name__icontains=f" {text}") | Q(email__istartswith=text)
    people = Person.objects.visible_to(request.user).active().filter(words)[:SUGGESTED]
    return JsonResponse({"suggestions": [written(person) for person in people]})


def _in_state(people: QuerySet[Person], state: str) -> QuerySet[Person]:
    if state == "all":
        return people
    if state == "left":
        return people.filter(is_active=False)
    people = people.filter(is_active=True)
    return people.filter(password__startswith=UNUSABLE_PASSWORD_PREFIX) if state == "invited" else people


def _chosen(people: QuerySet[Person], chosen: dict[str, Any]) -> QuerySet[Person]:
    for word in chosen.get("q", "").split():
        people = people.filter(Q(name__icontains=word) | Q(email__icontains=word))
    if chosen.get("department"):
        people = people.filter(department__lineage__contains=[chosen["department"].pk])
    if chosen.get("role"):
        people = people.filter(job_roles=chosen["role"])
    if chosen.get("group"):
        people = people.filter(groups__name=chosen["group"])
    return _in_state(people, chosen.get("state", ""))


def people(request: HttpRequest) -> HttpResponse:
    """The directory, with filters from the address."""
    form = DirectoryFilter(request.GET, person=request.user)
    found = _chosen(Person.objects.visible_to(request.user), form.cleaned_data)
    sort = request.GET.get("sort", "name")
    field = SORTS.get(sort.removeprefix("-"), "name")
    found = found.select_related("department", "manager").prefetch_related("job_roles")
    found = found.order_by(f"-{field}" if sort.startswith("-") else field, "pk")
    page = Paginator(found, ROWS).get_page(request.GET.get("page"))
    may_change = request.user.has_perm("people.change_person")
    context = {
        "page_obj": page,
        "form": form,
        "may_change": may_change,
        "views": tabs_for("people", request),
        "view_query": tidy(request.GET.urlencode()),
    }
    return render(request, "people/people.html", context)


def page(request: HttpRequest, pk: int) -> HttpResponse:
    """One person: where they stand in the organisation, who stands in for them, what they answer for."""
    people = Person.objects.select_related("department", "manager").prefetch_related("job_roles", "groups")
    person = find(people, request.user, pk=pk)
    may_change = request.user.has_perm("people.change_person")
    context = {
        "person": person,
        "groups": [GROUPS.get(group.name, group.name) for group in person.groups.all()],
        "reports": Person.objects.visible_to(request.user).active().filter(manager=person)[:50],
        "standing_in": Delegation.objects.active().filter(person=person).select_related("delegate"),
        "holdings": holdings_of(person, seen_by=request.user),
        "may_change": may_change,
        "may_administer": may_change and request.user.has_perm("people.administer_person", person),
        "ledger": lines_of(person)[:10] if may_change else [],
    }
    return render(request, "people/person_page.html", context)
