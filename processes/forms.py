"""The forms of the process tree; rules that hold everywhere are those of the verbs behind them."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from documents.fields import DocumentField
from processes.fields import ProcessField
from processes.models import ProcessDocument


class PlaceForm(forms.Form):
    """Where a process stands: under which other one, and at which place among its siblings."""

    parent = ProcessField(
        label=_("Move under"),
        required=False,
        help_text=_("The code or words of the title. Leave empty to put it at the top."),
    )
    position = forms.IntegerField(
        label=_("Position"),
        required=False,
        min_value=1,
        max_value=10_000,
        help_text=_("1 is the first. Leave empty to put it at the end."),
        widget=forms.NumberInput(attrs={"data-size": "short"}),
    )
    code = forms.CharField(
        label=_("New code"),
        required=False,
        max_length=80,
        help_text=_("Leave empty to keep it. The old code keeps leading to this process."),
        widget=forms.TextInput(attrs={"data-size": "mid"}),
    )
    reason = forms.CharField(label=_("Reason"), required=False, max_length=100, help_text=_("Shown in the history"))
    row_version = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, person: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["parent"].person = person


class MergeForm(forms.Form):
    """Which process takes over what this one has."""

    into = ProcessField(
        label=_("Merge into"),
        help_text=_("The process that stays: its code or words of its title"),
        error_messages={"required": _("Choose the process that stays")},
    )
    reason = forms.CharField(
        label=_("Reason"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": _("Enter a reason")},
    )

    def __init__(self, *args: Any, person: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["into"].person = person


class LinkDocumentForm(forms.Form):
    """A document that a process uses."""

    document = DocumentField(
        label=_("Document"),
        help_text=_("Its number, or words of its title"),
        error_messages={"required": _("Choose a document")},
    )
    relation = forms.ChoiceField(label=_("What it is to the process"), choices=ProcessDocument.Relation.choices)

    def __init__(self, *args: Any, person: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["document"].person = person


class LinkProcessForm(forms.Form):
    """A process that a document serves."""

    process = ProcessField(
        label=_("Process"),
        help_text=_("Its code, or words of its title"),
        error_messages={"required": _("Choose a process")},
    )
    relation = forms.ChoiceField(
        label=_("What the document is to the process"), choices=ProcessDocument.Relation.choices
    )

    def __init__(self, *args: Any, person: Any = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["process"].person = person
