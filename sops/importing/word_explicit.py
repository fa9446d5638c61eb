"""Making explicit what the converter of Word files passes over: controls, simple fields, boxes, formulas, signs."""

from __future__ import annotations

import re
from collections import Counter
from copy import deepcopy
from dataclasses import dataclass, field

from lxml import etree
from mammoth.docx.dingbats import dingbats

from core.safe.words import Said, gettext_noop
from sops.importing.word_xml import MC, WP, A, R, W, text_run, unwrap, words_of

_M = "{http://schemas.openxmlformats.org/officeDocument/2006/math}"
_PIC = "{http://schemas.openxmlformats.org/drawingml/2006/picture}"
_V = "{urn:schemas-microsoft-com:vml}"
_HYPERLINK = re.compile(r"\s*HYPERLINK\s", re.IGNORECASE)
_ADDRESS = re.compile(r'HYPERLINK\s+(?:"([^"]*)"|([^\s"\\]\S*))', re.IGNORECASE)
_BOOKMARK = re.compile(r'\\l\s+(?:"([^"]*)"|(\S+))')
# What a field shows; inside its instruction it is a part of that and not seen.
_SEEN = ("t", "tab", "br", "cr", "sym", "noBreakHyphen", "drawing", "pict", "object", "footnoteReference")
_DRAWN_FONTS = {name for name, _sign in dingbats} | {"Wingdings", "Wingdings 2", "Wingdings 3", "Webdings", "Symbol"}
# What is drawn from data: named in its place, because nobody can draw it here.
_NAMED = re.compile(r"/(?:chart|chartex|diagram)\b")
OUTLINE = "PortalOutline"
_UNKNOWN_SIGN = "▯"


@dataclass
class Passed:
    """What could not be made explicit, to be spoken of."""

    hidden: list[str] = field(default_factory=list)
    formulas: int = 0
    shapes: int = 0
    inserted_files: int = 0
    fonts: Counter[str] = field(default_factory=Counter)

    def said(self) -> list[Said]:
        said = []
        if self.hidden:
            words = " … ".join(" ".join(hidden.split())[:120] for hidden in self.hidden[:5])
            said.append(gettext_noop("Hidden text was left out: “%(words)s”", words=words))
        if self.formulas:
            said.append(gettext_noop("%(count)d × formula, now written in one line.", count=self.formulas))
        if self.shapes:
            said.append(
                gettext_noop("%(count)d × drawn line, arrow or shape, which cannot come along.", count=self.shapes)
            )
        if self.inserted_files:
            said.append(gettext_noop("%(count)d × inserted file, which cannot come along.", count=self.inserted_files))
        for font, count in self.fonts.items():
            said.append(
                gettext_noop(
                    "%(count)d × sign of the font %(font)s that no other font has, now “%(sign)s”.",
                    count=count,
                    font=font,
                    sign=_UNKNOWN_SIGN,
                )
            )
        return said


def make_explicit(root: etree._Element, passed: Passed) -> None:
    """Write as plain runs and paragraphs what only Word itself would show."""
    _open_controls(root)
    _open_fields(root)
    _tidy_fields(root)
    _write_old_boxes(root)
    _write_choices(root)
    _write_breaks(root)
    _write_letters(root)
    _leave_out_hidden(root, passed)
    _write_formulas(root, passed)
    _write_signs(root, passed)
    for struck in root.iter(W + "dstrike"):
        struck.tag = W + "strike"
    passed.inserted_files += sum(1 for _ in root.iter("{urn:schemas-microsoft-com:office:office}OLEObject"))
    for element in list(root.iter(W + "altChunk", W + "subDoc")):
        passed.inserted_files += 1
        element.getparent().remove(element)


