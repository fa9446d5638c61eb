"""Word files with lists, fields, changes and pictures as they come from all sorts of programs and years."""

import io
import zipfile
from datetime import date

import docx
from docx.opc.packuri import PackURI
from docx.opc.part import Part
from lxml import etree

from sops.importing.word import read_word
from tests.sops.importing.test_word_variants import read, said, words
from tests.sops.importing.word_file import (
    RELATIONSHIPS,
    SPACES,
    drawing,
    level,
    listed,
    paragraph,
    picture,
    run,
    table,
    word_file,
)

NOTES = "application/vnd.openxmlformats-officedocument.wordprocessingml.footnotes+xml"


def field_code(instruction, result):
    """A field in long form."""

    def mark(sort):
        return f'<w:r><w:fldChar w:fldCharType="{sort}"/></w:r>'

    code = instruction if instruction.startswith("<") else f"<w:r><w:instrText>{instruction}</w:instrText></w:r>"
    return f"{mark('begin')}{code}{mark('separate')}{run(result)}{mark('end')}"


def test_of_a_field_only_the_result_is_seen_and_a_link_leads_where_it_says():
    link = field_code('HYPERLINK "https://example.org/x" \\o "a tip"', "there")
    question = "<w:r><w:instrText> IF </w:instrText></w:r>" + field_code(" DOCPROPERTY a ", "inner")
    imported = read(paragraph(link, " and ", field_code(question, "seen"), field_code(" REF x ", "Step 3")))
    assert words(imported) == "there and seenStep 3"
    assert 'href="https://example.org/x"' in imported.body_html


def test_a_field_that_never_ends_costs_no_words():
    begun = '<w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText>TOC</w:instrText></w:r>'
    assert words(read(paragraph(begun, run("kept")) + paragraph("and this"))) == "kept and this"


def test_what_was_chosen_in_a_list_of_an_old_form_is_a_word():
    entries = '<w:result w:val="1"/><w:listEntry w:val="frozen"/><w:listEntry w:val="chilled"/>'
    begin = f'<w:fldChar w:fldCharType="begin"><w:ffData><w:ddList>{entries}</w:ddList></w:ffData></w:fldChar>'
    end = '<w:r><w:fldChar w:fldCharType="end"/></w:r>'
    code = "<w:r><w:instrText> FORMDROPDOWN </w:instrText></w:r>"
    assert words(read(paragraph("Goods: ", f"<w:r>{begin}</w:r>{code}{end}"))) == "Goods: chilled"


def test_every_break_keeps_the_words_around_it_apart():
    marks = ('<w:br w:type="page"/>', '<w:br w:type="column"/>', "<w:cr/>", '<w:ptab w:alignment="right"/>')
    body = "".join(f"<w:t>w{n}</w:t>{mark}" for n, mark in enumerate(marks))
    assert words(read(f"<w:p><w:r>{body}<w:t>end</w:t></w:r></w:p>")).split() == ["w0", "w1", "w2", "w3", "end"]


def test_what_was_moved_or_inserted_without_a_word_is_told():
    moved = '<w:moveTo w:id="1" w:author="Ada"><w:r><w:t>Weigh it.</w:t></w:r></w:moveTo>'
    shown = f'<w:ins w:id="2" w:author="Ada"><w:r>{drawing(picture())}</w:r></w:ins>'
    split = '<w:p><w:pPr><w:rPr><w:ins w:author="Ada"/></w:rPr></w:pPr><w:r><w:t>Half </w:t></w:r></w:p>'
    imported = read(paragraph("a", moved, shown) + split + paragraph("whole"))
    assert words(imported) == "a Half whole"
    assert "1 × tracked move by Ada, not carried out: “Weigh it.”" in said(imported)
    assert "1 × tracked insertion by Ada, left out until someone decides: “[Image: Drawing 1]”" in said(imported)
    assert "1 × tracked change of format" in said(imported)


def test_a_deleted_row_is_told_once_and_an_inserted_table_leaves_nothing():
    gone = '<w:p><w:del w:author="A"><w:r><w:delText>old</w:delText></w:r></w:del></w:p>'
    new = '<w:p><w:ins w:author="A"><w:r><w:t>new</w:t></w:r></w:ins></w:p>'

    def rows(sort, cell):
        return f'<w:tbl><w:tr><w:trPr><w:{sort} w:author="A"/></w:trPr><w:tc>{cell}</w:tc></w:tr></w:tbl>'

    imported = read(rows("del", gone) + rows("ins", new) + paragraph("x"))
    assert imported.body_html.count("<table>") == 1
    assert "1 × tracked deletion by A, not carried out: “old”" in said(imported)


