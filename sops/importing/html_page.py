"""Reading a page of HTML, as programs that export their documents write it into JSON lines."""

from __future__ import annotations

import re

from lxml import etree
from lxml import html as lxml_html

from core.safe.html import ContentTooLarge, clean, text_of
from core.safe.html_tokens import Token, tokens_of
from core.safe.words import gettext_noop
from sops.importing.facts import Facts, code_in_name
from sops.importing.imported import CannotImport, Imported
from sops.importing.markdown import MAX_CHARACTERS, Guests, only_shown

_PAGE = re.compile(
    r"\s*<(?:!doctype\s+html|html|head|body|main|article|section|header|div|p|h[1-6]|ol|ul|table)\b.*>\s*\Z",
    re.DOTALL | re.IGNORECASE,
)
_MARKED = re.compile(r"\n {0,3}(?:#{1,6} |[-*+] |\d{1,9}[.)] |```|~~~|\|.*\|\s*$|!?\[[^\]]*\]\()", re.MULTILINE)
_FIRST_LEVEL = re.compile(r"<h1\b", re.IGNORECASE)
_HEADING_TAG = re.compile(r"(</?h)([1-6])(?=[\s>])", re.IGNORECASE)


def is_html(text: str) -> bool:
    """Whether a text is a page of HTML and not Markdown: nothing stands outside its tags, and nothing inside them looks
    like Markdown."""
    if not _PAGE.match(text) or len(text) > MAX_CHARACTERS:
        return False
    try:
        outside = lxml_html.fragments_fromstring(only_shown(text))
    except (etree.LxmlError, ValueError):
        return False
    if any(isinstance(one, str) or (one.tail or "").strip() for one in outside):
        return False
    return not any(_MARKED.search(words) for one in outside for words in one.itertext())


def read_html(source: str, name: str = "", *, title: str = "") -> Imported:
    """A page of HTML as a procedure; pictures are named, because none come with it."""
    guests = Guests(None, None)
    html = guests.markup(source)
    try:
        cleaned = clean(html, images_pending=True)
        tokens, dropped = _without_title(list(tokens_of(cleaned.html)), title)
        if len(_FIRST_LEVEL.findall(html)) > dropped:  # further ones: all stand below the title
            lower = clean(_HEADING_TAG.sub(lambda tag: f"{tag[1]}{min(int(tag[2]) + 1, 6)}", html), images_pending=True)
            tokens, _dropped = _without_title(list(tokens_of(lower.html)), title)
    except ContentTooLarge as error:
        raise CannotImport(error.args[0]) from error
    warnings = guests.said() + [gettext_noop("Removed: %(what)s.", what=what) for what in cleaned.removed]
    return Imported(title[:300], "".join(map(str, tokens)), guests.images, Facts(code=code_in_name(name)), warnings)


def _without_title(tokens: list[Token], title: str) -> tuple[list[Token], bool]:
    """The text without a heading that opens it with the words of the title; whether there was one."""
    place = next((n for n, token in enumerate(tokens) if token.tag == "h2" and token.opens), None)
    if place is None or text_of("".join(map(str, tokens[:place]))):
        return tokens, False
    end = next((n for n in range(place + 1, len(tokens)) if tokens[n].tag == "h2"), place)
    words = " ".join(text_of("".join(map(str, tokens[place:end]))).split())
    is_title = words.casefold() == " ".join(title.split()).casefold()
    return (tokens[:place] + tokens[end + 1 :], True) if is_title else (tokens, False)