def _open_controls(root: etree._Element) -> None:
    """Content controls and other wrappers are what they hold."""
    for control in list(root.iter(W + "sdt")):
        content = control.find(W + "sdtContent")
        for child in list(control):
            if child is not content:
                control.remove(child)
        if content is not None:
            unwrap(content)
        unwrap(control)
    for name in ("dir", "bdo", "customXml", "smartTag"):
        for element in list(root.iter(W + name)):
            unwrap(element)
    for ruby in list(root.iter(W + "ruby")):
        base, above = ruby.find(W + "rubyBase"), ruby.find(W + "rt")
        words = words_of(base) if base is not None else ""
        reading = words_of(above) if above is not None else ""
        _replace_by_words(ruby, f"{words} ({reading})" if reading.strip() else words)


def _open_fields(root: etree._Element) -> None:
    """A field in short form is its last result; a link stays a link."""
    for simple in reversed(list(root.iter(W + "fldSimple"))):
        instruction = simple.get(W + "instr") or ""
        for data in simple.findall(W + "fldData"):
            simple.remove(data)
        if _HYPERLINK.match(instruction):
            code = etree.Element(W + "r")
            etree.SubElement(code, W + "instrText").text = instruction
            simple.insert(0, _field_mark("begin"))
            simple.insert(1, code)
            simple.insert(2, _field_mark("separate"))
            simple.append(_field_mark("end"))
        unwrap(simple)


@dataclass
class _Field:
    """A field while it is read: its instruction, and what stands inside that."""

    codes: list[etree._Element] = field(default_factory=list)
    unseen: list[etree._Element] = field(default_factory=list)
    is_code: bool = True

    def code_ends(self) -> None:
        if not self.is_code:
            return
        self.is_code = False
        for node in self.unseen:
            node.getparent().remove(node)
        instruction = "".join(code.text or "" for code in self.codes)
        if _HYPERLINK.match(instruction):
            for code in self.codes:
                code.text = ""
            self.codes[0].text = _link(instruction)


def _tidy_fields(root: etree._Element) -> None:
    """Of a field its result is seen, not what its instruction is computed from; a link says where it leads, and no
    more."""
    fields: list[_Field] = []
    for node in list(root.iter(W + "fldChar", W + "instrText", *(W + name for name in _SEEN))):
        sort = node.get(W + "fldCharType") if node.tag == W + "fldChar" else ""
        if sort == "begin":
            fields.append(_Field())
        elif not fields:
            continue
        elif sort in ("separate", "end"):
            fields[-1].code_ends()
            if sort == "end":
                fields.pop()
        elif node.tag == W + "instrText":
            fields[-1].codes.append(node)
        elif around := next((one for one in fields if one.is_code), None):
            around.unseen.append(node)


def _link(instruction: str) -> str:
    """The instruction of a link as the converter reads it: an address, or a bookmark of the file."""
    address, bookmark = _ADDRESS.search(instruction), _BOOKMARK.search(instruction)
    leads_to, place = (match[1] or match[2] or "" if match else "" for match in (address, bookmark))
    if place and not leads_to:
        return f'HYPERLINK \\l "{place}"'
    return f'HYPERLINK "{leads_to}{"#" + place if place else ""}"'


def _write_choices(root: etree._Element) -> None:
    """A list to choose from, of old forms, is what was chosen in it."""
    for choice in list(root.iter(W + "ddList")):
        run = next(choice.iterancestors(W + "r"), None)
        entries = [entry.get(W + "val") or "" for entry in choice.iter(W + "listEntry")]
        chosen = next(
            (mark.get(W + "val") or "0" for name in ("result", "default") for mark in choice.iter(W + name)), "0"
        )
        if run is not None and chosen.isdecimal() and int(chosen) < len(entries):
            run.addprevious(text_run(entries[int(chosen)]))


def _write_breaks(root: etree._Element) -> None:
    """Between words of one paragraph every break is at least a new line, and a leap to the margin a tab."""
    for mark in list(root.iter(W + "ptab", W + "cr")):
        mark.tag = W + ("tab" if mark.tag == W + "ptab" else "br")
    for mark in root.iter(W + "br"):
        if mark.get(W + "type") not in ("page", "column"):
            continue
        paragraph = next(mark.iterancestors(W + "p"), None)
        sides = _words_beside(mark, paragraph) if paragraph is not None else ("", "")
        if all(words.strip() for words in sides):
            del mark.attrib[W + "type"]


