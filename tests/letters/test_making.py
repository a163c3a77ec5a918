"""Both forms of a letter say the same, whatever is in the case: long, hostile, or not printable."""

import io
import re
from pathlib import Path

import pypdf
import pytest
from docx import Document
from hypothesis import given, settings
from hypothesis import strategies as st

from anze.letters.making import make
from anze.letters.models import LetterKind
from anze.letters.pdf import broken, printable
from anze.letters.template import clean
from tests.letters.samples import WAY, body, decision, pdf_pages, pdf_text, shipped, squeezed, word_lines

HOSTILE = "{{title}} {{remedies.name}} }}{{ {% for x in y %} <b>&amp;</b> ]]> <w:t> \\n %s {0} \u202e\u200b"


def test_the_decision_letter_has_its_parts_in_both_forms() -> None:
    made = make(decision(), shipped())
    lines = word_lines(made.word)
    assert lines[:3] == ["处理决定告知书", "编号：TS202611230001", "南京红星化工厂："]
    assert [line for line in lines if re.match("[一二三四五]、", line)] == [
        "一、核实情况", "二、依据", "三、理由", "四、处理决定", "五、救济途径",
    ]  # fmt: skip
    assert lines[lines.index("四、处理决定") + 1] == "重新安排排查。"
    at = lines.index("途径")
    assert lines[at : at + 10] == ["途径", "找谁", "电话", "什么时候之前", "带什么", *WAY.values()]
    assert "南京市分公司（盖章）" in lines
    assert lines[-3:] == ["6.4 e)", "原文一条", "参照 AQ 9010.1（征求意见稿，2025年7月）"]
    assert body(made.pdf) == squeezed("".join(lines))


def test_the_page_is_a4_and_named() -> None:
    reader = pypdf.PdfReader(io.BytesIO(make(decision(), shipped()).pdf))
    box = reader.pages[0].mediabox
    assert (round(box.width / 72 * 25.4), round(box.height / 72 * 25.4)) == (210, 297)
    assert reader.metadata is not None
    assert (reader.metadata.title, reader.metadata.author) == ("处理决定告知书", "南京市分公司")


def test_the_same_content_gives_the_same_bytes() -> None:
    assert make(decision(), shipped()) == make(decision(), shipped())
    other = make(decision(outcome="不同意。"), shipped())
    assert other.pdf != make(decision(), shipped()).pdf
    assert other.word != make(decision(), shipped()).word


def test_a_row_of_a_table_and_a_heading_are_not_torn_apart() -> None:
    for count in range(1, 30):
        made = make(decision(findings="\n".join("核实了。" for _ in range(count))), shipped())
        pages = pdf_pages(made.pdf)
        for number, page in enumerate(pages, start=1):
            shown = page.removesuffix(f"第{number}页，共{len(pages)}页")
            assert not shown.endswith(
                ("一、核实情况", "四、处理决定", "五、救济途径", "下列途径：", "带什么", "出处")
            ), count
            assert ("（盖章）" in page) == ("（盖章）2026年11月26日" in page), count
            assert ("处理决定、理" in page) == ("申请核查" in page), count


def test_long_texts_go_over_pages_that_are_counted_and_headed() -> None:
    long = "\n".join(f"第{number}段：查了派单记录和门岗登记，约定当天没有人到场，电话打不通。" for number in range(120))
    made = make(decision(findings=long), shipped())
    pages = pdf_pages(made.pdf)
    assert len(pages) > 3
    for number, page in enumerate(pages, start=1):
        assert page.startswith("南京市分公司")
        assert page.endswith(f"第{number}页，共{len(pages)}页")
    text = pdf_text(made.pdf)
    assert [int(n) for n in re.findall(r"第(\d+)段", text)] == list(range(120))
    assert [line for line in word_lines(made.word) if line.startswith("第")] == long.split("\n")


def test_a_row_that_is_longer_than_a_page_loses_no_word() -> None:
    way = WAY | {name: "".join(f"{name[0]}{n:03d}号" for n in range(100)) for name in ("where", "phone", "bring")}
    text = pdf_text(make(decision(ways=[way, WAY, way]), shipped()).pdf)
    for name in ("where", "phone", "bring"):
        for n in range(100):
            assert text.count(f"{name[0]}{n:03d}号"[:4]) == 2, (name, n)


