"""Saying in plain words what the sanitiser takes away; nothing here decides what stays."""

from __future__ import annotations

import re
from collections.abc import Callable, Container

from lxml import etree
from lxml import html as lxml_html

from core.safe.words import Said, gettext_noop

# Anything but tags of which nothing is ever said: bare ones, ones with a name or class, links to the web.
_SUSPECT = re.compile(
    r"<(?!/?(?:a|blockquote|br|code|div|em|figcaption|figure|h[1-6]|hr|li|ol|p|pre|s|section|span|strong|table|tbody|td|"
    r"th|thead|tr|ul)(?: (?:class|data-step|id)=\"[\w -]*\")? ?/?>"
    r"|a href=\"(?:https?:|mailto:|#)[^\"<>\s]*\"(?: rel=\"[a-z ]*\")?>)[a-zA-Z]"
)
_SAID_OF_TAGS: dict[str, Said] = {
    "script": gettext_noop("a script"),
    "style": gettext_noop("a style sheet"),
    "link": gettext_noop("a style sheet"),
    "iframe": gettext_noop("a page from another place (frame)"),
    "frame": gettext_noop("a page from another place (frame)"),
    "object": gettext_noop("an embedded object"),
    "embed": gettext_noop("an embedded object"),
    "applet": gettext_noop("an embedded object"),
    "svg": gettext_noop("a drawing (SVG)"),
    "math": gettext_noop("a formula (MathML)"),
    "video": gettext_noop("a video"),
    "audio": gettext_noop("a sound"),
    "canvas": gettext_noop("a drawing made by a script"),
    "form": gettext_noop("a form"),
    "input": gettext_noop("a form field"),
    "button": gettext_noop("a form field"),
    "select": gettext_noop("a form field"),
    "textarea": gettext_noop("a form field"),
    "template": gettext_noop("a hidden template"),
    "noscript": gettext_noop("a text for browsers without scripts"),
    "meta": gettext_noop("a page setting"),
    "base": gettext_noop("a page setting"),
}


def what_goes(
    html: str, *, kept: Container[str], link_is_safe: Callable[[str], bool], image_is_ours: Callable[[str], bool]
) -> list[Said]:
    """Name, once each and in order of appearance, the things in this HTML that may not stay."""
    if not _SUSPECT.search(html):
        return []
    found: dict[str, Said] = {}
    try:
        parser = lxml_html.HTMLParser(encoding="utf-8", no_network=True, remove_comments=True, remove_pis=True)
        tree = etree.fromstring(html.encode("utf-8", "replace"), parser)
    except (etree.LxmlError, ValueError):
        tree = None
    if tree is None:
        return []
    for element in tree.iter(etree.Element):
        tag = element.tag.lower()
        said = _SAID_OF_TAGS.get(tag)
        if said and (tag == "form" or tag not in kept):
            found.setdefault(said, said)
        for name, value in element.attrib.items():
            said = _said_of_attribute(tag, name.lower(), value, link_is_safe, image_is_ours)
            if said:
                found.setdefault(said, said)
    return list(found.values())


def _said_of_attribute(
    tag: str, name: str, value: str, link_is_safe: Callable[[str], bool], image_is_ours: Callable[[str], bool]
) -> Said | None:
    if name.startswith("on"):
        return gettext_noop("a script")
    if name == "style":
        return gettext_noop("inline styles")
    if tag == "img" and name == "src" and not image_is_ours(value):
        return _said_of_image(value)
    if name in ("href", "action", "formaction", "xlink:href") and not link_is_safe(value):
        bare = re.sub(r"[\x00-\x20]", "", value).lower()
        if bare.startswith(("javascript:", "vbscript:")):
            return gettext_noop("a link that runs a script")
        return gettext_noop("a link with an address that is not allowed")
    return None


def _said_of_image(address: str) -> Said:
    bare = re.sub(r"[\x00-\x20]", "", address).lower()
    if bare.startswith("data:"):
        return gettext_noop("an image embedded in the text")
    if re.match(r"(?:https?:|[/\\]{2})", bare):
        return gettext_noop("an image from another site")
    return gettext_noop("an image that is not an attachment of this portal")
