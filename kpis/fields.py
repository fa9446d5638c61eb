"""Numbers kept exactly as they were measured."""

from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from kpis.numbers import MAX_DECIMALS, MAX_MAGNITUDE


def check_storable(number: Decimal) -> None:
    """Refuse, in words, what cannot be a measurement: not a number, far too large, or with endless decimals."""
    if not number.is_finite():
        raise ValidationError(_("Enter a number."), code="invalid")
    if abs(number) >= MAX_MAGNITUDE:
        raise ValidationError(_("Enter a number with at most 18 digits before the decimal mark."), code="large")
    if -number.as_tuple().exponent > MAX_DECIMALS:
        raise ValidationError(_("Enter at most %(count)d decimals.") % {"count": MAX_DECIMALS}, code="decimals")


class NumericField(models.DecimalField):
    """PostgreSQL ``numeric`` without a fixed scale: 0.10 and 0.1000 stay what was entered, and sums are exact."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs["max_digits"], kwargs["decimal_places"] = 18 + MAX_DECIMALS, MAX_DECIMALS
        super().__init__(*args, **kwargs)

    def deconstruct(self) -> Any:
        name, path, args, kwargs = super().deconstruct()
        del kwargs["max_digits"], kwargs["decimal_places"]
        return name, path, args, kwargs

    def db_type(self, connection: Any) -> str:
        return "numeric"

    def cast_db_type(self, connection: Any) -> str:
        return "numeric"

    def get_db_prep_save(self, value: Any, connection: Any) -> Any:
        if value is None or hasattr(value, "resolve_expression"):
            return value
        number = self.to_python(value)
        check_storable(number)
        return number
