"""What may be asked of many documents at once; each through the verb that the document's own page uses."""

from collections.abc import Callable
from datetime import date
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.bulk import BulkAction, BulkList, Change, Described
from core.day_field import DayField
from core.questions import Question
from documents.bulk_facts import FACTS_BACK, kept, plan_facts
from documents.filters import DocumentFilter
from documents.forms import departments
from documents.keeping import change_locked
from documents.models import Document
from people.fields import PersonField


def _visible(person: Any) -> QuerySet[Document]:
    return Document.objects.visible_to(person).with_people()


def _chosen(person: Any, query: QueryDict) -> QuerySet[Document]:
    return DocumentFilter(query, person=person).apply(Document.objects.visible_to(person))


def _described(document: Document) -> Described:
    return Described(document.code, document.title, document.get_absolute_url())


DOCUMENTS = BulkList("documents", _("Procedures"), _visible, _chosen, _described, "documents:list")


class WithReason(forms.Form):
    """Why it is done: the reason stands in the history and the ledger of each document."""

    reason = forms.CharField(
        label=_("Reason"), max_length=80, required=False, help_text=_("Stands in the ledger of each document")
    )


class OwnerForm(WithReason):
    """Who answers for the documents from now on."""

    owner = PersonField(
        label=_("New owner"),
        help_text=_("A name or an e-mail address"),
        error_messages={"required": _("Say who owns them from now on")},
    )

    field_order = ("owner", "reason")


class DepartmentForm(WithReason):
    """Where the documents belong from now on."""

    department = forms.ModelChoiceField(
        label=_("Department"),
        queryset=None,
        help_text=_("Numbers stay. Who may read documents of a department follows it."),
        error_messages={"required": _("Choose a department")},
    )

    field_order = ("department", "reason")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["department"].queryset = departments()


class ReviewDateForm(WithReason):
    """When the documents are looked at next."""

    review_due_on = DayField(
        label=_("Next review"),
        help_text=_("Within 30 days the owners are asked at once."),
        error_messages={"required": _("Enter a day")},
    )

    field_order = ("review_due_on", "reason")

    def clean_review_due_on(self) -> date:
        day = self.cleaned_data["review_due_on"]
        if day < timezone.localdate():
            raise forms.ValidationError(_("Choose today or a later day."))
        return day


class RhythmForm(WithReason):
    """How often the documents are looked at."""

    review_months = forms.IntegerField(
        label=_("Months between reviews"),
        min_value=0,
        max_value=120,
        help_text=_("Counts from the next review on. 0 means no periodic review."),
        error_messages={"required": _("Enter a number")},
        widget=forms.NumberInput(attrs={"data-size": "short"}),
    )

    field_order = ("review_months", "reason")


def _facts(
    name: str, label: Any, icon: str, form: type[forms.Form], order: int, fact: str, is_for: Callable[[Any], bool]
) -> BulkAction:
    """An action that sets one fact."""

    def plan(document: Document, person: Any, values: dict[str, Any]) -> list[Change]:
        return plan_facts(document, person, {fact: values[fact]})

    def apply(document: Document, person: Any, values: dict[str, Any]) -> dict[str, Any]:
        return kept(change_locked(document, person, {fact: values[fact]}, values.get("reason", "")))

    return BulkAction(name, label, icon, plan, apply, form=form, is_for=is_for, order=order, undo=FACTS_BACK)


_OWN = Question(lambda person: Document.objects.filter(owner=person.pk).order_by().values_list("pk")[:1])


def may_keep_some(person: Any) -> bool:
    """Officers keep every document they see, owners their own."""
    if not hasattr(person, "_keeps_documents"):  # asked for each action of a page
        keeps = person.has_perm("documents.keep_documents")
        person._keeps_documents = keeps or _OWN.first(person) is not None
    return person._keeps_documents


ACTIONS = (
    _facts("owner", _("Hand over"), "swap", OwnerForm, 10, "owner", may_keep_some),
    _facts("department", _("Move to a department"), "process", DepartmentForm, 20, "department", may_keep_some),
    _facts("review", _("Set the next review"), "calendar", ReviewDateForm, 30, "review_due_on", may_keep_some),
    _facts("rhythm", _("Set the review interval"), "sync", RhythmForm, 40, "review_months", may_keep_some),
)
