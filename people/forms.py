"""Turning what people type about people into clean values."""

from functools import cache
from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from core.day_field import DayField
from core.line_field import LineField
from core.organisation import is_named_by_settings
from people.fields import PeopleField, PersonField, RolesField
from people.groups import GROUPS
from people.models import Department, JobRole, Person
from people.names import is_taken

GROUP_WORDS = {
    "officer": _("Process officer: writes and keeps the repository"),
    "owner": _("Process owner: answers for processes and documents"),
    "manager": _("Manager: approves and decides"),
    "auditor": _("Auditor: sees everything, also what is confidential, and checks it"),
    "staff": _("Staff: reads, asks, suggests"),
    "administrator": _("Administrator: accounts, departments, settings"),
}


@cache
def time_zone_choices() -> list[tuple[str, str]]:
    """Zones as people know them, by region and city."""
    zones = sorted(zone for zone in available_timezones() if "/" in zone and not zone.startswith(("Etc/", "posix/")))
    return [("UTC", "UTC"), *((zone, zone.replace("_", " ")) for zone in zones)]


def departments_in_use() -> Any:
    return Department.objects.filter(is_active=True)


class DirectoryFilter(forms.Form):
    """What the address asks for. Values that are no choices are ignored."""

    q = forms.CharField(label=_("Name or e-mail"), required=False, max_length=200)
    department = forms.ModelChoiceField(label=_("Department"), queryset=None, required=False, empty_label=_("Any"))
    role = forms.ModelChoiceField(label=_("Job role"), queryset=None, required=False, empty_label=_("Any"))
    group = forms.ChoiceField(label=_("Group"), required=False)
    state = forms.ChoiceField(
        label=_("State"),
        required=False,
        choices=[
            ("", _("Active")),
            ("invited", _("Invited, no password yet")),
            ("left", _("Deactivated")),
            ("all", _("All")),
        ],
    )

    def __init__(self, data: Any, *, person: Any) -> None:
        super().__init__(data)
        self.fields["department"].queryset = departments_in_use()
        self.fields["role"].queryset = JobRole.objects.filter(is_active=True)
        self.fields["group"].choices = [("", _("Any")), *GROUPS.items()]
        if not person.has_perm("people.change_person"):
            del self.fields["state"]
        self.is_valid()

    @property
    def is_used(self) -> bool:
        return any(self.cleaned_data.get(name) for name in self.fields)


class PersonForm(forms.Form):
    """What an administrator says of an account."""

    name = LineField(label=_("Name"), max_length=120, error_messages={"required": _("Enter the name")})
    email = forms.EmailField(
        label=_("E-mail"),
        help_text=_("They sign in with it"),
        error_messages={"required": _("Enter the e-mail address")},
    )
    department = forms.ModelChoiceField(label=_("Department"), queryset=None, required=False)
    manager = PersonField(label=_("Manager"), required=False, help_text=_("A name or an e-mail address"))
    job_roles = RolesField(label=_("Job roles"), required=False)
    groups = forms.MultipleChoiceField(
        label=_("Groups"),
        widget=forms.CheckboxSelectMultiple,
        choices=[(name, GROUP_WORDS[name]) for name in GROUPS],
        initial=["staff"],
        error_messages={"required": _("Choose at least one group")},
    )
    language = forms.ChoiceField(label=_("Language"), choices=settings.LANGUAGES)

    def __init__(self, *args: Any, person: Person | None = None, **kwargs: Any) -> None:
        self.person = person
        if person is not None:
            kwargs["initial"] = {
                "name": person.name,
                "email": person.email,
                "department": person.department_id,
                "manager": person.manager_id,
                "job_roles": [role.pk for role in person.job_roles.all()],
                "groups": [group.name for group in person.groups.all()],
                "language": person.language,
            }
        super().__init__(*args, **kwargs)
        now = person.department_id if person else None
        self.fields["department"].queryset = departments_in_use() | Department.objects.filter(pk=now)
        self.fields["department"].empty_label = str(_("None"))
        if person is not None:
            roles = JobRole.objects.filter(is_active=True) | person.job_roles.all()
            self.fields["job_roles"].queryset = roles.distinct()

    def clean_email(self) -> str:
        email = self.cleaned_data["email"].lower()
        others = Person.objects.exclude(pk=self.person.pk if self.person else None)
        if others.filter(email__iexact=email).exists():
            raise forms.ValidationError(_("Somebody has this address already. Look for them in the list of people."))
        return email

    def clean_manager(self) -> Person | None:
        manager = self.cleaned_data["manager"]
        if manager and self.person and manager.pk == self.person.pk:
            raise forms.ValidationError(_("Nobody is their own manager."))
        return manager

    def values(self) -> dict[str, Any]:
        data = dict(self.cleaned_data)
        data["job_roles"] = list(data["job_roles"])
        return data


