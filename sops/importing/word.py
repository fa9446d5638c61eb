"""Reading a Word file: its agreed text as clean HTML, its pictures, and the facts in its page header."""

from __future__ import annotations

import re
import zipfile
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import PurePosixPath
from typing import Any

import mammoth
from lxml import etree

from core.safe.filetype import picture_extension
from core.safe.html import ContentTooLarge, clean
from core.safe.office import PACKAGE, main_part, relationships_of, targets
from core.safe.words import Said, gettext_noop
from core.safe.xml import UnsafeXML, parse_xml
from core.safe.zip import CheckedZip, UnsafeArchive, checked_zip
from sops.importing.facts import CODE, READ_UP_TO, Facts, code_in_name, labelled_lines, parse_facts
from sops.importing.imported import CannotImport, Image, Imported
from sops.importing.word_explicit import OUTLINE, Passed, lay_out_drawings, make_explicit, mark_outlines
from sops.importing.word_html import arrange
from sops.importing.word_mending import (
    as_transitional,
    fill_rows,
    mend_numbering,
    mend_references,
    mend_styles,
    notes_of,
    thin_styles,
)
from sops.importing.word_xml import (
    DEEPEST,
    Numbering,
    Pending,
    W,
    add_lists,
    heading_styles,
    mark_numbers,
    name_lost_pictures,
    reject_changes,
    style_names,
    words_of,
)

_SIGNS = {W + "tab": "\t", W + "br": "\n", W + "cr": "\n", W + "noBreakHyphen": "-"}
MOST_COMMENTS = 20
# As Word, LibreOffice and pandoc call them.
_QUOTES = ("Quote", "Intense Quote", "Block Text", "Quotations")
_CODE = ("Source Code", "HTML Preformatted", "Preformatted Text")
_LISTS = (("unordered", "ul"), ("ordered", "ol"))
_TEXTS = ("header", "footer", "footnotes", "endnotes")


def read_word(data: bytes, name: str = "") -> Imported:
    """A Word file's bytes as a procedure; tracked changes are reported and not accepted."""
    try:
        with checked_zip(data) as archive:
            package = _Package(archive)
            return _imported(package, name)
    except (UnsafeArchive, UnsafeXML, ContentTooLarge) as error:
        raise CannotImport(error.args[0]) from error


class _Package:
    """The parts of a Word file, each parsed once and safely."""

    def __init__(self, archive: CheckedZip) -> None:
        self.archive = archive
        names = set(archive.namelist())
        # Everything the converter will parse is parsed here first, by the reader that refuses what is unsafe.
        xml = (part for part in sorted(names) if part.endswith((".xml", ".rels")))
        self.parts = {part: parse_xml(as_transitional(archive.read(part))) for part in xml}
        main = main_part(self.parts.get(PACKAGE), names)
        if main not in self.parts:
            raise CannotImport(gettext_noop("The file is not a Word document (.docx)."))
        self.main, self.document = main, self.parts[main]
        self._targets = targets(self.parts.get(relationships_of(main)), main, names)

    def targets(self) -> dict[str, str]:
        """What the document's relationships lead to inside the file, by their id."""
        return {key: name for key, (_purpose, name) in self._targets.items()}

    def relationships(self, part: str) -> set[str]:
        """The ids of what a part points at, inside the file or not."""
        root = self.parts.get(relationships_of(part))
        return {one.get("Id") or "" for one in root} if root is not None else set()

    def named(self, *purposes: str) -> list[str]:
        """The names of the document's parts of these sorts ("styles", "header"), in order."""
        found = {name for purpose, name in self._targets.values() if purpose in purposes}
        return sorted(found & self.parts.keys())

    def part(self, purpose: str) -> etree._Element | None:
        """The document's one part of a sort, where it has one."""
        return next((self.parts[name] for name in self.named(purpose)), None)

    def prepared(self) -> BytesIO:
        """The file with its prepared parts, for the converter."""
        file = BytesIO()
        with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as writing:
            for part in self.archive.namelist():
                if part in self.parts:
                    writing.writestr(part, etree.tostring(self.parts[part], xml_declaration=True, encoding="UTF-8"))
                elif not part.endswith("/"):
                    writing.writestr(part, self.archive.read(part))
        file.seek(0)
        return file


