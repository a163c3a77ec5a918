"""A clerk edits the templates in Word: what Word does to them works, what cannot work is refused and named."""

import copy
import io
import random
import zipfile
from pathlib import Path
from typing import Any

import pytest
from docx import Document
from docx.document import Document as Word
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_BREAK
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Pt

from anze.errors import DomainError
from anze.letters.making import make
from anze.letters.models import LetterKind
from anze.letters.template import Template, Templates
from anze.settings import Settings
from tests.helpers.gateway import PNG
from tests.letters.samples import WAY, body, changed, decision, saved, shipped, squeezed, word_lines


def refusal(template: Template) -> str:
    """The Chinese sentence with which a template is refused."""
    with pytest.raises(DomainError) as caught:
        make(decision(), template)
    assert (caught.value.code, caught.value.status) == ("letter_template", 409)
    assert template.name in caught.value.detail
    return caught.value.detail


def said(word: Word, text: str) -> Any:
    return next(paragraph for paragraph in word.paragraphs if text in paragraph.text)


def element(name: str, **attributes: str) -> Any:
    made = OxmlElement(f"w:{name}")
    for key, value in attributes.items():
        made.set(qn(f"w:{key}"), value)
    return made


def test_other_words_and_another_order_are_in_both_forms() -> None:
    def change(word: Word) -> None:
        outcome, findings = said(word, "{{outcome}}"), said(word, "{{findings}}")
        findings._p.addprevious(outcome._p)
        said(word, "一、").runs[0].text = "第一部分"
        word.add_paragraph("再次感谢 {{ addressee }}，编号{{number}}/{{number}}。")

    made = make(decision(), changed(change))
    lines = word_lines(made.word)
    assert lines.index("重新安排排查。") < lines.index("核实了派单记录。")
    assert lines[-1] == "再次感谢 南京红星化工厂，编号TS202611230001/TS202611230001。"
    assert body(made.pdf) == squeezed("".join(lines))


def test_a_placeholder_that_word_has_cut_into_runs() -> None:
    def change(word: Word) -> None:
        paragraph = word.add_paragraph()
        for piece in ("前", "{", "{numb", "er", "}", "}", "后{{hot", "line}}"):
            paragraph.add_run(piece).bold = len(piece) % 2 == 0

    made = make(decision(number="{{hotline}}"), changed(change))
    assert word_lines(made.word)[-1] == "前{{hotline}}后025-88880000"


def test_a_long_value_in_the_middle_of_a_sentence_keeps_its_lines() -> None:
    made = make(decision(outcome="甲\n乙\n丙"), changed(lambda word: word.add_paragraph("决定：{{outcome}}（完）")))
    assert word_lines(made.word)[-1] == "决定：甲\n乙\n丙（完）"
    assert body(made.pdf).endswith("决定：甲乙丙（完）")


def test_looks_of_the_template_reach_the_word_file_and_the_lines_of_a_long_text() -> None:
    def change(word: Word) -> None:
        paragraph = said(word, "{{findings}}")
        paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT
        paragraph.runs[0].font.size = Pt(22)

    made = make(decision(findings="甲甲\n乙乙"), changed(change))
    word = Document(io.BytesIO(made.word))
    for text in ("甲甲", "乙乙"):
        paragraph = said(word, text)
        assert paragraph.alignment == WD_ALIGN_PARAGRAPH.RIGHT
        assert paragraph.runs[0].font.size == Pt(22)


def test_rows_repeat_for_each_way_and_other_rows_stay() -> None:
    def change(word: Word) -> None:
        table = word.tables[0]
        row = copy.deepcopy(table.rows[0]._tr)
        table._tbl.append(row)
        table.rows[-1].cells[0].text = "共用 {{hotline}}"

    ways = [WAY | {"name": name} for name in ("申请核查", "调解", "诉讼")]
    table = Document(io.BytesIO(make(decision(ways), changed(change)).word)).tables[0]
    assert [row.cells[0].text for row in table.rows] == ["途径", "申请核查", "调解", "诉讼", "共用 025-88880000"]


def test_a_template_without_page_numbers_has_them_in_the_pdf_all_the_same() -> None:
    def change(word: Word) -> None:
        footer = word.sections[0].footer.paragraphs[0]
        for child in list(footer._p)[1:]:
            footer._p.remove(child)
        footer.add_run("内部文件")

    made = make(decision(clauses=0), changed(change))
    assert body(made.pdf).endswith("内部文件")


