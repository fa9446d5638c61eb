"""Turning what people type about requirements into clean values."""

from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from audits.frameworks.values import normalised_id
from audits.models import Framework, Requirement
from core.line_field import LineField
from core.numbering import is_well_formed, tidy_code
from core.upload_limit import limit_in_words
from people.fields import PeopleField, PersonField, RolesField
from people.models import Audience, Department

EXTENSIONS = ("json", "xml", "yaml", "yml", "csv", "tsv", "xlsx")


class LibraryForm(forms.Form):
    """The facts of a library: what it is, who owns it and who sees it."""

    title = LineField(label=_("Title"), max_length=300, error_messages={"required": _("Enter a title")})
    sort = forms.ChoiceField(label=_("Type"), choices=Framework.Sort.choices)
    edition = LineField(label=_("Edition"), max_length=60, required=False)
    publisher = LineField(label=_("Publisher"), max_length=200, required=False)
    licence = LineField(label=_("Licence and attribution"), max_length=500, required=False)
    description = forms.CharField(
        label=_("Description"), max_length=5000, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )
    owner = PersonField(label=_("Owner"), help_text=_("A name or an e-mail address"))
    department = forms.ModelChoiceField(label=_("Department"), queryset=None, required=False)
    audience = forms.ChoiceField(label=_("Visible to"), choices=Audience.choices)
    readers = PeopleField(
        label=_("Named people"), required=False, help_text=_("Names or e-mail addresses, with commas")
    )
    reader_roles = RolesField(label=_("Named job roles"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["department"].queryset = Department.objects.filter(is_active=True)

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        if data.get("audience") == Audience.DEPARTMENT and not data.get("department"):
            self.add_error("department", _("Choose the department whose people may see it."))
        if data.get("audience") == Audience.NAMED and not (data.get("readers") or data.get("reader_roles")):
            self.add_error("readers", _("Name at least one person or job role who may see it."))
        return data


class RequirementForm(forms.Form):
    """One requirement of an own library."""

    label = LineField(label=_("Number"), max_length=80, help_text=_("As it is cited, for example 4.2 or CC-07"))
    title = LineField(label=_("Title"), max_length=300, error_messages={"required": _("Enter a title")})
    text = forms.CharField(label=_("Text"), max_length=20_000, required=False, widget=forms.Textarea(attrs={"rows": 5}))
    guidance = forms.CharField(
        label=_("Guidance"), max_length=20_000, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )
    parent = forms.ModelChoiceField(label=_("Belongs to"), queryset=None, required=False)
    is_group = forms.BooleanField(label=_("A group that holds requirements"), required=False)
    is_withdrawn = forms.BooleanField(label=_("Withdrawn: it no longer holds"), required=False)
    row_version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, framework: Framework, requirement: Requirement | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.requirement = requirement
        self.fields["parent"].queryset = framework.requirements.filter(is_group=True).exclude(
            pk=requirement.pk if requirement else None
        )
        if requirement:
            del self.fields["is_group"]

    def clean_label(self) -> str:
        label = self.cleaned_data["label"]
        if not normalised_id(label):
            raise forms.ValidationError(_("Use letters or digits, for example 4.2."))
        return label

    def clean_parent(self) -> Requirement | None:
        parent = self.cleaned_data["parent"]
        above = parent
        while above is not None and self.requirement is not None:
            if above.pk == self.requirement.pk:
                raise forms.ValidationError(_("A group cannot belong to itself or to one below it."))
            above = above.parent
        return parent


class ApplicabilityForm(forms.Form):
    """Whether a requirement applies, and why not."""

    applicability = forms.ChoiceField(
        label=_("Does it apply?"),
        choices=Requirement.Applicability.choices,
        required=False,
        widget=forms.RadioSelect,
    )
    justification = forms.CharField(
        label=_("Justification"),
        max_length=5000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Needed where it does not apply"),
    )


class ImportFrameworkForm(forms.Form):
    """A file with a library, and what the file does not say."""

    file = forms.FileField(
        label=_("File"),
        help_text=_("OSCAL catalogue or profile (JSON, XML, YAML), YAML with requirement_nodes, CSV or Excel"),
    )
    title = LineField(
        label=_("Title"), max_length=300, required=False, help_text=_("Leave empty to take it from the file")
    )
    edition = LineField(
        label=_("Edition"), max_length=60, required=False, help_text=_("Leave empty to take it from the file")
    )
    sort = forms.ChoiceField(label=_("Type"), choices=Framework.Sort.choices)
    code = LineField(
        label=_("Code"), max_length=80, required=False, help_text=_("Leave empty to get the next free one")
    )
    library = forms.ModelChoiceField(
        label=_("Next edition of, or baseline for"),
        queryset=None,
        required=False,
        to_field_name="code",
        help_text=_("Only where the portal does not find it by the title"),
    )

    def __init__(self, *args: Any, person: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["library"].queryset = Framework.objects.visible_to(person).imported()

    def clean_file(self) -> Any:
        upload = self.cleaned_data["file"]
        if upload.name.rsplit(".", 1)[-1].lower() not in EXTENSIONS:
            raise forms.ValidationError(_("Choose a JSON, XML, YAML, CSV or Excel file."))
        if upload.size > settings.PORTAL_UPLOAD_LIMIT:
            raise forms.ValidationError(limit_in_words())
        return upload

    def clean_code(self) -> str:
        code = tidy_code(self.cleaned_data["code"])
        if code and not is_well_formed(code):
            raise forms.ValidationError(_("Use letters, digits, dots and hyphens, for example SP800-53."))
        return code

    def options(self) -> dict[str, str]:
        data = self.cleaned_data
        library = data["library"].code if data["library"] else ""
        return {name: data[name] for name in ("title", "edition", "sort", "code")} | {"library": library}


class ColumnsForm(forms.Form):
    """Which column of a table holds what."""

    ROLES = {
        "key": _("Number of the requirement"),
        "text": _("Text"),
        "title": _("Title"),
        "guidance": _("Guidance"),
        "parent": _("Number of the one above"),
        "level": _("Lowest level"),
        "chapter_id": _("Number of the chapter"),
        "chapter_name": _("Name of the chapter"),
        "section_id": _("Number of the section"),
        "section_name": _("Name of the section"),
    }

    def __init__(self, *args: Any, headings: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [("", _("None")), *((heading, heading) for heading in dict.fromkeys(headings) if heading.strip())]
        for role, label in self.ROLES.items():
            self.fields[role] = forms.ChoiceField(label=label, choices=choices, required=role == "key")

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        if not (data.get("text") or data.get("title")):
            self.add_error("text", _("Choose the column that holds the text or the title."))
        return data

    def mapping(self) -> dict[str, Any]:
        """As ``ColumnMapping`` takes it."""
        data = self.cleaned_data
        groups = [(data["chapter_id"], data["chapter_name"]), (data["section_id"], data["section_name"])]
        plain = {name: data[name] for name in ("key", "text", "title", "guidance", "parent", "level")}
        return plain | {"groups": [pair for pair in groups if any(pair)]}


class LinkForm(forms.Form):
    """How a record, or a part of it, fulfils a requirement."""

    part = forms.ChoiceField(label=_("Step or element"), required=False)
    note = LineField(label=_("How it is fulfilled"), max_length=500, required=False)

    def __init__(self, *args: Any, parts: list[Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._parts = {str(part.pk): part for part in parts}
        whole = [("", _("The whole"))]
        self.fields["part"].choices = whole + [(key, part.label or part.key) for key, part in self._parts.items()]
        if not parts:
            del self.fields["part"]

    def chosen_part(self) -> Any:
        return self._parts.get(self.cleaned_data.get("part") or "")
