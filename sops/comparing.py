"""The redline of two versions as people read it: computed once per pair, long ones by a worker, drawn as HTML."""

from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

from django.db import connection
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from core import jobs
from core.jobs import Work, runs
from core.models import Job
from documents.kinds import Compared
from documents.models import Content, Version
from sops.kinds import body_html
from sops.models import StoredRedline
from sops.redline import Redline, compare

KIND = "sops.redline"
MAX_IN_REQUEST = 600_000  # characters of both texts; what is longer is compared by a worker
MARK_TAGS = ("strong", "em", "u", "s", "code", "kbd", "sub", "sup")
MARKS = {
    "strong": _("bold"),
    "em": _("italic"),
    "u": _("underlined"),
    "s": _("struck through"),
    "code": _("code"),
    "kbd": _("key"),
    "sub": _("subscript"),
    "sup": _("superscript"),
}
KINDS = {
    "heading": _("heading"),
    "step": _("numbered step"),
    "item": _("list item"),
    "paragraph": _("paragraph"),
    "quote": _("quotation"),
    "code": _("code"),
    "caption": _("caption"),
    "cell": _("table cell"),
    "table": _("table"),
    "rule": _("dividing line"),
}
CALLOUTS = {"": _("plain text"), "note": _("note"), "caution": _("caution"), "stop": _("stop")}
STATES = {
    "added": (_("Added"), "add"),
    "removed": (_("Removed"), "cut"),
    "changed": (_("Changed"), "edit"),
    "moved": (_("Moved"), "move"),
}


# --- computing -----------------------------------------------------------------------------------------------


def redline_of(before: Version, after: Version) -> Redline | None:
    """The redline of two contents, stored after the first time; None while a worker compares two long texts."""
    stored = StoredRedline.of(before.content_id, after.content_id)
    if stored is not None:
        return stored
    old, new = body_html(before.body_bytes()), body_html(after.body_bytes())
    if len(old) + len(new) > MAX_IN_REQUEST:
        _ask_worker(before.content_id, after.content_id)
        return None
    redline = compare(old, new)
    StoredRedline.keep(before.content_id, after.content_id, redline)
    return redline


def _ask_worker(before: str, after: str) -> None:
    wish = {"before": before, "after": after}
    waiting = Job.objects.filter(kind=KIND, arguments=wish, state__in=(Job.State.WAITING, Job.State.RUNNING))
    if not waiting.exists():
        jobs.ask(KIND, by=None, **wish)


@runs(KIND, label=_("Comparison of two long texts"))
def compare_contents(work: Work) -> dict[str, Any]:
    """Compare two contents and store the redline."""
    before, after = work.arguments["before"], work.arguments["after"]
    if StoredRedline.of(before, after) is None:
        texts = {one.sha256: body_html(bytes(one.bytes)) for one in Content.objects.filter(pk__in=(before, after))}
        StoredRedline.keep(before, after, compare(texts[before], texts[after]))
    return {}


def sweep_redlines() -> int:
    """Remove the redlines of contents that are stored no more."""
    with connection.cursor() as cursor:
        cursor.execute(
            """DELETE FROM sops_storedredline r
               WHERE NOT EXISTS (SELECT 1 FROM documents_content c WHERE c.sha256 = r.before)
                  OR NOT EXISTS (SELECT 1 FROM documents_content c WHERE c.sha256 = r.after)"""
        )
        return cursor.rowcount


# --- drawing -------------------------------------------------------------------------------------------------


@dataclass
class Shown:
    """Some neighbouring blocks with one state, as the page shows them."""

    state: str
    label: str
    word: Any = ""
    style: str = "same"
    anchor: str = ""
    blocks: list[SafeString] = field(default_factory=list)
    before: list[SafeString] = field(default_factory=list)  # each side for itself
    after: list[SafeString] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    first_words: str = ""


def compare_versions(request: HttpRequest, before: Version, after: Version, only_changes: bool = False) -> Compared:
    """The redline as the compare page and the approval page show it."""
    redline = redline_of(before, after)
    groups = shown_groups(redline) if redline else []
    changed = [group for group in groups if group.state != "same"]
    context = {
        "groups": changed if only_changes else groups,
        "changed": changed,
        "is_pending": redline is None,
        "only_changes": only_changes,
        "side_by_side": request.GET.get("layout") == "side" and not only_changes,
        "query": request.GET,
    }
    return Compared(SafeString(render_to_string("sops/_redline.html", context, request)), len(changed))


def shown_groups(redline: Redline) -> list[Shown]:
    """The entries, neighbours of one step and state together, with words for what changed."""
    groups = []
    for number, (key, run) in enumerate(groupby(redline.entries, key=_group_key)):
        entries = list(run)
        state = str(key[0])
        word, style = STATES.get(state, ("", "same"))
        groups.append(
            Shown(
                state=state,
                label=_label(entries[0]) if state != "same" else _span(entries),
                word=word,
                style=style,
                anchor=f"change-{number}",
                blocks=[_block(entry) for entry in entries],
                before=[_block(entry, "added") for entry in entries if entry["state"] != "added"],
                after=[_block(entry, "removed") for entry in entries if entry["state"] != "removed"],
                notes=[note for entry in entries for note in notes_in_words(entry)],
                first_words=_first_words(entries),
            )
        )
    return groups


def _group_key(entry: dict[str, Any]) -> tuple[Any, ...]:
    """Unchanged text is one run; changes are told step by step and section by section."""
    if entry["state"] == "same":
        return ("same",)
    return (entry["state"], entry["section"], entry["number"].split(".")[0])


