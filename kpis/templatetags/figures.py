"""Figures in templates: `{% load figures %}`, `{% figure value kpi %}`, `{{ number|plain_number }}`."""

from decimal import Decimal
from typing import Any

from django import template

from kpis.figure_words import figure_words, plain_words

register = template.Library()


@register.simple_tag
def figure(number: Decimal | None, definition: Any) -> str:
    """A figure with unit, rounded as its definition says."""
    return figure_words(number, definition)


@register.filter
def plain_number(number: Decimal | None) -> str:
    """All digits that were entered."""
    return plain_words(number)


@register.simple_tag
def measured(measurement: Any) -> str:
    """What one measurement says, with all digits: “12 of 340”, “93.4 min”."""
    definition = measurement.definition
    if measurement.is_withdrawn:
        return "–"
    if measurement.numerator is not None:
        return f"{plain_words(measurement.numerator)} / {plain_words(measurement.denominator)}"
    if measurement.subgroup:
        return "; ".join(plain_words(number) for number in measurement.subgroup)
    unit = f"\u00a0{definition.unit}" if definition.unit else ""
    return plain_words(measurement.value) + unit