class ReasonForm(forms.Form):
    """Why something is done; it stays in the ledger."""

    reason = forms.CharField(
        label=_("Reason"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": _("Enter the reason")},
    )


class HandOverForm(forms.Form):
    """Who takes over what somebody held."""

    to = PersonField(
        label=_("Hand over to"),
        help_text=_("A name or an e-mail address"),
        error_messages={"required": _("Say who takes over")},
    )
    names = forms.MultipleChoiceField(
        label=_("What goes over"),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Choose at least one")},
    )

    def __init__(self, *args: Any, choices: list[tuple[str, Any]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["names"].choices = choices
        self.fields["names"].initial = [name for name, _label in choices]


class DepartmentForm(forms.ModelForm):
    """One place in the tree."""

    class Meta:
        model = Department
        fields = ("name", "code", "parent", "is_active")
        field_classes = {"name": LineField}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        parents = departments_in_use()
        if self.instance.pk:
            parents = parents.exclude(lineage__contains=[self.instance.pk])
            parents |= Department.objects.filter(pk=self.instance.parent_id)
        self.fields["parent"].queryset = parents
        self.fields["parent"].empty_label = str(_("Nothing: it stands at the top"))
        self.fields["code"].widget.attrs["data-size"] = "short"
        if not self.instance.pk:
            del self.fields["is_active"]

    def clean_code(self) -> str:
        code = self.cleaned_data["code"].strip().upper()
        if not code.replace("-", "").isalnum():
            raise forms.ValidationError(_("Use letters, digits and hyphens, for example FIN."))
        if Department.objects.filter(code=code).exclude(pk=self.instance.pk).exists():
            raise forms.ValidationError(_("Another department has this short name."))
        return code


class JobRoleForm(forms.ModelForm):
    """A job role and who holds it."""

    members = PeopleField(
        label=_("Who holds it"), required=False, help_text=_("Names or e-mail addresses, with commas")
    )

    class Meta:
        model = JobRole
        fields = ("name", "is_active")
        field_classes = {"name": LineField}

    field_order = ("name", "members", "is_active")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            self.initial["members"] = list(self.instance.people.active())
        else:
            del self.fields["is_active"]


class DelegationForm(forms.Form):
    """Who stands in, from when to when."""

    to = PersonField(
        label=_("Who stands in"),
        help_text=_("A name or an e-mail address"),
        error_messages={"required": _("Say who stands in")},
    )
    starts_on = DayField(label=_("First day"))
    ends_on = DayField(label=_("Last day"))

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        first, last = data.get("starts_on"), data.get("ends_on")
        if first and last and last < first:
            self.add_error("ends_on", _("The last day must not be before the first."))
        return data


class PreferencesForm(forms.ModelForm):
    """How the portal looks and speaks to one person."""

    language = forms.ChoiceField(label=_("Language"), choices=settings.LANGUAGES)
    time_zone = forms.ChoiceField(label=_("Time zone"), help_text=_("Dates and times are shown in it"))

    class Meta:
        model = Person
        fields = ("name", "language", "time_zone", "theme", "digest", "single_keys")
        field_classes = {"name": LineField}
        widgets = {"theme": forms.RadioSelect, "digest": forms.RadioSelect}
        help_texts = {
            "digest": _("What is asked of you by name always comes at once."),
            "single_keys": _("“/” for search and “?” for help, without Ctrl"),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        known = time_zone_choices()
        if self.instance.time_zone not in dict(known):
            known = [(self.instance.time_zone, self.instance.time_zone), *known]
        self.fields["time_zone"].choices = known
        self.fields["theme"].choices = Person.Theme.choices
        self.fields["digest"].choices = Person.Digest.choices

    def clean_name(self) -> str:
        name = self.cleaned_data["name"]
        if "name" in self.changed_data and is_taken(name, by_other_than=self.instance):
            raise forms.ValidationError(
                _("Somebody else has or had this name. Choose another, or ask an administrator to change it for you.")
            )
        return name


class NewPasswordForm(forms.Form):
    """A first password, typed twice."""

    password = forms.CharField(
        label=_("New password"),
        strip=False,
        help_text=_("At least ten characters; several words are easy to remember"),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        error_messages={"required": _("Enter a password")},
    )
    again = forms.CharField(
        label=_("The same again"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        error_messages={"required": _("Enter the password again")},
    )

    def __init__(self, *args: Any, person: Person | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.person = person

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("password") and data.get("again") and data["password"] != data["again"]:
            self.add_error("again", _("The two passwords differ. Type the same again."))
        elif data.get("password"):
            try:
                validate_password(data["password"], self._whose())
            except forms.ValidationError as problem:
                self.add_error("password", problem)
        return data

    def _whose(self) -> Person | None:
        return self.person


class FirstAccountForm(NewPasswordForm):
    """The first administrator of an empty portal."""

    organisation = LineField(
        label=_("Name of the organisation"),
        max_length=120,
        help_text=_("It stands on every page, in mails and on prints"),
        error_messages={"required": _("Enter the name of the organisation")},
    )
    name = LineField(label=_("Your name"), max_length=120, error_messages={"required": _("Enter your name")})
    email = forms.EmailField(
        label=_("Your e-mail address"), error_messages={"required": _("Enter your e-mail address")}
    )
    language = forms.ChoiceField(label=_("Language"), choices=settings.LANGUAGES, initial=get_language)
    time_zone = forms.ChoiceField(label=_("Time zone"), initial=timezone.get_default_timezone_name)

    field_order = ("organisation", "name", "email", "password", "again", "language", "time_zone")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["time_zone"].choices = time_zone_choices()
        if is_named_by_settings():
            del self.fields["organisation"]

    def _whose(self) -> Person:
        data = self.cleaned_data
        return Person(name=data.get("name", ""), email=data.get("email", ""))


class ImportForm(forms.Form):
    """A file of people."""

    file = forms.FileField(
        label=_("File"),
        help_text=_("CSV or Excel (.xlsx), with the columns of the template"),
        widget=forms.FileInput(attrs={"accept": ".csv,.xlsx"}),
        error_messages={"required": _("Choose a file")},
    )
    others_left = forms.BooleanField(
        label=_("Who is not in the file has left"),
        required=False,
        help_text=_("They are listed before anything happens, and deactivated, never deleted. Administrators stay."),
    )
    send_links = forms.BooleanField(
        label=_("Mail every new person a link to set a password"),
        required=False,
        help_text=_("Not needed where people come from your identity provider. You can do it later, one by one."),
    )
