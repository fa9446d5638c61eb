"""Form fields for choosing people and job roles by typing: they work without JavaScript and for 50,000 people."""

import re
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.urls import reverse_lazy
from django.utils.translation import gettext_lazy as _

from people.models import JobRole, Person

_ADDRESS = re.compile(r"<([^<>]+)>\s*$")


def written(person: Person) -> str:
    """How a person is written in a field: name and address, which is unambiguous."""
    return f"{person.name} <{person.email}>"


def _find_person(text: str) -> Person:
    text = text.strip()
    address = _ADDRESS.search(text)
    wanted = (address.group(1) if address else text).strip()
    people = Person.objects.active()
    found = list(people.filter(email__iexact=wanted)[:1]) or list(people.filter(name__iexact=wanted)[:2])
    if len(found) == 1:
        return found[0]
    if found:
        raise ValidationError(
            _("“%(text)s” is the name of several people. Write the e-mail address."), params={"text": text}
        )
    raise ValidationError(
        _("Nobody here is called “%(text)s”. Write a name or an e-mail address."), params={"text": text}
    )


class PersonField(forms.CharField):
    """One person, typed as name or e-mail address; a list of suggestions opens while typing."""

    widget = forms.TextInput(attrs={"data-suggest": reverse_lazy("people:suggest"), "autocomplete": "off"})

    def prepare_value(self, value: Any) -> Any:
        if isinstance(value, int):
            value = Person.objects.filter(pk=value).first()
        return written(value) if isinstance(value, Person) else value

    def clean(self, value: Any) -> Person | None:
        text = super().clean(value)
        return _find_person(text) if text else None

    def has_changed(self, initial: Any, data: Any) -> bool:
        return super().has_changed(self.prepare_value(initial), data)


class PeopleField(PersonField):
    """Several people, separated by commas or line breaks."""

    widget = forms.Textarea(attrs={"rows": 2, "data-suggest": reverse_lazy("people:suggest"), "autocomplete": "off"})

    def prepare_value(self, value: Any) -> Any:
        if value is None or isinstance(value, str):
            return value
        return ", ".join(written(person) for person in value)

    def clean(self, value: Any) -> list[Person]:
        text = forms.CharField.clean(self, value)
        people: dict[int, Person] = {}
        for piece in re.split(r"[,;\n]", text or ""):
            if piece.strip():
                person = _find_person(piece)
                people[person.pk] = person
        return list(people.values())


class RolesField(forms.ModelMultipleChoiceField):
    """Job roles, as check boxes."""

    widget = forms.CheckboxSelectMultiple

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(queryset=JobRole.objects.filter(is_active=True), **kwargs)
