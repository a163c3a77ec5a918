"""Tables as an XLSX workbook. Every cell is text, never a formula."""

import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

MIME = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@dataclass(frozen=True)
class Sheet:
    """One table. `widths` in characters, from the first column on; `heads`: the first line is bold."""

    name: str
    lines: Sequence[Sequence[str]]
    widths: tuple[int, ...] = ()
    heads: bool = True
    frozen: bool = False
    """The first line stays in sight"""


def workbook(sheets: Iterable[Sheet]) -> bytes:
    """The sheets as a file."""
    book = Workbook(write_only=True)
    for one in sheets:
        sheet = book.create_sheet(one.name)
        sheet.freeze_panes = "A2" if one.frozen else None
        for column, width in enumerate(one.widths, 1):
            sheet.column_dimensions[get_column_letter(column)].width = width
        for place, cells in enumerate(one.lines):
            sheet.append([_cell(sheet, cell, bold=one.heads and place == 0) for cell in cells])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _cell(sheet: Any, value: str, *, bold: bool) -> Any:
    cell = WriteOnlyCell(sheet, value=ILLEGAL_CHARACTERS_RE.sub("", value))
    cell.data_type = "s"  # openpyxl reads a text that begins with = as a formula
    if bold:
        cell.font = Font(bold=True)
    return cell