def _write_letters(root: etree._Element) -> None:
    """Words drawn as a picture are words."""
    for path in list(root.iter(_V + "textpath")):
        run = next(path.iterancestors(W + "r"), None)
        if run is not None and (path.get("string") or "").strip():
            run.addprevious(text_run(path.get("string")))


def _words_beside(mark: etree._Element, paragraph: etree._Element) -> tuple[str, str]:
    before, after, seen = "", "", False
    for node in paragraph.iter(W + "t", mark.tag):
        seen = seen or node is mark
        if seen:
            after += node.text or ""
        else:
            before += node.text or ""
    return before, after


def _write_old_boxes(root: etree._Element) -> None:
    """Boxes to tick of old forms are signs; how they stand is kept in the field."""
    for box in list(root.iter(W + "checkBox")):
        mark = next(box.iterancestors(W + "fldChar"), None)
        run = next(box.iterancestors(W + "r"), None)
        said = box.find(W + "checked")
        said = said if said is not None else box.find(W + "default")
        is_ticked = said is not None and said.get(W + "val") not in ("0", "false", "off")
        box.getparent().remove(box)
        if mark is not None and run is not None:
            for data in mark.findall(W + "ffData"):
                mark.remove(data)
            run.addprevious(text_run("☒" if is_ticked else "☐"))
    for code in root.iter(W + "instrText"):
        if (code.text or "").strip().startswith("FORMCHECKBOX"):
            code.text = ""


def _field_mark(sort: str) -> etree._Element:
    run = etree.Element(W + "r")
    etree.SubElement(run, W + "fldChar").set(W + "fldCharType", sort)
    return run


def _leave_out_hidden(root: etree._Element, passed: Passed) -> None:
    for run in list(root.iter(W + "r")):
        mark = run.find(f"{W}rPr/{W}vanish")
        if mark is None or mark.get(W + "val") in ("0", "false", "off"):
            continue
        words = words_of(run)
        if words.strip():
            passed.hidden.append(words)
        for node in list(run):
            if node.tag in (W + "t", W + "tab", W + "br", W + "cr", W + "sym", W + "noBreakHyphen"):
                run.remove(node)


def _write_formulas(root: etree._Element, passed: Passed) -> None:
    for formula in list(root.iter(_M + "oMath")):
        words = _in_one_line(formula).strip()
        if words:
            passed.formulas += 1
            formula.getparent().replace(formula, _with_tail(text_run(words), formula))
    for paragraph in list(root.iter(_M + "oMathPara")):
        for child in list(paragraph):
            if child.tag != W + "r":
                paragraph.remove(child)
        unwrap(paragraph)


def _in_one_line(element: etree._Element) -> str:
    """A formula as one types it: a/b, x^(2), √(x)."""
    part = {etree.QName(child).localname: _in_one_line(child) for child in element if isinstance(child.tag, str)}
    name = etree.QName(element).localname
    if name == "t":
        return element.text or ""
    if name == "f":
        return f"({part.get('num', '')})/({part.get('den', '')})"
    if name in ("sSup", "sSub", "sSubSup"):
        below = f"_({part['sub']})" if part.get("sub") else ""
        above = f"^({part['sup']})" if part.get("sup") else ""
        return f"{part.get('e', '')}{below}{above}"
    if name == "rad":
        return f"{part.get('deg', '')}√({part.get('e', '')})"
    if name == "func":
        return f"{part.get('fName', '')}({part.get('e', '')})"
    if name in ("m", "eqArr"):
        rows = element.findall(_M + ("mr" if name == "m" else "e"))
        return "; ".join(
            ", ".join(_in_one_line(cell) for cell in row.findall(_M + "e")) or _in_one_line(row) for row in rows
        )
    if name == "nary":
        sign = element.find(f"{_M}naryPr/{_M}chr")
        symbol = (sign.get(_M + "val") if sign is not None else None) or "∫"
        below = f"_({part['sub']})" if part.get("sub") else ""
        above = f"^({part['sup']})" if part.get("sup") else ""
        return f"{symbol}{below}{above} {part.get('e', '')}"
    if name == "d":
        return "(" + ", ".join(_in_one_line(child) for child in element.findall(_M + "e")) + ")"
    return "".join(_in_one_line(child) for child in element if isinstance(child.tag, str))


