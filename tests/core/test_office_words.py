"""The words of Office packages, written by hand so that each shows what writers of such files do."""

import io
import zipfile

import pytest

from core.text_extraction import is_locked, text_from

RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
LISTED = "http://schemas.openxmlformats.org/package/2006/relationships"
WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
STRICT_WORD = "http://purl.oclc.org/ooxml/wordprocessingml/main"
ODF = "urn:oasis:names:tc:opendocument:xmlns"


def package(parts: dict[str, str]) -> bytes:
    """An Office file of these parts."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return file.getvalue()


def relations(**targets: str) -> str:
    """What a part refers to, by id: "purpose target"."""
    listed = [
        f'<Relationship Id="{name}" Type="{RELATIONS}/{purpose}" Target="{target}"/>'
        for name, (purpose, target) in ((name, said.split()) for name, said in targets.items())
    ]
    return f'<Relationships xmlns="{LISTED}">{"".join(listed)}</Relationships>'


@pytest.mark.parametrize("space", [WORD, STRICT_WORD])
def test_notes_and_text_boxes_of_a_word_file_are_found_once_and_its_settings_are_not(space):
    box = "<w:p><w:r><w:t>Box</w:t></w:r></w:p>"
    document = f"""<w:document xmlns:w="{space}" xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006">
        <w:p><w:pPr><w:tabs><w:tab/></w:tabs></w:pPr><w:r><w:t>Check</w:t><w:tab/><w:t>twice</w:t></w:r>
        <mc:AlternateContent><mc:Choice>{box}</mc:Choice><mc:Fallback>{box}</mc:Fallback></mc:AlternateContent>
        <w:r><w:t>after</w:t></w:r><w:del><w:r><w:delText>gone</w:delText></w:r></w:del></w:p></w:document>"""
    data = package(
        {
            "word/document.xml": document,
            "word/_rels/document.xml.rels": relations(a="footnotes footnotes.xml"),
            "word/footnotes.xml": f'<w:n xmlns:w="{space}"><w:p><w:r><w:t>Below five.</w:t></w:r></w:p></w:n>',
        }
    )
    assert text_from(data, "docx").text == "Check twice\nBox\nafter\nBelow five."


def test_slides_are_found_in_their_order_with_their_notes():
    def slide(words: str) -> str:
        return f'<s xmlns:a="a"><a:p><a:r><a:t>{words}</a:t></a:r><a:br/><a:r><a:t>dock</a:t></a:r></a:p></s>'

    shown = "".join(f'<p:sldId r:id="{name}"/>' for name in ("second", "first", "gone"))
    data = package(
        {
            "_rels/.rels": relations(a="officeDocument ppt/presentation.xml"),
            "ppt/presentation.xml": f'<p:presentation xmlns:p="p" xmlns:r="{RELATIONS}">{shown}</p:presentation>',
            "ppt/_rels/presentation.xml.rels": relations(first="slide slides/a.xml", second="slide slides/b.xml"),
            "ppt/slides/a.xml": slide("Warm"),
            "ppt/slides/b.xml": slide("Cold"),
            "ppt/slides/_rels/b.xml.rels": relations(n="notesSlide ../notes.xml"),
            "ppt/notes.xml": slide("Say it at the"),
        }
    )
    assert text_from(data, "pptx").text == "Cold dock\nSay it at the dock\nWarm dock"


def opendocument(content: str, manifest: str = "<manifest/>") -> bytes:
    return package({"META-INF/manifest.xml": manifest, "content.xml": content})


def test_the_words_of_an_opendocument_text_are_found():
    content = f"""<o:document-content xmlns:o="{ODF}:office:1.0" xmlns:t="{ODF}:text:1.0">
        <t:tracked-changes><t:deletion><t:p>gone</t:p></t:deletion></t:tracked-changes>
        <t:h>Receiving<t:tab/>goods</t:h>
        <t:p>Use <t:span>two</t:span> scales<o:annotation><t:p>why?</t:p></o:annotation>,<t:s/>
            not one<t:note><t:note-citation>1</t:note-citation><t:note-body><t:p>Class A.</t:p></t:note-body></t:note>.
            Then go.</t:p>
        </o:document-content>"""
    found = text_from(opendocument(content), "odt").text
    assert found == "Receiving goods\nUse two scales, not one\nClass A.\n. Then go."


def test_an_opendocument_text_with_a_password_is_locked():
    assert is_locked(opendocument("\x8f\x01", "<manifest><encryption-data/></manifest>"), "odt")
    assert not is_locked(opendocument("<a/>"), "odt")
    assert not is_locked(b"PK", "odt")
