"""A form field for a day that people plan for."""

from datetime import date
from typing import Any

from django import forms
from django.core.validators import MaxValueValidator
from django.utils.translation import gettext_lazy as _

LAST_DAY = date(2199, 12, 31)  # what is counted on from here must still be a date


class DateInput(forms.DateInput):
    """The browser's own date picker, which sends and wants 2026-10-01."""

    input_type = "date"

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(format="%Y-%m-%d", **kwargs)


class DayField(forms.DateField):
    """A day that is not so far ahead that nobody can mean it."""

    widget = DateInput
    default_validators = [MaxValueValidator(LAST_DAY, _("Choose a day before the year 2200."))]