def test_simple_page_fields_of_another_word_processor() -> None:
    def change(word: Word) -> None:
        footer = word.sections[0].footer.paragraphs[0]
        for child in list(footer._p)[1:]:
            footer._p.remove(child)
        footer.add_run("页 ")
        field = element("fldSimple", instr=" PAGE \\* MERGEFORMAT ")
        field.append(copy.deepcopy(footer.runs[0]._r))
        footer._p.append(field)

    assert body(make(decision(clauses=0, findings="甲"), changed(change)).pdf).endswith("页1")


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("{{nubmer}}", "{{nubmer}}"),
        ("{{编号}}", "{{编号}}"),
        ("{{}}", "{{}}"),
        ("{{title.upper}}", "{{title.upper}}"),
        ("{{remedies}}", "{{remedies}}"),
        ("{{remedies.name}}", "{{remedies.name}} 只能写在表格的行里"),
        ("{{number}", "“{{number}”"),
        ("number}}", "“number}}”"),
        ("{{ {{number}} }}", "花括号"),
        ("｛｛number｝｝", "“｛｛number｝｝”"),
    ],
)
@pytest.mark.parametrize("place", ["body", "header", "footer"])
def test_a_wrong_placeholder_is_named(text: str, named: str, place: str) -> None:
    def change(word: Word) -> None:
        section = word.sections[0]
        part = {"body": word, "header": section.header, "footer": section.footer}[place]
        part.add_paragraph(text)  # type: ignore[attr-defined]

    assert named in refusal(changed(change))


@pytest.mark.parametrize("name", ["findings", "basis", "reasons", "outcome", "number", "hotline"])
def test_a_letter_without_what_it_must_say_is_refused(name: str) -> None:
    def change(word: Word) -> None:
        for paragraph in list(word.paragraphs):
            if f"{{{{{name}}}}}" in paragraph.text:
                paragraph._p.getparent().remove(paragraph._p)

    assert f"缺少必须有的占位符 {{{{{name}}}}}" in refusal(changed(change))


def test_a_letter_without_the_ways_is_refused() -> None:
    why = refusal(changed(lambda word: word.tables[0]._tbl.getparent().remove(word.tables[0]._tbl)))
    assert "{{remedies.name}}、{{remedies.where}}" in why


def test_one_row_repeats_for_one_thing() -> None:
    def change(word: Word) -> None:
        word.tables[0].rows[1].cells[0].add_paragraph("{{clauses.text}}")

    assert "不能同时写 remedies 和 clauses" in refusal(changed(change))


def _picture(word: Word) -> None:
    word.add_picture(io.BytesIO(_png()))


def _png() -> bytes:
    from PIL import Image

    out = io.BytesIO()
    Image.new("RGB", (2, 2)).save(out, "PNG")
    return out.getvalue()


def _wrap(tag: str) -> Any:
    def change(word: Word) -> None:
        paragraph = said(word, "{{findings}}")
        wrapper = element(tag)
        paragraph._p.append(wrapper)
        wrapper.append(paragraph.runs[0]._r)

    return change


def _control(word: Word) -> None:
    paragraph = said(word, "承办单位")._p
    control, content = element("sdt"), element("sdtContent")
    paragraph.addprevious(control)
    control.append(content)
    content.append(paragraph)


def _numbered(word: Word) -> None:
    said(word, "{{findings}}")._p.get_or_add_pPr().append(element("numPr"))


def _numbered_by_style(word: Word) -> None:
    word.styles["Heading 1"].element.get_or_add_pPr().append(element("numPr"))


def _hidden(word: Word) -> None:
    said(word, "{{findings}}").runs[0].font.hidden = True


def _merged(word: Word) -> None:
    row = word.tables[0].rows[0]
    row.cells[0].merge(row.cells[1])


def _nested(word: Word) -> None:
    word.tables[0].rows[0].cells[0].add_table(1, 1)


def _date_field(word: Word) -> None:
    word.add_paragraph()._p.append(element("fldSimple", instr=" DATE "))


def _footnote(word: Word) -> None:
    word.add_paragraph().add_run()._r.append(element("footnoteReference", id="1"))


def _odd_and_even(word: Word) -> None:
    word.settings.odd_and_even_pages_header_footer = True