@pytest.mark.parametrize("place", ["findings", "basis", "reasons", "outcome", "addressee", "branch"])
def test_what_is_filled_in_is_only_ever_text(place: str) -> None:
    made = make(decision(**{place: HOSTILE}), shipped())
    assert any(HOSTILE in line for line in word_lines(made.word)) or place == "branch"
    shown = squeezed(printable(HOSTILE))
    assert "{{title}}{{remedies.name}}" in shown
    assert shown in pdf_text(made.pdf)


def test_hostile_words_in_a_row_are_only_ever_text() -> None:
    made = make(decision(ways=[WAY | {"where": HOSTILE, "bring": "{{remedies.phone}}"}]), shipped())
    lines = word_lines(made.word)
    assert HOSTILE in lines
    assert "{{remedies.phone}}" in lines
    assert squeezed(printable(HOSTILE)) in pdf_text(made.pdf)


def test_two_thousand_characters_without_a_place_to_break() -> None:
    made = make(decision(reasons="x" * 2000, outcome="，" * 2000, ways=[WAY | {"where": "9" * 500}]), shipped())
    text = body(made.pdf)
    assert "三、理由" + "x" * 2000 + "四、处理决定" + "，" * 2000 + "五、救济途径" in text
    lines = word_lines(made.word)
    assert "x" * 2000 in lines
    assert text.count("9") == "".join(lines).count("9") > 500


def test_what_the_font_does_not_have_stands_by_its_number_and_word_keeps_it() -> None:
    made = make(decision(findings="王𠮷😀，café naïve ö，㐂"), shipped())
    assert "王〔U+20BB7〕〔U+1F600〕，cafénaïveö，㐂" in pdf_text(made.pdf)
    assert "王𠮷😀，café naïve ö，㐂" in word_lines(made.word)


def test_what_no_document_can_hold_is_left_out() -> None:
    assert clean("甲\x00\x0b\x1f乙\r\n丙\ufffe\ufdd0\r丁\t戊") == "甲乙\n丙\n丁 戊"
    made = make(decision(findings="甲\x0b乙\x01\n\n\n丙"), shipped())
    lines = word_lines(made.word)
    at = lines.index("一、核实情况")
    assert lines[at + 1 : at + 3] == ["甲乙", "丙"]


def test_without_clauses_neither_their_heading_nor_their_table() -> None:
    lines = word_lines(make(decision(clauses=0), shipped()).word)
    assert lines[-1] == "2026年11月26日"
    assert "附：引用的条文" not in lines


def test_no_line_begins_with_a_comma_and_no_number_is_cut() -> None:
    text = "约定当天没有人到场，电话4008812345678打不通，（详见附件）2026-12-14。" * 40
    for width in range(120, 460, 17):
        lines = list(broken(text, 12, width))
        assert "".join(lines) == text
        assert not [line for line in lines if line[0] in "，。）"], width
        assert not [line for line in lines if line[-1] == "（"], width
        for word in ("4008812345678", "2026-12-14"):
            assert sum(line.count(word) for line in lines) == 40, (width, word)


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=300), st.integers(5, 400))
def test_breaking_loses_nothing_but_blanks(text: str, width: int) -> None:
    lines = list(broken(text, 12, width))
    assert squeezed("".join(lines)) == squeezed(printable(text))


@settings(max_examples=25, deadline=None)
@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=400))
def test_any_text_becomes_a_letter_that_says_it(text: str) -> None:
    made = make(decision(findings=text), shipped())
    lines = word_lines(made.word)
    between = lines[lines.index("一、核实情况") + 1 : lines.index("二、依据")]
    assert "\n".join(between) == "\n".join(line for line in clean(text).split("\n") if line.strip())
    assert pdf_text(made.pdf)


@pytest.mark.parametrize("kind", list(LetterKind))
def test_the_shipped_templates_are_small_and_clean(kind: LetterKind) -> None:
    assert len(shipped(kind).content) < 40_000
    assert Document(io.BytesIO(shipped(kind).content)).core_properties.author == ""
    assert Path(shipped(kind).name).name == f"{kind}.docx"
