"""A form field that takes one document: its number in any spelling, or chosen from a list that opens while typing."""

from typing import Any

from django import forms
from django.urls import reverse_lazy
from django.utils.translation import gettext_lazy as _

from documents.models import Document
from documents.spellings import document_called


def written(document: Any) -> str:
    """How a document is written in a field: number and title."""
    return f"{document.code} {document.title}"


class DocumentField(forms.CharField):
    """One document as the ``person`` may see it; the form that holds the field says who that is."""

    widget = forms.TextInput(attrs={"data-suggest": reverse_lazy("documents:suggest"), "autocomplete": "off"})
    person: Any = None

    def prepare_value(self, value: Any) -> Any:
        return written(value) if isinstance(value, Document) else value

    def clean(self, value: Any) -> Document | None:
        text = super().clean(value).strip()
        if not text:
            return None
        found = document_called(text, self.person) or document_called(text.split()[0], self.person)
        found = found or self._titled(text)
        if found is None:
            raise forms.ValidationError(
                _("There is no document with the number or the title “%(text)s”."), params={"text": text[:100]}
            )
        return found

    def _titled(self, text: str) -> Document | None:
        found = list(Document.objects.visible_to(self.person).filter(title__iexact=text)[:2])
        return found[0] if len(found) == 1 else None
