"""Files as people send them: CSV in several hands, workbooks made by another program, workbooks made to do harm."""

import csv
import io
import zipfile
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from openpyxl import Workbook

from anze.demo.uscc import uscc
from anze.imports.columns import table

type Values = Mapping[str, Any]


def code(serial: int) -> str:
    """A code with a right check character that neither a firm nor the demo has."""
    return uscc("320000", 800_000 + serial)


def titles(kind: str, names: Sequence[str]) -> list[str]:
    columns = {column.name: column.title for column in (*table().kind(kind).columns, table().changed_on)}
    return [columns[name] for name in names]


def columns_of(rows: Sequence[Values]) -> list[str]:
    return list(dict.fromkeys(name for row in rows for name in row))


def csv_of(kind: str, rows: Sequence[Values], *, encoding: str = "utf-8", separator: str = ",") -> bytes:
    names = columns_of(rows)
    out = io.StringIO()
    writer = csv.writer(out, delimiter=separator)
    writer.writerow(titles(kind, names))
    writer.writerows([[row.get(name, "") for name in names] for row in rows])
    return out.getvalue().encode(encoding)


def xlsx_of(kind: str, rows: Sequence[Values], *, above: Sequence[Sequence[Any]] = (), empty: int = 0) -> bytes:
    """`above`: rows over the head, the first one merged; `empty`: rows with formats and nothing else at the end."""
    book = Workbook()
    sheet = book.active
    for line in above:
        sheet.append(line)
    names = columns_of(rows)
    if above:
        sheet.merge_cells(start_row=1, end_row=1, start_column=1, end_column=len(names))
    sheet.append(titles(kind, names))
    for row in rows:
        sheet.append([row.get(name) for name in names])
        for cell in sheet[sheet.max_row]:
            if isinstance(cell.value, date):
                cell.number_format = "yyyy-mm-dd"
    last = sheet.max_row
    for at in range(1, empty + 1):
        sheet.cell(last + at, 1).number_format = "@"
    return saved(book)


def saved(book: Workbook) -> bytes:
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


PARTS = {
    "[Content_Types].xml": '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>',
    "xl/workbook.xml": (
        '<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" '
        'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships">'
        '<sheets><sheet name="数据" sheetId="1" r:id="rId1"/></sheets></workbook>'
    ),
    "xl/_rels/workbook.xml.rels": (
        '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
        '<Relationship Id="rId1" Type="x/worksheet" Target="worksheets/sheet1.xml"/></Relationships>'
    ),
}


def raw_xlsx(sheet: str | bytes, **parts: str) -> bytes:
    """A workbook out of the XML of its one sheet."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in (PARTS | parts | {"xl/worksheets/sheet1.xml": sheet}).items():
            archive.writestr(name, content)
    return out.getvalue()


def sheet_xml(*rows: str) -> str:
    lines = "".join(f"<row>{row}</row>" for row in rows)
    return f'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>{lines}</sheetData></worksheet>'


def inline(*texts: str) -> str:
    return "".join(f'<c t="inlineStr"><is><t>{text}</t></is></c>' for text in texts)


# ---- rows ----


def applicant(serial: int = 1, **more: Any) -> dict[str, Any]:
    return {"name": f"测试集团{serial}", "uscc": code(serial), "contact_name": "张三",
            "contact_phone": f"139{serial:08d}"} | more  # fmt: skip


def insured(serial: int = 1, **more: Any) -> dict[str, Any]:
    return {
        "name": f"测试化工{serial}厂", "uscc": code(serial), "sector": "危险化学品", "industry": "化工",
        "province": "江苏省", "city": "南京市", "address": f"化工大道{serial}号", "contact_name": "李四",
        "contact_phone": f"138{serial:08d}",
    } | more  # fmt: skip


def policy(serial: int = 1, **more: Any) -> dict[str, Any]:
    return {
        "number": f"PX2026{serial:06d}", "branch": "南京分公司", "applicant": code(serial), "insureds": code(serial),
        "start_on": "2026-03-01", "end_on": "2027-02-28", "premium_cents": "12800.50", "d": 2,
    } | more  # fmt: skip


def service(serial: int = 1, **more: Any) -> dict[str, Any]:
    return {
        "number": f"LS2026{serial:06d}", "policy": "PX2026000001", "insured": code(1), "item": "隐患排查",
        "status": "已完成", "requested_on": "2026-04-01", "service_on": "2026-04-10", "completed_on": "2026-04-10",
        "report_no": "BG1", "people": "王五、赵六", "place": "化工大道1号", "followed_up_on": "2026-04-12", "mark": 5,
        "opinion": "讲得清楚", "way": "电话",
    } | more  # fmt: skip
