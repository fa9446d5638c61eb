"""Turning what people type about one question into a question of the schema."""

from typing import Any

from django import forms
from django.utils.text import capfirst
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from audits.checklists.questions import GUIDANCE, NA, TYPES, Checklist, Option, Question, ShowIf
from audits.checklists.schema import MAX_GUIDANCE, MAX_TEXT, possible_values
from audits.frameworks.values import normalised_id
from audits.models import Requirement
from core.line_field import LineField
from documents.fields import DocumentField
from documents.models import Document, Part

_CONFORMS = {"+": True, "-": False, "−": False, "–": False}
_SIGNS = {True: "+ ", False: "- ", None: ""}
ANSWERS = {
    "yes": _("Yes"),
    "no": _("No"),
    NA: _("Not applicable"),
    "passed": _("Within the limits"),
    "failed": _("Outside the limits"),
}
# Fields that hold for one type of question only.
OF_TYPE = {
    "choice": ("options",),
    "score": ("score_min", "score_max", "score_passes"),
    "number": ("minimum", "maximum", "unit"),
    "sample": ("sample_size", "sample_of"),
}


class RequirementField(LineField):
    """One requirement: "FW-001/cc-2", chosen from suggestions, or its number where one library has it."""

    person: Any = None

    def clean(self, value: Any) -> str:
        text = super().clean(value)
        if not text:
            return ""
        code, slash, slug = text.split(" ")[0].partition("/")
        seen = Requirement.objects.visible_to(self.person).active().select_related("framework")
        found = list(seen.filter(framework__code=code, slug=slug)[:1]) if slash else []
        if not found and normalised_id(text):
            found = list(seen.filter(id_key=normalised_id(text))[:2])
        if len(found) != 1:
            raise forms.ValidationError(_("Choose one requirement from the list, or enter its number."))
        return f"{found[0].framework.code}/{found[0].slug}"


