"""Writing checklists: the page made for editing one, and drafting one from steps, requirements or a copy.

Each act changes one question, one section or one place and is applied to what is stored now, so that two people who
work on different questions do not meet. Only words of the same question can conflict.
"""

import hashlib
import json
import secrets
from collections.abc import Callable
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _t

from audits.checklist_drafting import as_copy, from_document, from_requirements
from audits.checklist_forms import DraftFromForm, FactsForm, QuestionForm, SectionForm, condition_words
from audits.checklist_targets import shown_checklist
from audits.checklists import editing
from audits.checklists.questions import Checklist, Question
from audits.checklists.schema import (
    ChecklistRefused,
    Problem,
    as_bytes,
    as_data,
    clean_checklist,
    question_data,
    read_checklist,
)
from audits.frameworks.values import normalised_id
from audits.models import Framework, Requirement
from core.lifecycle import Invalid, NotAllowed, Refused
from core.models.record import Stale
from core.saying import in_words
from core.search import suggest
from core.views import refuse_politely, remember_sent, say, sent_before
from documents.drafting import save_draft
from documents.lifecycle import State
from documents.models import Version
from documents.views.pages import decisions_on
from people.models import Department

WRITE = "audits.write_checklist"
TRIES = 3  # saves at the same moment as somebody else's
# Where the schema names an entry of the JSON, and which field of the form it is.
FIELDS = {"critical": "is_critical", "min": "minimum", "max": "maximum", "show_if": "show_if_question"}
Change = Callable[[Checklist], Checklist]


def edit_checklist(request: HttpRequest, version: Version) -> HttpResponse:
    """The page, and each act on it. Called by document control, which asked who may."""
    page = _Page(request, version)
    if request.method == "POST":
        return page.act(request.POST.get("op", ""))
    return page.answer()


