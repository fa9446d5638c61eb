"""Word files as programs other than Word write them: made from the XML of their body."""

import io
import zipfile

RELATIONSHIPS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010806000000"
    "1f15c4890000000d49444154789c6360606060000000050001a5f645400000000049454e44ae426082"
)
_SPACES = {
    "w": "http://schemas.openxmlformats.org/wordprocessingml/2006/main",
    "r": RELATIONSHIPS,
    "wp": "http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing",
    "a": "http://schemas.openxmlformats.org/drawingml/2006/main",
    "pic": "http://schemas.openxmlformats.org/drawingml/2006/picture",
    "mc": "http://schemas.openxmlformats.org/markup-compatibility/2006",
    "wps": "http://schemas.microsoft.com/office/word/2010/wordprocessingShape",
    "wpg": "http://schemas.microsoft.com/office/word/2010/wordprocessingGroup",
    "w14": "http://schemas.microsoft.com/office/word/2010/wordml",
    "v": "urn:schemas-microsoft-com:vml",
    "m": "http://schemas.openxmlformats.org/officeDocument/2006/math",
}
SPACES = " ".join(f'xmlns:{short}="{full}"' for short, full in _SPACES.items())
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"


def word_file(body: str, *, styles: str = "", numbering: str = "", header: str = "", footer: str = "") -> bytes:
    """A .docx with this body; the picture ``rPicture`` and the page ``rPage`` can be pointed at."""
    parts = {"styles": styles, "numbering": numbering, "header": header, "footer": footer}
    root = {"styles": "styles", "numbering": "numbering", "header": "hdr", "footer": "ftr"}
    related = [("rPicture", "image", "media/bay.png", ""), ("rPage", "hyperlink", "https://example.org/x", "External")]
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, xml in parts.items():
            if xml:
                archive.writestr(f"word/{name}.xml", f"<w:{root[name]} {SPACES}>{xml}</w:{root[name]}>")
                related.append((f"r{name}", name, f"{name}.xml", ""))
        archive.writestr("word/media/bay.png", PNG)
        archive.writestr(
            "[Content_Types].xml",
            f'<Types xmlns="{_PACKAGE}/content-types"><Default Extension="rels" '
            'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
            '<Default Extension="xml" ContentType="application/xml"/>'
            '<Default Extension="png" ContentType="image/png"/></Types>',
        )
        archive.writestr("_rels/.rels", _relations([("r1", "officeDocument", "word/document.xml", "")]))
        archive.writestr("word/_rels/document.xml.rels", _relations(related))
        archive.writestr("word/document.xml", f"<w:document {SPACES}><w:body>{body}<w:sectPr/></w:body></w:document>")
    return file.getvalue()


def _relations(related: list[tuple[str, str, str, str]]) -> str:
    rows = "".join(
        f'<Relationship Id="{key}" Type="{RELATIONSHIPS}/{sort}" Target="{target}"'
        + (f' TargetMode="{mode}"/>' if mode else "/>")
        for key, sort, target, mode in related
    )
    return f'<Relationships xmlns="{_PACKAGE}/relationships">{rows}</Relationships>'


def run(words: str, properties: str = "") -> str:
    before = f"<w:rPr>{properties}</w:rPr>" if properties else ""
    return f'<w:r>{before}<w:t xml:space="preserve">{words}</w:t></w:r>'


def paragraph(*inner: str, properties: str = "") -> str:
    """Runs, or words alone."""
    before = f"<w:pPr>{properties}</w:pPr>" if properties else ""
    return f"<w:p>{before}{''.join(one if one.startswith('<') else run(one) for one in inner)}</w:p>"


def table(*rows: list[str]) -> str:
    """Cells are words, or XML."""
    cells = [
        "".join(f"<w:tc>{cell if cell.startswith('<') else paragraph(cell)}</w:tc>" for cell in row) for row in rows
    ]
    return f"<w:tbl><w:tblPr/>{''.join(f'<w:tr>{row}</w:tr>' for row in cells)}</w:tbl>"


def control(inner: str, sort: str = "") -> str:
    """A content control."""
    return f"<w:sdt><w:sdtPr>{sort}</w:sdtPr><w:sdtContent>{inner}</w:sdtContent></w:sdt>"


def picture(alt: str = "") -> str:
    return (
        f'<pic:pic><pic:nvPicPr><pic:cNvPr id="1" name="Picture 1" descr="{alt}"/></pic:nvPicPr>'
        '<pic:blipFill><a:blip r:embed="rPicture"/></pic:blipFill></pic:pic>'
    )


def drawing(inner: str, uri: str = "drawing") -> str:
    return (
        f'<w:drawing><wp:anchor><wp:docPr id="3" name="Drawing 1"/><a:graphic><a:graphicData uri="{uri}">{inner}'
        "</a:graphicData></a:graphic></wp:anchor></w:drawing>"
    )


def text_box(*paragraphs: str) -> str:
    return f"<wps:wsp><wps:txbx><w:txbxContent>{''.join(paragraphs)}</w:txbxContent></wps:txbx></wps:wsp>"


def old_text_box(*paragraphs: str) -> str:
    content = f"<w:txbxContent>{''.join(paragraphs)}</w:txbxContent>"
    return f"<w:pict><v:shape><v:textbox>{content}</v:textbox></v:shape></w:pict>"


def twice(choice: str, fallback: str) -> str:
    """As Word writes drawings: for itself, and for older programs."""
    return (
        f'<w:r><mc:AlternateContent><mc:Choice Requires="wps">{choice}</mc:Choice>'
        f"<mc:Fallback>{fallback}</mc:Fallback></mc:AlternateContent></w:r>"
    )


def level(number: int, sort: str = "decimal", start: int = 1) -> str:
    return f'<w:lvl w:ilvl="{number}"><w:start w:val="{start}"/><w:numFmt w:val="{sort}"/></w:lvl>'


def listed(words: str, list_id: int, depth: int = 0) -> str:
    return paragraph(words, properties=f'<w:numPr><w:ilvl w:val="{depth}"/><w:numId w:val="{list_id}"/></w:numPr>')
