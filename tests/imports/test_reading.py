"""Files as they come: their head is found, their rows are read, what cannot be read is refused with what to do."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook

from anze.imports.columns import table
from anze.imports.reading import Line, Read, lines
from anze.imports.refused import FileRefusedError
from anze.imports.xlsx import MOST_UNPACKED
from tests.imports.files import (
    applicant,
    code,
    columns_of,
    csv_of,
    inline,
    policy,
    raw_xlsx,
    saved,
    sheet_xml,
    titles,
    xlsx_of,
)


def read(path: Path, content: bytes, kind: str = "policies", seen: Read | None = None) -> list[Line]:
    file = path / "file"
    file.write_bytes(content)
    with lines(file, table().kind(kind), table().changed_on, seen or Read()) as found:
        return list(found)


def texts(found: list[Line]) -> list[dict[str, str]]:
    return [{name: cell.text for name, cell in line.cells.items()} for line in found]


def refused(path: Path, content: bytes, kind: str = "policies") -> FileRefusedError:
    with pytest.raises(FileRefusedError) as found:
        read(path, content, kind)
    assert found.value.detail
    return found.value


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "gb18030", "utf-16"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_csv_in_every_hand(tmp_path: Path, encoding: str, separator: str) -> None:
    rows = [policy(1), policy(2, branch="苏州，分公司;甲")]
    found = read(tmp_path, csv_of("policies", rows, encoding=encoding, separator=separator))
    assert [line.number for line in found] == [2, 3]
    assert texts(found) == [{name: str(value) for name, value in row.items()} for row in rows]


def test_a_title_stars_units_and_spaces_are_no_other_head(tmp_path: Path) -> None:
    head = [
        "*保 单 号（必填）",
        "承保机构*",
        "投保人统一社会信用代码",
        "被保险人信用代码",
        "起保日期 ",
        "保险止期",
        "保费(元)",
        "备注",
    ]
    content = "保单清单\n\n" + ",".join(head) + "\nA1,南京,x,y,1,2,3,无\n,,,,,,,\n"
    seen = Read()
    (line,) = read(tmp_path, content.encode(), seen=seen)
    assert line.cells["number"].text == "A1"
    assert line.cells["premium_cents"].text == "3"
    assert seen.ignored == ["备注"]


def test_a_workbook_with_a_merged_title_dates_empty_rows_and_other_sheets(tmp_path: Path) -> None:
    rows = [policy(1, start_on=date(2026, 3, 1), end_on=46446, premium_cents=12800.1), policy(2)]
    found = read(tmp_path, xlsx_of("policies", rows, above=[["2026年保单清单"], ["制表：张三"]], empty=300))
    assert [(line.sheet, line.number) for line in found] == [("Sheet", 4), ("Sheet", 5)]
    first = found[0].cells
    assert (first["start_on"].text, first["start_on"].kind) == ("2026-03-01", "day")
    assert (first["end_on"].text, first["end_on"].kind) == ("46446", "number")
    book = Workbook()
    book.active.title = "说明"
    book.active.append(["保单号", "number", "保单号码"])
    for name, number in (("一月", 1), ("二月", 2)):
        sheet = book.create_sheet(name)
        sheet.append(titles("policies", list(policy())))
        sheet.append(list(policy(number).values()))
    hidden = book.create_sheet("藏")
    hidden.append(titles("policies", list(policy())))
    hidden.append(list(policy(3).values()))
    hidden.sheet_state = "hidden"
    found = read(tmp_path, saved(book))
    assert [(line.sheet, line.cells["number"].text) for line in found] == [
        ("一月", "PX2026000001"), ("二月", "PX2026000002"),
    ]  # fmt: skip


def test_formulas_are_their_stored_value_or_say_that_there_is_none(tmp_path: Path) -> None:
    names = columns_of([applicant()])
    head = inline(*titles("applicants", names))
    row = (
        '<c t="str"><f>A1&amp;B1</f><v>测试</v></c>'
        + inline(code(1))
        + '<c><f>C1</f></c><c t="e"><f>1/0</f><v>#DIV/0!</v></c>'
    )
    (line,) = read(tmp_path, raw_xlsx(sheet_xml(head, row)), "applicants")
    assert [tuple(line.cells[name]) for name in names] == [
        ("测试", "text"), (code(1), "text"), ("", "formula"), ("#DIV/0!", "error"),
    ]  # fmt: skip


def test_a_repeated_head_is_no_row_and_an_injected_formula_is_text(tmp_path: Path) -> None:
    rows = [applicant(1, name='=HYPERLINK("http://x")'), applicant(2)]
    content = csv_of("applicants", rows).decode()
    head = content.splitlines()[0]
    found = read(tmp_path, f"{content}{head}\r\n".encode(), "applicants")
    assert [line.cells["name"].text for line in found] == ['=HYPERLINK("http://x")', "测试集团2"]


@pytest.mark.parametrize(
    ("content", "code_", "says"),
    [
        (b"", "empty", "空的"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "old_workbook", ".xlsx"),
        (b"PK\x03\x04 not a zip", "broken", "打不开"),
        ("保单号,承保机构\nA,\x00B\n".encode(), "nul", "第 2 行"),
        ("保单号,承保机构\nA,".encode() + b"\xff\xff\xff\n", "encoding", "第 2 行"),
        ("甲,乙\n1,2\n".encode(), "no_head", "保单号"),
        ("保单号,承保机构\nA,B\n".encode(), "head_missing", "起保日期"),
        (b"\n", "no_head", "表头"),
    ],
)  # fmt: skip
def test_a_file_that_cannot_be_read_says_why(tmp_path: Path, content: bytes, code_: str, says: str) -> None:
    error = refused(tmp_path, content)
    assert (error.code, says in error.detail) == (code_, True), error.detail


def test_a_head_that_stands_twice_and_a_quote_that_never_ends(tmp_path: Path) -> None:
    content = csv_of("policies", [policy(1)]).decode()
    head, row = content.splitlines()
    assert refused(tmp_path, f"{head},保单号码\n{row},X\n".encode()).code == "head_twice"
    assert refused(tmp_path, f'{head}\n{row}\n"{"x" * 200_000}'.encode()).code == "quotes"


# ---- made to do harm ----


def test_a_zip_bomb_is_not_unpacked(tmp_path: Path) -> None:
    import io
    import zipfile

    out = io.BytesIO()
    archive = zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=9)
    with archive, archive.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as part:
        for _ in range(MOST_UNPACKED // (1024 * 1024) + 1):
            part.write(b" " * 1024 * 1024)
    assert len(out.getvalue()) < 1024 * 1024
    assert refused(tmp_path, out.getvalue()).code == "bomb"


def test_entities_endless_cells_and_far_columns(tmp_path: Path) -> None:
    laughs = '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]><worksheet>&b;</worksheet>'
    assert refused(tmp_path, raw_xlsx(laughs)).code == "broken"
    long = sheet_xml(f'<c t="inlineStr"><is><t>{"x" * 40_000}</t></is></c>')
    assert refused(tmp_path, raw_xlsx(long)).code == "cell_too_long"
    far = sheet_xml(*(f'<c r="XFD{n}" t="inlineStr"><is><t>x</t></is></c>' for n in range(1, 5)))
    assert refused(tmp_path, raw_xlsx(far)).code == "no_head"


@pytest.mark.parametrize("cut", [100, 1000, -30])
def test_a_damaged_workbook(tmp_path: Path, cut: int) -> None:
    content = xlsx_of("policies", [policy(1)])
    assert refused(tmp_path, content[:cut]).code == "broken"
    assert refused(tmp_path, raw_xlsx(sheet_xml(inline("a"))[:-20])).code == "broken"
    wrong = sheet_xml('<c t="s"><v>99</v></c>')
    assert refused(tmp_path, raw_xlsx(wrong)).code == "broken"


def test_escaped_characters_of_a_workbook(tmp_path: Path) -> None:
    head = inline(*titles("applicants", list(applicant())))
    row = inline("甲_x000D_乙_x0000__xD800_", code(1), "张三", "13900000001")
    (line,) = read(tmp_path, raw_xlsx(sheet_xml(head, row)), "applicants")
    values: dict[str, Any] = {}
    from anze.imports.rules import taken

    for column in table().kind("applicants").columns:
        values[column.name] = taken(column, line.cells[column.name])
    assert values["name"] == "甲 乙"
