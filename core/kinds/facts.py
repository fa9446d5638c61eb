"""A fact of a record, declared once: column, filter, sort, cell out and in, line on the page, label in the history,
field of the API.

    facts = (
        Fact("energy", head=True),                      # everything else follows from the model field
        Fact("serial", column=False),                   # a column that people may add to the list
        Fact("note", column=None),                      # never a column
        Fact("last_value", label=_("Last value"), value=lambda kpi: kpi.shown_value, value_type=DecimalType),  # derived
    )

What one fact does differently is a subclass with one method overridden; the others of the kind stay as they are.
"""

import copy
from collections.abc import Callable
from typing import Any, Self

from django import forms
from django.core.exceptions import FieldDoesNotExist
from django.db import models
from django.db.models import F, QuerySet
from django.utils.safestring import SafeString
from django.utils.text import capfirst

from core.kinds.value_types import DASH, RelatedType, ValueType, listed, value_type_of


class Fact:
    """One fact. Options left out follow from the model field of the same name.

    - ``column``: True is shown in the list, False can be added to it, None cannot
    - ``sortable``, ``filterable``: whether the list can be sorted and filtered by it
    - ``head``: stands beneath the title of the record page; ``on_page=False`` leaves it out of the page, and
      ``hide_empty`` where it has no value
    - ``editable``: whether form, table and API may change it
    - ``value``: makes a derived fact, from the record; ``value_type`` then says what it is (text, unless given)
    """

    field: Any = None
    value_type: ValueType

    def __init__(
        self,
        name: str,
        *,
        label: Any = None,
        column: bool | None = True,
        sortable: bool | None = None,
        filterable: bool | None = None,
        head: bool = False,
        on_page: bool = True,
        hide_empty: bool = False,
        exported: bool = True,
        in_api: bool = True,
        editable: bool | None = None,
        value: Callable[[Any], Any] | None = None,
        value_type: type[ValueType] | None = None,
    ) -> None:
        self.name, self.column, self.head, self.on_page = name, column, head, on_page
        self.exported, self.in_api, self.given_value, self.given_type = exported, in_api, value, value_type
        self.hide_empty = hide_empty
        self._label, self._sortable, self._filterable, self._editable = label, sortable, filterable, editable

    def bound_to(self, model: type[models.Model]) -> Self:
        """The same fact of one model, with its field and type."""
        bound = copy.copy(self)
        try:
            bound.field = model._meta.get_field(self.name)
        except FieldDoesNotExist:
            bound.field = None
        if self.given_type is not None:
            bound.value_type = self.given_type(bound.field)
        else:
            bound.value_type = value_type_of(bound.field) if bound.field is not None else ValueType()
        return bound

    def __repr__(self) -> str:
        return f"Fact({self.name!r})"

    # --- what it is ---

    @property
    def label(self) -> Any:
        if self._label is not None:
            return self._label
        return capfirst(self.field.verbose_name) if self.field is not None else capfirst(self.name.replace("_", " "))

    @property
    def is_derived(self) -> bool:
        return self.given_value is not None or self.field is None

    @property
    def is_list(self) -> bool:
        return self.value_type.is_list

    @property
    def is_editable(self) -> bool:
        if self._editable is not None:
            return self._editable
        return not self.is_derived and self.field.editable and self.name != "state"

    @property
    def is_sortable(self) -> bool:
        if self._sortable is not None:
            return self._sortable
        return not self.is_derived and not self.is_list and self.value_type.is_sorted and self.column is not None

    @property
    def is_filterable(self) -> bool:
        return self._filterable if self._filterable is not None else not self.is_derived and self.value_type.is_filtered

    # --- its value in one record ---

    def value_of(self, record: Any) -> Any:
        """The value as plain Python; many-to-many as a list."""
        value = self.given_value(record) if self.given_value is not None else getattr(record, self.name)
        return list(listed(value)) if self.is_list else value

    def told_to(self, record: Any, person: Any) -> Any:
        """The value as this person may know it: records that are hidden from them are left out."""
        value = self.value_of(record)
        if not isinstance(self.value_type, RelatedType):
            return value
        if self.is_list:
            return [one for one in value if not self.value_type.hidden_from(one, person)]
        return None if value is not None and self.value_type.hidden_from(value, person) else value

    def is_shown(self, record: Any, person: Any) -> bool:
        """Whether it stands on the page of this record."""
        return self.on_page and not (self.hide_empty and self.told_to(record, person) in (None, "", []))

    def html(self, record: Any, person: Any) -> SafeString:
        """On the page and in the list."""
        return self.value_type.html(self.told_to(record, person)) or SafeString(DASH)

    def cell(self, record: Any, person: Any) -> str:
        """In an exported table."""
        return self.value_type.cell(self.told_to(record, person))

    # --- in lists ---

    def order(self, *, is_down: bool) -> list[Any]:
        """How records are sorted by it; what has no value comes last either way."""
        name = self.value_type.order_by(self.name)
        return [F(name).desc(nulls_last=True) if is_down else F(name).asc(nulls_last=True)]

    def filter_field(self, *, person: Any) -> forms.Field:
        return self.value_type.filter_field(self.label, person=person)

    def filtered(self, records: QuerySet, value: Any, *, person: Any) -> QuerySet:
        return self.value_type.filtered(records, self.name, value)
