"""The component tags give the markup of the reference pages, escape what people typed, and say dates within bounds."""

from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace

import pytest
import time_machine
from django import forms
from django.core.paginator import Paginator
from django.template import Context, Template
from django.test import RequestFactory
from django.utils import timezone, translation

from core import moments
from core.state_labels import STATES
from portal.icons import icon_names


def drawn(source: str, **context: object) -> str:
    return Template("{% load ui %}" + source).render(Context(context)).strip()


def test_an_icon_points_into_the_sprite_and_is_silent() -> None:
    assert drawn('{% icon "check" %}') == (
        '<svg class="icon" aria-hidden="true"><use href="/static/icons.svg#i-check"/></svg>'
    )


def test_a_state_is_icon_word_and_colour() -> None:
    html = drawn('{% state "effective" %}')
    assert html.startswith('<span class="state state--ok"><svg')
    assert "#i-check-circle" in html
    assert html.endswith("Effective</span>")


def test_every_state_has_an_icon_of_the_sprite_and_a_known_tone() -> None:
    assert {look.icon for look in STATES.values()} <= set(icon_names())
    assert {look.tone for look in STATES.values()} <= {"", "ok", "wait", "late", "note", "gone"}


def test_an_unknown_state_keeps_its_word() -> None:
    assert drawn("{% state value %}", value="half_baked").endswith("Half baked</span>")


def test_states_speak_the_readers_language() -> None:
    with translation.override("en"):
        assert "Draft" in drawn('{% state "draft" %}')


def test_a_person_has_initials_and_a_colour_that_stays() -> None:
    ann = SimpleNamespace(pk=7, get_full_name=lambda: "Ann Lindqvist")
    html = drawn("{% person who %}", who=ann)
    assert ">AL</span>Ann Lindqvist" in html
    assert html == drawn("{% person who %}", who=ann)
    assert drawn("{% person who %}", who=None) == "–"


@pytest.mark.parametrize(("name", "letters"), [("Ann", "A"), ("Ann de Vries", "AV"), ("ann@x.org", "AX"), ("", "?")])
def test_initials_of_any_name(name: str, letters: str) -> None:
    who = SimpleNamespace(pk=1, get_full_name=lambda: name, __str__=lambda: name)
    assert f">{letters}</span>" in drawn("{% avatar who %}", who=who) or name == ""


@pytest.mark.parametrize(
    "source",
    [
        "{% code bad bad %}",
        "{% tag bad bad %}",
        "{% state bad %}",
        "{% person bad %}",
        "{% mark bad %}",
        "{% notice title=bad %}{{ bad }}{% endnotice %}",
        "{% panel title=bad end=bad foot=bad %}{{ bad }}{% endpanel %}",
        "{% row title=bad url=bad over=bad meta=bad %}{{ bad }}{% endrow %}",
        "{% fact bad %}{{ bad }}{% endfact %}",
        "{% ledger_item quote=bad more=bad %}{{ bad }}{% endledger_item %}",
        "{% empty_state title=bad %}{{ bad }}{% endempty_state %}",
        '{% dialog id="d" title=bad action=bad submit=bad %}{{ bad }}{% enddialog %}',
        "{% meter 5 label=bad %}",
    ],
)
def test_what_people_typed_is_never_markup(source: str) -> None:
    html = drawn(source, bad='"><script>alert(1)</script>')
    assert "<script" not in html
    assert '"><script' not in html


def test_markup_inside_a_block_stays_markup() -> None:
    assert drawn('{% fact "Owner" %}<b>{{ who }}</b>{% endfact %}', who="A & B") == (
        "<div><dt>Owner</dt><dd><b>A &amp; B</b></dd></div>"
    )


@pytest.mark.parametrize(
    ("days", "words", "tone"),
    [
        (-45, "Overdue since 8 Oct 2026", "late"),
        (-5, "5 days overdue", "late"),
        (-1, "1 day overdue", "late"),
        (0, "Due today", "wait"),
        (1, "Due tomorrow", "wait"),
        (5, "In 5 days", "wait"),
        (8, "In 8 days", "note"),
        (40, "Due 1 Jan 2027", ""),
    ],
)
def test_due_dates_are_words_within_bounds(days: int, words: str, tone: str) -> None:
    today = date(2026, 11, 22)
    found = moments.due(today + timedelta(days=days), today)
    assert (found.words, found.tone) == (words, tone)


