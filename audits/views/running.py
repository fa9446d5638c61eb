"""Running an audit: the questions on a phone, each answer saved by itself, with script and without."""

import uuid
from collections.abc import Callable
from datetime import date, datetime
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.dateparse import parse_datetime
from django.utils.timezone import is_naive
from django.utils.translation import gettext as _t
from django.views.decorators.http import require_POST

from audits.answering import find_question, progress, progress_of, save_answer
from audits.asked import checklist_of
from audits.audit_forms import QuickFindingForm
from audits.evidence import add_file, add_photo, add_record, remove_evidence
from audits.models import Audit, Evidence
from audits.run_page import current_answers, place_of_question, run_page
from audits.writing_findings import failed_answer, finding_from_question, place_in
from core.lifecycle import Invalid, NotAllowed, Refused
from core.views import find, refuse_politely, say

MAX_PAGE = 9_999


def find_audit(request: HttpRequest, code: str) -> Audit:
    """The audit with its pinned checklist, as this person may see it; one that never started has no run: 404."""
    audits = Audit.objects.select_related("lead", "owner", "checklist_version__document")
    audit = find(audits, request.user, code=code)
    if audit.checklist_version_id is None:
        raise Http404
    return audit


def run(request: HttpRequest, code: str) -> HttpResponse:
    """One part of the checklist. `?q=` leads to a question, `?next=` to the first unanswered one behind it."""
    audit = find_audit(request, code)
    wanted = _wanted(request, audit)
    return redirect(wanted) if wanted else _page(request, audit)


def _wanted(request: HttpRequest, audit: Audit) -> str:
    if "next" not in request.GET and "q" not in request.GET:
        return ""
    checklist = checklist_of(audit.checklist_version)
    how_far = progress_of(checklist, [row[:3] for row in current_answers(audit)])
    key = request.GET.get("q", "")
    if "next" in request.GET:
        waiting = how_far.next_unanswered(request.GET["next"])
        if waiting is None:
            say(request, _t("All questions are answered."))
            return reverse("audits:audit-page", args=[audit.code])
        key = waiting.key
    return _address(audit, checklist, how_far, key)


def _address(audit: Audit, checklist: Any, how_far: Any, key: str) -> str:
    section, page = place_of_question(checklist, how_far, key)
    more = f"&page={page}" if page > 1 else ""
    return f"{reverse('audits:run', args=[audit.code])}?section={section}{more}#q-{key}"


def _page(request: HttpRequest, audit: Audit, typed: dict[str, Any] | None = None, status: int = 200) -> HttpResponse:
    number = request.GET.get("page", "1")
    page = int(number) if number.isdecimal() and len(number) < 5 else 1
    section = request.GET.get("section", "")
    if typed:
        checklist = checklist_of(audit.checklist_version)
        how_far = progress_of(checklist, [row[:3] for row in current_answers(audit)])
        section, page = place_of_question(checklist, how_far, typed["key"])
    shown = run_page(audit, request.user, section=section, page=page, typed=typed)
    may_answer = audit.is_answerable and request.user.has_perm("audits.answer_audit", audit)
    context = {"audit": audit, "run": shown, "may_answer": may_answer, "version": audit.checklist_version}
    return render(request, "audits/run_page.html", context, status=status)


def _wants_json(request: HttpRequest) -> bool:
    return "application/json" in request.headers.get("Accept", "")


def _saving(request: HttpRequest, audit: Audit, key: str, act: Callable[[], Any]) -> HttpResponse:
    """Do it; what is refused is said at the question, with what was typed kept."""
    try:
        done = act()
    except Refused as refusal:
        if _wants_json(request):
            return JsonResponse({"error": str(refusal.message)}, status=refusal.status)
        if isinstance(refusal, NotAllowed):
            raise
        typed = {"key": key, "values": request.POST.dict(), "error": str(refusal.message)}
        return _page(request, audit, typed, status=refusal.status)
    how_far = progress(audit)
    if not _wants_json(request):
        return redirect(_address(audit, checklist_of(audit.checklist_version), how_far, key))
    return JsonResponse(done | _told(how_far))


def _told(how_far: Any) -> dict[str, Any]:
    """What a script writes into the page after each answer."""
    return {
        "answered": how_far.answered,
        "total": how_far.total,
        "shown": [one.key for one in how_far.shown],
        "sections": _sections(how_far),
    }


