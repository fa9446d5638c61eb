"""Words for questions on a page: `{% load checklists %}`."""

from typing import Any

from django import template
from django.utils.translation import gettext as _t

from audits.checklist_forms import condition_words
from audits.checklists.questions import GUIDANCE, TYPES, Checklist, Question

register = template.Library()


@register.filter
def type_words(question: Question) -> str:
    """What people call the type of a question."""
    return _t(TYPES[question.type])


@register.filter
def guidance_words(name: str) -> str:
    """What people call one of the four fields of guidance."""
    return _t(GUIDANCE[name])


@register.filter
def condition(checklist: Checklist, question: Question) -> str:
    """When a question is asked: "only if 1.2 is No"."""
    if question.show_if is None:
        return ""
    number, answers = condition_words(checklist, question.show_if)
    values: dict[str, Any] = {"number": number, "answers": answers}
    return _t("only if %(number)s is %(answers)s") % values
