"""One requirement: its text, what fulfils it, whether it applies; and linking from either side."""

from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _t
from django.views.decorators.http import require_POST

from audits import fulfilling, own_requirements
from audits.forms import ApplicabilityForm, LinkForm, RequirementForm
from audits.frameworks.values import normalised_id
from audits.library_pages import branch
from audits.models import Framework, Requirement, RequirementLink
from audits.permissions import may_link
from audits.views.frameworks import find_framework
from core.catalog import entry_of, find_entry
from core.lifecycle import NotAllowed, Refused
from core.models import CatalogEntry, LedgerLine
from core.models.record import Stale
from core.numbering import code_key
from core.pages.together import fragment
from core.panels import panels_for
from core.search import suggest
from core.views import find, refuse_politely, say
from documents.kinds import all_kinds

LINES = 30
FOUND = 20


def find_requirement(request: HttpRequest, code: str, slug: str) -> Requirement:
    """The entry of a library that the person may see, else 404."""
    rows = Requirement.objects.select_related("framework__owner", "framework__previous", "parent", "decided_by")
    return find(rows, request.user, framework__code=code, slug=slug)


def requirement(request: HttpRequest, code: str, slug: str) -> HttpResponse:
    """The page of one requirement, or of a group."""
    row, person = find_requirement(request, code, slug), request.user
    entry, may_change = entry_of(row), person.has_perm("audits.change_requirement", row)
    links = list(RequirementLink.objects.visible_to(person).filter(requirement=row).with_ends())
    for made in links:
        made.may_change = may_change or person.has_perm("audits.change_requirementlink", made)
    context = {
        "requirement": row,
        "library": row.framework,
        "above": _above(row),
        "rows": branch(row.framework, row, person),
        "links": links,
        "related": _others(row, row.related),
        "successors": _others(row, row.successors),
        "baselines": list(row.baselines.all()),
        "may_change": may_change,
        "may_link": may_change or any(person.has_perm(kind.write_permission) for kind in all_kinds()),
        "entry": entry,
        "panels": panels_for(Requirement),
        "lines": _history(row, person),
    }
    return render(request, "audits/requirement_page.html", context)


def _history(row: Requirement, person: Any) -> list[LedgerLine]:
    """What was done with it, newest first; records that the person may not see are not named."""
    lines = list(LedgerLine.objects.filter(record_kind="audits.requirement", record_id=row.pk).order_by("-id")[:LINES])
    named = {line.data["entry"] for line in lines if line.data.get("entry")}
    seen = set(CatalogEntry.objects.visible_to(person).filter(pk__in=named).values_list("pk", flat=True))
    for line in lines:
        if line.data.get("entry") not in seen:
            line.data = line.data | {"record": _t("a record you cannot see")}
    return lines


def _above(row: Requirement) -> list[Requirement]:
    above = []
    at = row.parent
    while at is not None:
        at.framework = row.framework
        above.insert(0, at)
        at = at.parent
    return above


def _others(row: Requirement, ids: list[str]) -> list[Requirement]:
    """The requirements of these external ids; an id may name a part ("ac-2_smt.k"), then the one that holds it."""
    wanted = {key.split("_smt")[0] for key in ids}
    found = list(row.framework.requirements.filter(external_id__in=wanted))
    for one in found:
        one.framework = row.framework
    return found


@fragment
def panel(request: HttpRequest, code: str, slug: str, name: str) -> HttpResponse:
    """One panel of another area, loaded when it is seen."""
    row = find_requirement(request, code, slug)
    found = next((one for one in panels_for(Requirement) if one.name == name), None)
    if found is None:
        raise Http404
    return HttpResponse(found.render(request.user, row))


@refuse_politely
def applicability(request: HttpRequest, code: str, slug: str) -> HttpResponse:
    """Say whether the requirement applies."""
    row = find_requirement(request, code, slug)
    if not request.user.has_perm("audits.change_requirement", row) or row.is_group:
        raise NotAllowed(_t("You may not decide for this library."))
    form = ApplicabilityForm(
        request.POST or None, initial={"applicability": row.applicability, "justification": row.justification}
    )
    if request.method == "POST" and form.is_valid():
        try:
            row.decide_applicability(by=request.user, **form.cleaned_data)
        except Refused as refusal:
            form.add_error("justification", refusal.message)
        else:
            say(request, _t("Applicability saved."))
            return redirect(row)
    context = {"form": form, "requirement": row, "library": row.framework}
    return render(request, "audits/applicability_form.html", context, status=422 if form.errors else 200)


