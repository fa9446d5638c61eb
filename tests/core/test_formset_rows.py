"""Rows of a formset that are added, removed and put in order without script."""

from django import forms
from django.http import QueryDict

from core.formset_rows import in_order, pressed_rows, typed_rows


class Row(forms.Form):
    name = forms.CharField()
    tags = forms.MultipleChoiceField(choices=[("a", "a"), ("b", "b")], required=False)


Rows = forms.formset_factory(Row, extra=0, can_order=True, max_num=4, absolute_max=6)


def sent(*rows, press=""):
    data = QueryDict(mutable=True)
    data["rows-TOTAL_FORMS"] = str(len(rows))
    data["rows-INITIAL_FORMS"] = "0"
    data["rows"] = press
    for number, (name, place, *tags) in enumerate(rows):
        data[f"rows-{number}-name"] = name
        data[f"rows-{number}-ORDER"] = str(place)
        data.setlist(f"rows-{number}-tags", tags)
    return data


def names(rows):
    return [row["name"] for row in rows]


def pressed(*rows, press):
    return pressed_rows(Rows, sent(*rows, press=press), "rows", blank={"name": "new"})


def test_a_press_moves_a_row_and_keeps_everything_that_was_typed():
    rows, at = pressed(("one", 1, "a", "b"), ("", 2), ("three", 3), press="up-3")
    assert names(rows) == ["one", "three", ""]
    assert rows[0]["tags"] == ["a", "b"]
    assert at == 1
    assert names(pressed(("one", 1), ("two", 2), press="down-1")[0]) == ["two", "one"]


def test_the_first_goes_no_further_up_and_the_last_no_further_down():
    assert names(pressed(("one", 1), ("two", 2), press="up-1")[0]) == ["one", "two"]
    assert names(pressed(("one", 1), ("two", 2), press="down-2")[0]) == ["one", "two"]


def test_rows_are_added_at_the_end_up_to_the_limit_and_removed():
    assert names(pressed(("one", 1), press="add")[0]) == ["one", "new"]
    full = [(str(number), number) for number in range(1, 5)]
    assert len(pressed(*full, press="add")[0]) == 4
    assert names(pressed(("one", 1), ("two", 2), press="remove-1")[0]) == ["two"]


def test_what_a_press_cannot_mean_changes_nothing():
    for press in ("", "up", "up-9", "up-0", "sideways-1", "remove--1", "up-1x", "up-99999"):
        assert names(pressed(("one", 1), ("two", 2), press=press)[0]) == ["one", "two"], press


def test_the_places_that_script_wrote_decide_the_order_on_the_server():
    data = sent(("one", 2), ("two", 1), ("three", "x"))
    assert names(typed_rows(Rows, data, "rows")) == ["two", "one", "three"]
    formset = Rows(in_order(Rows, data, "rows"), prefix="rows")
    assert formset.is_valid()
    assert [form.cleaned_data["name"] for form in formset.ordered_forms] == ["two", "one", "three"]


def test_a_false_count_makes_no_mountain_of_rows():
    data = sent(("one", 1))
    data["rows-TOTAL_FORMS"] = "100000"
    assert len(typed_rows(Rows, data, "rows")) <= 6
