"""Turning what people type into the facts of an action and of its moves."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from actions.models.action import MAX_TEXT, Action
from core.day_field import DayField
from core.kinds.forms import MoveForm, RecordForm
from core.moments import exact_words
from core.numbering import tidy_code
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


class ActionsField(forms.CharField):
    """Other actions by their codes, as far as ``person`` may see them."""

    person: Any = None

    def prepare_value(self, value: Any) -> Any:
        return value if value is None or isinstance(value, str) else ", ".join(one.code for one in value)

    def clean(self, value: Any) -> list[Action]:
        codes = [tidy_code(code) for code in super().clean(value).replace(";", ",").split(",") if code.strip()]
        found = {one.code: one for one in Action.objects.visible_to(self.person).filter(code__in=codes)}
        missing = [code for code in codes if code not in found]
        if missing:
            raise forms.ValidationError(_("There is no action “%(code)s”."), params={"code": missing[0][:80]})
        return list(found.values())

    def has_changed(self, initial: Any, data: Any) -> bool:
        return super().has_changed(self.prepare_value(initial), data)


class ActionForm(RecordForm):
    """An action, new or changed."""

    depends_on = ActionsField(
        label=_("Depends on"), required=False, max_length=500, help_text=_("Codes of actions that must be done first")
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["depends_on"].person = self.person


class CompleteForm(MoveForm):
    """What was done, for whoever verifies it."""

    evidence = text_field(
        _("What was done"),
        _("Say what was done, so that somebody else can verify it."),
        help_text=_("Attach files on the page of the action."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        del self.fields["comment"]

    def clean(self) -> dict[str, Any]:
        return {"comment": "", **super().clean()}


class VerifyForm(MoveForm):
    """How it was verified."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["comment"].label = _("How you verified it")
        self.fields["comment"].required = True
        self.fields["comment"].error_messages["required"] = _("Say how you verified it.")


class ExtendForm(MoveForm):
    """A later due date, within the cap."""

    until = DayField(label=_("New due date"), error_messages={"required": _("Choose a day.")})

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        cap = {"day": exact_words(self.record.latest_due_on), "n": self.record.extensions_left}
        self.fields["until"].help_text = _("Up to %(day)s. Extensions left: %(n)s.") % cap


class ReassignForm(MoveForm):
    """Another owner."""

    to = PersonField(
        label=_("New owner"),
        help_text=_("A name or an e-mail address."),
        error_messages={"required": _("Choose the new owner.")},
    )
