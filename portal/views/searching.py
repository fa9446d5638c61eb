"""The search page, results while typing, saved searches and the administrator's synonyms."""

from typing import Any

from django.contrib.auth.decorators import permission_required
from django.core.paginator import Page, Paginator
from django.db.models import CharField, QuerySet, Value
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from core.kind_registry import icons, label_choices
from core.models import SavedSearch, SynonymGroup
from core.questions import IDS, THE_PORTAL, OneOf, Question, Slot
from core.search import Results, search, suggest
from core.state_labels import state_label
from core.views import say
from people.models import Department, Person
from portal.forms import SynonymForm
from portal.saved_searches import Asked, keep

_SAVED = Question(lambda person: SavedSearch.objects.filter(person=person.pk))
FACET_TITLES = {"kind": _("Type"), "department": _("Department"), "state": _("State"), "owner": _("Owner")}


class ResultPages(Paginator):
    """Pages of a search: the rows of one page are there already, the count comes from the search."""

    def __init__(self, results: Results) -> None:
        super().__init__(results.rows, results.size)
        self.results = results

    @cached_property
    def count(self) -> int:
        return min(self.results.count, self.results.pages * self.results.size)

    def page(self, number: int | str) -> Page:
        return Page(self.results.rows, self.validate_number(number), self)


def search_page(request: HttpRequest) -> HttpResponse:
    """What was found, what it can be narrowed to, and what to do when it was nothing."""
    asked = Asked.read(request.GET)
    results = search(request.user, asked.q, page=asked.page, sort=asked.sort, exact=asked.exact, **asked.scope())
    names = _names(results)
    pages = ResultPages(results)
    context = {
        "asked": asked,
        "results": results,
        "page_obj": pages.get_page(asked.page),
        "hits": [(hit, names["kind"].get(hit.entry.kind, hit.entry.kind), _owner(hit, names)) for hit in results.rows],
        "facets": [_facet(name, results, names) for name in FACET_TITLES if _is_telling(name, asked, results)],
        "narrowed": _narrowed(asked, names),
        "icons": icons(),
        "kind_icons": list(icons().items()),
        "saved": _SAVED.rows(request.user),
        "exact_address": asked.address(exact=True),
        "everything_address": asked.address(everything=not asked.everything, page=1),
        "may_keep_synonyms": request.user.has_perm("core.keep_synonyms"),
    }
    context["is_saved"] = any(saved.query == asked.query_string() for saved in context["saved"])
    return render(request, "portal/search.html", context)


def _is_telling(name: str, asked: Asked, results: Results) -> bool:
    """Documents that are in effect all have one state; other records have several."""
    return name != "state" or asked.everything or len(results.facets.get("state", [])) > 1


def _names(results: Results) -> dict[str, dict[Any, str]]:
    """How kinds, states, departments and owners are called; one query for those two that are rows."""
    departments = {value.value for value in results.facets.get("department", [])}
    owners = {value.value for value in results.facets.get("owner", [])} | {hit.entry.owner_id for hit in results.rows}
    named = {"kind": dict(label_choices()), "department": {}, "owner": {}, "state": {}}
    for value in results.facets.get("state", []):
        named["state"][value.value] = state_label(value.value).word
    if departments - {None} or owners - {None}:
        asked = {"departments": [pk for pk in departments if pk], "owners": [pk for pk in owners if pk]}
        for facet, pk, name in _NAMED.rows(THE_PORTAL, **asked):
            named[facet][pk] = name
    return named


def _named(model: Any, facet: str, slot: str) -> QuerySet:
    rows = model.objects.filter(OneOf("pk", Slot(slot, IDS))).order_by()
    return rows.values_list(Value(facet, output_field=CharField()), "pk", "name")


_NAMED = Question(
    lambda _: _named(Department, "department", "departments").union(_named(Person, "owner", "owners"), all=True)
)


def _owner(hit: Any, names: dict[str, dict[Any, str]]) -> str:
    return names["owner"].get(hit.entry.owner_id, "")


def _facet(name: str, results: Results, names: dict[str, dict[Any, str]]) -> dict[str, Any]:
    """One facet as the page shows it."""
    values = [(value, names[name].get(value.value, value.value)) for value in results.facets.get(name, [])]
    return {"name": name, "title": FACET_TITLES[name], "values": values}


def _narrowed(asked: Asked, names: dict[str, dict[Any, str]]) -> list[tuple[str, str]]:
    """What the results are narrowed by: words, and the address without it."""
    shown = []
    for name, values in asked.facets().items():
        for value in values:
            label = (
                f"{FACET_TITLES[name]}: {names[name].get(value, state_label(value).word if name == 'state' else value)}"
            )
            shown.append((label, asked.without(name, value)))
    return shown


def suggestions(request: HttpRequest) -> HttpResponse:
    """Results while typing, as a list of links."""
    q = request.GET.get("q", "")[:200]
    entries = suggest(request.user, q) if q.strip() else []
    known = icons()
    rows = [(entry, known.get(entry.kind, "doc")) for entry in entries]
    return render(request, "portal/_suggestions.html", {"rows": rows, "q": q})


def saved_searches(request: HttpRequest) -> HttpResponse:
    """My saved searches; a POST keeps one, the same search again changes its name and its news."""
    if request.method != "POST":
        asked = Asked.read(QueryDict(request.GET.get("query", "")))
        saved = SavedSearch.objects.filter(person=request.user)
        return render(request, "portal/saved_searches.html", {"asked": asked, "saved": saved})
    saved, refused = keep(
        request.user,
        query=request.POST.get("query", ""),
        name=request.POST.get("name", ""),
        wants_news=bool(request.POST.get("wants_news")),
    )
    say(request, refused or _t("Saved as “%(name)s”") % {"name": saved.name})
    return redirect(f"{reverse('search')}?{saved.query}")


@require_POST
def forget_search(request: HttpRequest, saved_id: int) -> HttpResponse:
    """Delete one of my saved searches."""
    saved = get_object_or_404(SavedSearch, pk=saved_id, person=request.user)
    saved.delete()
    say(request, _t("“%(name)s” is no longer saved") % {"name": saved.name})
    return redirect("saved-searches")


@permission_required("core.keep_synonyms", raise_exception=True)
def synonyms(request: HttpRequest, synonym_id: int | None = None) -> HttpResponse:
    """The words that mean the same here: list, add, change, delete."""
    group = get_object_or_404(SynonymGroup, pk=synonym_id) if synonym_id else None
    if request.method == "POST" and "delete" in request.POST and group:
        SynonymForm.delete(group, by=request.user)
        say(request, _t("Deleted"))
        return redirect("synonyms")
    form = SynonymForm(request.POST if request.method == "POST" else None, group=group)
    if request.method == "POST" and form.is_valid():
        form.save(by=request.user)
        say(request, _t("Saved"))
        return redirect("synonyms")
    groups = SynonymGroup.objects.all()
    return render(
        request,
        "portal/synonyms.html",
        {"form": form, "groups": groups, "group": group},
        status=422 if form.errors else 200,
    )
