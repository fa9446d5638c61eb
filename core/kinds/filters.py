"""The filters of a list, made from the facts of its kind: read from the address, applied to what the person may see."""

from typing import Any

from django import forms
from django.db.models import Q, QuerySet
from django.http import QueryDict
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from core.numbering import tidy_code

# What an address of a list may hold beside filters.
PASSING = ("sort", "page", "page_size", "columns", "query")


class RecordFilter(forms.Form):
    """What the address asks for. On pages, values that are no choices are ignored; ``problems`` names them for
    programs, which would otherwise take all records for some."""

    q = forms.CharField(label=_("Title or code"), required=False, max_length=200)

    hide_optional = True  # every filter is optional

    def __init__(self, data: QueryDict, *, kind: Any, person: Any) -> None:
        super().__init__(data)
        self.kind, self.person = kind, person
        self.facts = [fact for fact in kind.all_facts.values() if fact.is_filterable]
        for fact in self.facts:
            self.fields[fact.name] = fact.filter_field(person=person)
        self.order_fields(["q", *(fact.name for fact in self.facts)])  # what a kind declares itself stands behind
        self.sort = data.get("sort", "") or kind.default_sort
        self.is_valid()

    @property
    def is_used(self) -> bool:
        return any(self.cleaned_data.get(name) not in (None, "", False) for name in self.fields)

    @property
    def problems(self) -> dict[str, list[str]]:
        """Parameter → what is wrong with it: unknown filters, values that are no choices, an unknown order."""
        found = {name: list(errors) for name, errors in self.errors.items()}
        for name in self.data:
            if name not in self.fields and name not in PASSING:
                found[name] = [_t("There is no filter of this name.")]
        if self.sort.removeprefix("-") not in self.kind.sortable:
            found["sort"] = [_t("The order is one of: %(names)s.") % {"names": ", ".join(self.kind.sortable)}]
        return found

    def apply(self, records: QuerySet) -> QuerySet:
        """The records that match, in the order asked for."""
        chosen = self.cleaned_data
        if chosen.get("q"):
            records = self.kind.matching(records, chosen["q"])
        for fact in self.facts:
            value = chosen.get(fact.name)
            if value not in (None, ""):
                records = fact.filtered(records, value, person=self.person)
        return records.order_by(*self._order())

    def _order(self) -> list[Any]:
        name = self.sort.removeprefix("-")
        if name not in self.kind.sortable:
            return ["pk"]
        return [*self.kind.all_facts[name].order(is_down=self.sort.startswith("-")), "pk"]


def matching_title_or_code(records: QuerySet, text: str, names: tuple[str, str]) -> QuerySet:
    """Records whose code holds the text, or whose title holds all of its words; ``names`` are the two fields."""
    code, title = names
    words = Q()
    for word in text.split():
        words &= Q(**{f"{title}__icontains": word})
    return records.filter(words | Q(**{f"{code}__icontains": tidy_code(text)})) if code else records.filter(words)
