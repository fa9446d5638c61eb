"""How the facts of a process look that no other record has: lists of short lines, categories with own names, levels."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from core.kinds.value_types import ANY, DASH, ChoiceType, NumberType, WordsType
from core.safe.line import one_line
from processes.models.category import category_names
from processes.models.process import MAX_LINES


class LinesField(forms.CharField):
    """Short lines, one in each row of a text area; each stands there once."""

    widget = forms.Textarea(attrs={"rows": 4})

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(value) if isinstance(value, list) else value

    def clean(self, value: Any) -> list[str]:
        text = super().clean("\n".join(value) if isinstance(value, list) else value)
        lines: dict[str, str] = {}
        for line in filter(None, (one_line(row) for row in text.splitlines())):
            lines.setdefault(line.casefold(), line)
        if len(lines) > MAX_LINES:
            raise ValidationError(_("At most %(n)s lines. Keep the ones that matter."), params={"n": MAX_LINES})
        if any(len(line) > 200 for line in lines.values()):
            raise ValidationError(_("A line has at most 200 letters."))
        return list(lines.values())

    def has_changed(self, initial: Any, data: Any) -> bool:
        return super().has_changed(self.prepare_value(initial), data)


class LinesType(WordsType):
    """A list of short lines; a cell of a table holds one in each row."""

    def html(self, value: Any) -> SafeString:
        if not value:
            return SafeString(DASH)
        return format_html("<ul>{}</ul>", format_html_join("", "<li>{}</li>", ((line,) for line in value)))

    def form_field(self, *, person: Any = None, **options: Any) -> forms.Field:
        usual = {"label": capfirst(self.field.verbose_name), "required": False}
        return LinesField(**(usual | {name: value for name, value in options.items() if name in usual}))

    def cell(self, value: Any) -> str:
        return "\n".join(value or ())

    def read(self, text: str, *, person: Any = None) -> Any:
        return self.form_field().clean(text)

    def from_api(self, sent: Any, *, person: Any = None) -> Any:
        if sent is not None and not (isinstance(sent, list) and all(isinstance(one, str) for one in sent)):
            raise ValidationError(_("Send a list of texts."))
        return self.form_field().clean(sent or [])


class CategoryType(ChoiceType):
    """The category of a process, by the name that this organisation gave it."""

    @property
    def choices(self) -> list[tuple[Any, Any]]:
        return list(category_names().items())

    def words(self, value: Any) -> str:
        return category_names().get(value, str(value or ""))

    def form_field(self, *, person: Any = None, **options: Any) -> forms.Field:
        field = super().form_field(person=person, **options)
        field.choices = self.choices
        return field

    def filter_field(self, label: Any, *, person: Any) -> forms.Field:
        return forms.ChoiceField(label=label, required=False, choices=[("", ANY), *self.choices])


class LevelType(NumberType):
    """The level in the tree, as people write it: L2."""

    is_number = False

    def words(self, value: Any) -> str:
        return "" if value is None else f"L{value}"
