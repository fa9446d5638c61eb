"""Reading a Markdown file: its text as clean HTML, its pictures, and the facts in its properties."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from html import escape, unescape
from pathlib import PurePosixPath
from urllib.parse import unquote

from markdown_it import MarkdownIt
from markdown_it.token import Token
from mdit_py_plugins.tasklists import tasklists_plugin

from core.safe.filetype import picture_extension
from core.safe.html import ContentTooLarge, clean, text_of
from core.safe.words import Said, gettext_noop
from sops.importing.facts import Facts, code_in_name
from sops.importing.front_matter import facts_of, split_front_matter
from sops.importing.imported import CannotImport, Image, Imported

MAX_CHARACTERS = 1_000_000
# (address as written) -> bytes of the picture, or None where it is not to be had
FindPicture = Callable[[str], bytes | None]
# (address as written) -> address in the portal, or None where it leads nowhere here
FindLink = Callable[[str], str | None]

_PARSER = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"]).use(tasklists_plugin)
_TEMPLATE = re.compile(r"\{\{.*?\}\}|\{%.*?%\}", re.DOTALL)
_OUTSIDE = re.compile(r"(?i)(?:https?:|mailto:|tel:|#|//)")
_HTML_TAG = re.compile(r"<(img|a)\b((?:[^<>\"']|\"[^\"]*\"|'[^']*')*)>", re.IGNORECASE)
_HTML_ATTRIBUTE = re.compile(r"([\w-]+)\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s\"'>]+))")
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)


def read_markdown(
    source: str | bytes,
    name: str = "",
    *,
    title: str = "",
    find_picture: FindPicture | None = None,
    find_link: FindLink | None = None,
) -> Imported:
    """A Markdown text as a procedure; pictures and links to neighbours are found by the caller."""
    text = (source if isinstance(source, str) else decoded(source)).removeprefix("\ufeff")
    if len(text) > MAX_CHARACTERS:
        raise CannotImport(gettext_noop("The text is too long: at most %(limit)d characters.", limit=MAX_CHARACTERS))
    properties, body, warnings = split_front_matter(text)
    facts, unclear = facts_of(properties)
    guests = _Guests(find_picture, find_link)
    try:
        tokens = _PARSER.parse(body)
        _prepare(tokens, guests)
        given = " ".join((properties.get("title") or title).split())
        heading = _take_title(tokens, given)
        cleaned = clean(_PARSER.renderer.render(tokens, _PARSER.options, {}), images_pending=True)
    except ContentTooLarge as error:
        raise CannotImport(error.args[0]) from error
    except RecursionError as error:
        raise CannotImport(gettext_noop("The text is nested too deeply.")) from error
    warnings += unclear + guests.said() + _template_marks(body)
    warnings += [gettext_noop("Removed: %(what)s.", what=what) for what in cleaned.removed]
    facts = facts.filled_from(Facts(code=code_in_name(name)))
    shown = heading or given or _from_name(name)
    return Imported(shown[:300], cleaned.html, guests.images, facts, warnings)


def decoded(data: bytes) -> str:
    """Text from bytes of UTF-8, UTF-16 with its mark, or Windows-1252, which reads anything."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", "replace")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252", "replace")


@dataclass
class _Guests:
    """Pictures and links of a text: what was found, and what was not."""

    find_picture: FindPicture | None
    find_link: FindLink | None
    images: list[Image] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)
    remote: list[str] = field(default_factory=list)
    unlinked: list[str] = field(default_factory=list)
    _seen: dict[str, int] = field(default_factory=dict)

    def picture(self, address: str, alt: str) -> str:
        """HTML that stands for a picture: the picture itself, or its name."""
        path = unquote(_TEMPLATE.sub("", address)).strip()
        named = alt or PurePosixPath(path.split("?")[0]).name or "picture"
        if path.lower().startswith("data:"):
            data, named = _inline_picture(path), alt or "picture"
        elif re.match(r"(?i)(?:https?:)?//", path):
            self.remote.append(named)
            link = escape(path if path.startswith("http") else f"https:{path}")
            return f'<a href="{link}">[Image: {escape(named, quote=False)}]</a>'
        else:
            data = self.find_picture(path) if self.find_picture and path else None
        extension = picture_extension(data) if data else None
        if not data or not extension:
            self.lost.append(named)
            return f"[Image: {escape(named, quote=False)}]"
        if address not in self._seen:
            self._seen[address] = len(self.images)
            stem = (
                PurePosixPath(path).stem if not path.lower().startswith("data:") else f"picture-{len(self.images) + 1}"
            )
            self.images.append(Image(f"{stem[:100]}.{extension}", data, alt))
        return f'<img src="attachment:{self._seen[address]}" alt="{escape(alt)}">'

    def link(self, address: str) -> str | None:
        """The address a link may keep, or None."""
        if _OUTSIDE.match(address):
            return f"https:{address}" if address.startswith("//") else address
        found = self.find_link(address) if self.find_link and not _TEMPLATE.search(unquote(address)) else None
        if found is None:
            self.unlinked.append(unquote(address))
        return found

    def said(self) -> list[Said]:
        said = [
            gettext_noop("The picture “%(name)s” was not found; its name stands in its place.", name=name[:120])
            for name in self.lost
        ]
        said += [
            gettext_noop("The picture “%(name)s” lies on another site; a link stands in its place.", name=name[:120])
            for name in self.remote
        ]
        if self.unlinked:
            which = ", ".join(dict.fromkeys(address[:80] for address in self.unlinked[:5]))
            said.append(
                gettext_noop(
                    "%(count)d × link to a page that is not here, now plain words: %(which)s",
                    count=len(self.unlinked),
                    which=which + (", …" if len(self.unlinked) > 5 else ""),
                )
            )
        return said