@pytest.mark.parametrize(
    ("change", "named"),
    [
        (_picture, "正文里有图片"),
        (_wrap("ins"), "正文里有修订痕迹"),
        (_wrap("del"), "正文里有修订痕迹"),
        (_wrap("smartTag"), "不支持的内容（smartTag）"),
        (_control, "内容控件"),
        (_numbered, "自动编号"),
        (_numbered_by_style, "自动编号"),
        (_hidden, "隐藏文字"),
        (_merged, "合并的单元格"),
        (_nested, "表格（只能直接放在正文里）"),
        (_date_field, "域（DATE）"),
        (_footnote, "脚注"),
        (_odd_and_even, "页眉里有首页或奇偶页不同"),
        (lambda word: word.add_section(), "分节"),
        (lambda word: word.sections[0].header.add_table(1, 1, Pt(100)), "页眉里有表格"),
    ],
)
def test_what_the_pdf_could_not_show_is_refused_and_named(change: Any, named: str) -> None:
    assert named in refusal(changed(change))


def test_a_break_of_the_line_and_a_tab_are_shown() -> None:
    def change(word: Word) -> None:
        run = word.add_paragraph().add_run("甲")
        run.add_break(WD_BREAK.LINE)
        run.add_text("乙\t丙")

    assert body(make(decision(), changed(change)).pdf).endswith("甲乙丙")


@pytest.mark.parametrize("size", [900, 1600])
def test_letters_too_large_for_a_page_are_refused(size: int) -> None:
    def change(word: Word) -> None:
        said(word, "{{findings}}").runs[0].font.size = Pt(size)

    assert "A4 的一页上排不下" in refusal(changed(change))


def test_margins_that_leave_no_room_are_refused() -> None:
    def change(word: Word) -> None:
        word.sections[0].top_margin = word.sections[0].bottom_margin = Pt(430)

    assert "A4 的一页上排不下" in refusal(changed(change))


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"{\\rtf1 hello}", PNG, b"\xd0\xcf\x11\xe0" + b"\0" * 600])
def test_what_is_no_word_file_is_refused(content: bytes) -> None:
    assert "不是 Word 的 .docx 文件" in refusal(Template("letters/decision.docx", content))


def test_a_zip_without_a_document_is_refused() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("[Content_Types].xml", "<Types xmlns='x'/>")
    assert "已损坏" in refusal(Template("letters/decision.docx", out.getvalue()))


def test_a_damaged_file_is_refused_or_works_and_never_anything_else() -> None:
    whole = shipped().content
    dice = random.Random(9010)
    refused = worked = 0
    for _ in range(120):
        content = bytearray(whole)
        if dice.random() < 0.4:
            del content[dice.randrange(len(content)) :]
        for _ in range(dice.randrange(1, 40)):
            if content:
                content[dice.randrange(len(content))] = dice.randrange(256)
        try:
            make(decision(), Template("letters/decision.docx", bytes(content)))
        except DomainError as error:
            refused += error.code == "letter_template"
        else:
            worked += 1
    assert refused > 60
    assert refused + worked == 120


def test_parts_with_broken_xml_are_refused() -> None:
    for name in ("word/document.xml", "word/styles.xml", "[Content_Types].xml", "word/_rels/document.xml.rels"):
        out = io.BytesIO()
        with zipfile.ZipFile(io.BytesIO(shipped().content)) as source, zipfile.ZipFile(out, "w") as target:
            for entry in source.namelist():
                target.writestr(entry, b"<w:broken" if entry == name else source.read(entry))
        assert "已损坏" in refusal(Template("letters/decision.docx", out.getvalue())), name


def test_the_operators_own_file_comes_before_the_shipped_one(tmp_path: Path) -> None:
    templates = Templates(Settings().knowledge, tmp_path)
    assert templates.of(LetterKind.DECISION) == shipped()
    own = tmp_path / "letters" / "decision.docx"
    own.parent.mkdir()
    own.write_bytes(changed(lambda word: word.add_paragraph("本公司的版本")).content)
    assert word_lines(make(decision(), templates.of(LetterKind.DECISION)).word)[-1] == "本公司的版本"
    assert templates.of(LetterKind.ACKNOWLEDGEMENT) == shipped(LetterKind.ACKNOWLEDGEMENT)
    (own.parent / "acknowledgement.docx").mkdir()
    with pytest.raises(DomainError, match="letter_template"):
        templates.of(LetterKind.ACKNOWLEDGEMENT)


def test_a_template_from_scratch_needs_nothing_of_ours() -> None:
    word = Document()
    names = ("number", "findings", "basis", "reasons", "outcome", "rule", "branch", "hotline", "date")
    for name in names:
        word.add_paragraph(f"{{{{{name}}}}}")
    table = word.add_table(1, 5)
    for cell, name in zip(table.rows[0].cells, WAY, strict=True):
        cell.text = f"{{{{remedies.{name}}}}}"
    made = make(decision(), saved(word))
    assert body(made.pdf) == squeezed("".join(word_lines(made.word)))
