"""Small faults of a Word file that Word passes over and the converter fails on: references that lead nowhere."""

from __future__ import annotations

import re

from lxml import etree

from sops.importing.word_xml import R, W, text_run

_V = "{urn:schemas-microsoft-com:vml}"
_OFFICE = "{urn:schemas-microsoft-com:office:office}"
# "Strict" files say the same in other namespaces.
_STRICT = b"http://purl.oclc.org/ooxml/"
_TRANSITIONAL = {
    b"wordprocessingml/main": b"wordprocessingml/2006/main",
    b"officeDocument/relationships": b"officeDocument/2006/relationships",
    b"officeDocument/math": b"officeDocument/2006/math",
    b"officeDocument/customProperties": b"officeDocument/2006/custom-properties",
    b"drawingml/": b"drawingml/2006/",
}
_COUNTS = ("gridSpan", "numId", "ilvl")


def as_transitional(xml: bytes) -> bytes:
    """The same part in the namespaces that every other Word file uses."""
    if _STRICT in xml:
        for strict, usual in _TRANSITIONAL.items():
            xml = xml.replace(_STRICT + strict, b"http://schemas.openxmlformats.org/" + usual)
    return xml


def mend_styles(styles: etree._Element | None) -> None:
    """A style without a type is one of paragraphs; one without a key is nobody's."""
    for style in list(styles.iter(W + "style")) if styles is not None else []:
        if not style.get(W + "styleId"):
            style.getparent().remove(style)
        elif not style.get(W + "type"):
            style.set(W + "type", "paragraph")


def thin_styles(styles: etree._Element | None) -> None:
    """Leave of the styles what the converter reads, their names and lists: parsing the rest was most of its work."""
    for style in list(styles) if styles is not None else []:
        if style.tag != W + "style":
            styles.remove(style)
            continue
        for part in list(style):
            if part.tag not in (W + "name", W + "pPr"):
                style.remove(part)
        for setting in style.findall(f"{W}pPr/*"):
            if setting.tag != W + "numPr":
                setting.getparent().remove(setting)


def mend_numbering(numbering: etree._Element | None) -> None:
    """A list that has no key, or names no definition, numbers nothing."""
    for number in list(numbering.iter(W + "num")) if numbering is not None else []:
        definition = number.find(W + "abstractNumId")
        if not number.get(W + "numId") or definition is None or not definition.get(W + "val"):
            number.getparent().remove(number)
    for abstract in list(numbering.iter(W + "abstractNum")) if numbering is not None else []:
        if not abstract.get(W + "abstractNumId"):
            abstract.getparent().remove(abstract)


def mend_references(root: etree._Element, known: set[str], notes: set[tuple[str, str]]) -> list[str]:
    """Take out what leads nowhere: to a relationship that is not ``known``, to a note that is not there. Returns the
    names of pictures that went."""
    _name_old_pictures(root)
    for link in root.iter(W + "hyperlink"):
        if link.get(R + "id") and link.get(R + "id") not in known:
            del link.attrib[R + "id"]
    for sort in ("footnote", "endnote"):
        for reference in list(root.iter(f"{W}{sort}Reference")):
            if (sort, reference.get(W + "id") or "") not in notes:
                reference.getparent().remove(reference)
    for name in _COUNTS:
        for count in list(root.iter(W + name)):
            if not re.fullmatch(r"\d{1,9}", count.get(W + "val") or ""):
                count.getparent().remove(count)
    return [_named_instead(image) for image in list(root.iter(_V + "imagedata")) if image.get(R + "id") not in known]


def _name_old_pictures(root: etree._Element) -> None:
    """A picture of older programs is called as the shape is that shows it."""
    for image in root.iter(_V + "imagedata"):
        described = image.getparent().get("alt") or image.getparent().get("title") or ""
        if described:
            image.set(_OFFICE + "title", described)


def _named_instead(image: etree._Element) -> str:
    """Write the name of a picture that is not there where it stood."""
    name = image.get(_OFFICE + "title") or "picture"
    run = next(image.iterancestors(W + "r"), None)
    image.getparent().remove(image)
    if run is not None:
        run.addnext(text_run(f"[Image: {name}]"))
    return name


def notes_of(parts: list[etree._Element]) -> set[tuple[str, str]]:
    """The footnotes and endnotes that are there, by sort and key."""
    return {
        (sort, note.get(W + "id") or "")
        for part in parts
        for sort in ("footnote", "endnote")
        for note in part.iter(W + sort)
    }


def fill_rows(root: etree._Element) -> None:
    """A row that begins or ends further inside gets the empty cells that Word leaves out there."""
    for row in root.iter(W + "tr"):
        for name, at_end in (("gridBefore", False), ("gridAfter", True)):
            count = row.find(f"{W}trPr/{W}{name}")
            if count is None or not re.fullmatch(r"[1-9]\d?", count.get(W + "val") or ""):
                continue
            cell = etree.Element(W + "tc")
            etree.SubElement(etree.SubElement(cell, W + "tcPr"), W + "gridSpan").set(W + "val", count.get(W + "val"))
            etree.SubElement(cell, W + "p")
            first = row.find(W + "tc")
            if at_end or first is None:
                row.append(cell)
            else:
                first.addprevious(cell)
