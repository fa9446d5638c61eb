"""Word files of other programs and with rarer things in them: no word is lost or doubled, what cannot come is told."""

from datetime import date

import pytest

from core.safe.html import text_of
from sops.importing.word import read_word
from tests.sops.importing.word_file import (
    control,
    drawing,
    level,
    listed,
    old_text_box,
    paragraph,
    picture,
    run,
    table,
    text_box,
    twice,
    word_file,
)

BODY = paragraph("Body.")


def read(body, name="x.docx", **parts):
    return read_word(word_file(body, **parts), name)


def words(imported):
    return " ".join(text_of(imported.body_html).split())


def said(imported):
    return " | ".join(map(str, imported.warnings))


def test_content_controls_are_what_they_hold_wherever_they_stand():
    imported = read(
        control(paragraph("Block"))
        + paragraph(control(run("Inline ")), control(control(run("nested"))))
        + table(["A", "B"])
        .replace("<w:tc>", "<w:sdt><w:sdtContent><w:tc>", 1)
        .replace("</w:tc>", "</w:tc></w:sdtContent></w:sdt>", 1)
    )
    assert words(imported) == "Block Inline nested A B"
    assert imported.body_html.count("<td>") == 2


def test_boxes_to_tick_stay_boxes():
    box = "<w14:checkbox><w14:checked w14:val='1'/></w14:checkbox>"
    imported = read(paragraph(control(run("☒"), box), " closed") + paragraph(control(run("☐"), box), " open"))
    assert words(imported) == "☒ closed ☐ open"
    assert imported.warnings == []


def test_fields_in_short_form_keep_their_result_and_links_lead_somewhere():
    imported = read(
        paragraph(
            "Figure ",
            f'<w:fldSimple w:instr=" SEQ Figure ">{run("1")}</w:fldSimple>',
            f'<w:fldSimple w:instr=" HYPERLINK &quot;https://example.org/s&quot; ">{run(" see here")}</w:fldSimple>',
        )
    )
    assert words(imported) == "Figure 1 see here"
    assert 'href="https://example.org/s"' in imported.body_html


@pytest.mark.parametrize(
    "box",
    [
        twice(drawing(text_box(paragraph("Careful!"))), old_text_box(paragraph("Careful!"))),
        twice(drawing(text_box(paragraph("Careful!"))), "<w:pict/>"),
        f"<w:r>{drawing(text_box(paragraph('Careful!')))}</w:r>",
        f"<w:r>{old_text_box(paragraph('Careful!'))}</w:r>",
    ],
    ids=["written twice", "for new programs only", "without choice", "old"],
)
def test_a_text_box_is_read_once(box):
    imported = read(paragraph("Before ", box, "after"))
    assert sorted(words(imported).split()) == ["Before", "Careful!", "after"]
    assert imported.warnings == []


def test_a_group_of_boxes_and_pictures_is_laid_out():
    group = f"<wpg:wgp>{text_box(paragraph('One'))}{picture('The bay')}{text_box(paragraph('Two'))}</wpg:wgp>"
    imported = read(paragraph(twice(drawing(group), old_text_box(paragraph("One")) + old_text_box(paragraph("Two")))))
    assert words(imported) == "One Two"
    assert [image.alt for image in imported.images] == ["The bay"]


def test_a_picture_that_is_written_twice_comes_once_with_its_words():
    imported = read(paragraph(twice(drawing(picture("The bay")), drawing(picture("The bay")))))
    assert [image.alt for image in imported.images] == ["The bay"]
    assert imported.body_html.count("<img") == 1


def test_a_chart_is_named_and_a_line_is_told():
    chart = twice(drawing("", "http://schemas.microsoft.com/office/drawing/2014/chartex"), "<w:pict/>")
    imported = read(paragraph("Sales ", chart) + paragraph(twice(drawing("<wps:wsp/>"), "<w:pict><v:line/></w:pict>")))
    assert "[Image: Drawing 1]" in imported.body_html
    assert "1 × drawn line, arrow or shape" in said(imported)


def test_formulas_are_written_in_one_line():
    fraction = "<m:f><m:num><m:r><m:t>a</m:t></m:r></m:num><m:den><m:r><m:t>b</m:t></m:r></m:den></m:f>"
    power = "<m:sSup><m:e><m:r><m:t>c</m:t></m:r></m:e><m:sup><m:r><m:t>2</m:t></m:r></m:sup></m:sSup>"
    root = "<m:rad><m:deg/><m:e><m:r><m:t>d</m:t></m:r></m:e></m:rad>"
    imported = read(
        paragraph("Area ", f"<m:oMath>{fraction}<m:r><m:t>=</m:t></m:r>{power}</m:oMath>", " end")
        + paragraph(f"<m:oMathPara><m:oMath>{root}</m:oMath></m:oMathPara>")
    )
    assert words(imported) == "Area (a)/(b)=c^(2) end √(d)"
    assert "2 × formula" in said(imported)