def _imported(package: _Package, name: str) -> Imported:
    lost = _mended(package)
    warnings = _made_plain(package)
    warnings += _said_of_comments(package)
    facts, unclear = _facts(package, name)
    warnings += unclear
    lost += name_lost_pictures(package.document, package.targets())
    styles = package.part("styles")
    numbering = package.part("numbering")
    mark_numbers(package.document, Numbering(numbering, styles))
    add_lists(numbering)
    headings = heading_styles(styles)
    mark_outlines(package.document, {style_id for style_id, name in style_names(styles) if name in headings})
    thin_styles(styles)
    pictures = _Pictures()
    html = _converted(package, headings, pictures)
    arranged = arrange(html)
    cleaned = clean(arranged.html, images_pending=True)
    lost += pictures.lost
    warnings += [
        gettext_noop("The picture “%(name)s” could not be brought along; its name stands in its place.", name=name)
        for name in lost
    ]
    warnings += [gettext_noop("Removed: %(what)s.", what=what) for what in cleaned.removed]
    if arranged.numbered_headings:
        warnings.append(
            gettext_noop(
                "%(count)d × heading that Word numbers, here without its number, for example “%(words)s”.",
                count=len(arranged.numbered_headings),
                words=arranged.numbered_headings[0][:80],
            )
        )
    title = arranged.title or _property(package, "title") or arranged.first_heading or _from_name(name)
    return Imported(title[:300], cleaned.html, pictures.images, facts, warnings)


def _mended(package: _Package) -> list[str]:
    """Put right what the converter would fail on; the names of pictures that are not there."""
    mend_styles(package.part("styles"))
    mend_numbering(package.part("numbering"))
    notes = notes_of([package.parts[name] for name in package.named("footnotes", "endnotes")])
    lost = []
    for name in [package.main, *package.named("footnotes", "endnotes")]:
        lost += mend_references(package.parts[name], package.relationships(name), notes)
        fill_rows(package.parts[name])
    return lost


def _made_plain(package: _Package) -> list[Said]:
    """Only agreed text, and all of it in the form the converter reads; what could not be brought along, in words."""
    pending, passed = Pending(), Passed()
    for name in [package.main, *package.named(*_TEXTS)]:
        root = package.parts[name]
        told = passed if name == package.main or name in package.named("footnotes", "endnotes") else Passed()
        lay_out_drawings(root, told)  # first: what is written twice would be told twice
        reject_changes(root, pending)
        make_explicit(root, told)
    return _said_of_changes(pending) + passed.said()


@dataclass
class _Pictures:
    """Pictures met while converting, in order, and the names of those no browser can show."""

    images: list[Image] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)

    def keep(self, image: Any) -> dict[str, str]:
        alt = image.alt_text or ""
        try:
            with image.open() as file:
                data = file.read()
        except (KeyError, OSError, ValueError):
            data = b""
        extension = picture_extension(data)
        number = len(self.images) + len(self.lost) + 1
        if not extension:
            name = alt or f"picture {number}"
            self.lost.append(name)
            return {"src": "", "title": name}
        self.images.append(Image(f"picture-{number}.{extension}", data, alt))
        return {"src": f"attachment:{len(self.images) - 1}"}


def _converted(package: _Package, headings: dict[str, int], pictures: _Pictures) -> str:
    style_map = [
        f"p[style-name='{_quoted(style)}'] => {'p.doctitle' if level == 0 else f'h{min(level, 6)}'}:fresh"
        for style, level in headings.items()
    ]
    style_map += [f"p.{OUTLINE}{level} => h{level}:fresh" for level in range(1, 7)]
    for depth in range(1, DEEPEST + 1):  # the converter itself knows five levels
        style_map += [
            f"p:{sort}-list({depth}) => {'ul|ol > li > ' * (depth - 1)}{tag} > li:fresh" for sort, tag in _LISTS
        ]
    style_map += ["u => u", "strike => s", *(f"p[style-name='{name}'] => blockquote > p:fresh" for name in _QUOTES)]
    style_map += [f"p[style-name='{name}'] => pre:separator('\\n')" for name in _CODE]
    try:
        return mammoth.convert_to_html(
            package.prepared(),
            convert_image=mammoth.images.img_element(pictures.keep),
            style_map="\n".join(style_map),
            ignore_empty_paragraphs=False,
        ).value
    except Exception as error:
        raise CannotImport(gettext_noop("The Word file is damaged and could not be read.")) from error


def _quoted(style: str) -> str:
    return style.replace("\\", "\\\\").replace("'", "\\'").replace("\n", " ")


