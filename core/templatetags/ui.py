"""The component kit as tags: `{% load ui %}`. What each looks like stands on /styleguide/.

Small marks are built here, because a list page prints hundreds; whatever has room for content is a template in
templates/ui/. Block tags: notice, panel, row, ledger_item, fact, empty_state, dialog.
"""

import zlib
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from functools import lru_cache
from typing import Any

from django import template
from django.conf import settings
from django.core.paginator import Page
from django.forms import BaseForm, BaseFormSet, BoundField
from django.http import QueryDict
from django.template.context import Context
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from core import moments
from core.state_labels import state_label

register = template.Library()

HUES = 12
TONE_ICONS = {"": "info", "ok": "check-circle", "wait": "clock", "late": "alert"}


def _classes(block: str, *variants: str) -> str:
    return " ".join([block, *(f"{block}--{variant}" for variant in variants if variant)])


def _tidy(content: str) -> SafeString:
    """What a block tag was given, escaped by its template already; str.strip would forget that."""
    return mark_safe(content.strip())  # noqa: S308 - escaped by the template that rendered it


# -- the page's own files ------------------------------------------------------------------------------------------


@register.simple_tag
def portal_css() -> SafeString:
    """The style sheet: one joined file; with DEBUG the single files, so that the browser names the source."""
    return format_html(
        '<link rel="stylesheet" href="{}">', static("css/portal.css" if settings.DEBUG else "css/all.css")
    )


@register.simple_tag
def icon(name: str, small: bool = False) -> SafeString:
    """An icon of the one cacheable sprite. Always beside a word or in a named button."""
    return _icon(settings.STORAGES["staticfiles"]["BACKEND"], settings.STATIC_URL, name, small)


@lru_cache(maxsize=512)
def _icon(storage: str, address: str, name: str, small: bool) -> SafeString:
    """Drawn once: a list of fifty rows shows two hundred. Where the sprite lies, ``storage`` and ``address`` decide."""
    return format_html(
        '<svg class="{}" aria-hidden="true"><use href="{}#i-{}"/></svg>',
        "icon icon--small" if small else "icon",
        static("icons.svg"),
        name,
    )


def named_icon(name: str, word: str) -> SafeString:
    """An icon that stands alone and says by itself what it means."""
    return format_html(
        '<svg class="icon" role="img" aria-label="{}"><use href="{}#i-{}"/></svg>', word, static("icons.svg"), name
    )


# -- small marks ---------------------------------------------------------------------------------------------------


@register.simple_tag
def state(value: Any, word: str = "", large: bool = False, bare: bool = False) -> SafeString:
    """A state as icon, word and colour. `word` replaces the usual word, not its look."""
    look = state_label(value)
    classes = _classes("state", look.tone, "large" if large else "", "bare" if bare else "")
    return _state(classes, look.icon, f"{word or look.word}")


@lru_cache(maxsize=512)
def _state(classes: str, icon_name: str, word: str) -> SafeString:
    return format_html('<span class="{}">{}{}</span>', classes, icon(icon_name), word)


@register.simple_tag
def mark(word: str, icon_name: str = "circle", tone: str = "") -> SafeString:
    """A state-like mark for what is no registered state: `{% mark _("Changed in 4.0") "pencil" "note" %}`."""
    return format_html('<span class="{}">{}{}</span>', _classes("state", tone), icon(icon_name), word)


@register.simple_tag
def code(value: Any, url: str = "") -> SafeString:
    """A record's code, linked where it leads somewhere."""
    if url:
        return format_html('<a class="code" href="{}">{}</a>', url, value)
    return format_html('<span class="code">{}</span>', value)


@register.simple_tag
def tag(label: Any, url: str = "", on: bool = False, remove: bool = False) -> SafeString:
    """A label to filter by; `on remove` takes a filter away again."""
    classes = _classes("tag", "on" if on else "")
    cross = format_html('{}<span class="sr-only">{}</span>', icon("x"), _("remove")) if remove else ""
    if url:
        return format_html('<a class="{}" href="{}">{} {}</a>', classes, url, label, cross)
    return format_html('<span class="{}">{}</span>', classes, label)