def test_signs_of_drawn_fonts_are_signs_of_every_font():
    wingdings = '<w:rFonts w:ascii="Wingdings" w:hAnsi="Wingdings"/>'
    imported = read(
        paragraph(
            '<w:r><w:sym w:font="Wingdings" w:char="F0FE"/></w:r>', " ", run("\uf0fc", wingdings), run("ü", wingdings)
        )
        + paragraph('<w:r><w:sym w:font="Company" w:char="F041"/></w:r>', run(" ü"))
    )
    assert words(imported) == "🗹 ✓✓ ▯ ü"
    assert "1 × sign of the font Company" in said(imported)


def test_hidden_text_stays_hidden_and_is_told():
    imported = read(
        paragraph("Shown", run(" secret", "<w:vanish/>"), run(" too", '<w:vanish w:val="0"/>'))
        + paragraph('<w:hyperlink r:id="rPage">' + run(" link") + "</w:hyperlink>")
    )
    assert words(imported) == "Shown too link"
    assert "Hidden text was left out: “secret”" in said(imported)


def test_words_in_the_other_direction_and_above_others_are_kept():
    imported = read(
        paragraph(
            f'<w:dir w:val="rtl">{run("שלום")}</w:dir>',
            f"<w:r><w:ruby><w:rt>{run('kan')}</w:rt><w:rubyBase>{run('漢')}</w:rubyBase></w:ruby></w:r>",
            f"<w:smartTag>{run(' smart')}</w:smartTag>",
        )
    )
    assert words(imported) == "שלום漢 (kan) smart"


def test_an_inserted_file_is_told():
    imported = read(paragraph("Text") + '<w:altChunk r:id="rPage"/>')
    assert words(imported) == "Text"
    assert "1 × inserted file" in said(imported)


def test_an_outline_level_makes_a_heading_whatever_the_style():
    outline = '<w:outlineLvl w:val="%d"/>'
    imported = read(
        paragraph("Receiving", properties=outline % 0)
        + paragraph("Text")
        + paragraph("Scope", properties='<w:pStyle w:val="Body"/>' + outline % 1)
        + paragraph("Text", properties=outline % 9),
        styles='<w:style w:type="paragraph" w:styleId="Body"><w:name w:val="Body Text"/></w:style>',
    )
    assert imported.title == "Receiving"
    assert imported.body_html.count("<h2") == 1
    assert ">Scope</h2>" in imported.body_html


def test_a_list_with_levels_of_its_own_and_one_that_borrows_them():
    numbering = (
        f'<w:abstractNum w:abstractNumId="0">{level(0)}</w:abstractNum>'
        '<w:abstractNum w:abstractNumId="1"><w:numStyleLink w:val="Roman"/></w:abstractNum>'
        f'<w:abstractNum w:abstractNumId="2"><w:styleLink w:val="Roman"/>{level(0, "upperRoman")}</w:abstractNum>'
        '<w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num>'
        f'<w:num w:numId="2"><w:abstractNumId w:val="0"/><w:lvlOverride w:ilvl="0">{level(0, "upperLetter", 7)}'
        '</w:lvlOverride></w:num><w:num w:numId="3"><w:abstractNumId w:val="1"/></w:num>'
    )
    html = read(
        listed("a", 1) + listed("b", 1) + paragraph("-") + listed("g", 2) + paragraph("-") + listed("i", 3),
        numbering=numbering,
    ).body_html
    assert "<ol><li>a</li><li>b</li></ol>" in html
    assert '<ol start="7" type="A"><li>g</li></ol>' in html
    assert '<ol type="I"><li>i</li></ol>' in html


