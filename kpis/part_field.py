"""A step of a procedure or an element of a map, as people name it: the document's number, then the step."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from core.kinds.value_types import RelatedType
from core.numbering import tidy_code
from core.permissions import opens
from documents.models import Document, Part

SEPARATOR = " / "


def written(part: Part) -> str:
    """“SOP-INB-001 / Probe the load”: number of the document and words of the step."""
    return f"{part.document.code}{SEPARATOR}{part.label or part.key}"


class PartField(forms.CharField):
    """One part of a document that the person may see."""

    def __init__(self, *, person: Any, **options: Any) -> None:
        options.pop("queryset", None)
        self.person = person
        super().__init__(**options)

    def prepare_value(self, value: Any) -> Any:
        if isinstance(value, int):
            value = Part.objects.select_related("document").filter(pk=value).first()
        if isinstance(value, Part):
            return written(value) if opens(value.document.audience_keys, self.person) else ""
        return value

    def clean(self, value: Any) -> Any:
        text = super().clean(value).strip()
        if not text:
            return None
        code, _separator, name = text.partition("/")
        document = Document.objects.visible_to(self.person).filter(code=tidy_code(code)).first()
        if document is None:
            raise ValidationError(_t("There is no document “%(code)s”.") % {"code": code.strip()[:80]})
        name = name.strip()
        found = list(document.parts.filter(key=name)[:1]) or list(document.parts.filter(label__iexact=name)[:2])
        if len(found) != 1:
            words = {"name": name[:80], "code": document.code}
            raise ValidationError(_t("%(code)s has no single step or element “%(name)s”. Check its words.") % words)
        return found[0]

    def has_changed(self, initial: Any, data: Any) -> bool:
        return super().has_changed(self.prepare_value(initial), data)


class PartType(RelatedType):
    """A part as the fact of a record: named with its document, linked to it, hidden with it."""

    is_filtered = False

    def name(self, record: Part) -> str:
        return written(record)

    def html_of(self, record: Part) -> SafeString:
        return format_html('<a href="{}">{}</a>', record.document.get_absolute_url(), written(record))

    def words(self, value: Any) -> str:
        return written(value) if value else ""

    def form_field(self, *, person: Any = None, **options: Any) -> forms.Field:
        usual = {
            "label": _("Procedure step or map element"),
            "required": False,
            "max_length": 400,
            "help_text": _("Number of the document, a slash, then the words of the step: SOP-INB-001 / Probe the load"),
        }
        return PartField(person=person, **(usual | {k: v for k, v in options.items() if k in ("required", "label")}))

    def hidden_from(self, value: Part, person: Any) -> bool:
        return not opens(value.document.audience_keys, person)