def _said_of_changes(pending: Pending) -> list[Said]:
    who = ", ".join(list(pending.authors)[:3])
    said = []
    for words, pattern in (
        (
            pending.inserted,
            gettext_noop("%(count)d × tracked insertion by %(who)s, left out until someone decides: “%(words)s”"),
        ),
        (pending.deleted, gettext_noop("%(count)d × tracked deletion by %(who)s, not carried out: “%(words)s”")),
        (pending.moved, gettext_noop("%(count)d × tracked move by %(who)s, not carried out: “%(words)s”")),
    ):
        words = [" ".join(run.split()) for run in words if run.strip()]
        if words:
            shown = "”, “".join(run[:120] for run in words[:5]) + ("”, “…" if len(words) > 5 else "")
            said.append(gettext_noop(pattern, count=len(words), who=who or "?", words=shown))
    if pending.formats:
        said.append(gettext_noop("%(count)d × tracked change of format, not carried out.", count=pending.formats))
    return said


def _said_of_comments(package: _Package) -> list[Said]:
    comments = package.part("comments")
    found = list(comments.iter(W + "comment")) if comments is not None else []
    said = []
    for comment in found[:MOST_COMMENTS]:
        words = " ".join(" ".join(words_of(paragraph) for paragraph in comment.iter(W + "p")).split())[:200]
        who = comment.get(W + "author") or "?"
        said.append(gettext_noop("Comment by %(who)s, not part of the text: “%(words)s”", who=who, words=words))
    if len(found) > MOST_COMMENTS:
        said.append(gettext_noop("%(count)d more comments, not part of the text.", count=len(found) - MOST_COMMENTS))
    return said


def _facts(package: _Package, name: str) -> tuple[Facts, list[Said]]:
    """Page headers first, then footers, document properties, tables and lines at the start, and the file's name."""
    margins = package.named("header") + package.named("footer")
    sources = [_lines(package.parts[part]) for part in margins] + [_custom_properties(package)]
    facts, warnings, codes = Facts(), [], set()
    for text in sources:
        more, said = parse_facts(text)
        facts = facts.filled_from(more)
        warnings += said
        codes |= {match[0] for match in CODE.finditer(text[:READ_UP_TO]) if match[0] == more.code}
    if len(codes) > 1:
        warnings.append(
            gettext_noop("The page headers name several numbers: %(codes)s.", codes=", ".join(sorted(codes)))
        )
    body = package.document.find(W + "body")
    opening = list(body)[:12] if body is not None else []
    for table in [child for child in opening if child.tag == W + "tbl"][:2]:
        if facts.code is None or facts.version is None:
            facts = facts.filled_from(parse_facts("\n".join(_table_lines(table)))[0])
    lines = "\n".join(_paragraph(child) for child in opening if child.tag == W + "p")
    facts = facts.filled_from(parse_facts(labelled_lines(lines))[0])
    facts = facts.filled_from(Facts(code=code_in_name(name)))
    return facts, list(dict.fromkeys(warnings))


def _lines(root: etree._Element) -> str:
    lines: list[str] = []
    for block in root.iter(W + "p", W + "tbl"):
        if block.tag == W + "tbl":
            lines += _table_lines(block)
        elif next(block.iterancestors(W + "tbl"), None) is None:
            lines.append(_paragraph(block))
    return "\n".join(lines)


def _table_lines(table: etree._Element) -> list[str]:
    """A table's rows as lines; where a row of labels stands above a row of values, also label beside value."""
    rows = [
        [" ".join(_paragraph(p) for p in cell.iter(W + "p")).strip() for cell in row.iter(W + "tc")]
        for row in table.iter(W + "tr")
    ]
    lines = ["\t".join(row) for row in rows]
    for labels, values in zip(rows, rows[1:], strict=False):
        if len(labels) == len(values) > 1 and not any(re.search(r"\d", label) for label in labels):
            lines += [f"{label}:\t{value}" for label, value in zip(labels, values, strict=True) if label and value]
    return lines


def _paragraph(paragraph: etree._Element) -> str:
    pieces = []
    for node in paragraph.iter(W + "t", *_SIGNS):
        pieces.append(_SIGNS.get(node.tag) or node.text or "")
    return "".join(pieces)


def _custom_properties(package: _Package) -> str:
    custom = package.parts.get("docProps/custom.xml")
    if custom is None:
        return ""
    return "\n".join(f"{prop.get('name')}:\t{''.join(prop.itertext())}" for prop in custom if prop.get("name"))


def _property(package: _Package, name: str) -> str:
    core = package.parts.get("docProps/core.xml")
    found = core.findtext(f"{{http://purl.org/dc/elements/1.1/}}{name}") if core is not None else None
    return " ".join((found or "").split())


def _from_name(name: str) -> str:
    return re.sub(r"[_\s]+", " ", PurePosixPath(name).stem).strip() or gettext_noop("Untitled")