def lay_out_drawings(root: etree._Element, passed: Passed) -> None:
    """Text boxes and pictures of a drawing stand one after the other where the drawing stood. Word writes most
    drawings twice, for itself and for older programs: only one of both is taken."""
    _renew_pictures(root)
    both = [one for one in root.iter(MC + "AlternateContent") if _is_drawn(one)]
    for drawing in reversed(both):
        choice, fallback = drawing.find(MC + "Choice"), drawing.find(MC + "Fallback")
        taken = next((one for one in (choice, fallback) if one is not None and _held(one)), None)
        named = choice.find(f".//{W}drawing") if choice is not None else None
        if taken is not None:
            _put_in_place(drawing, _held(taken))
        elif named is not None and _is_named(named):
            _put_in_place(drawing, [named])
        else:
            passed.shapes += 1
            drawing.getparent().remove(drawing)
    for drawing in reversed(list(root.iter(W + "drawing"))):
        held = _held(drawing)
        if drawing.find(f".//{W}txbxContent") is not None or len(held) > 1:
            _put_in_place(drawing, held)
        elif not held and not _is_named(drawing) and drawing.find(f".//{A}blip") is None:
            passed.shapes += 1
            drawing.getparent().remove(drawing)


def _renew_pictures(root: etree._Element) -> None:
    for old in list(root.iter(W + "pict", W + "object")):
        images = list(old.iter(_V + "imagedata"))
        if images and old.find(f".//{W}txbxContent") is None:
            for image in images:
                old.addprevious(_old_picture(image))
            if old.tag == W + "pict":
                old.getparent().remove(old)
            else:
                for image in images:
                    image.getparent().remove(image)


def _is_drawn(element: etree._Element) -> bool:
    return next(element.iter(W + "drawing", W + "pict"), None) is not None


def _is_named(drawing: etree._Element) -> bool:
    return any(_NAMED.search(data.get("uri") or "") for data in drawing.iter(A + "graphicData"))


def _held(drawing: etree._Element) -> list[etree._Element]:
    """The text boxes and pictures of a drawing, each in the form the converter reads."""
    held = []
    for node in drawing.iter(W + "txbxContent", A + "blip", _V + "imagedata"):
        if any(above.tag == W + "txbxContent" for above in _between(node, drawing)):
            continue  # it comes with the box it stands in
        if node.tag == W + "txbxContent":
            held.append(_box(node))
        elif node.tag == A + "blip":
            held.append(_picture(node, drawing))
        else:
            held.append(_old_picture(node))
    return held


def _between(node: etree._Element, root: etree._Element) -> list[etree._Element]:
    above = []
    for ancestor in node.iterancestors():
        if ancestor is root:
            break
        above.append(ancestor)
    return above


def _box(content: etree._Element) -> etree._Element:
    pict = etree.Element(W + "pict")
    etree.SubElement(etree.SubElement(pict, _V + "shape"), _V + "textbox").append(deepcopy(content))
    return pict


def _picture(blip: etree._Element, drawing: etree._Element) -> etree._Element:
    own = next((one for one in _between(blip, drawing) if one.tag == _PIC + "pic"), None)
    described = own.find(f"{_PIC}nvPicPr/{_PIC}cNvPr") if own is not None else None
    whole = next((one for one in (drawing, *drawing.iter()) if one.tag == WP + "docPr"), None)
    new = etree.Element(W + "drawing")
    inline = etree.SubElement(new, WP + "inline")
    properties = etree.SubElement(inline, WP + "docPr")
    for source in (described, whole):
        for name in ("descr", "title", "name"):
            if source is not None and source.get(name) and not properties.get(name):
                properties.set(name, source.get(name))
    data = etree.SubElement(etree.SubElement(inline, A + "graphic"), A + "graphicData")
    data.set("uri", "http://schemas.openxmlformats.org/drawingml/2006/picture")
    etree.SubElement(etree.SubElement(data, _PIC + "pic"), _PIC + "blipFill").append(deepcopy(blip))
    return new


