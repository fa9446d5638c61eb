"""The words of a Word, PowerPoint or OpenDocument file, a paragraph a line, in the order in which people read them."""

from __future__ import annotations

from collections.abc import Iterator

from lxml import etree

from core.safe.office import PACKAGE, main_part, relationships_of, targets
from core.safe.xml import parse_xml
from core.safe.zip import CheckedZip, checked_zip

# By their last names, because strict Word files have other name spaces. Left out: the settings of a paragraph, and what
# is said a second time for programs that do not know the first way.
_LEFT_OUT = ("pPr", "Fallback")
_TAGS = [f"{{*}}{name}" for name in ("p", "t", "tab", "br", "cr", *_LEFT_OUT)]
_ODF_TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
_ODF_COMMENT = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}annotation"


def office_text(data: bytes, extension: str) -> str:
    """What people read in a ``docx``, ``pptx`` or ``odt``; raises ``UnsafeArchive``, ``UnsafeXML``, or ``KeyError``
    where a part that must be there is not. Comments, and what was deleted under tracking, are left out."""
    with checked_zip(data) as archive:
        lines = list({"docx": _of_word, "pptx": _of_slides, "odt": _of_opendocument}[extension](archive))
    return "\n".join(line for line in lines if line.strip())


def is_encrypted_opendocument(data: bytes) -> bool:
    """Whether the parts of an OpenDocument file are locked with a password; raises as ``office_text`` does."""
    with checked_zip(data) as archive:
        return b"encryption-data" in archive.read("META-INF/manifest.xml")


def _of_word(archive: CheckedZip) -> Iterator[str]:
    """The text, then its footnotes and endnotes."""
    document, parts = _main(archive)
    yield from _lines(archive.read(document))
    for purpose, part in parts.values():
        if purpose in ("footnotes", "endnotes"):
            yield from _lines(archive.read(part))


def _of_slides(archive: CheckedZip) -> Iterator[str]:
    """Slide by slide, each with its notes."""
    presentation, parts = _main(archive)
    for slide in parse_xml(archive.read(presentation)).iter("{*}sldId"):
        relation = next((value for name, value in slide.attrib.items() if name.endswith("}id")), "")
        if relation not in parts:
            continue
        name = parts[relation][1]
        yield from _lines(archive.read(name))
        for purpose, part in _referred_to(archive, name).values():
            if purpose == "notesSlide":
                yield from _lines(archive.read(part))


def _main(archive: CheckedZip) -> tuple[str, dict[str, tuple[str, str]]]:
    """The name of the part that holds the document, and the parts it refers to."""
    names = archive.namelist()
    name = main_part(parse_xml(archive.read(PACKAGE)) if PACKAGE in names else None, names)
    if name is None:
        raise KeyError(PACKAGE)
    return name, _referred_to(archive, name)


def _referred_to(archive: CheckedZip, part: str) -> dict[str, tuple[str, str]]:
    names, beside = archive.namelist(), relationships_of(part)
    return targets(parse_xml(archive.read(beside)) if beside in names else None, part, names)


def _lines(part: bytes) -> Iterator[str]:
    """The paragraphs of one part; a paragraph inside another one (a text box) is a line of its own."""
    walk = etree.iterwalk(parse_xml(part), events=("start", "end"), tag=_TAGS)
    line = ""
    for event, node in walk:
        name = etree.QName(node).localname
        if name == "p":
            yield line
            line = ""
        elif event == "start" and name in _LEFT_OUT:
            walk.skip_subtree()
        elif event == "start":
            line += (node.text or "") if name == "t" else " "
    yield line


def _of_opendocument(archive: CheckedZip) -> Iterator[str]:
    """The paragraphs and headings; what stands between them is only there to be read by people who read the file."""
    left_out = (_ODF_TEXT + "tracked-changes", _ODF_TEXT + "note-citation", _ODF_COMMENT)
    blocks, blanks = (_ODF_TEXT + "p", _ODF_TEXT + "h"), (_ODF_TEXT + "s", _ODF_TEXT + "tab", _ODF_TEXT + "line-break")
    walk = etree.iterwalk(parse_xml(archive.read("content.xml")), events=("start", "end"))
    line = ""
    for event, node in walk:
        if node.tag in blocks:
            yield " ".join(line.split())
            line = ""
        if node.tag in left_out:
            walk.skip_subtree()
        elif event == "start":
            line += " " if node.tag in blanks else (node.text or "")
        if event == "end":
            line += node.tail or ""
    yield " ".join(line.split())