@time_machine.travel(datetime(2026, 11, 22, 23, 30, tzinfo=UTC), tick=False)
def test_the_persons_own_day_decides_what_is_due_today() -> None:
    """At 23:30 in London the 23rd has begun in Tokyo."""
    with timezone.override("Asia/Tokyo"):
        assert moments.due(date(2026, 11, 23)).words == "Due today"
    with timezone.override("UTC"):
        assert moments.due(date(2026, 11, 23)).words == "Due tomorrow"


@time_machine.travel(datetime(2026, 11, 22, 12, tzinfo=UTC), tick=False)
@pytest.mark.parametrize("zone", ["Europe/Berlin", "America/New_York", "UTC"])
def test_what_is_due_at_the_end_of_a_day_is_due_on_that_day_wherever_one_is(zone: str, settings) -> None:  # type: ignore[no-untyped-def]
    """The day is the organisation's: kept as the midnight that ends it."""
    settings.TIME_ZONE = "UTC"
    with timezone.override(zone):
        assert moments.due(datetime(2026, 11, 23, tzinfo=UTC)).words == "Due today"
        assert moments.due(datetime(2026, 11, 22, tzinfo=UTC)).words == "1 day overdue"
        assert moments.due(datetime(2026, 11, 24, tzinfo=UTC)).words == "Due tomorrow"
        assert 'title="22 Nov 2026"' in drawn("{% due m %}", m=datetime(2026, 11, 23, tzinfo=UTC))


def test_an_exact_moment_is_in_the_persons_zone_and_language() -> None:
    moment = datetime(2026, 3, 18, 14, 42, tzinfo=UTC)
    with timezone.override("Europe/Berlin"):
        assert drawn("{% when m %}", m=moment) == (
            '<time datetime="2026-03-18T15:42:00+01:00">18 Mar 2026, 15:42</time>'
        )
        with translation.override("de"):
            assert "18. März 2026, 15:42" in drawn("{% when m %}", m=moment)


@time_machine.travel(datetime(2026, 11, 22, 12, 0, tzinfo=UTC), tick=False)
def test_a_recent_moment_is_said_relatively_and_kept_exactly() -> None:
    html = drawn("{% when m relative=True %}", m=datetime(2026, 11, 22, 10, 0, tzinfo=UTC))
    assert "2 hours ago" in html
    assert 'title="22 Nov 2026, 10:00"' in html
    assert "Yesterday, 10:00" in drawn("{% when m relative=True %}", m=datetime(2026, 11, 21, 10, 0, tzinfo=UTC))


def test_the_pager_keeps_the_filters() -> None:
    request = RequestFactory().get("/documents/?state=draft&page=2")
    html = drawn("{% pager page %}", page=Paginator(range(300), 10).page(2), request=request)
    assert 'href="?state=draft&amp;page=3"' in html
    assert 'aria-current="page" aria-label="Page 2"' in html
    assert "11 to 20 of 300" in html


def test_a_sort_link_turns_round_and_names_the_order() -> None:
    request = RequestFactory().get("/documents/?sort=title&q=x")
    assert 'href="?sort=-title&amp;q=x"' in drawn('{% sort_link "title" "Title" %}', request=request)
    assert drawn('{% sorted_by "title" %}', request=request) == 'aria-sort="ascending"'


class Answers(forms.Form):
    title = forms.CharField(help_text="A verb first", error_messages={"required": "Enter a title"})
    roles = forms.MultipleChoiceField(
        choices=[("a", "A"), ("b", "B")], widget=forms.CheckboxSelectMultiple, error_messages={"required": "Choose one"}
    )
    note = forms.CharField(required=False, widget=forms.Textarea)


def test_a_field_names_its_hint_and_its_error() -> None:
    html = Answers({})["title"].as_field_group()
    assert 'class="field field--error"' in html
    assert 'aria-describedby="id_title_helptext id_title_error"' in html
    assert 'id="id_title_helptext"' in html
    assert 'id="id_title_error"' in html
    assert 'aria-invalid="true"' in html
    assert 'class="input"' in html


def test_optional_fields_say_so_unless_the_form_is_a_filter() -> None:
    form = Answers()
    assert "(optional)" in form["note"].as_field_group()
    assert "(optional)" not in form["title"].as_field_group()
    form.hide_optional = True
    assert "(optional)" not in form["note"].as_field_group()


def test_the_summary_leads_to_each_field() -> None:
    html = drawn("{% error_summary form %}", form=Answers({}))
    assert '<a href="#id_title">Enter a title</a>' in html
    assert '<a href="#id_roles_0">Choose one</a>' in html
    assert "There is a problem with 2 answers" in html
    assert drawn("{% error_summary form %}", form=Answers()) == ""
