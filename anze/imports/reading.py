"""The rows of a file by the columns of a kind, whatever the file is: its head is found, other sheets are left out."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from anze.imports import csvfile, xlsx
from anze.imports.columns import Column, KindTable, plain
from anze.imports.refused import FileRefusedError
from anze.imports.rules import Cell, cleaned

MOST_ROWS = 500_000
_HEAD_WITHIN = 30
"""Rows above the head: a title, who made the list"""
_OLE = b"\xd0\xcf\x11\xe0"
"""An old .xls, or a workbook with a password"""


_PICTURES = (b"\xff\xd8\xff", b"\x89PNG", b"%PDF", b"GIF8", b"Rar!", b"7z\xbc\xaf", b"\x1f\x8b", b"\x7fELF", b"MZ")
"""What is sent by mistake, and no table"""


def is_readable_start(start: bytes) -> bool:
    """Whether a file that begins so can be a table at all; what it is in truth shows when it is read."""
    return not start.startswith(_PICTURES)


class Line(NamedTuple):
    """A row of the file: where it stands, and its cells by the name of their column."""

    sheet: str
    number: int
    cells: dict[str, Cell]


@dataclass
class Read:
    """What was noticed on the way."""

    ignored: list[str] = field(default_factory=list)
    """Heads that mean no column"""
    columns: set[str] = field(default_factory=set)


class Head(NamedTuple):
    """Which place holds which column, and what is written there."""

    columns: dict[int, str]
    texts: dict[int, str]


@contextmanager
def lines(path: Path, kind: KindTable, changed_on: Column, read: Read) -> Iterator[Iterator[Line]]:
    """The rows below the head, sheet after sheet. Raises FileRefusedError, also while they are read."""
    heads = {head: column.name for column in (*kind.columns, changed_on) for head in column.heads}
    titles = {column.name: column.title for column in kind.columns}
    finder = _Finder(heads, titles, [column.name for column in kind.columns if column.needed], read)
    with path.open("rb") as file:
        start = file.read(4)
    if not start:
        raise FileRefusedError("empty")
    if start == _OLE:
        raise FileRefusedError("old_workbook")
    if start.startswith(b"PK"):
        with xlsx.opened(path) as sheets:
            yield _limited(finder.of_sheets(sheets))
        return
    encoding = csvfile.encoding_of(path)
    separator = max(csvfile.SEPARATORS, key=lambda one: finder.most(csvfile.first_rows(path, encoding, one)))
    with csvfile.opened(path, encoding, separator) as rows:
        yield _limited(finder.of_sheets([xlsx.SheetRows("", rows)]))


def _limited(found: Iterator[Line]) -> Iterator[Line]:
    for count, line in enumerate(found, 1):
        if count > MOST_ROWS:
            raise FileRefusedError("too_many_rows", most=MOST_ROWS)
        yield line


class _Finder:
    """Finds the head of a sheet: the first row, of those at its top, that names most columns, at least two."""

    def __init__(self, heads: Mapping[str, str], titles: Mapping[str, str], needed: list[str], read: Read) -> None:
        self._heads, self._titles, self._needed, self._read = heads, titles, needed, read
        self._least = min(2, len(titles))

    def most(self, rows: list[dict[int, Cell]]) -> int:
        return max((len(set(self._named(cells).values())) for cells in rows), default=0)

    def of_sheets(self, sheets: Iterator[xlsx.SheetRows] | list[xlsx.SheetRows]) -> Iterator[Line]:
        """Every sheet that has the head. Raises FileRefusedError no_head when none has."""
        found = False
        for sheet in sheets:
            rows = iter(sheet.rows)
            top = self._top(rows)
            place = self._head_of(top)
            if place is None:
                continue
            found = True
            head = self._checked(top[place][1])
            for number, cells in top[place + 1 :]:
                yield from self._line(sheet.name, number, cells, head)
            for number, cells in rows:
                yield from self._line(sheet.name, number, cells, head)
        if not found:
            raise FileRefusedError("no_head", needed="、".join(self._titles[name] for name in self._needed))

    def _top(self, rows: Iterator[tuple[int, dict[int, Cell]]]) -> list[tuple[int, dict[int, Cell]]]:
        top: list[tuple[int, dict[int, Cell]]] = []
        for row in rows:
            top.append(row)
            if len(top) >= _HEAD_WITHIN:
                break
        return top

    def _named(self, cells: dict[int, Cell]) -> dict[int, str]:
        return {at: name for at, cell in cells.items() if (name := self._heads.get(plain(cell.text))) is not None}

    def _head_of(self, top: list[tuple[int, dict[int, Cell]]]) -> int | None:
        counts = [len(set(self._named(cells).values())) for _, cells in top]
        best = max(counts, default=0)
        return counts.index(best) if best >= self._least else None

    def _checked(self, cells: dict[int, Cell]) -> Head:
        named = self._named(cells)
        names = list(named.values())
        if twice := {name for name in names if names.count(name) > 1}:
            raise FileRefusedError("head_twice", name="、".join(sorted(self._titles.get(one, one) for one in twice)))
        if missing := [name for name in self._needed if name not in names]:
            raise FileRefusedError("head_missing", names="、".join(self._titles[name] for name in missing))
        ignored = [cleaned(cell.text) for at, cell in cells.items() if at not in named and cleaned(cell.text)]
        self._read.ignored += [head for head in ignored if head not in self._read.ignored]
        self._read.columns |= set(names)
        return Head(named, {at: cells[at].text for at in named})

    def _line(self, sheet: str, number: int, cells: dict[int, Cell], head: Head) -> Iterator[Line]:
        """A row with something in its columns, unless it is the head once more (lists that were printed)."""
        here = {name: cells[at] for at, name in head.columns.items() if at in cells and _says(cells[at])}
        if here and not all(at in cells and cells[at].text == text for at, text in head.texts.items()):
            yield Line(sheet, number, here)


def _says(cell: Cell) -> bool:
    return cell.kind in {"error", "formula"} or bool(cell.text and not cell.text.isspace())