class _Page:
    """One request to the editing page."""

    def __init__(self, request: HttpRequest, version: Version) -> None:
        self.request, self.version = request, version
        self.checklist = read_checklist(version.body_bytes())
        self.notice = ""  # why an act was refused
        self.saved = ""
        self.status = 200
        self.question_form: QuestionForm | None = None
        self.section_form: SectionForm | None = None
        self.facts_form: FactsForm | None = None
        self.conflict: Question | None = None
        self.at = (0, 0)  # section and place of the question that was stored

    # --- acts ---------------------------------------------------------------------------------------------

    def act(self, op: str) -> HttpResponse:
        name, _colon, rest = op.partition(":")
        if name == "submit":
            return redirect("documents:submit", self.version.document.code, self.version.sequence)
        if name == "question":
            return self.save_question()
        if name == "facts":
            return self.save_facts()
        if name == "section":
            return self.save_section()
        return self.move(name, rest)

    def move(self, name: str, rest: str) -> HttpResponse:
        """Moves and removals: nothing is typed, so nothing can be lost."""
        moves: dict[str, Change] = {
            "up": lambda one: editing.with_question_moved(one, rest, up=True),
            "down": lambda one: editing.with_question_moved(one, rest, up=False),
            "remove": lambda one: editing.without_question(one, rest),
            "section-up": lambda one: editing.with_section_moved(one, rest, up=True),
            "section-down": lambda one: editing.with_section_moved(one, rest, up=False),
            "section-remove": lambda one: editing.without_section(one, rest),
            "place": lambda one: _placed(one, rest),
        }
        if name not in moves:
            self.notice = _t("Reload the page and try again.")
            return self.answer(422)
        try:
            self.store(moves[name])
        except editing.NoSuchPlace:
            self.notice = _t("It is not there any more: somebody removed it.")
        except ChecklistRefused as refused:
            self.notice = _words(refused.problems)
        except Refused as refusal:
            self.notice = str(refusal.message)
        else:
            self.saved = self.words_after(name, rest)
        return self.after(at=rest.split(":")[0])

    def words_after(self, name: str, rest: str) -> str:
        question = self.checklist.questions.get(rest.split(":")[0])
        if name in ("up", "down", "place") and question:
            section = self.checklist.section_of[question.key]
            place = [one.key for one in section.questions].index(question.key) + 1
            values = {"place": place, "all": len(section.questions), "section": section.title}
            return _t("Moved to position %(place)s of %(all)s in %(section)s") % values
        return _t("Removed") if name.endswith("remove") else _t("Moved")

    def save_question(self) -> HttpResponse:
        """Store the question that was typed: another text of one, or a new one at the end of a section."""
        key, section = self.request.POST.get("question", ""), self.request.POST.get("section", "")
        question = self.checklist.questions.get(key)
        form = self.form_for(question, self.request.POST)
        form.full_clean()
        if key and question is None:
            form.add_error(None, _t("Somebody removed this question meanwhile. Save it again to add it anew."))
        elif question and self.request.POST.get("base") != base_of(question):
            self.conflict = question
            form.add_error(None, _t("Somebody else changed this question since you opened it."))
        if form.is_valid():
            try:
                made = self.store_question(form.data_of_question(), section)
            except ChecklistRefused as refused:
                _show(refused.problems, form)
            except (Refused, editing.NoSuchPlace) as refusal:
                form.add_error(None, getattr(refusal, "message", _t("The section is gone. Reload the page.")))
            else:
                self.saved = _t("Saved")
                return self.after(at=made)
        self.question_form = form
        return self.answer(422)

    def store_question(self, data: dict[str, Any], section: str) -> str:
        """Put the question's JSON into the checklist; the key under which it is stored now."""

        def change(checklist: Checklist) -> Checklist:
            whole = as_data(checklist)
            for place, one in enumerate(whole["sections"]):
                keys = [each["key"] for each in one["questions"]]
                if data["key"] in keys:
                    one["questions"][keys.index(data["key"])] = data
                    self.at = (place, keys.index(data["key"]))
                    break
                if not data["key"] and one["key"] == section:
                    one["questions"].append(data)
                    self.at = (place, len(keys))
                    break
            else:
                raise editing.NoSuchPlace(section)
            return clean_checklist(json.dumps(whole).encode())[0]

        self.store(change)
        place, number = self.at
        return self.checklist.sections[place].questions[number].key

    def save_facts(self) -> HttpResponse:
        form = FactsForm(self.request.POST)
        if form.is_valid():
            data = form.cleaned_data
            try:
                self.store(
                    lambda one: editing.with_facts(one, introduction=data["introduction"], passes_at=data["passes_at"]),
                    title=data["title"],
                )
            except (Refused, ChecklistRefused) as refusal:
                form.add_error(None, str(getattr(refusal, "message", refusal)))
            else:
                self.saved = _t("Saved")
                return self.after()
        self.facts_form = form
        return self.answer(422)

    def save_section(self) -> HttpResponse:
        form, key = SectionForm(self.request.POST), self.request.POST.get("section", "")
        if form.is_valid():
            title = form.cleaned_data["section_title"]
            try:
                self.store(lambda one: editing.with_section(one, title, key))
            except editing.NoSuchPlace:
                form.add_error(None, _t("The section is gone. Reload the page."))
            except (Refused, ChecklistRefused) as refusal:
                form.add_error("section_title", str(getattr(refusal, "message", refusal)))
            else:
                self.saved = _t("Saved")
                return self.after(section=key or self.checklist.sections[-1].key)
        self.section_form = form
        return self.answer(422)

    def store(self, change: Change, title: str | None = None) -> None:
        """Apply a change to what is stored now, and once more where somebody saved at the same moment."""
        for attempt in range(TRIES):
            changed = clean_checklist(as_bytes(change(self.checklist)))[0]
            try:
                saved = save_draft(
                    self.version,
                    by=self.request.user,
                    row_version=self.version.row_version,
                    title=title,
                    body=as_bytes(changed),
                )
            except Stale as stale:
                if attempt == TRIES - 1:
                    raise Invalid(_t("Others are saving at the same moment. Try again.")) from stale
                self.version = stale.record
                self.checklist = read_checklist(self.version.body_bytes())
            else:
                self.version, self.checklist = saved.version, changed
                return

    # --- answers ------------------------------------------------------------------------------------------

    def after(self, *, at: str = "", section: str = "") -> HttpResponse:
        """The page with what was done, for a script; else its address, so that a reload sends nothing again."""
        if self.request.htmx:
            return self.answer(at=at, section=section)
        if self.notice:
            return self.answer(422, at=at)
        if self.saved:
            say(self.request, self.saved)
        address = reverse("documents:edit", args=[self.version.document.code, self.version.sequence])
        if at in self.checklist.questions:
            return redirect(f"{address}?q={at}#q-{at}")
        return redirect(f"{address}?new={section}#question-form" if section else address)

    def answer(self, status: int = 200, *, at: str = "", section: str = "") -> HttpResponse:
        request = self.request
        if status == 422 and request.htmx:
            status = 200  # a script swaps in what is wrong; the form keeps what is typed
        question = self.chosen(at)
        section = section or request.GET.get("new", "") or request.POST.get("section", "")
        context: dict[str, Any] = shown_checklist(self.checklist, request.user)
        context |= {
            "version": self.version,
            "document": self.version.document,
            "conditions": {
                one.key: condition_words(self.checklist, one.show_if)
                for one in self.checklist.questions.values()
                if one.show_if
            },
            "question": question,
            "section_key": section or self.default_section(question),
            "form": self.question_form or self.form_for(question),
            "base": base_of(question) if question else "",
            "conflict": self.conflict,
            "facts_form": self.facts_form or self.facts(),
            "section_form": self.section_form or SectionForm(),
            "notice": self.notice,
            "saved": self.saved,
            "decisions": decisions_on(self.version) if self.version.state == State.CHANGES_REQUESTED else [],
        }
        return render(request, "audits/checklist_edit.html", context, status=status)

    def chosen(self, at: str) -> Question | None:
        """The question in the form: the one that was acted on or asked for."""
        request = self.request
        keys = (at, request.POST.get("question", ""), request.GET.get("q", ""))
        return next((self.checklist.questions[key] for key in keys if key in self.checklist.questions), None)

    def default_section(self, question: Question | None) -> str:
        if question:
            return question.section
        return self.checklist.sections[-1].key if self.checklist.sections else ""

    def form_for(self, question: Question | None, data: Any = None) -> QuestionForm:
        return QuestionForm(
            data,
            initial=QuestionForm.initial_of(question),
            checklist=self.checklist,
            question=question,
            person=self.request.user,
            suggest=reverse("audits:suggest-requirements"),
        )

    def facts(self) -> FactsForm:
        facts = {"introduction": self.checklist.introduction, "passes_at": self.checklist.passes_at}
        return FactsForm(initial=facts | {"title": self.version.title})


