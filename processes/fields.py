"""A form field that takes one process: its code in any spelling, or chosen from a list that opens while typing."""

from typing import Any

from django import forms
from django.urls import reverse_lazy
from django.utils.translation import gettext_lazy as _

from core.models import CatalogEntry
from core.numbering import code_key
from processes.models import FormerProcessCode, Process


def written(process: Any) -> str:
    """How a process is written in a field: code and title."""
    return f"{process.code} {process.title}"


def process_called(code: str, person: Any) -> Process | None:
    """The process of this code that the person may see: "P3.1", its code of old, "p 3.1"."""
    code = code.replace("\x00", "").strip()
    processes = Process.objects.visible_to(person)
    found = processes.filter(code=code).first()
    if found is None:
        former = FormerProcessCode.objects.filter(code=code.upper()).values("process")
        found = processes.filter(pk__in=former).first()
    key = code_key(code)
    if found is None and key:
        entries = CatalogEntry.objects.visible_to(person).filter(kind="process", code_key=key)
        found = processes.filter(pk__in=entries.values("object_id")).first()
    return found


class ProcessField(forms.CharField):
    """One process as the ``person`` may see it; the form that holds the field says who that is."""

    widget = forms.TextInput(attrs={"data-suggest": reverse_lazy("processes:process-suggest"), "autocomplete": "off"})
    person: Any = None

    def prepare_value(self, value: Any) -> Any:
        return written(value) if isinstance(value, Process) else value

    def clean(self, value: Any) -> Process | None:
        text = super().clean(value).strip()
        if not text:
            return None
        found = process_called(text, self.person) or process_called(text.split()[0], self.person)
        found = found or self._titled(text)
        if found is None:
            raise forms.ValidationError(
                _("There is no process with the code or the title “%(text)s”."), params={"text": text[:100]}
            )
        return found

    def _titled(self, text: str) -> Process | None:
        found = list(Process.objects.visible_to(self.person).filter(title__iexact=text)[:2])
        return found[0] if len(found) == 1 else None
