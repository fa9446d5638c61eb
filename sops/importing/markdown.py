"""Reading a Markdown file: its text as clean HTML, its pictures, and the facts in its properties."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from html import escape, unescape
from itertools import chain
from pathlib import PurePosixPath
from urllib.parse import unquote

from markdown_it import MarkdownIt
from markdown_it.token import Token
from mdit_py_plugins.footnote import footnote_plugin
from mdit_py_plugins.tasklists import tasklists_plugin

from core.safe.filetype import picture_extension
from core.safe.html import ContentTooLarge, blocks_of, clean, text_of
from core.safe.html_tokens import names, tokens_of
from core.safe.words import Said, gettext_noop
from sops.importing.facts import Facts, code_in_name, field_called, labelled_lines, parse_facts
from sops.importing.front_matter import facts_of, split_front_matter
from sops.importing.imported import CannotImport, Image, Imported
from sops.importing.notes import HEADING, link_notes, note_heading

MAX_CHARACTERS = 1_000_000
LONGEST_VALUE = 80  # in a table of facts; longer ones are sentences
OPENING = 15  # lines in which a text may state its number and dates
# (address as written) -> bytes of the picture, or None where it is not to be had
FindPicture = Callable[[str], bytes | None]
# (address as written) -> address in the portal, or None where it leads nowhere here
FindLink = Callable[[str], str | None]

# As GitHub reads it: ~one~ tilde strikes as two do.
_PARSER = MarkdownIt("commonmark", {"html": True, "strikethrough_single_tilde": True})
_PARSER.enable(["table", "strikethrough"]).use(tasklists_plugin).use(footnote_plugin, inline=False, move_to_end=False)
# What is never closed is not looked for to the end of the text each time.
_TEMPLATE = re.compile(r"\{\{[^{]{0,500}?\}\}|\{%[^{]{0,500}?%\}")
_OUTSIDE = re.compile(r"(?i)(?:https?:|mailto:|tel:|#|//)")
_HTML_TAG = re.compile(r"<(img|a)\b((?:[^<>\"']|\"[^\"]*\"|'[^']*')*)>", re.IGNORECASE)
_HTML_ATTRIBUTE = re.compile(r"([\w-]+)\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s\"'>]+))")
# The longer mark first: UTF-32 begins as UTF-16 does.
_MARKS = ((b"\xff\xfe\0\0", "utf-32"), (b"\0\0\xfe\xff", "utf-32"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
# What other programs write and CommonMark leaves as it is: addresses with blanks, names in double brackets.
_LOOSE = re.compile(
    r"!\[(?P<alt>[^\[\]\n]*)\]\((?P<picture>[^()<>\"\n]*\.(?:png|jpe?g|gif|webp|svg|bmp|tiff?))(?:\s+\"[^\"\n]*\")?\)"
    r"|(?<!!)\[(?P<label>[^\[\]\n]+)\]\((?P<page>[^()<>\"\n]*\.(?:md|markdown|docx)(?:#[^()\s]*)?)\)"
    r"|!\[\[(?P<embedded>[^\[\]|\n]+)(?:\|[^\[\]\n]*)?\]\]"
    r"|\[\[(?P<linked>[^\[\]|\n]+)(?:\|(?P<shown>[^\[\]\n]*))?\]\]",
    re.IGNORECASE,
)
_COMMENT = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)
_NOT_SHOWN = re.compile(r"<!--|<(script|style|svg|math)\b", re.IGNORECASE)
_MENTION = re.compile(r'<sup><a href="#note-\d+">[^<]*</a></sup>')
# Everything HTML knows or knew. What else stands in angle brackets is no tag but a word: <number of the order>.
_KNOWN_TAGS = names(
    "a abbr acronym address applet area article aside audio b base basefont bdi bdo bgsound big blink blockquote "
    "body br button canvas caption center cite code col colgroup data datalist dd del details dfn dialog dir div dl "
    "dt em embed fieldset figcaption figure font footer form frame frameset h1 h2 h3 h4 h5 h6 head header hgroup hr "
    "html i iframe img input ins kbd keygen label legend li link main map mark marquee math menu menuitem meta "
    "meter nav nobr noembed noframes noscript object ol optgroup option output p param picture plaintext pre "
    "progress q rb rp rt rtc ruby s samp script search section select slot small source span strike strong style "
    "sub summary sup svg table tbody td template textarea tfoot th thead time title tr track tt u ul var video wbr "
    "xmp"
)
_START_TAG = re.compile(r"<([a-z][^\s/>]*)[^<>]*>", re.IGNORECASE)
_NEVER_LAST = tuple("?!.,:*_~'\"")
_ADDRESS = re.compile(
    r"(?<![^\s*_~(])(?:(?:https?://|www\.)[^\s<]{1,2000}|[\w.+-]{1,64}@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+(?![\w@/-]))",
    re.IGNORECASE,
)


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
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if len(text) > MAX_CHARACTERS:
        raise CannotImport(gettext_noop("The text is too long: at most %(limit)d characters.", limit=MAX_CHARACTERS))
    properties, body, warnings = split_front_matter(text)
    facts, unclear = facts_of(properties)
    guests = Guests(find_picture, find_link)
    try:
        tokens = _notes_last(_PARSER.parse(body))
        _prepare(tokens, guests)
        given = " ".join((properties.get("title") or title).split())
        heading = _take_title(tokens, given)
        first = "" if heading or given else _first_heading(tokens)
        cleaned = clean(_PARSER.renderer.render(tokens, _PARSER.options, {}), images_pending=True)
        html = _linked_notes(cleaned.html)
    except ContentTooLarge as error:
        raise CannotImport(error.args[0]) from error
    except RecursionError as error:
        raise CannotImport(gettext_noop("The text is nested too deeply.")) from error
    warnings += unclear + guests.said() + _template_marks(body) + _cells_left_over(tokens, body)
    warnings += [gettext_noop("Removed: %(what)s.", what=what) for what in cleaned.removed]
    facts = facts.filled_from(_stated_at_the_start(html)).filled_from(Facts(code=code_in_name(name)))
    shown = heading or given or first or _from_name(name)
    return Imported(shown[:300], html, guests.images, facts, warnings)


def decoded(data: bytes) -> str:
    """Text from bytes of UTF-8, UTF-16, UTF-32 with its mark, or Windows-1252, which reads anything."""
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return data.decode(encoding, "replace")
    start = data[:400]
    for encoding, empty in (("utf-16-le", start[1::2]), ("utf-16-be", start[::2])):
        if len(start) >= 4 and empty.count(0) > len(empty) * 0.6:  # a letter and nothing, a letter and nothing
            return data.decode(encoding, "replace")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252", "replace")


@dataclass
class Guests:
    """Pictures and links of a text: what was found, and what was not."""

    find_picture: FindPicture | None
    find_link: FindLink | None
    images: list[Image] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)
    remote: list[str] = field(default_factory=list)
    unlinked: list[str] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)
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
        if path not in self._seen:
            self._seen[path] = len(self.images)
            stem = (
                PurePosixPath(path).stem if not path.lower().startswith("data:") else f"picture-{len(self.images) + 1}"
            )
            self.images.append(Image(f"{stem[:100]}.{extension}", data, alt))
        return f'<img src="attachment:{self._seen[path]}" alt="{escape(alt)}">'

    def link(self, address: str) -> str | None:
        """The address a link may keep, or None."""
        if _OUTSIDE.match(address):
            return f"https:{address}" if address.startswith("//") else address
        found = self.find_link(address) if self.find_link and not _TEMPLATE.search(unquote(address)) else None
        if found is None:
            self.unlinked.append(unquote(address))
        return found

    def loose(self, text: str, *, with_addresses: bool) -> str:
        """HTML of a text in which pictures and pages are named as other programs do, and addresses stand bare."""
        plain = _with_addresses if with_addresses else _escaped
        html, end = "", 0
        for match in _LOOSE.finditer(text):
            html += plain(text[end : match.start()]) + self._loose(match)
            end = match.end()
        return html + plain(text[end:])

    def _loose(self, match: re.Match[str]) -> str:
        """What is found is shown; what is not stays as it is written, as in every other renderer."""
        picture = (match["picture"] or match["embedded"] or "").strip()
        if picture and self.find_picture and self.find_picture(unquote(picture)):
            return self.picture(picture, match["alt"] or PurePosixPath(picture).stem)
        page = (match["page"] or match["embedded"] or match["linked"] or "").strip()
        kept = self.find_link(page) if page and self.find_link else None
        if kept is None:
            return escape(match[0], quote=False)
        return f'<a href="{escape(kept)}">{escape(match["label"] or match["shown"] or page, quote=False)}</a>'

    def markup(self, html: str) -> str:
        """HTML of the text itself: its pictures and links as found, its unknown tags remembered."""
        seen = _START_TAG.finditer(only_shown(html))
        self.unknown += [match[0] for match in seen if match[1].lower() not in _KNOWN_TAGS]
        return _HTML_TAG.sub(lambda match: _raw_tag(match, self), html)

    def said(self) -> list[Said]:
        said = [
            gettext_noop("The picture “%(name)s” was not found; its name stands in its place.", name=name[:120])
            for name in self.lost
        ]
        said += [
            gettext_noop("The picture “%(name)s” lies on another site; a link stands in its place.", name=name[:120])
            for name in self.remote
        ]
        if self.unknown:
            tag = " ".join(self.unknown[0].split())[:60]
            said.append(
                gettext_noop(
                    "%(count)d × something in angle brackets that is no HTML, left out, for example “%(tag)s”.",
                    count=len(self.unknown),
                    tag=tag,
                )
            )
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


def _escaped(text: str) -> str:
    return escape(text, quote=False)


def _with_addresses(text: str) -> str:
    """HTML of words among which addresses of the web or of mail stand bare; GitHub makes links of them."""
    html, end = "", 0
    for match in _ADDRESS.finditer(text):
        address = _without_end(match[0])
        lead = "" if "://" in address else "mailto:" if "@" in address.split("/")[0] else "http://"
        html += f'{_escaped(text[end : match.start()])}<a href="{escape(lead + address)}">{_escaped(address)}</a>'
        end = match.start() + len(address)
    return html + _escaped(text[end:])


def _without_end(address: str) -> str:
    """An address without the full stop of its sentence, or the bracket that stands around it."""
    unpaired = address.count(")") - address.count("(")
    while (last := address[-1:]) in _NEVER_LAST or (last == ")" and unpaired > 0):
        unpaired -= last == ")"
        address = address[:-1]
    return address


def _inline_picture(address: str) -> bytes | None:
    match = re.match(r"data:image/[\w.+-]+;base64,(.*)", address, re.DOTALL | re.IGNORECASE)
    try:
        return base64.b64decode(match[1], validate=True) if match else None
    except (binascii.Error, ValueError):
        return None


def _stated_at_the_start(html: str) -> Facts:
    """Number, version, dates and people where the text begins with lines or a table of them."""
    lines = []
    for block in blocks_of(html)[:OPENING]:
        cells = [cell.strip() for cell in block.split(" | ")]
        is_stated = len(cells) % 2 == 0 and all(field_called(label.strip(" :")) for label in cells[::2])
        if is_stated and max(map(len, cells)) <= LONGEST_VALUE:
            lines += [f"{label.strip(' :')}: {value}" for label, value in zip(cells[::2], cells[1::2], strict=True)]
        else:
            lines.append(block)
    return parse_facts(labelled_lines("\n".join(lines)), only_labelled=True)[0]


def _notes_last(tokens: list[Token]) -> list[Token]:
    """The text with its footnotes behind it, in the order in which they are mentioned. One that nobody mentions, and a
    second one of a name, stays where it stands as it is written."""
    text: list[Token] = []
    notes: dict[str, list[Token]] = {}
    mentioned = {mention.meta["label"] for mention in _mentions(tokens)}
    within, stays = [text], ""
    for token in tokens:
        if token.type == "footnote_reference_open":
            label = token.meta["label"]
            is_note = label in mentioned and label not in notes
            within.append(notes.setdefault(label, []) if is_note else within[-1])
            stays = "" if is_note else f"[^{label}]: "
        elif token.type == "footnote_reference_close":
            within.pop()
            stays = ""
        else:
            if stays and token.children:
                token.children.insert(0, Token("text", "", 0, content=stays))
                stays = ""
            within[-1].append(token)
    return _numbered(text, notes)


def _mentions(tokens: Iterable[Token]) -> Iterator[Token]:
    return (child for token in tokens for child in token.children or () if child.type == "footnote_ref")


def _numbered(text: list[Token], notes: dict[str, list[Token]]) -> list[Token]:
    numbers: dict[str, int] = {}
    for mention in _mentions(chain(text, *notes.values())):
        mention.meta["number"] = numbers.setdefault(mention.meta["label"], len(numbers) + 1)
    if numbers:
        text.append(Token("hr", "hr", 0, markup="---"))
    for label, number in numbers.items():
        text += [_html_block(f"<{HEADING}>{note_heading(number)}</{HEADING}>"), *_with_way_back(notes[label], number)]
    return text


def _with_way_back(note: list[Token], number: int) -> list[Token]:
    way = f'<a href="#noted-{number}">↩</a>'
    if note and note[-1].type == "paragraph_close" and note[-2].children is not None:
        note[-2].children.append(Token("html_inline", "", 0, content=f" {way}"))
        return note
    return [*note, _html_block(f"<p>{way}</p>")]


def _html_block(html: str) -> Token:
    return Token("html_block", "", 0, content=f"{html}\n")


def _linked_notes(html: str) -> str:
    """The cleaned text in which mentions of notes lead to them, and notes back."""
    if "#note-" not in html:
        return html
    tokens = list(tokens_of(html))
    link_notes(tokens)
    return "".join(map(str, tokens))


def _prepare(tokens: list[Token], guests: Guests) -> None:
    """Give pictures, links, check boxes and raw HTML the form they keep."""
    in_link = 0
    for token in tokens:
        in_link += _is_link(token)
        if token.children:
            _prepare(token.children, guests)
        if token.type == "text" and (_LOOSE.search(token.content) or (not in_link and _ADDRESS.search(token.content))):
            _become_html(token, guests.loose(token.content, with_addresses=not in_link))
        elif token.type == "footnote_ref":
            number = token.meta["number"]
            _become_html(token, f'<sup><a href="#note-{number}">{note_heading(number)}</a></sup>')
        elif token.type == "image":
            alt = "".join(child.content for child in token.children or [] if child.type != "html_inline")
            _become_html(token, guests.picture(str(token.attrs.get("src") or ""), alt))
        elif token.type == "link_open":
            kept = guests.link(str(token.attrs.get("href") or ""))
            token.attrs = {"href": kept} if kept else {}
        elif token.type in ("th_open", "td_open"):
            token.attrs = {}
        elif token.type == "html_inline" and "task-list-item-checkbox" in token.content:
            token.content = "☑" if "checked" in token.content else "☐"
        elif token.type in ("html_inline", "html_block"):
            token.content = guests.markup(token.content)


def only_shown(html: str) -> str:
    """HTML without comments, scripts and drawings; what is never closed goes to the end."""
    kept, place, lower = "", 0, html.lower()
    for match in _NOT_SHOWN.finditer(html):
        if match.start() < place:
            continue
        kept += html[place : match.start()]
        closing = f"</{match[1].lower()}>" if match[1] else "-->"
        end = lower.find(closing, match.end())
        place = end + len(closing) if end >= 0 else len(html)
    return kept + html[place:]


def _is_link(token: Token) -> int:
    """1 where a link begins, -1 where it ends."""
    if token.type == "html_inline":
        return -1 if re.match(r"(?i)</a\s*>", token.content) else int(bool(re.match(r"(?i)<a[\s>]", token.content)))
    return token.nesting if token.type in ("link_open", "link_close") else 0


def _become_html(token: Token, html: str) -> None:
    token.type, token.tag, token.content, token.children = "html_inline", "", html, None


def _raw_tag(match: re.Match[str], guests: Guests) -> str:
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
        words = _words(inline)
        if words and not pictures and given.casefold() in ("", words.casefold()):
            taken = words
            del tokens[place : place + 3]
    headings = [token for token in tokens if token.type in ("heading_open", "heading_close")]
    if any(token.tag == "h1" for token in headings):
        for token in headings:
            token.tag = f"h{min(int(token.tag[1]) + 1, 6)}"
    return taken


def _first_heading(tokens: list[Token]) -> str:
    """The words of a first heading of the first level before which no words stand, but a badge or an anchor."""
    place = next((n for n, token in enumerate(tokens) if token.type == "heading_open"), None)
    if place is None or tokens[place].markup not in ("#", "="):
        return ""
    before = _PARSER.renderer.render(tokens[:place], _PARSER.options, {})
    if re.sub(r"\[Image: [^\]]*\]", "", text_of(clean(before, images_pending=True).html)).strip():
        return ""
    return _words(tokens[place + 1])


def _words(inline: Token) -> str:
    """What a heading says, without the numbers of its footnotes."""
    html = _MENTION.sub("", _PARSER.renderer.render([inline], _PARSER.options, {}))
    return " ".join(text_of(clean(html).html).split())


def _cells_left_over(tokens: list[Token], body: str) -> list[Said]:
    """Rows of a table with more cells than its head has: what is too much is left out, as GitHub does, but told."""
    lines, said, columns = body.splitlines(), [], 0
    for token in tokens:
        if token.type == "thead_open":
            columns = 0
        columns += token.type == "th_open"
        if token.type == "tr_open" and columns and token.map and token.map[0] < len(lines):
            cells = re.split(r"(?<!\\)\|", re.sub(r"^\s*\||(?<!\\)\|\s*$", "", lines[token.map[0]]))
            if len(cells) > columns:
                words = " | ".join(cell.strip() for cell in cells[columns:])
                said.append(
                    gettext_noop(
                        "A row of a table has more cells than its head; left out: “%(words)s”", words=words[:200]
                    )
                )
    return said


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