def base_of(question: Question) -> str:
    """What a form started from: when it differs from what is stored, somebody else changed the question."""
    text = json.dumps(question_data(question), sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _placed(checklist: Checklist, rest: str) -> Checklist:
    key, section, place = (rest.split(":") + ["", ""])[:3]
    if not place.isdecimal() or len(place) > 6:
        raise editing.NoSuchPlace(rest)
    return editing.with_question_at(checklist, key, section, int(place))


def _words(problems: list[Problem]) -> str:
    return " ".join(f"{one.place}: {in_words(one.message)}".removeprefix(": ") for one in problems[:3])


def _show(problems: list[Problem], form: QuestionForm) -> None:
    """Put each problem to the field it is about; what is about another question names its place."""
    number = form.question.number if form.question else problems[0].place
    for problem in problems:
        field = FIELDS.get(problem.field, problem.field)
        words = in_words(problem.message)
        if problem.place != number:
            form.add_error(None, f"{problem.place}: {words}")
        else:
            form.add_error(field if field in form.fields else None, words)


def suggest_requirements(request: HttpRequest) -> JsonResponse:
    """Requirements whose number or title is being typed, for the field of a question."""
    text = request.GET.get("q", "").strip()[:100]
    if len(text) < 2:
        return JsonResponse({"suggestions": []})
    seen = Requirement.objects.visible_to(request.user).active().select_related("framework")
    key = normalised_id(text)
    found = list(seen.filter(id_key__startswith=key).order_by("framework_id", "position")[:8]) if key else []
    if not found:
        own = ContentType.objects.get_for_model(Requirement).pk
        ids = [entry.object_id for entry in suggest(request.user, text) if entry.content_type_id == own]
        found = list(seen.filter(pk__in=ids))
    return JsonResponse({"suggestions": [f"{one.framework.code}/{one.slug} {one}" for one in found]})


# --- drafting ---------------------------------------------------------------------------------------------------


@refuse_politely
def draft(request: HttpRequest) -> HttpResponse:
    """Draft a checklist from steps, requirements or another checklist."""
    person = request.user
    if not person.has_perm(WRITE):
        raise NotAllowed(_t("You may not write checklists. Ask a process officer."))
    if before := sent_before(request):
        return redirect(before.result_url)
    libraries = Framework.objects.visible_to(person)
    typed = request.POST or request.GET
    library = libraries.filter(code=typed.get("library", "")[:80]).first()
    initial = {name: request.GET.get(name, "") for name in ("source", "document", "library", "narrowed")}
    initial["source"] = initial["source"] or "document"
    form = DraftFromForm(
        request.POST or None, person=person, libraries=libraries, groups=_groups(library), initial=initial
    )
    if request.method == "POST" and "look" not in request.POST and form.is_valid():
        try:
            with transaction.atomic():
                version = _drafted(person, form.cleaned_data)
                address = reverse("documents:edit", args=[version.document.code, version.sequence])
                remember_sent(request, address)
        except Refused as refusal:
            form.add_error(None, refusal.message)
        else:
            return redirect(address)
    token = request.POST.get("form_token") or secrets.token_urlsafe(16)
    context = {"form": form, "form_token": token, "library": library}
    return render(request, "audits/checklist_draft.html", context, status=422 if form.errors else 200)


def _groups(library: Framework | None) -> list[tuple[str, str]]:
    """Baselines and outer groups of a library, by which its requirements can be narrowed."""
    if library is None:
        return []
    baselines = [(f"baseline:{one.pk}", str(one)) for one in library.baselines.all()]
    groups = library.requirements.filter(is_group=True, left_source_at=None).order_by("position")[:300]
    return baselines + [(f"group:{one.pk}", str(one)) for one in groups]


def _drafted(person: Any, data: dict[str, Any]) -> Version:
    department: Department | None = person.department
    facts = {"title": data["title"], "department": department}
    if data["source"] == "copy":
        return as_copy(data["document"], by=person, **facts)
    if data["source"] == "document":
        return from_document(data["document"], by=person, **facts)
    kind, _colon, pk = data["narrowed"].partition(":")
    library = data["library"]
    baseline = library.baselines.filter(pk=pk).first() if kind == "baseline" else None
    below = library.requirements.filter(pk=pk).first() if kind == "group" else None
    return from_requirements(library, by=person, below=below, baseline=baseline, **facts)