def _label(entry: dict[str, Any]) -> str:
    if entry["number"]:
        words = _t("Old step %(number)s") if entry["state"] == "removed" else _t("Step %(number)s")
        return words % {"number": entry["number"]}
    return entry["section"] if entry["kind"] != "heading" else _t("Heading")


def _span(entries: list[dict[str, Any]]) -> str:
    """From where to where unchanged text reaches."""
    names = [_name(entries[0]), _name(entries[-1])]
    return names[0] if names[0] == names[1] else " – ".join(name for name in names if name)


def _name(entry: dict[str, Any]) -> str:
    if entry["kind"] == "heading":
        return "".join(piece["text"] for piece in entry["pieces"]).strip()
    return _label(entry)


def _first_words(entries: list[dict[str, Any]]) -> str:
    pieces = [piece for entry in entries for piece in entry["pieces"]]
    told = [piece["text"] for piece in pieces if piece["state"] != "same"] or [piece["text"] for piece in pieces]
    words = " ".join(" ".join(told).split())
    return f"{words[:60]}…" if len(words) > 60 else words


def notes_in_words(entry: dict[str, Any]) -> list[str]:
    """What changed apart from words, as sentences."""
    notes = [*entry["notes"], *(note for row in entry["rows"] for cell in row["cells"] for note in cell["notes"])]
    told = [_note(*note) for note in notes]
    if entry["state"] == "moved" and entry["was"]:
        told.append(_t("Moved from %(old)s to %(new)s, text unchanged") % {"old": entry["was"], "new": entry["number"]})
    elif entry["state"] == "moved":
        told.append(_t("Moved, text unchanged"))
    return told


def _note(name: str, old: str, new: str) -> str:
    words = {"old": old, "new": new}
    if name == "kind":
        words = {"old": str(KINDS.get(old, old)), "new": str(KINDS.get(new, new))}
        return _t("%(old)s became %(new)s") % words
    if name == "callout":
        words = {"old": str(CALLOUTS.get(old, old)), "new": str(CALLOUTS.get(new, new))}
        return _t("%(old)s became %(new)s") % words
    if name == "level":
        return _t("Level changed from %(old)s to %(new)s") % words
    if name == "list":
        return _t("Numbered list became bullets") if old == "ordered" else _t("Bullets became a numbered list")
    if name == "moved":
        return _t("Moved from %(old)s to %(new)s") % words if old and new else _t("Moved")
    if name == "details":
        return _t("Numbering or cell size changed")
    return _t("The words are the same, but the markup between them differs.")


def _block(entry: dict[str, Any], without: str = "") -> SafeString:
    """One block with its changes marked; ``without`` leaves the words of one side out."""
    if entry["rows"]:
        return _table(entry, without)
    content = _pieces(entry["pieces"], without)
    if entry["kind"] == "heading":
        return format_html('<p class="redline__heading">{}</p>', content)
    if entry["kind"] == "item":
        return format_html("<ul><li>{}</li></ul>", content)
    if entry["kind"] == "code":
        return format_html("<pre><code>{}</code></pre>", content)
    if entry["callout"]:
        callout = {"stop": "caution caution--stop"}.get(entry["callout"], entry["callout"])
        return format_html('<div class="{}"><p>{}</p></div>', callout, content)
    return format_html("<p>{}</p>", content)


def _table(entry: dict[str, Any], without: str) -> SafeString:
    rows = [row for row in entry["rows"] if row["state"] != without]
    lines = [
        format_html(
            "<tr>{}</tr>",
            format_html_join(
                "",
                "<td>{}</td>",
                ((_pieces(cell["pieces"], without),) for cell in row["cells"] if cell["state"] != without),
            ),
        )
        for row in rows
    ]
    body = format_html_join("", "{}", ((line,) for line in lines))
    return format_html(
        '<div class="prose__box" role="group" tabindex="0" aria-label="{}"><table><tbody>{}</tbody></table></div>',
        _t("Table"),
        body,
    )


def _pieces(pieces: list[dict[str, Any]], without: str) -> SafeString:
    return format_html_join("", "{}", ((_piece(piece),) for piece in pieces if piece["state"] != without))


def _piece(piece: dict[str, Any]) -> SafeString:
    if piece["picture"]:
        html = format_html('<img src="{}" alt="{}" loading="lazy">', piece["picture"], piece["text"])
    else:
        lines = piece["text"].split("\n")
        html = format_html_join(mark_safe("<br>"), "{}", ((line,) for line in lines))
    for tag in MARK_TAGS:
        if tag in piece["marks"]:
            html = format_html("<{tag}>{}</{tag}>", html, tag=tag)
    if piece["state"] == "added":
        return format_html("<ins>{}</ins>", html)
    if piece["state"] == "removed":
        return format_html("<del>{}</del>", html)
    if piece["state"] == "format":
        return format_html(
            '<mark class="redline__format">{}</mark> <small class="redline__how">({})</small>',
            html,
            "; ".join(_format_note(*note) for note in piece["notes"]),
        )
    return html


def _format_note(name: str, *values: str) -> str:
    if name == "link":
        old, new = values
        if old and new:
            return _t("link now leads to %(new)s, before to %(old)s") % {"new": new, "old": old}
        return _t("link to %(new)s added") % {"new": new} if new else _t("link to %(old)s removed") % {"old": old}
    mark = MARKS.get(values[0], values[0])
    return _t("now %(mark)s") % {"mark": mark} if name == "on" else _t("no longer %(mark)s") % {"mark": mark}
