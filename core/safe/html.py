"""The one door for rich text: what may stay in a document's HTML, and what is said about the rest.

Everything typed, pasted, imported or sent by the API passes `clean`; it is also called when stored text is shown.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from html import escape

import nh3

from core.safe.html_reading import (
    OutlineEntry,
    blocks_of,
    ensure_step_keys,
    heading_anchors,
    outline,
    remember,
    text_of,
)
from core.safe.html_report import what_goes
from core.safe.html_tokens import HEADINGS, VOID, Token, names, tokens_of
from core.safe.words import Said, gettext_noop

__all__ = [
    "Cleaned",
    "ContentTooLarge",
    "OutlineEntry",
    "blocks_of",
    "clean",
    "ensure_step_keys",
    "outline",
    "refuse_too_long",
    "text_of",
    "words_only",
]

MAX_CHARACTERS = 2_000_000
# The parser takes quadratic time over `&` in one run of text: 500,000 of them took three seconds.
MAX_ENTITIES = 80_000
MAX_DEPTH = 150
MAX_OPEN_MARKS = 12

_KEPT = names(
    "h1 h2 h3 h4 h5 h6 p ol ul li table caption colgroup col thead tbody tfoot tr th td strong em u s code pre kbd "
    "blockquote sub sup hr br a img figure figcaption aside section div"
)
# Other blocks become plain ones: dropping only their tags would glue the words of neighbours together.
_RENAMED = {
    **dict.fromkeys(names("address article center dd details dl fieldset footer form header legend main nav"), "div"),
    **dict.fromkeys(("dt", "summary", "option"), "p"),
    "h1": "h2",
    "b": "strong",
    "i": "em",
    "cite": "em",
    "dfn": "em",
    "var": "em",
    "del": "s",
    "strike": "s",
    "ins": "u",
    "samp": "code",
    "tt": "code",
}
_TAGS = set(_KEPT | set(_RENAMED))
_DROPPED_WITH_CONTENT = names(
    "script style template noscript noembed noframes iframe object embed applet svg math title head audio video canvas "
    "frameset"
)
_ATTRIBUTES = {
    "a": {"href", "title"},
    "img": {"src", "alt", "title", "width", "height"},
    "ol": {"start", "type", "class"},
    "td": {"colspan", "rowspan"},
    "th": {"colspan", "rowspan", "scope"},
    "col": {"span"},
    "colgroup": {"span"},
    "li": {"data-step", "class"},
    "section": {"data-step", "class"},
    "div": {"class"},
    "aside": {"class"},
    "form": set(),
}
_CLASSES = {
    "div": ("note", "caution", "caution--stop"),
    "aside": ("note", "caution", "caution--stop"),
    "ol": ("steps",),
    "section": ("step",),
    "li": ("step",),
}
_UUID = r"[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}"
_OUR_IMAGE = re.compile(rf"/attachments/{_UUID}(?:/[\w.%~+() -]{{1,200}})*/?")
_PENDING_IMAGE = re.compile(r"attachment:\d{1,6}")
_PATTERNS = {
    "data-step": re.compile(r"[a-z0-9-]{1,40}"),
    "start": re.compile(r"-?\d{1,6}"),
    "type": re.compile(r"[1aAiI]"),
    "scope": re.compile(r"row|col|rowgroup|colgroup"),
    **dict.fromkeys(("colspan", "rowspan", "span"), re.compile(r"[1-9]\d{0,2}")),
    **dict.fromkeys(("width", "height"), re.compile(r"[1-9]\d{0,4}")),
}
_OUR_ANCHOR = re.compile(r"(<h[2-6]) id=\"[^\"]*\">")
_SCHEMES = {"http", "https", "mailto", "tel"}
_IGNORED_IN_ADDRESSES = re.compile(r"[\x00-\x20\x7f-\x9f\u200b-\u200f\u2028-\u202e\ufeff]")
_SCHEME = re.compile(r"([a-zA-Z][a-zA-Z0-9+.-]*):")


class ContentTooLarge(ValueError):
    """The text is longer than any procedure; its message can be shown."""


@dataclass(frozen=True, slots=True)
class Cleaned:
    """HTML that may be stored and shown, and what had to go, in plain words."""

    html: str
    removed: list[Said]


def clean(html: str, *, images_pending: bool = False) -> Cleaned:
    """Keep what a procedure needs, drop the rest, and say what was dropped; cleaning twice changes nothing.

    `images_pending` lets an importer's `attachment:<n>` addresses pass until its caller has stored the pictures.
    """
    refuse_too_long(html)
    html = html.replace("\x00", "")
    removed = what_goes(html, kept=_TAGS, link_is_safe=_link_is_safe, image_is_ours=_image_test(images_pending))
    flat, was_deep = _flattened(html)
    if was_deep:
        removed.append(gettext_noop("boxes nested inside one another too deeply"))
    for _ in range(6):
        flat = _arranged(_sanitised(flat, images_pending))
        # Settled when the sanitiser finds nothing more to do but to take our own anchors off again.
        if _sanitised(flat, images_pending) == _OUR_ANCHOR.sub(r"\1>", flat):
            return Cleaned(flat, removed)
    # Never seen on real text: what does not settle is kept as words only.
    return Cleaned(words_only(flat), removed)


def refuse_too_long(html: str) -> None:
    """Raise ``ContentTooLarge`` for what would not be cleaned in time."""
    if len(html) > MAX_CHARACTERS or html.count("&") > MAX_ENTITIES:
        raise ContentTooLarge(
            gettext_noop(
                "The text is too long: at most %(limit)d million characters.", limit=MAX_CHARACTERS // 1_000_000
            )
        )


def words_only(html: str) -> str:
    """What cleaned HTML says, line by line and without anything else."""
    return "".join(f"<p>{escape(line, quote=False)}</p>" for line in text_of(html).splitlines())


def _sanitised(html: str, images_pending: bool) -> str:
    return _sanitiser(images_pending).clean(html)


@cache
def _sanitiser(images_pending: bool) -> nh3.Cleaner:
    """Made once: setting the rules up takes longer than cleaning a short text."""
    image_is_ours = _image_test(images_pending)

    def allowed(tag: str, attribute: str, value: str) -> str | None:
        return _allowed_value(tag, attribute, value, image_is_ours)

    return nh3.Cleaner(
        tags=_TAGS,
        clean_content_tags=set(_DROPPED_WITH_CONTENT),
        attributes=_ATTRIBUTES,
        attribute_filter=allowed,
        # "attachment" exists only inside an import; the filter above refuses it everywhere else.
        url_schemes=_SCHEMES | {"attachment"},
        link_rel="noopener noreferrer",
    )


def _allowed_value(tag: str, attribute: str, value: str, image_is_ours: Callable[[str], bool]) -> str | None:
    if attribute == "class":
        classes = [name for name in _CLASSES.get(tag, ()) if name in value.split()]
        if "caution--stop" in classes and "caution" not in classes:
            classes.insert(0, "caution")
        return " ".join(classes) or None
    if attribute == "href":
        return value if _link_is_safe(value) else None
    if attribute == "src":
        return value if image_is_ours(value) else None
    pattern = _PATTERNS.get(attribute)
    return value if pattern is None or pattern.fullmatch(value) else None


def _link_is_safe(address: str) -> bool:
    """Web, mail and telephone addresses, places in this document, and paths of this portal."""
    bare = _IGNORED_IN_ADDRESSES.sub("", address)
    scheme = _SCHEME.match(bare)
    if scheme:
        return scheme[1].lower() in _SCHEMES
    return not re.match(r"[/\\]{2}", bare) and not bare.startswith("\\")


def _image_test(images_pending: bool) -> Callable[[str], bool]:
    def is_ours(address: str) -> bool:
        if ".." in address:
            return False
        return bool(_OUR_IMAGE.fullmatch(address) or (images_pending and _PENDING_IMAGE.fullmatch(address)))

    return is_ours


def _arranged(html: str) -> str:
    """Rename what has a simpler name, keep step keys unique and on steps, and give headings their anchors."""
    tokens: list[Token] = []
    lists: list[str] = []
    keys: set[str] = set()
    bare_link = False
    for token in tokens_of(html):
        token.tag = _RENAMED.get(token.tag, token.tag)
        if token.tag in ("ol", "ul"):
            lists = [*lists, token.tag] if token.opens else lists[:-1]
        if (token.tag == "img" and "src" not in token.attributes) or (token.closing and token.tag in VOID):
            continue
        if token.tag == "a":
            # A link without an address is a bookmark or was disarmed: only its words stay.
            bare, bare_link = bare_link, token.opens and "href" not in token.attributes
            if bare_link or (bare and token.closing):
                continue
        if "data-step" in token.attributes:
            numbered = token.tag == "section" or lists[-1:] == ["ol"]
            key = token.attributes["data-step"]
            if key in keys or not numbered:
                del token.attributes["data-step"]
            keys.add(key)
        tokens.append(token)
    if any(token.tag in HEADINGS for token in tokens):
        _give_anchors(tokens)
    arranged = "".join(map(str, tokens))
    remember(arranged, tokens)
    return arranged


def _give_anchors(tokens: list[Token]) -> None:
    anchors = heading_anchors(tokens)
    for position, anchor in anchors.items():
        tokens[position].attributes = {"id": anchor}
    known = set(anchors.values())
    for token in tokens:
        address = token.attributes.get("href", "") if token.tag == "a" else ""
        if address.startswith("#") and address[1:] not in known and f"s-{address[1:].lower()}" in known:
            token.attributes["href"] = f"#s-{address[1:].lower()}"


# Their end is implied by the next one, so an unclosed one says nothing about depth.
_CLOSE_THEMSELVES = names("p li td th tr dt dd option optgroup thead tbody tfoot colgroup caption")
_MARKS = names("a b big code em font i nobr s small strike strong tt u")
_NEVER_OPEN = VOID | _CLOSE_THEMSELVES | names("input meta link area base embed param source track")
_TAG_START = re.compile(r"<(/?)([a-zA-Z][^\s/>]*)[^<>]*>?")


def _flattened(html: str) -> tuple[str, bool]:
    """Drop tags nested too deeply: the HTML standard's own parsing rules need quadratic time for them."""
    if html.count("<") <= MAX_OPEN_MARKS:
        return html, False
    open_now: Counter[str] = Counter()
    dropped: Counter[str] = Counter()
    depth = marks = 0

    def decide(match: re.Match[str]) -> str:
        nonlocal depth, marks
        name = match[2].lower()
        if name in _NEVER_OPEN:
            return match[0]
        if match[1]:
            if dropped[name]:
                dropped[name] -= 1
                return ""
            if open_now[name]:
                open_now[name] -= 1
                depth -= 1
                marks -= name in _MARKS
            return match[0]
        if depth >= MAX_DEPTH or (name in _MARKS and marks >= MAX_OPEN_MARKS):
            dropped[name] += 1
            return ""
        open_now[name] += 1
        depth += 1
        marks += name in _MARKS
        return match[0]

    flat = _TAG_START.sub(decide, html)
    return flat, bool(flat != html)
