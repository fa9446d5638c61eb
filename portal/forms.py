"""Input of the roof's pages."""

from typing import Any

from django import forms
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from core.kind_registry import label_choices
from core.ledger import record_line
from core.models import Subscription, SynonymGroup
from core.search_words import plain
from people.models import Department


class SynonymForm(forms.Form):
    """Two or more words or short phrases that mean the same."""

    terms = forms.CharField(
        label=_("Words that mean the same"),
        help_text=_("Separated by commas, for example: paid time off, PTO, leave"),
        max_length=400,
    )

    def __init__(self, data: Any = None, *, group: SynonymGroup | None = None) -> None:
        super().__init__(data, initial={"terms": ", ".join(group.terms)} if group else None)
        self.group = group or SynonymGroup()

    def clean_terms(self) -> list[str]:
        """The words as the search compares them, each once."""
        terms = list(dict.fromkeys(plain(term)[:80] for term in self.cleaned_data["terms"].split(",")))
        terms = [term for term in terms if term]
        if len(terms) < 2:
            raise forms.ValidationError(_("Enter at least two words, separated by a comma"))
        if any(len(term.split()) > 3 for term in terms):
            raise forms.ValidationError(_("A phrase may have three words at most"))
        return terms

    def save(self, *, by: Any) -> SynonymGroup:
        """Store the group, with a line in the ledger: it changes what everybody finds."""
        with transaction.atomic():
            before = list(self.group.terms or [])
            self.group.terms = self.cleaned_data["terms"]
            self.group.save()
            record_line(self.group, "synonyms_changed", by=by, data={"before": before, "terms": self.group.terms})
        return self.group

    @staticmethod
    def delete(group: SynonymGroup, *, by: Any) -> None:
        with transaction.atomic():
            record_line(group, "synonyms_deleted", by=by, data={"terms": group.terms})
            group.delete()


class SubscriptionForm(forms.Form):
    """A kind, a department, or both."""

    kind = forms.ChoiceField(label=_("Kind"), required=False)
    department = forms.ModelChoiceField(
        label=_("Department"), queryset=Department.objects.none(), required=False, empty_label=_("Any")
    )

    def __init__(self, data: Any = None, *, person: Any) -> None:
        super().__init__(data)
        self.person = person
        self.fields["kind"].choices = [("", _("Any")), *label_choices()]
        self.fields["department"].queryset = Department.objects.filter(is_active=True)

    def clean(self) -> dict[str, Any]:
        chosen = super().clean()
        if not self.errors and not chosen.get("kind") and not chosen.get("department"):
            raise forms.ValidationError(_("Choose a kind or a department"))
        return chosen

    def save(self) -> Subscription:
        department = self.cleaned_data["department"]
        subscription, _created = Subscription.objects.get_or_create(
            person=self.person, kind=self.cleaned_data["kind"], department_id=department.pk if department else None
        )
        return subscription
