"""Turning what people type into the facts of an action's moves."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from actions.models.action import MAX_TEXT, Action
from core.day_field import DayField
from core.moments import exact_words
from people.fields import PersonField


def text_field(label: Any, message: Any = "", **options: Any) -> forms.CharField:
    """A text of several lines; required where there is a message that says so."""
    return forms.CharField(
        label=label,
        required=bool(message),
        max_length=MAX_TEXT,
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"required": message} if message else None,
        **options,
    )


class MoveForm(forms.Form):
    """One move of an action: what must be known for it. ``facts`` are what ``Action.move`` is told."""

    def __init__(self, *args: Any, action: Action, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.action = action

    def facts(self) -> dict[str, Any]:
        return dict(self.cleaned_data)


class CompleteForm(MoveForm):
    evidence = text_field(
        _("What was done"),
        _("Say what was done, so that somebody else can verify it."),
        help_text=_("Attach files on the page of the action."),
    )


class VerifyForm(MoveForm):
    comment = text_field(_("How you verified it"), _("Say how you verified it."))


class ReasonForm(MoveForm):
    comment = text_field(_("Reason"), _("Enter a reason."))


class ExtendForm(MoveForm):
    until = DayField(label=_("New due date"), error_messages={"required": _("Choose a day.")})
    comment = text_field(_("Reason"), _("Enter a reason."))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["until"].help_text = _("Up to %(day)s. Extensions left: %(n)s.") % {
            "day": exact_words(self.action.latest_due_on),
            "n": self.action.extensions_left,
        }


class ReassignForm(MoveForm):
    to = PersonField(label=_("New owner"), help_text=_("A name or an e-mail address."))
    comment = text_field(_("Reason"), _("Enter a reason."))


FORMS: dict[str, type[MoveForm]] = {
    "complete": CompleteForm,
    "verify": VerifyForm,
    "send_back": ReasonForm,
    "extend": ExtendForm,
    "reassign": ReassignForm,
    "cancel": ReasonForm,
}