def lists(*abstracts):
    """Lists of these levels, numbered from one."""
    made = "".join(f'<w:abstractNum w:abstractNumId="{n}">{one}</w:abstractNum>' for n, one in enumerate(abstracts, 1))
    numbers = "".join(
        f'<w:num w:numId="{n}"><w:abstractNumId w:val="{n}"/></w:num>' for n in range(1, len(abstracts) + 1)
    )
    return made + numbers


def list_style(key, name, list_id, depth=""):
    level_of = f'<w:ilvl w:val="{depth}"/>' if depth else ""
    numbers = f'<w:numPr>{level_of}<w:numId w:val="{list_id}"/></w:numPr>'
    return f'<w:style w:type="paragraph" w:styleId="{key}"><w:name w:val="{name}"/><w:pPr>{numbers}</w:pPr></w:style>'


def styled(words_of_it, key, more=""):
    return paragraph(words_of_it, properties=f'<w:pStyle w:val="{key}"/>{more}')


def test_a_list_may_be_made_by_styles_alone():
    levels = level(0) + level(1, "lowerLetter")
    nested = '<ol><li>one<ol type="a"><li>sub</li></ol></li></ol>'
    by_level = list_style("A", "Step", 1) + list_style("B", "Part of a step", 1, "1")
    assert read(styled("one", "A") + styled("sub", "B"), styles=by_level, numbering=lists(levels)).body_html == nested
    linked = levels.replace("</w:lvl>", '<w:pStyle w:val="A"/></w:lvl>', 1)
    linked = linked[: -len("</w:lvl>")] + '<w:pStyle w:val="B"/></w:lvl>'
    by_link = list_style("A", "Step", 1) + list_style("B", "Part of a step", 1)
    assert read(styled("one", "A") + styled("sub", "B"), styles=by_link, numbering=lists(linked)).body_html == nested
    by_name = list_style("A", "List Number", 1) + list_style("B", "List Number 2", 2)
    two_lists = lists(level(0), level(0, "lowerLetter"))
    body = styled("one", "A") + styled("sub", "B")
    assert read(body, styles=by_name, numbering=two_lists).body_html == nested
    plain = styled("no step", "A", '<w:numPr><w:numId w:val="0"/></w:numPr>')
    assert read(plain, styles=by_link, numbering=lists(linked)).body_html == "<p>no step</p>"


def test_a_list_that_goes_on_deeper_after_a_paragraph_hangs_on_no_empty_bullet():
    body = listed("a", 1) + paragraph("more of a") + listed("b", 1, 1) + listed("c", 1, 1) + listed("d", 1)
    imported = read(body, numbering=lists(level(0) + level(1, "lowerLetter")))
    assert imported.body_html == (
        '<ol><li>a<p>more of a</p><ol type="a"><li>b</li><li>c</li></ol></li></ol><ol start="2"><li>d</li></ol>'
    )
    deep = read(listed("a", 1, 7) + listed("b", 1, 8), numbering=lists("".join(level(n) for n in range(9))))
    assert deep.body_html.count("<ol") == 2
    assert deep.body_html.count("<li>") == 9


def test_words_and_boxes_before_an_item_are_kept():
    step = '<w:lvl w:ilvl="0"><w:numFmt w:val="upperLetter"/><w:lvlText w:val="Step %1:"/></w:lvl>'
    box = '<w:lvl w:ilvl="0"><w:numFmt w:val="bullet"/><w:lvlText w:val="☐"/></w:lvl>'
    fonts = '<w:rPr><w:rFonts w:ascii="Wingdings" w:hAnsi="Wingdings"/></w:rPr>'
    ticked = f'<w:lvl w:ilvl="0"><w:numFmt w:val="bullet"/><w:lvlText w:val="&#xF0FE;"/>{fonts}</w:lvl>'
    dot = f'<w:lvl w:ilvl="0"><w:numFmt w:val="bullet"/><w:lvlText w:val="&#xF0B7;"/>{fonts}</w:lvl>'
    body = listed("a", 1) + listed("b", 1) + listed("c", 2) + listed("d", 3) + listed("e", 4)
    assert words(read(body, numbering=lists(step, box, ticked, dot))) == "Step A: a Step B: b ☐ c ☑ d e"


def test_headings_that_word_numbers_are_told():
    style = '<w:style w:type="paragraph" w:styleId="H1"><w:name w:val="heading 1"/></w:style>'
    numbers = '<w:numPr><w:ilvl w:val="0"/><w:numId w:val="{}"/></w:numPr>'
    appendix = '<w:lvl w:ilvl="0"><w:numFmt w:val="upperLetter"/><w:lvlText w:val="Appendix %1"/></w:lvl>'
    body = paragraph("x") + styled("Scope", "H1", numbers.format(1)) + styled("Forms", "H1", numbers.format(2))
    imported = read(body, styles=style, numbering=lists(level(0), appendix))
    assert words(imported) == "x Scope Appendix A Forms"
    assert "1 × heading that Word numbers, here without its number, for example “Scope”." in said(imported)


