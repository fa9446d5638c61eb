"""Words for what stands in the ledger, and how a rendered step looks on the page: `{% load documents %}`."""

import re
from datetime import date, datetime
from typing import Any

from django import template
from django.template.loader import render_to_string
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from core.event_words import words_of
from core.models import LedgerLine
from core.moments import whole_day
from core.state_labels import state_label
from core.templatetags.ui import named_icon, when
from documents.files import FileFacts, facts_of_file
from documents.kinds import Export
from documents.models import Decision, Version
from documents.moments import day_there

register = template.Library()

# event → (what the person did, icon, tone)
EVENTS = {
    "started": (_("started the document"), "plus", ""),
    "draft_opened": (_("opened a draft"), "pencil", ""),
    "submit": (_("submitted %(code)s for review"), "send", ""),
    "withdraw": (_("withdrew it from review"), "undo", ""),
    "discard": (_("discarded the draft"), "x", ""),
    "request_changes": (_("sent it back for changes"), "undo", "late"),
    "decided:approve": (_("signed: %(meaning)s"), "sign", "ok"),
    "decided:request_changes": (_("asked for changes"), "undo", "late"),
    "approve": (_("released %(code)s with the last decision"), "check-circle", "ok"),
    "adopt": (_("took over %(code)s, approved before the portal"), "check-circle", "ok"),
    "owner_changed": (_("handed the document over from %(from)s to %(to)s"), "swap", ""),
    "facts_changed": (_("changed owner, readers or review"), "pencil", ""),
    "step_skipped": (_("skipped the step “%(step)s”"), "alert", "late"),
    "reassigned": (_("let %(to)s decide instead of %(from)s"), "swap", ""),
    "retire": (_("retired the document"), "archive", ""),
    "retirement_asked": (_("signed that it be retired"), "sign", ""),
    "retirement_declined": (_("declined to retire it"), "undo", ""),
    "draft_handed_over": (_("handed the draft over from %(from)s to %(to)s"), "swap", ""),
    "reviewed:no_change": (_("reviewed it: no change"), "check-circle", "ok"),
    "reviewed:change": (_("reviewed it: needs a new version"), "pencil", ""),
    "took_effect": (_("%(code)s took effect"), "check-circle", "ok"),
    "shared": (_("shared it with %(with)s"), "users", ""),
    "unshared": (_("ended sharing it with %(with)s"), "users", ""),
    "map_role": (_("said which process the map shows"), "process", ""),
    "imported": (_("imported it"), "download", ""),
    "attached": (_("attached %(file)s"), "clip", ""),
    "attachment_removed": (_("removed the file %(file)s"), "x", ""),
    "comment_resolved": (_("resolved a comment"), "check-circle", ""),
    "comment_reopened": (_("opened a comment again"), "undo", ""),
    "route_added": (_("added the route"), "plus", ""),
    "route_changed": (_("changed the route"), "pencil", ""),
    "route_retired": (_("took the route out of use"), "archive", ""),
    "route_restored": (_("took the route into use again"), "undo", ""),
    "import_undone": (_("undid the import"), "undo", ""),
}
METHODS = {
    "password": _("Signed with password"),
    "code": _("Signed with a one-time code"),
    "passkey": _("Signed with a passkey"),
    "sign-on": _("Signed through single sign-on"),
    "click": _("Confirmed with a click"),
}

# The opening tag of a caution as the sanitiser writes it, and the sign of each sort.
CALLOUT = re.compile(r'<(?:div|aside) class="(?:caution )?(?P<sort>note|caution|caution--stop)">')
SIGNS = {"caution": ("alert", _("Caution")), "caution--stop": ("stop", _("Stop")), "note": ("info", _("Note"))}


@register.filter
def event_words(line: LedgerLine) -> str:
    """What happened, as the rest of a sentence that begins with the person's name."""
    if line.event not in EVENTS:
        return words_of(line)  # of an app above, which registers its events
    words, _icon, _tone = EVENTS[line.event]
    details = {name: "" for name in ("code", "meaning", "to", "from", "with", "file", "step")}
    details |= {"code": line.record_code, **line.data}
    return str(words) % details


@register.filter
def state_word(state: str) -> str:
    """The word alone, where no icon can stand (an option of a list)."""
    return str(state_label(state).word)


@register.filter
def event_icon(line: LedgerLine) -> str:
    return EVENTS.get(line.event, ("", "circle", ""))[1]