@register.simple_tag
def count(number: int | None, hot: bool = False, label: str = "") -> SafeString:
    """A number in a pill; nothing for nought. `label` is read aloud: `6 open`."""
    if not number:
        return SafeString()
    said = format_html('<span class="sr-only"> {}</span>', label) if label else ""
    return format_html('<span class="{}">{}{}</span>', _classes("count", "hot" if hot else ""), number, said)


def _name_of(who: Any) -> str:
    full_name = getattr(who, "get_full_name", None)
    return (full_name() if callable(full_name) else "") or str(who)


def initials(name: str) -> str:
    """First letters of the first and the last word."""
    words = [word for word in name.replace("@", " ").split() if word[0].isalnum()]
    return "".join(word[0] for word in dict.fromkeys([*words[:1], *words[-1:]])).upper() or "?"


@register.simple_tag
def avatar(who: Any, large: bool = False, named: bool = False) -> SafeString:
    """A person's initials in a colour that stays theirs. `named` where no name stands beside it."""
    return _avatar(str(getattr(who, "pk", None) or ""), f"{_name_of(who)}", large, named)


@lru_cache(maxsize=4096)
def _avatar(key: str, name: str, large: bool, named: bool) -> SafeString:
    hue = zlib.crc32((key or name).encode()) % HUES
    classes = _classes("avatar", f"h{hue}", "large" if large else "")
    said = format_html('<span class="sr-only">{}</span>', name) if named else ""
    return format_html('<span class="{}" aria-hidden="true">{}</span>{}', classes, initials(name), said)


@register.simple_tag
def person(who: Any) -> SafeString:
    """A person by initials and name; a dash for nobody."""
    if not who:
        return SafeString("–")
    return format_html('<span class="person">{}{}</span>', avatar(who), _name_of(who))


@register.simple_tag
def person_named(who: tuple[int, str] | None) -> SafeString:
    """The same, of somebody given by id and name."""
    if not who:
        return SafeString("–")
    return format_html('<span class="person">{}{}</span>', _avatar(str(who[0]), who[1], False, False), who[1])


@register.simple_tag
def meter(value: float, maximum: float = 100, tone: str = "", label: str = "") -> SafeString:
    """A share as a bar. The number itself stands in text beside it; `label` names the bar."""
    return format_html(
        '<progress class="{}" value="{}" max="{}" aria-label="{}"></progress>',
        _classes("meter", tone),
        format(value, ".6g"),
        format(maximum, ".6g"),
        label or _("Progress"),
    )


@register.simple_tag
def due(moment: date | datetime | None, plain: bool = False) -> SafeString:
    """When something is due: `Due tomorrow`, `5 days overdue`. `plain` leaves colour and icon out."""
    if moment is None:
        return SafeString("–")
    moment = moments.whole_day(moment)
    shown = moments.due(moment)
    time = format_html(
        '<time datetime="{}" title="{}">{}</time>', shown.exact, moments.exact_words(moment), shown.words
    )
    return (
        time
        if plain
        else format_html('<span class="{}">{}{}</span>', _classes("state", shown.tone), icon(shown.icon), time)
    )


@register.simple_tag
def when(moment: date | datetime | None, relative: bool = False) -> SafeString:
    """An exact moment in the person's time zone; `relative` says `2 hours ago` within a day. A dash for none."""
    if moment is None:
        return SafeString("–")
    if not isinstance(moment, datetime):
        return _day(moment, get_language() or "")
    exact = moments.exact_words(moment)
    iso = moments.local(moment).isoformat()
    if relative:
        return format_html('<time datetime="{}" title="{}">{}</time>', iso, exact, moments.ago(moment))
    return format_html('<time datetime="{}">{}</time>', iso, exact)


@lru_cache(maxsize=4096)
def _day(day: date, language: str) -> SafeString:
    """A plain day, in the language that is active: it looks the same wherever the person is."""
    return format_html('<time datetime="{}">{}</time>', day.isoformat(), moments.exact_words(day))


# -- lists of things -----------------------------------------------------------------------------------------------