def _inline_picture(address: str) -> bytes | None:
    match = re.match(r"data:image/[\w.+-]+;base64,(.*)", address, re.DOTALL | re.IGNORECASE)
    try:
        return base64.b64decode(match[1], validate=True) if match else None
    except (binascii.Error, ValueError):
        return None


def _prepare(tokens: list[Token], guests: _Guests) -> None:
    """Give pictures, links, check boxes and raw HTML the form they keep."""
    for token in tokens:
        if token.children:
            _prepare(token.children, guests)
        if token.type == "image":
            alt = "".join(child.content for child in token.children or [] if child.type != "html_inline")
            _become_html(token, guests.picture(str(token.attrs.get("src") or ""), alt))
        elif token.type == "link_open":
            kept = guests.link(str(token.attrs.get("href") or ""))
            token.attrs = {"href": kept} if kept else {}
        elif token.type in ("th_open", "td_open"):
            token.attrs = {}
        elif token.type == "html_inline" and "task-list-item-checkbox" in token.content:
            token.content = "☑ " if "checked" in token.content else "☐ "
        elif token.type in ("html_inline", "html_block"):
            token.content = _HTML_TAG.sub(lambda match: _raw_tag(match, guests), token.content)


def _become_html(token: Token, html: str) -> None:
    token.type, token.tag, token.content, token.children = "html_inline", "", html, None


def _raw_tag(match: re.Match[str], guests: _Guests) -> str:
    attributes = {name.lower(): unescape(a or b or c) for name, a, b, c in _HTML_ATTRIBUTE.findall(match[2])}
    if match[1].lower() == "img":
        return guests.picture(attributes.get("src", ""), attributes.get("alt", ""))
    if "href" not in attributes:
        return match[0]
    kept = guests.link(attributes["href"])
    return f'<a href="{escape(kept)}">' if kept else "<a>"


def _take_title(tokens: list[Token], given: str) -> str:
    """Take the first-level heading that opens the text out as its title, and move other headings below level one."""
    place = next((n for n, token in enumerate(tokens) if token.type != "html_block" or _shows(token)), None)
    taken = ""
    if place is not None and tokens[place].type == "heading_open" and tokens[place].tag == "h1":
        inline = tokens[place + 1]
        pictures = any(
            child.type == "html_inline" and "attachment:" in child.content for child in inline.children or []
        )
        words = " ".join(text_of(clean(_PARSER.renderer.render([inline], _PARSER.options, {})).html).split())
        if words and not pictures and given.casefold() in ("", words.casefold()):
            taken = words
            del tokens[place : place + 3]
    headings = [token for token in tokens if token.type in ("heading_open", "heading_close")]
    if any(token.tag == "h1" for token in headings):
        for token in headings:
            token.tag = f"h{min(int(token.tag[1]) + 1, 6)}"
    return taken


def _shows(token: Token) -> bool:
    return bool(re.sub(r"<[^<>]*>", "", _COMMENT.sub("", token.content)).strip()) or "<img" in token.content


def _template_marks(body: str) -> list[Said]:
    marks = [match[0] for match in _TEMPLATE.finditer(body)]
    if not marks:
        return []
    return [
        gettext_noop(
            "%(count)d × template mark left as it is, for example “%(mark)s”.",
            count=len(marks),
            mark=" ".join(marks[0].split())[:60],
        )
    ]


def _from_name(name: str) -> str:
    return re.sub(r"[_\s-]+", " ", PurePosixPath(name).stem).strip().capitalize() or gettext_noop("Untitled")
