"""A register as a workbook and as a PDF. Both are drawn from the frozen content alone, so that they say the same."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from anze.clock import SHANGHAI
from anze.complaints.causes import causes
from anze.complaints.register_rules import NONE
from anze.letters.pages import Look, Pages, Paragraph, Table
from anze.letters.pdf import draw
from anze.texts import text as say
from anze.workbook import Sheet
from anze.workbook import workbook as drawn

type Line = tuple[str, ...]

COLUMNS = ("number", "branch", "received_on", "source", "kind", "form", "status", "told_on", "standard", "second",
           "outcome", "review", "cause", "provider")  # fmt: skip
_WIDE = {"outcome": 34, "number": 16, "standard": 18, "second": 18, "cause": 20, "kind": 18}
_SHARES = {"number": 9, "branch": 7, "received_on": 7, "source": 6, "kind": 7, "form": 5, "status": 7, "told_on": 7,
           "standard": 9, "second": 9, "outcome": 13, "review": 9, "cause": 8, "provider": 6}  # fmt: skip
_SUMS = ("source", "kind", "form", "status", "branch", "cause", "provider")
_MARGIN = 36.0
_SMALL, _PLAIN, _TITLE = 6.5, 9.0, 14.0


def workbook(register: dict[str, Any]) -> bytes:
    """XLSX: the rows, the sums, and what the version corrected. Every cell is text."""
    rows, sums, changes = (say(f"complaint.register.sheet.{name}") for name in ("rows", "sums", "changes"))
    lines = [heads(), *(line(row) for row in register["rows"])]
    return drawn([
        Sheet(rows, lines, widths=tuple(_WIDE.get(column, 12) for column in COLUMNS), frozen=True),
        Sheet(sums, [*notes(register), *sum_lines(register["sums"])]),
        Sheet(changes, list(change_lines(register["changes"]))),
    ])  # fmt: skip


def pdf(register: dict[str, Any]) -> bytes:
    """PDF: title, sums, rows, corrections."""
    title = say("complaint.register.title", branch=register["branch"], period=period_words(register["period"]))
    blocks: list[Paragraph | Table] = [Paragraph(title, Look(_TITLE, "center", after=8, keep_next=True))]
    blocks += [Paragraph("  ".join(cells), Look(_PLAIN)) for cells in notes(register)]
    blocks.append(_head("sums"))
    blocks.append(_table(list(sum_lines(register["sums"])), (3, 5, 2, 2, 2, 2), size=_PLAIN))
    blocks.append(_head("rows"))
    lines = [heads(), *(line(row) for row in register["rows"])]
    blocks.append(_table(lines, tuple(_SHARES[name] for name in COLUMNS), size=_SMALL))
    if register["changes"]:
        blocks.append(_head("changes"))
        blocks.append(_table(list(change_lines(register["changes"])), (3, 2, 5, 5), size=_SMALL))
    foot = Paragraph(say("complaint.register.seal", sha256=register["sha256"]), Look(_SMALL))
    pages = Pages(tuple(blocks), head=(), foot=(foot,), margins=(_MARGIN, _MARGIN, _MARGIN + 12, _MARGIN + 24))
    return draw(pages, title, register["branch"])


def _head(name: str) -> Paragraph:
    return Paragraph(say(f"complaint.register.sheet.{name}"), Look(_PLAIN + 1, before=8, after=2, keep_next=True))


def _table(lines: list[Line], shares: tuple[int, ...], *, size: float) -> Table:
    rows = tuple(tuple((Paragraph(cell, Look(size)),) for cell in cells) for cells in lines)
    return Table(tuple(share / sum(shares) for share in shares), rows, heads=1)


def heads() -> Line:
    """The heads of the columns."""
    return tuple(say(f"complaint.register.column.{name}") for name in COLUMNS)


def line(row: dict[str, Any]) -> Line:
    """A row in words, cell by cell."""
    return tuple(_words(name, row[name]) for name in COLUMNS)


def notes(register: dict[str, Any]) -> list[Line]:
    """What the register covers, which version it is, who issued it and when."""
    issued = datetime.fromisoformat(register["issued_at"]).astimezone(SHANGHAI)
    key = "whole" if register["whole"] else "part"
    return [
        (say("complaint.register.covers", branch=register["branch"], period=period_words(register["period"]),
             until=say(f"complaint.register.{key}", until=register["until"])),),
        (say("complaint.register.issued", version=register["version"], at=f"{issued:%Y-%m-%d %H:%M}",
             by=register["issued_by"]),),
    ]  # fmt: skip


def sum_lines(sums: dict[str, Any]) -> Iterator[Line]:
    """The sums as a table: what, which, how many, judged, timely, rate."""
    yield tuple(
        say(f"complaint.register.sum.{name}") for name in ("what", "which", "count", "judged", "timely", "rate")
    )
    yield (say("complaint.register.sum.total"), "", str(sums["total"]), *_rate(sums["timely"]))
    for field in _SUMS:
        rates = sums.get(f"timely_by_{field}", {})
        for value, count in sums[f"by_{field}"].items():
            rated = _rate(rates[value]) if value in rates else ("", "", "")
            words = say("complaint.register.none") if value == NONE else _words(field, value)
            yield (say(f"complaint.register.column.{field}"), words, str(count), *rated)


def _rate(timely: dict[str, Any]) -> Line:
    permille = timely["permille"]
    rate = "" if permille is None else f"{permille // 10}.{permille % 10}%"
    return str(timely["judged"]), str(timely["timely"]), rate


def change_lines(changes: list[dict[str, Any]]) -> Iterator[Line]:
    """What a version says otherwise than the one before it."""
    yield tuple(say(f"complaint.register.change.{name}") for name in ("number", "field", "old", "new"))
    for one in changes:
        if one["field"] == "row":
            old, new = (say(f"complaint.register.change.{'there' if side else 'not_there'}")
                        for side in (one["old"], one["new"]))  # fmt: skip
            yield one["number"], say("complaint.register.change.row"), old, new
        else:
            field = one["field"]
            yield (one["number"], say(f"complaint.register.column.{field}"), _words(field, one["old"]),
                   _words(field, one["new"]))  # fmt: skip


def _words(field: str, value: Any) -> str:
    """A value of a row as people read it."""
    if value is None:
        return ""
    if field in {"standard", "second"}:
        kept = {None: "open", True: "kept", False: "missed"}[value["kept"]]
        return say(f"complaint.register.clock.{kept}", due=value["due_on"] or "—")
    if field in {"source", "kind", "form", "status"}:
        return say(f"complaint.{field}.{value}")
    if field == "cause":
        return causes().names.get(value, str(value))
    if field == "timely":
        return say(f"complaint.register.timely.{'kept' if value else 'missed'}")
    return str(value)


def period_words(period: str) -> str:
    """2026年10月, 2026年第4季度."""
    year, part = period.split("-")
    if part.startswith("Q"):
        return say("complaint.register.quarter", year=year, quarter=part[1])
    return say("complaint.register.month", year=year, month=int(part))