HEADERS = {
    "labels above values": table(["Document No.", "Rev.", "Effective Date"], ["SOP-QA-012", "04", "12-Mar-24"]),
    "a table in a cell": table(["ACME", table(["Doc no.", "SOP-QA-012"], ["Rev.", "04"]) + paragraph("")])
    + paragraph("Effective 12 March 2024"),
    "a text box": paragraph(
        twice(
            drawing(text_box(paragraph("SOP-QA-012 Rev. 04 Effective: 20240312"))),
            old_text_box(paragraph("SOP-QA-012 Rev. 04 Effective: 20240312")),
        )
    ),
    "controls and fields": paragraph(
        control(run("SOP-QA-012")),
        " Version ",
        f'<w:fldSimple w:instr="DOCPROPERTY Version">{run("04")}</w:fldSimple>',
        " Effective 2024/03/12",
    ),
    "hyphens that do not break": paragraph(
        "<w:r><w:t>SOP</w:t><w:noBreakHyphen/><w:t>QA\u2011012</w:t></w:r>", " Version: 04  Effective: 12.3.2024"
    ),
    "German": table(["Dok.-Nr.: SOP-QA-012", "Revisionsstand: 04", "Gültig ab: 12. März 2024"]),
    "French": table(["Référence : SOP-QA-012", "Révision : 04", "Date d'application : 12 mars 2024"]),
    "Spanish": paragraph("Código: SOP-QA-012  Versión: 04  Fecha de vigencia: 12 de marzo de 2024"),
    "Italian": paragraph("Codice: SOP-QA-012  Revisione: 04  Data di emissione: 12 marzo 2024"),
    "Dutch": paragraph("Documentnummer: SOP-QA-012  Versie: 04  Ingangsdatum: 12 maart 2024"),
}


@pytest.mark.parametrize("layout", HEADERS)
def test_number_version_and_date_are_found_in_the_page_header(layout):
    facts = read(BODY, header=HEADERS[layout]).facts
    assert (facts.code, facts.version, facts.effective_on) == ("SOP-QA-012", "04", date(2024, 3, 12))


def test_facts_on_a_cover_page_in_controls_are_found():
    imported = read(control(paragraph("Document number: SOP-QA-013") + paragraph("Version: 3.0")) + BODY)
    assert (imported.facts.code, imported.facts.version) == ("SOP-QA-013", "3.0")


def test_boxes_to_tick_of_old_forms_stay_boxes():
    field = (
        '<w:r><w:fldChar w:fldCharType="begin"><w:ffData><w:checkBox><w:default w:val="%d"/></w:checkBox></w:ffData>'
        "</w:fldChar></w:r><w:r><w:instrText> FORMCHECKBOX </w:instrText></w:r>"
        '<w:r><w:fldChar w:fldCharType="end"/></w:r>'
    )
    imported = read(paragraph(field % 1, " closed") + paragraph(field % 0, " open"))
    assert words(imported) == "☒ closed ☐ open"
    assert imported.warnings == []


def test_a_tracked_change_in_a_text_box_is_told_once():
    inner = '<w:p><w:ins w:author="A">%s</w:ins><w:del w:author="A"><w:r><w:delText>old</w:delText></w:r></w:del></w:p>'
    box = inner % run("new")
    imported = read(paragraph(twice(drawing(text_box(box)), old_text_box(box))))
    assert words(imported) == "old"
    assert said(imported).count("tracked insertion") == 1
    assert "1 × tracked insertion by A" in said(imported)


@pytest.mark.parametrize(
    ("faulty", "shown"),
    [
        (paragraph(f'<w:hyperlink r:id="gone">{run("linked")}</w:hyperlink>'), "linked"),
        (paragraph("a", '<w:r><w:footnoteReference w:id="7"/></w:r>', "b"), "ab"),
        (paragraph('<w:r><w:pict><v:shape><v:imagedata r:id="gone"/></v:shape></w:pict></w:r>'), "[Image: picture]"),
        (paragraph('<w:r><w:sym w:font="Wingdings" w:char="ZZ"/></w:r>', "sign"), "sign"),
        (table(["cell"]).replace("<w:tc>", '<w:tc><w:tcPr><w:gridSpan w:val="x"/></w:tcPr>'), "cell"),
        (paragraph("styled", properties='<w:pStyle w:val="NoType"/>'), "styled"),
        (listed("no definition", 9), "no definition"),
        (listed("borrowed from nobody", 8), "borrowed from nobody"),
    ],
)
def test_a_reference_that_leads_nowhere_does_not_cost_the_file(faulty, shown):
    imported = read(
        faulty + BODY,
        styles='<w:style w:styleId="NoType"><w:name w:val="No type"/></w:style><w:style w:type="paragraph"/>',
        numbering='<w:abstractNum w:abstractNumId="1"><w:numStyleLink w:val="Gone"/></w:abstractNum>'
        '<w:num w:numId="9"/><w:num w:numId="8"><w:abstractNumId w:val="1"/></w:num>',
    )
    assert words(imported) == f"{shown} Body."