def test_a_row_that_begins_further_inside_stays_below_its_column():
    row = '<w:tr><w:trPr><w:gridBefore w:val="1"/></w:trPr><w:tc><w:p><w:r><w:t>c</w:t></w:r></w:p></w:tc></w:tr>'
    imported = read(table(["a", "b"]).replace("</w:tbl>", f"{row}</w:tbl>"))
    assert imported.body_html.endswith("<tr><td></td><td><p>c</p></td></tr></tbody></table>")


def test_a_picture_of_older_programs_keeps_its_words_and_drawn_letters_are_letters():
    old = '<w:r><w:pict><v:shape alt="The bay"><v:imagedata r:id="rPicture"/></v:shape></w:pict></w:r>'
    letters = '<w:r><w:pict><v:shape><v:textpath string="STOP"/></v:shape></w:pict></w:r>'
    imported = read(paragraph(old) + paragraph(letters))
    assert imported.body_html == '<p><img alt="The bay" src="attachment:0"></p><p>STOP</p>'


def test_a_strict_file_is_read_as_any_other():
    inserted = '<w:ins w:author="Ada"><w:r><w:t>new</w:t></w:r></w:ins>'
    file = word_file(paragraph("a", inserted), header=paragraph("SOP-014 Version 3.0"))
    written = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(file)) as archive, zipfile.ZipFile(written, "w") as writing:
        for name in archive.namelist():
            xml = archive.read(name)
            for usual in (b"wordprocessingml/2006/", b"drawingml/2006/", b"officeDocument/2006/"):
                strict = b"http://purl.oclc.org/ooxml/" + usual.replace(b"2006/", b"")
                xml = xml.replace(b"http://schemas.openxmlformats.org/" + usual, strict)
            writing.writestr(name, xml)
    imported = read_word(written.getvalue(), "x.docx")
    assert words(imported) == "a"
    assert "tracked insertion by Ada" in said(imported)
    assert (imported.facts.code, imported.facts.version) == ("SOP-014", "3.0")


def test_facts_at_the_margins_of_one_line_and_below_their_labels_are_found():
    leap = '<w:r><w:ptab w:relativeTo="margin" w:alignment="right" w:leader="none"/></w:r>'
    header = (
        paragraph(run("SOP-014"), leap, run("Version 3.0")) + paragraph("Effective date:") + paragraph("1 May 2024")
    )
    facts = read(paragraph("x"), header=header).facts
    assert (facts.code, facts.version, facts.effective_on) == ("SOP-014", "3.0", date(2024, 5, 1))


def test_a_bookmark_leads_to_the_heading_above():
    style = '<w:style w:type="paragraph" w:styleId="H1"><w:name w:val="heading 1"/></w:style>'
    mark = '<w:bookmarkStart w:id="1" w:name="step"/><w:bookmarkEnd w:id="1"/>'
    link = f'<w:hyperlink w:anchor="step">{run("there")}</w:hyperlink>'
    body = paragraph("x") + styled("Scope", "H1") + paragraph(mark, run("Weigh")) + paragraph(link)
    assert '<a href="#s-scope" rel="noopener noreferrer">there</a>' in read(body, styles=style).body_html


def test_footnotes_stand_below_headings_of_their_own_with_links_both_ways():
    document = docx.Document()
    notes = "".join(f'<w:footnote w:id="{n}">{paragraph(f"note {n}")}</w:footnote>' for n in (2, 3))
    part = Part(PackURI("/word/footnotes.xml"), NOTES, f"<w:footnotes {SPACES}>{notes}</w:footnotes>".encode())
    document.part.relate_to(part, f"{RELATIONSHIPS}/footnotes")
    for number in (2, 3):
        document.add_paragraph("Weigh")._p.append(
            etree.fromstring(f'<w:r {SPACES}><w:footnoteReference w:id="{number}"/></w:r>')
        )
    file = io.BytesIO()
    document.save(file)
    html = read_word(file.getvalue(), "x.docx").body_html
    assert 'Weigh<sup><a href="#s-2" rel="noopener noreferrer">[2]</a></sup></p><hr><h6 id="s-1">[1]</h6>' in html
    assert '<h6 id="s-2">[2]</h6><p>note 3 <a href="#" rel="noopener noreferrer">↩</a></p>' in html
