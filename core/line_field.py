"""A form field for a title or a name: what it takes can be seen."""

from typing import Any

from django import forms

from core.safe.line import one_line


class LineField(forms.CharField):
    """One line of text, asked for again when nothing of it is visible."""

    def to_python(self, value: Any) -> str:
        return one_line(super().to_python(value))