class QuestionForm(forms.Form):
    """One question of a checklist."""

    text = LineField(label=_("Question"), max_length=MAX_TEXT, error_messages={"required": _("Enter the question")})
    type = forms.ChoiceField(label=_("Type"), choices=[])
    options = forms.CharField(
        label=_("Options"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("One a line. Begin with + where it conforms, with - where it does not."),
    )
    minimum = LineField(label=_("At least"), required=False, max_length=20)
    maximum = LineField(label=_("At most"), required=False, max_length=20)
    unit = LineField(label=_("Unit"), required=False, max_length=20)
    score_min = forms.IntegerField(label=_("Lowest score"), required=False, min_value=0, max_value=100)
    score_max = forms.IntegerField(label=_("Highest score"), required=False, min_value=1, max_value=100)
    score_passes = forms.IntegerField(label=_("Conforms from"), required=False, min_value=0, max_value=100)
    sample_size = forms.IntegerField(label=_("Check at least"), required=False, min_value=1, max_value=1_000_000)
    sample_of = forms.IntegerField(label=_("Out of"), required=False, min_value=0, max_value=1_000_000)
    is_critical = forms.BooleanField(label=_("Critical: failing it fails the whole"), required=False)
    allows_na = forms.BooleanField(label=_("May be answered “Not applicable”"), required=False)
    weight = LineField(label=_("Weight"), required=False, max_length=10)
    requirement = RequirementField(
        label=_("Requirement"),
        required=False,
        max_length=400,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    step_document = DocumentField(label=_("Procedure or map"), required=False)
    step = forms.ChoiceField(label=_("Step or element"), required=False, choices=[])
    show_if_question = forms.ChoiceField(label=_("Ask only if"), required=False, choices=[])
    show_if_values = forms.MultipleChoiceField(
        label=_("is answered"), required=False, choices=[], widget=forms.CheckboxSelectMultiple
    )

    def __init__(
        self, *args: Any, checklist: Checklist, question: Question | None, person: Any, suggest: str, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.checklist, self.question, self.person = checklist, question, person
        self.fields["type"].choices = [(key, _t(words)) for key, words in TYPES.items()]
        for name, words in GUIDANCE.items():
            self.fields[name] = forms.CharField(
                label=_t(words), required=False, max_length=MAX_GUIDANCE, widget=forms.Textarea(attrs={"rows": 2})
            )
        for name in ("requirement", "step_document"):
            self.fields[name].person = person
        self.fields["requirement"].widget.attrs["data-suggest"] = suggest
        self._offer_steps()
        self._offer_conditions()

    @staticmethod
    def initial_of(question: Question | None) -> dict[str, Any]:
        """What the fields hold for a stored question."""
        if question is None:
            return {"type": "yes_no", "allows_na": True, "weight": "1"}
        target = question.step or question.element
        initial: dict[str, Any] = {
            name: getattr(question, name)
            for name in ("text", "type", "unit", "is_critical", "allows_na", "requirement")
        }
        initial |= {name: getattr(question, name) for name in OF_TYPE.get(question.type, ()) if name != "options"}
        initial |= dict(question.guidance)
        initial["options"] = "\n".join(_SIGNS[one.conforms] + one.label for one in question.options)
        initial["weight"] = f"{question.weight:f}"
        initial |= {"step_document": target.document, "step": target.key}
        if question.show_if:
            initial |= {"show_if_question": question.show_if.question, "show_if_values": list(question.show_if.values)}
        return initial

    @property
    def shown_type(self) -> str:
        """The type whose fields are shown."""
        return str(self["type"].value() or "yes_no")

    @property
    def type_fields(self) -> list[Any]:
        return [self[name] for name in OF_TYPE.get(self.shown_type, ())]

    @property
    def guidance_fields(self) -> list[Any]:
        return [self[name] for name in GUIDANCE]

    def _offer_steps(self) -> None:
        """The parts of the document that is named: known after it was saved once, or where it is typed already."""
        code = str(self["step_document"].value() or "").split(" ")[0]
        document = Document.objects.visible_to(self.person).filter(code=code).first() if code else None
        parts = list(document.parts.exclude(label="").order_by("pk")[:500]) if document else []
        self._parts = {part.key: part for part in parts}
        self.fields["step"].choices = [("", _t("None")), *((part.key, capfirst(part.label)) for part in parts)]

    def _offer_conditions(self) -> None:
        earlier = []
        for one in self.checklist.questions.values():
            if self.question and one.key == self.question.key:
                break
            if possible_values(one):
                earlier.append(one)
        self._earlier = {one.key: one for one in earlier}
        words = [(one.key, f"{one.number} {one.text}"[:100]) for one in earlier]
        self.fields["show_if_question"].choices = [("", _t("Always asked")), *words]
        chosen = self._earlier.get(str(self["show_if_question"].value() or ""))
        self.fields["show_if_values"].choices = answers_of(chosen) if chosen else []

    def clean_options(self) -> tuple[Option, ...]:
        known = {one.label: one.key for one in self.question.options} if self.question else {}
        options = []
        for line in self.cleaned_data["options"].splitlines():
            line = line.strip()
            if not line:
                continue
            conforms = _CONFORMS.get(line[0])
            label = line[1:].strip() if line[0] in _CONFORMS else line
            options.append(Option(known.get(label, ""), label, conforms))
        return tuple(options)

    def data_of_question(self) -> dict[str, Any]:
        """The question as JSON of the schema, which judges what the fields cannot."""
        data = self.cleaned_data
        made: dict[str, Any] = {
            "key": self.question.key if self.question else "",
            "type": data["type"],
            "text": data["text"],
            "guidance": {name: data[name] for name in GUIDANCE if data[name]},
            "critical": data["is_critical"],
            "na": data["allows_na"],
            "weight": data["weight"] or "1",
            "requirement": data["requirement"],
        }
        if data["type"] == "choice":
            made["options"] = [
                {"key": one.key, "label": one.label, "conforms": one.conforms} for one in data["options"]
            ]
        if data["type"] == "number":
            made |= {"min": data["minimum"], "max": data["maximum"], "unit": data["unit"]}
        if data["type"] in ("score", "sample"):
            made |= {name: data[name] for name in OF_TYPE[data["type"]] if data[name] is not None}
        made |= self._target()
        if data["show_if_question"]:
            made["show_if"] = {"question": data["show_if_question"], "values": self._values()}
        return made

    def _target(self) -> dict[str, Any]:
        document, key = self.cleaned_data["step_document"], self.cleaned_data.get("step")
        part: Part | None = self._parts.get(key or "")
        if document is None or part is None or part.document_id != document.pk:
            return {}
        # What a procedure names a step is one; everything else stands on a map.
        name, other = ("step", "element") if part.type in ("", "step") else ("element", "step")
        targets = {name: {"document": document.code, "key": part.key}}
        if self.question and self.question.step and self.question.element:  # the form shows one of the two
            kept = getattr(self.question, other)
            targets[other] = {"document": kept.document, "key": kept.key}
        return targets

    def _values(self) -> list[str]:
        """The answers that are ticked, of the question that is chosen now; the first that fails where none is."""
        chosen = self._earlier[self.cleaned_data["show_if_question"]]
        possible = [key for key, _words in answers_of(chosen)]
        ticked = [value for value in self.cleaned_data["show_if_values"] if value in possible]
        return ticked or [next((value for value in ("no", "failed") if value in possible), possible[0])]


def answers_of(question: Question) -> list[tuple[str, Any]]:
    """The answers on which another question may depend, with their words."""
    values = possible_values(question)
    if question.type == "choice":
        listed = [(one.key, one.label) for one in question.options]
    elif question.type == "score":
        listed = [(value, value) for value in sorted(values - {NA}, key=int)]
    else:
        listed = [(value, ANSWERS[value]) for value in ("yes", "no", "passed", "failed") if value in values]
    return listed + ([(NA, ANSWERS[NA])] if NA in values else [])


def condition_words(checklist: Checklist, condition: ShowIf) -> tuple[str, str]:
    """(number of the question, the answers in words) of a condition."""
    asked = checklist.questions[condition.question]
    words = dict(answers_of(asked))
    return asked.number, ", ".join(str(words.get(value, value)) for value in condition.values)


class FactsForm(forms.Form):
    """What is true of the whole checklist."""

    title = LineField(label=_("Title"), max_length=300, error_messages={"required": _("Enter a title")})
    introduction = forms.CharField(
        label=_("Introduction"), required=False, max_length=MAX_GUIDANCE, widget=forms.Textarea(attrs={"rows": 2})
    )
    passes_at = forms.IntegerField(
        label=_("Passes at (%)"), required=False, min_value=0, max_value=100, help_text=_("Leave empty for no mark")
    )


class SectionForm(forms.Form):
    """The title of a section."""

    section_title = LineField(
        label=_("Title of the section"), max_length=200, error_messages={"required": _("Enter the title")}
    )


class DraftFromForm(forms.Form):
    """What a checklist is drafted from."""

    source = forms.ChoiceField(
        label=_("Draft from"),
        choices=[
            ("document", _("The steps of a procedure or map")),
            ("requirements", _("Requirements")),
            ("copy", _("Another checklist")),
        ],
        widget=forms.RadioSelect,
    )
    document = DocumentField(label=_("Procedure, map or checklist"), required=False)
    library = forms.ModelChoiceField(
        label=_("Requirement library"), queryset=None, required=False, to_field_name="code"
    )
    narrowed = forms.ChoiceField(label=_("Group or baseline"), required=False, choices=[])
    title = LineField(label=_("Title"), max_length=300, required=False, help_text=_("Leave empty for a proposal"))

    def __init__(self, *args: Any, person: Any, libraries: Any, groups: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["document"].person = person
        self.fields["library"].queryset = libraries
        self.fields["narrowed"].choices = [("", _("All of it")), *groups]

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        if data.get("source") in ("document", "copy") and not data.get("document") and "document" not in self.errors:
            self.add_error("document", _("Choose the document."))
        if data.get("source") == "requirements" and not data.get("library") and "library" not in self.errors:
            self.add_error("library", _("Choose the library."))
        return data