@register.inclusion_tag("ui/crumbs.html")
def crumbs(items: Iterable[tuple[str, str]], label: str = "") -> dict[str, Any]:
    """Where a page belongs: (words, address) pairs; the last may have no address."""
    return {"items": items, "label": label or _("Where this belongs")}


@register.inclusion_tag("ui/tabs.html")
def tabs(items: Iterable[dict[str, Any]], label: str) -> dict[str, Any]:
    """Links as tabs; each item has `label`, `url` and may have `count` and `current`."""
    return {"items": items, "label": label}


@register.inclusion_tag("ui/facts.html")
def facts(items: Iterable[tuple[str, Any]], row: bool = False) -> dict[str, Any]:
    """Names and values as pairs; `row` lays them beside each other."""
    return {"items": items, "row": row}


@register.inclusion_tag("ui/gates.html")
def gates(items: Iterable[dict[str, Any]], label: str = "") -> dict[str, Any]:
    """Stages in a row; each has `label`, `step` (done, now or empty) and may have `note`."""
    return {"items": items, "label": label or _("Stages")}


@register.inclusion_tag("ui/pager.html", takes_context=True)
def pager(context: Context, page: Page, label: str = "", parameter: str = "page") -> dict[str, Any]:
    """Pages of a list; keeps every other filter of the address."""
    request = context.get("request")
    query = request.GET.copy() if request else QueryDict(mutable=True)
    query.pop(parameter, None)
    others = f"{query.urlencode()}&" if query else ""

    def address(number: int | str) -> str:
        return f"?{others}{parameter}={number}"

    numbers = page.paginator.get_elided_page_range(page.number, on_each_side=2, on_ends=1)
    links = [
        {"number": n, "url": address(n), "label": _("Page %(n)s") % {"n": n}} if isinstance(n, int) else {"number": n}
        for n in numbers
    ]
    previous = address(page.previous_page_number()) if page.has_previous() else ""
    following = address(page.next_page_number()) if page.has_next() else ""
    return {"page": page, "links": links, "previous": previous, "next": following, "label": label or _("Pages")}


@register.simple_tag(takes_context=True)
def sort_link(context: Context, name: str, label: str, parameter: str = "sort", usual: str = "") -> SafeString:
    """A column head that sorts; a second click turns the order. Set `aria-sort` on the cell with `sorted_by`. `usual`:
    the order of a list for which none was chosen, given to the column that it names."""
    request = context.get("request")
    query = request.GET.copy() if request else None
    now = (query.get(parameter) if query is not None else "") or usual
    nxt = f"-{name}" if now == name else name
    if query is not None:
        query[parameter] = nxt
        query.pop("page", None)
    arrow = {name: icon("arrow-up"), f"-{name}": icon("arrow-down")}.get(now, "")
    address = query.urlencode() if query is not None else f"{parameter}={nxt}"
    return format_html('<a class="table__sort" href="?{}">{}{}</a>', address, label, arrow)


@register.simple_tag(takes_context=True)
def sorted_by(context: Context, name: str, parameter: str = "sort", usual: str = "") -> SafeString:
    """The `aria-sort` attribute of a column head, or nothing; `usual` as for `sort_link`."""
    request = context.get("request")
    now = (request.GET.get(parameter) if request else "") or usual
    order = {name: "ascending", f"-{name}": "descending"}.get(now)
    return format_html(' aria-sort="{}"', order) if order else SafeString()


# -- blocks with content of their own ------------------------------------------------------------------------------


@register.simple_block_tag
def notice(content: str, title: str = "", tone: str = "", icon_name: str = "", personal: bool = False) -> str:
    """A message in the page: `{% notice title=… tone="wait" %}…{% endnotice %}`; tones ok, wait, late."""
    shown = icon_name or TONE_ICONS.get(tone, "info")
    return render_to_string(
        "ui/notice.html", {"content": content, "title": title, "tone": tone, "icon_name": shown, "personal": personal}
    )


@register.simple_block_tag
def panel(content: str, title: str = "", **options: Any) -> str:
    """A framed group: `title`, `count`, `end`, `foot`, `tone="late"`, `flush`, `bare` (no padding), `level`, `id`."""
    return render_to_string("ui/panel.html", {"level": 2, **options, "content": content, "title": title})


