"""The form of a kind: its fields come from the facts, what it stores goes through ``core.kinds.changes``."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.forms.models import modelform_factory
from django.utils.translation import gettext_lazy as _


class RecordForm(forms.ModelForm):
    """One record, new or changed.

    A kind with fields of its own subclasses this, declares them as in every ``ModelForm``, and names the class as
    ``form_class``. Rules about several values belong in ``Model.clean`` or ``RecordKind.check``, so that table and API
    keep them too.
    """

    kind: Any
    person: Any

    row_version = forms.IntegerField(widget=forms.HiddenInput, required=False)
    change_reason = forms.CharField(
        label=_("Reason for the change"), max_length=100, required=False, help_text=_("Shown in the history")
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.is_new:
            del self.fields["change_reason"], self.fields["row_version"]
            if "code" in self.fields and self.kind.code_prefix:
                self.fields["code"].required = False
                self.fields["code"].help_text = _("Leave empty to get the next one.")
        else:
            self.fields["row_version"].initial = self.instance.row_version
            self.fields["row_version"].required = True
            self.order_fields([name for name in self.fields if name != "change_reason"] + ["change_reason"])
        self.kind.adapt_form(self)

    @property
    def is_new(self) -> bool:
        return self.instance.pk is None

    @property
    def reason(self) -> str:
        return self.cleaned_data.get("change_reason", "")

    def values(self) -> dict[str, Any]:
        """The cleaned values of the record's own fields, by name; lists as lists."""
        names = [name for name in self.fields if name in self.kind.all_facts]
        values = {name: self.cleaned_data[name] for name in names}
        return {name: list(value) if self.kind.all_facts[name].is_list else value for name, value in values.items()}

    def _get_validation_exclusions(self) -> set[str]:
        """The code of a new record may be given by the portal, and uniqueness is asked when it is taken."""
        return super()._get_validation_exclusions() | {"code"}

    def add_problem(self, problem: ValidationError) -> None:
        """Show what ``core.kinds.changes`` refused at its field, or above the form where that field is not in it."""
        if not hasattr(problem, "error_dict"):
            self.add_error(None, problem)
            return
        for name, errors in problem.error_dict.items():
            known = name if name in self.fields else None
            if known and self.has_error(known):
                continue  # said already by the field itself
            self.add_error(known, errors)


def form_class_of(kind: Any, person: Any, *, is_new: bool) -> type[RecordForm]:
    """The class of the form for this person: fields of related records offer what the person may see."""
    facts = kind.all_facts

    def form_field(field: Any, **options: Any) -> forms.Field | None:
        fact = facts.get(field.name)
        if fact is None:
            return field.formfield(**options)
        return fact.value_type.form_field(person=person, **options)

    names = kind.form_fields_for(is_new=is_new)
    made = modelform_factory(kind.model, form=kind.form_class, fields=names, formfield_callback=form_field)
    made.kind, made.person = kind, person
    return made


class MoveForm(forms.Form):
    """Why a record is moved to another state. A move that needs more subclasses this; its other values reach
    ``check_move`` and ``apply_move`` by name."""

    comment = forms.CharField(
        label=_("Reason"), max_length=2000, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )

    def __init__(self, *args: Any, record: Any, move: Any, person: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.record, self.move, self.person = record, move, person
        self.fields["comment"].required = move.needs_reason
        self.fields["comment"].error_messages["required"] = _("Enter a reason.")
        self.order_fields([name for name in self.fields if name != "comment"] + ["comment"])

    def move_values(self) -> dict[str, Any]:
        """What the move is given beside the reason."""
        return {name: value for name, value in self.cleaned_data.items() if name != "comment"}
