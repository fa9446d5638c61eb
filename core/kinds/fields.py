"""Form fields that take records of a registered kind: codes, or chosen from a list that opens while typing."""

import re
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils.translation import gettext as _t

from core.numbering import tidy_code


def written(record: Any) -> str:
    """How a record is written in a field: code and title."""
    return f"{record.code} {record.title}"


class RecordField(forms.CharField):
    """One record of ``kind`` that ``person`` may see."""

    def __init__(self, *, kind: Any, person: Any, **options: Any) -> None:
        options.pop("queryset", None)
        self.kind, self.person = kind, person
        address = reverse(kind.url_name("suggest"))
        widget = forms.TextInput(attrs={"data-suggest": address, "autocomplete": "off"})
        super().__init__(**({"widget": widget} | options))

    def prepare_value(self, value: Any) -> Any:
        if isinstance(value, int):
            value = self.kind.visible_to(self.person).filter(pk=value).first()
        return written(value) if isinstance(value, self.kind.model) else value

    def clean(self, value: Any) -> Any:
        text = super().clean(value).strip()
        if not text:
            return None
        records = self.kind.visible_to(self.person)
        codes = (tidy_code(text), tidy_code(text.split()[0]))
        found = list(records.filter(code__in=codes)[:2]) or list(records.filter(title__iexact=text)[:2])
        if len(found) != 1:
            raise ValidationError(
                _t("There is no %(kind)s “%(text)s”.") % {"kind": self.kind.label, "text": text[:100]}
            )
        return found[0]

    def has_changed(self, initial: Any, data: Any) -> bool:
        return super().has_changed(self.prepare_value(initial), data)


class RecordsField(RecordField):
    """Several records of ``kind``, their codes separated by commas or line breaks."""

    def __init__(self, *, kind: Any, person: Any, **options: Any) -> None:
        attrs = {"rows": 2, "data-suggest": reverse(kind.url_name("suggest")), "autocomplete": "off"}
        super().__init__(kind=kind, person=person, **({"widget": forms.Textarea(attrs=attrs)} | options))

    def prepare_value(self, value: Any) -> Any:
        if value is None or isinstance(value, str):
            return value
        return ", ".join(record.code for record in value)

    def clean(self, value: Any) -> list[Any]:
        found: dict[int, Any] = {}
        last = None
        for piece in re.split(r"[,;\n]", forms.CharField.clean(self, value)):
            if not piece.strip() or (last is not None and piece.strip() in last.title):
                continue  # the rest of a title with a comma, as the suggestions put it in
            last = super().clean(piece)
            found[last.pk] = last
        return list(found.values())