@register.simple_block_tag
def row(content: str, title: str, url: str = "", **options: Any) -> str:
    """A line of `<ul class="rows">`: `icon_name`, `over`, `meta`; the content stands at the end (state, button)."""
    return render_to_string("ui/row.html", {**options, "content": _tidy(content), "title": title, "url": url})


@register.simple_block_tag
def fact(content: str, label: str) -> SafeString:
    """One pair of a `<dl class="facts">`."""
    return format_html("<div><dt>{}</dt><dd>{}</dd></div>", label, _tidy(content))


@register.simple_block_tag
def ledger_item(content: str, icon_name: str = "circle", tone: str = "", **options: Any) -> str:
    """A line of `<ol class="ledger">`: `when` (moment), `quote` (the reason given), `more` (signature)."""
    return render_to_string(
        "ui/ledger_item.html", {**options, "content": content, "icon_name": icon_name, "tone": tone}
    )


@register.simple_block_tag
def empty_state(content: str, title: str, icon_name: str = "inbox", level: int = 2) -> str:
    """What would be here, and the first step; links and buttons go into the content."""
    return render_to_string(
        "ui/empty.html", {"content": content, "title": title, "icon_name": icon_name, "level": level}
    )


@register.simple_block_tag(takes_context=True)
def dialog(context: Context, content: str, id: str, title: str, **options: Any) -> str:
    """A short question about the page beneath. With `action` it holds a form: `submit`, `submit_icon`, `danger`,
    `cancel`, `drawer`. Open it with `data-open="id"` on a link to the page that asks the same without script.
    """
    token = context.get("csrf_token")
    return render_to_string("ui/dialog.html", {**options, "content": content, "id": id, "title": title, "token": token})


# -- forms ---------------------------------------------------------------------------------------------------------


def _first_control(field: BoundField) -> str:
    """The id a link must name to put the cursor into the field (a group's first choice)."""
    if field.use_fieldset and field.subwidgets:
        return field.subwidgets[0].id_for_label or field.id_for_label
    return field.id_for_label or field.auto_id


@register.inclusion_tag("ui/error_summary.html")
def error_summary(form: BaseForm | Sequence[BaseForm | BaseFormSet]) -> dict[str, Any]:
    """The box above a form that was refused: takes the focus, links each message to its field."""
    problems: list[dict[str, str]] = []
    for one in [form] if isinstance(form, BaseForm) else form:
        if isinstance(one, BaseFormSet):
            problems += [{"text": text, "target": ""} for text in one.non_form_errors()]
            continue
        spoken = getattr(one, "spoken_as", "")  # which of several forms a message is about
        problems += [{"text": _spoken(spoken, text), "target": ""} for text in one.non_field_errors()]
        for field in one.hidden_fields():
            problems += [{"text": f"{field.label}: {text}", "target": ""} for text in field.errors]
        for field in one.visible_fields():
            problems += [{"text": _spoken(spoken, text), "target": _first_control(field)} for text in field.errors]
    return {"problems": problems}


def _spoken(whose: str, text: str) -> str:
    return f"{whose}: {text}" if whose else text


@register.filter
def field_class(field: BoundField) -> str:
    """The classes around a field: `error`, and `short` or `mid` where the widget has `data-size`."""
    return _classes("field", "error" if field.errors else "", str(field.field.widget.attrs.get("data-size", "")))


@register.filter
def without_placeholders(form: BaseForm) -> BaseForm:
    """The form of a package that repeats each label inside its box, where it would vanish while typing."""
    for field in form.fields.values():
        field.widget.attrs.pop("placeholder", None)
    return form


@register.filter
def is_checkbox(field: BoundField) -> bool:
    """A single box, whose label stands behind it."""
    return getattr(field.field.widget, "input_type", "") == "checkbox" and not field.use_fieldset


@register.simple_tag
def join_words(items: Iterable[Any]) -> SafeString:
    """`a, b, c` from anything, each escaped."""
    return format_html_join(", ", "{}", ((item,) for item in items))