@refuse_politely
def write(request: HttpRequest, code: str, slug: str = "") -> HttpResponse:
    """Add a requirement to an own library, or change one."""
    framework = find_framework(request, code)
    row = find_requirement(request, code, slug) if slug else None
    if not (framework.is_own and request.user.has_perm("audits.change_framework", framework)):
        raise NotAllowed(_t("Requirements are written in your own libraries only. This one came from a file."))
    names = ("label", "title", "text", "guidance", "parent", "is_group", "is_withdrawn", "row_version")
    initial: dict[str, Any] = {name: getattr(row, name) for name in names} if row else {}
    if row is None and (parent := framework.requirements.filter(slug=request.GET.get("below", "")[:230]).first()):
        initial["parent"] = parent
    typed, stored = request.POST.copy(), None
    form = RequirementForm(typed or None, initial=initial, framework=framework, requirement=row)
    if request.method == "POST" and form.is_valid():
        try:
            made = own_requirements.write_requirement(framework, row, by=request.user, **_facts(form))
        except Stale as stale:
            form.add_error(None, _t("Somebody else has saved this since you opened it. Compare, then save again."))
            stored, typed["row_version"] = stale.record, str(stale.record.row_version)
        except Refused as refusal:
            form.add_error("label", refusal.message)
        else:
            say(request, _t("The requirement is saved."))
            return redirect(made)
    context = {"form": form, "requirement": row, "library": framework, "stored": stored}
    return render(request, "audits/requirement_form.html", context, status=422 if form.errors else 200)


def _facts(form: RequirementForm) -> dict[str, Any]:
    facts = dict(form.cleaned_data)
    facts["row_version"] = facts["row_version"] or 0
    return facts


# --- links ------------------------------------------------------------------------------------------------------


@refuse_politely
def link_from_requirement(request: HttpRequest, code: str, slug: str) -> HttpResponse:
    """Choose a process or document that fulfils the requirement, then the step, if only a step does."""
    row, person = find_requirement(request, code, slug), request.user
    if row.is_group:
        raise Refused(_t("This is a group. Choose one of its requirements."))
    typed = (request.POST.get("target") or request.GET.get("target", "")).replace("\x00", "").strip()[:300]
    target = _target_called(typed, person) if typed else None
    context: dict[str, Any] = {"requirement": row, "library": row.framework, "typed": typed, "target": target}
    if typed and target is None:
        context["problem"] = _t("There is no process or document with the number or the title “%(text)s”.") % {
            "text": typed[:100]
        }
    if target is None:
        return render(request, "audits/link_target.html", context, status=422 if typed else 200)
    return _choose_part(request, row, target, context, "audits/link_part.html", back=row.get_absolute_url())


@refuse_politely
def link_from_record(request: HttpRequest, entry_id: int) -> HttpResponse:
    """Choose the requirement that a process or document fulfils, then the step, if only a step does."""
    target, person = find_entry(request.user, entry_id), request.user
    if not _is_linkable(target):
        raise Http404
    typed = (request.POST.get("requirement") or request.GET.get("requirement", "")).replace("\x00", "")[:300]
    if typed:
        code, _slash, slug = typed.partition("/")
        row = find_requirement(request, code, slug)
        context = {
            "requirement": row,
            "library": row.framework,
            "target": target,
            "typed": typed,
            "is_from_record": True,
        }
        return _choose_part(request, row, target, context, "audits/link_part.html", back=target.url)
    q = request.GET.get("q", "").replace("\x00", "").strip()[:200]
    found = _requirements_called(q, person) if q else []
    return render(request, "audits/link_requirement.html", {"target": target, "q": q, "found": found})