def _old_picture(image: etree._Element) -> etree._Element:
    """A picture of older programs in the form of today, which alone keeps its name."""
    blip = etree.Element(A + "blip")
    blip.set(R + "embed", image.get(R + "id") or "")
    drawing = _picture(blip, blip)
    next(drawing.iter(WP + "docPr")).set("descr", image.get("{urn:schemas-microsoft-com:office:office}title") or "")
    return drawing


def _put_in_place(drawing: etree._Element, held: list[etree._Element]) -> None:
    parent = drawing.getparent()
    place = parent.index(drawing)
    parent.remove(drawing)
    for offset, element in enumerate(held):
        parent.insert(place + offset, element)


def _write_signs(root: etree._Element, passed: Passed) -> None:
    """Signs of fonts that draw pictures instead of letters become the sign that every font has."""
    for sign in list(root.iter(W + "sym")):
        written = sign.get(W + "char") or ""
        code = int(written, 16) if re.fullmatch(r"[0-9A-Fa-f]{1,4}", written) else 0
        _replace_by_words(sign, _sign(sign.get(W + "font") or "?", code, passed))
    for run in root.iter(W + "r"):
        fonts = run.find(f"{W}rPr/{W}rFonts")
        font = (fonts.get(W + "hAnsi") or fonts.get(W + "ascii") or "") if fonts is not None else ""
        for text in run.findall(W + "t") if font in _DRAWN_FONTS or _has_private(run) else []:
            text.text = "".join(
                _sign(font or "Symbol", ord(sign), passed)
                if sign.strip() and (font in _DRAWN_FONTS or 0xF000 <= ord(sign) <= 0xF0FF)
                else sign
                for sign in text.text or ""
            )


def _has_private(run: etree._Element) -> bool:
    return any(0xF000 <= ord(sign) <= 0xF0FF for text in run.findall(W + "t") for sign in text.text or "")


def _sign(font: str, code: int, passed: Passed) -> str:
    known = dingbats.get((font, code)) or (dingbats.get((font, code & 0xFF)) if 0xF000 <= code <= 0xF0FF else None)
    if known is None and not 0xE000 <= code <= 0xF8FF:
        return chr(code) if code >= 0x20 else ""
    if known is None:
        passed.fonts[font] += 1
    return chr(known) if known else _UNKNOWN_SIGN


def _replace_by_words(element: etree._Element, words: str) -> None:
    text = etree.Element(W + "t")
    text.text = words
    text.set("{http://www.w3.org/XML/1998/namespace}space", "preserve")
    element.getparent().replace(element, _with_tail(text, element))


def _with_tail(new: etree._Element, old: etree._Element) -> etree._Element:
    new.tail = old.tail
    return new


def mark_outlines(body: etree._Element, headings: set[str]) -> None:
    """A paragraph that says itself at which level of the outline it stands is a heading, whatever its style."""
    for paragraph in body.iter(W + "p"):
        properties = paragraph.find(W + "pPr")
        outline = properties.find(W + "outlineLvl") if properties is not None else None
        level = outline.get(W + "val") or "" if outline is not None else ""
        if level not in tuple("012345") or not words_of(paragraph).strip():
            continue
        style = properties.find(W + "pStyle")
        if (style is not None and style.get(W + "val") in headings) or any(
            above.tag in (W + "tbl", W + "txbxContent") for above in paragraph.iterancestors()
        ):
            continue
        if style is None:
            style = etree.Element(W + "pStyle")
            properties.insert(0, style)
        style.set(W + "val", f"{OUTLINE}{int(level) + 1}")
        numbers = properties.find(W + "numPr")
        if numbers is not None:
            properties.remove(numbers)  # counted already