@register.filter
def event_tone(line: LedgerLine) -> str:
    return EVENTS.get(line.event, ("", "", ""))[2]


@register.filter
def quoted(line: LedgerLine) -> str:
    """The reason given; a decision and the move it caused carry the same words, quoted once."""
    return "" if line.event in ("approve", "request_changes") else line.reason


@register.filter
def evidence(line: LedgerLine) -> str:
    """How a signature was proved, and the beginning and end of the hash it vouches for."""
    return _evidence(line.data.get("signed_with", ""), line.content_hash)


@register.filter
def proof(decision: Decision) -> str:
    """The same, of a decision, with the job and the address that its person had on that day."""
    who = [decision.by_job, decision.by_email]
    return " · ".join(word for word in (*who, _evidence(decision.signing_method, decision.manifest_hash)) if word)


@register.filter
def signer(decision: Decision) -> tuple[int, str]:
    """Who signed, under the name that was printed then."""
    return decision.by_id, decision.by_name


@register.filter
def line_signer(line: LedgerLine) -> tuple[int, str]:
    """Who did it, under the name of that moment."""
    return line.actor_id, line.actor_name


@register.filter
def signing_method(decision: Decision) -> str:
    """How a decision was proved, in words."""
    return str(METHODS.get(decision.signing_method, ""))


def _evidence(method: str, content_hash: str) -> str:
    if method not in METHODS or not content_hash:
        return ""
    short = f"{content_hash[:6]}…{content_hash[-4:]}"
    return _t("%(method)s · content %(hash)s") % {"method": METHODS[method], "hash": short}


@register.filter
def file_facts(version: Any) -> FileFacts:
    """What the cover page says of a version that is a file."""
    return facts_of_file(version)


@register.filter
def in_force(version: Any) -> SafeString:
    """The time a version was or is in force, as its first and its last day."""
    if not version.is_released or not version.effective_from:
        return SafeString("–")
    if version.effective_until and version.effective_until <= version.effective_from:
        return format_html("{}", _t("Never"))
    start = template.defaultfilters.date(version.effective_on, "DATE_FORMAT")
    end = template.defaultfilters.date(_last_day(version.effective_until), "DATE_FORMAT")
    return format_html("{} – {}", start, end)


def _last_day(end: datetime | None) -> date | None:
    """The day until whose end, or on which, a version was in force. One that ended at midnight was not on the next
    day: that is the first of the version after it, and two versions would seem to share it."""
    if end is None:
        return None
    day = whole_day(end)
    return day_there(day) if isinstance(day, datetime) else day


@register.filter
def last_day(end: datetime) -> SafeString:
    """The day that the midnight ends: what is shared "until and including" it."""
    return when(whole_day(end))


@register.simple_tag(takes_context=True)
def content_of(context: dict[str, Any], version: Version) -> str:
    """What people read of a version: its file's cover, the kind's own reading page, or its text."""
    kind = version.document.kind_of
    if version.is_file:
        return render_to_string("documents/_file.html", {"version": version})
    if kind.reading:
        return kind.reading(context["request"], version)
    body = trusted_body(kind.render(version.body_bytes()))
    return format_html('<article class="prose gap-top" aria-label="{}">{}</article>', kind.content_label, body)


@register.simple_tag
def exports_of(version: Version) -> list[Export]:
    """In which forms its kind gives a version out."""
    kind = version.document.kind_of
    return kind.exports(version) if kind.exports and not version.is_file else []


@register.filter
def trusted_body(html: str) -> SafeString:
    """The body of a version as its kind rendered it: ``core.safe.html.clean`` ran on it a moment ago. What is wider
    than the page scrolls in a box of its own, so that no word of a table is broken on a phone. Cautions get their
    sign, because their colour alone is lost on a grey print."""
    if "<table>" in html:  # the sanitiser leaves it no attributes and writes no `<` into texts or values
        box = format_html('<div class="prose__box" role="group" tabindex="0" aria-label="{}">', _t("Table"))
        html = html.replace("<table>", f"{box}<table>").replace("</table>", "</table></div>")
    html = CALLOUT.sub(_with_sign, html)
    return mark_safe(html)  # noqa: S308 - Kind.render promises sanitised HTML


def _with_sign(opening: re.Match[str]) -> str:
    """The opening tag of a caution, followed by its sign."""
    name, word = SIGNS[opening["sort"]]
    return opening[0] + named_icon(name, word)