def _choose_part(
    request: HttpRequest, row: Requirement, target: CatalogEntry, context: dict[str, Any], template: str, back: str
) -> HttpResponse:
    if not may_link(request.user, row, target):
        raise NotAllowed(_t("You may change neither the requirement nor what would fulfil it."))
    form = LinkForm(request.POST if "save" in request.POST else None, parts=fulfilling.parts_of(target))
    if request.method == "POST" and form.is_valid():
        try:
            fulfilling.link(row, target, by=request.user, part=form.chosen_part(), note=form.cleaned_data["note"])
        except Refused as refusal:
            form.add_error(None, refusal.message)
        else:
            say(request, _t("%(record)s fulfils %(number)s now.") % {"record": target.code, "number": row.code})
            return redirect(back)
    context |= {"form": form, "back": back}
    return render(request, template, context, status=422 if form.errors else 200)


def _is_linkable(entry: CatalogEntry) -> bool:
    content_type = ContentType.objects.get_for_id(entry.content_type_id)
    return f"{content_type.app_label}.{content_type.model}" in fulfilling.linkable_models()


def _target_called(text: str, person: Any) -> CatalogEntry | None:
    """The process or document of this code, in any spelling, or of this title."""
    seen = CatalogEntry.objects.visible_to(person)
    tries = [seen.filter(code_key=code_key(word)) for word in (text, text.split(" ")[0]) if code_key(word)]
    for entries in (*tries, seen.filter(title__iexact=text)):
        found = [entry for entry in entries.order_by("pk")[:20] if _is_linkable(entry)]
        if len(found) == 1:
            return found[0]
    return None


def suggest_targets(request: HttpRequest) -> JsonResponse:
    """Processes and documents whose number or title is being typed."""
    text = request.GET.get("q", "").strip()[:100]
    if len(text) < 2:
        return JsonResponse({"suggestions": []})
    found = [entry for entry in suggest(request.user, text) if _is_linkable(entry)]
    return JsonResponse({"suggestions": [f"{entry.code} {entry.title}" for entry in found]})


def _requirements_called(q: str, person: Any) -> list[Requirement]:
    """Requirements of all visible libraries: by number in any spelling, else by words."""
    seen = Requirement.objects.visible_to(person).active().select_related("framework")
    by_number = list(seen.filter(id_key=normalised_id(q)).order_by("-framework_id")[:FOUND]) if normalised_id(q) else []
    if by_number:
        return by_number
    own = ContentType.objects.get_for_model(Requirement)
    ids = [entry.object_id for entry in suggest(person, q) if entry.content_type_id == own.pk]
    by_title = seen.filter(title__icontains=q).order_by("framework_id", "position")
    return list({row.pk: row for row in (*seen.filter(pk__in=ids), *by_title[:FOUND])}.values())[:FOUND]


def _find_link(request: HttpRequest, pk: int) -> RequirementLink:
    return find(RequirementLink.objects.with_ends(), request.user, pk=pk)


@require_POST
@refuse_politely
def unlink(request: HttpRequest, link_id: int) -> HttpResponse:
    """Take a link away."""
    made = _find_link(request, link_id)
    row = made.requirement
    fulfilling.unlink(made, by=request.user)
    say(request, _t("The link is removed."))
    return redirect(row)


@require_POST
@refuse_politely
def confirm_link(request: HttpRequest, link_id: int) -> HttpResponse:
    """A carried-over link is still right."""
    made = _find_link(request, link_id)
    fulfilling.confirm(made, by=request.user)
    say(request, _t("The link is confirmed."))
    return redirect(made.requirement)


def links_to_check(request: HttpRequest, code: str) -> HttpResponse:
    """Links that came over from the edition before although the words differ."""
    framework: Framework = find_framework(request, code)
    links = RequirementLink.objects.visible_to(request.user).filter(requirement__framework=framework, needs_check=True)
    may_change = request.user.has_perm("audits.change_framework", framework)
    page = Paginator(links.with_ends().order_by("requirement__position", "pk"), 50).get_page(request.GET.get("page"))
    return render(
        request, "audits/links_to_check.html", {"library": framework, "page_obj": page, "may_change": may_change}
    )
