"""Rows of a formset that people add, remove and put in order by buttons, without script and without losing a letter.

The page sends everything that was typed with the button that was pressed (``name="rows" value="up-2"``); the answer is
the same page with the rows as they then stand. Nothing is validated and nothing is stored before the form is sent.
"""

from typing import Any

from django.forms import BaseForm, BaseFormSet
from django.http import QueryDict

PRESSED = "rows"


def typed_values(form: BaseForm, data: QueryDict) -> dict[str, Any]:
    """What stands in the fields of a form as it was sent, to be shown again unjudged."""
    return {
        name: field.widget.value_from_datadict(data, {}, form.add_prefix(name)) for name, field in form.fields.items()
    }


def in_order(formset_class: type[BaseFormSet], data: QueryDict, prefix: str) -> QueryDict:
    """The same data with the rows in the order that their ORDER fields say, so that a refused page shows them so."""
    total = data.get(f"{prefix}-TOTAL_FORMS", "0")
    count = min(int(total), formset_class.absolute_max) if total.isdecimal() and len(total) < 4 else 0
    kept = data.copy()
    rows: list[dict[str, list[str]]] = []
    for number in range(count):
        start = f"{prefix}-{number}-"
        rows.append({name.removeprefix(start): kept.pop(name) for name in list(kept) if name.startswith(start)})
    rows.sort(key=lambda row: _place(row.get("ORDER", [""])[-1]))
    for number, row in enumerate(rows):
        for name, values in row.items():
            kept.setlist(f"{prefix}-{number}-{name}", values)
        kept[f"{prefix}-{number}-ORDER"] = str(number + 1)
    return kept


def _place(text: str) -> int:
    """A row without a place stands behind the others."""
    return int(text) if text.isdecimal() and len(text) < 4 else 1000


def typed_rows(formset_class: type[BaseFormSet], data: QueryDict, prefix: str) -> list[dict[str, Any]]:
    """The rows as they were sent, in their order."""
    data = in_order(formset_class, data, prefix)
    count = sum(1 for name in data if name.startswith(f"{prefix}-") and name.endswith("-ORDER"))
    return [typed_values(formset_class.form(prefix=f"{prefix}-{number}"), data) for number in range(count)]


def pressed_rows(
    formset_class: type[BaseFormSet], data: QueryDict, prefix: str, *, blank: dict[str, Any]
) -> tuple[list[dict[str, Any]], int]:
    """The rows after the press, and the place of the one that takes the focus."""
    rows = typed_rows(formset_class, data, prefix)
    act, _dash, number = data.get(PRESSED, "").partition("-")
    at = int(number) - 1 if number.isdecimal() and len(number) < 4 else -1
    if act == "add" and len(rows) < formset_class.max_num:
        return [*rows, dict(blank)], len(rows)
    if not 0 <= at < len(rows):
        return rows, 0
    if act == "remove":
        del rows[at]
        return rows, max(0, at - 1)
    to = at + {"up": -1, "down": 1}.get(act, 0)
    if 0 <= to < len(rows):
        rows[at], rows[to] = rows[to], rows[at]
        return rows, to
    return rows, at