def _sections(how_far: Any) -> dict[str, list[int]]:
    counts: dict[str, list[int]] = {}
    for one in how_far.shown:
        answered_total = counts.setdefault(one.section, [0, 0])
        answered_total[0] += one.key in how_far.outcomes
        answered_total[1] += 1
    return counts


@require_POST
@refuse_politely
def answer(request: HttpRequest, code: str, key: str) -> HttpResponse:
    """Save one answer. Sent twice it is stored once, by the id that the device made."""
    audit = find_audit(request, code)

    def act() -> dict[str, Any]:
        saved = save_answer(
            audit,
            key,
            request.POST,
            by=request.user,
            answer_id=_uuid(request.POST.get("answer_id", "")),
            note=request.POST.get("note", ""),
            answered_at=_moment(request.POST.get("answered_at", "")),
        )
        return {"outcome": saved.answer.outcome, "saved_at": saved.answer.saved_at.isoformat()}

    return _saving(request, audit, key, act)


@require_POST
@refuse_politely
def add_evidence(request: HttpRequest, code: str, key: str) -> HttpResponse:
    """Add a photo, a file or a record of the portal to a question."""
    audit = find_audit(request, code)

    def act() -> dict[str, Any]:
        facts = {
            "by": request.user,
            "evidence_id": _uuid(request.POST.get("evidence_id", "")),
            "words": request.POST.get("words", ""),
            "dated_on": _day(request.POST.get("dated_on", "")),
        }
        photo, file, record = request.FILES.get("photo"), request.FILES.get("file"), request.POST.get("record", "")
        if photo is not None:
            kept = add_photo(audit, key, photo, **facts)
        elif file is not None:
            kept = add_file(audit, key, file, **facts)
        elif record.strip():
            kept = add_record(audit, key, record, **facts)
        else:
            raise Invalid(_t("Choose a photo or a file, or enter the code of a record."))
        url = kept.attachment.get_absolute_url() if kept.attachment else kept.entry.url
        return {"evidence": str(kept.pk), "url": url, "words": str(kept), "kind": kept.kind}

    return _saving(request, audit, key, act)


@require_POST
@refuse_politely
def remove(request: HttpRequest, code: str, key: str, evidence_id: uuid.UUID) -> HttpResponse:
    """Take evidence back while the audit runs."""
    audit = find_audit(request, code)
    evidence = get_object_or_404(Evidence.objects.filter(audit=audit, question_key=key), pk=evidence_id)
    if not evidence.shown_to(request.user):
        raise Http404

    def act() -> dict[str, Any]:
        remove_evidence(evidence, by=request.user)
        return {}

    return _saving(request, audit, key, act)


@refuse_politely
def finding(request: HttpRequest, code: str, key: str) -> HttpResponse:
    """Write what a failed item shows: three fields, everything else is filled in."""
    audit = find_audit(request, code)
    if not request.user.has_perm("audits.answer_audit", audit):
        raise NotAllowed(_t("You are not on the team of this audit. Ask the lead auditor."))
    failed = failed_answer(audit, key)
    question = find_question(audit, key)
    place = place_in(audit, question, failed)
    process = place["process"]
    owner = process.owner if process and process.owner else audit.owner
    initial = {"observation": failed.note, "owner": owner, "grade": "major" if question.is_critical else "minor"}
    form = QuickFindingForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            made = finding_from_question(audit, key, by=request.user, **form.cleaned_data)
        except NotAllowed:
            raise
        except Refused as refusal:
            form.add_error(None, refusal.message)
        else:
            say(request, _t("%(code)s is published. Its owner is asked to respond.") % {"code": made.code})
            return redirect(f"{reverse('audits:run', args=[audit.code])}?q={key}")
    context = {"audit": audit, "question": question, "form": form, "place": place}
    return render(request, "audits/question_finding.html", context, status=422 if form.errors else 200)


def _uuid(text: str) -> uuid.UUID | None:
    if not text:
        return None
    try:
        return uuid.UUID(text[:36])
    except ValueError:
        raise Invalid(_t("This form is damaged. Load the page again.")) from None


def _moment(text: str) -> datetime | None:
    try:
        moment = parse_datetime(text[:40])
    except ValueError:
        return None
    return None if moment is None or is_naive(moment) else moment


def _day(text: str) -> date | None:
    if not text:
        return None
    try:
        day = date.fromisoformat(text[:10])
    except ValueError:
        raise Invalid(_t("Enter a date, for example 2026-10-01.")) from None
    if day.year < 1900:
        raise Invalid(_t("Enter a date between 1900 and 2199."))
    return day
