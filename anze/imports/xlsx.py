"""Rows of a workbook (ECMA-376), one after the other: nothing is unpacked onto the disk, no row but one is in memory.

The reader is our own because of whom it reads from: sizes are counted before and while they are unpacked, a document
type is refused (entities that grow), and a formula can be told from its stored value.
"""

import lzma
import mmap
import re
import tempfile
import zipfile
import zlib
from array import array
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import IO, Any
from xml.parsers import expat

from anze.imports.refused import FileRefusedError
from anze.imports.rules import Cell

MOST_UNPACKED = 512 * 1024 * 1024
"""Bytes of all parts together; a hundred thousand policies have some 100 MB"""
MOST_PARTS, MOST_SHEETS, MOST_COLUMNS, MOST_CHARACTERS = 2000, 50, 300, 32_767
_PIECE = 64 * 1024
_REFERENCE = re.compile(r"([A-Z]{1,3})\d*")
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")
_UNQUOTED = re.compile(r'"[^"]*"|\[[^\]]*\]|\\.|_.')
_DATES = frozenset((*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)))
"""Number formats of the application itself that are days or times, the Chinese ones among them"""
_BROKEN = (
    zipfile.BadZipFile, zipfile.LargeZipFile, zlib.error, lzma.LZMAError, EOFError, NotImplementedError, RuntimeError,
    OSError, ValueError, expat.ExpatError,
)  # fmt: skip
_EPOCH_1900, _EPOCH_1904 = date(1899, 12, 30), date(1904, 1, 1)


_OTHERS = {"e": "error", "d": "day", "b": "text"}
"""Types of cells that stand for themselves"""


@dataclass(frozen=True)
class SheetRows:
    """One sheet that is shown: its name and its rows, (number from 1, cell by place from 0)."""

    name: str
    rows: Iterator[tuple[int, dict[int, Cell]]]


@contextmanager
def opened(path: Path) -> Iterator[Iterator[SheetRows]]:
    """The sheets of a workbook in their order. Raises FileRefusedError, also while rows are read."""
    try:
        archive = zipfile.ZipFile(path)
    except _BROKEN as error:
        raise FileRefusedError("broken") from error
    with archive, tempfile.TemporaryFile() as spool:
        _weigh(archive)
        yield _reading(_Book(archive, spool).sheets())


def _reading[T](found: Iterator[T]) -> Iterator[T]:
    """The same, a damaged file refused. Errors of whoever goes through it are none of the file's."""
    while True:
        try:
            one = next(found)
        except StopIteration:
            return
        except _BROKEN as error:
            raise FileRefusedError("broken") from error
        yield one


def _weigh(archive: zipfile.ZipFile) -> None:
    """What a part claims to hold is what zipfile unpacks of it at most, so the claims can be believed."""
    parts = archive.infolist()
    if len(parts) > MOST_PARTS or sum(part.file_size for part in parts) > MOST_UNPACKED:
        raise FileRefusedError("bomb", limit=MOST_UNPACKED // (1024 * 1024))
    if any(part.flag_bits & 1 for part in parts):
        raise FileRefusedError("locked")


class _Strings:
    """The shared texts, on the disk; only where each begins is in memory (8 bytes)."""

    def __init__(self, spool: IO[bytes]) -> None:
        self._spool, self._ends = spool, array("Q", [0])
        self._view: mmap.mmap | None = None

    def add(self, text: str) -> None:
        content = text.encode("utf-8", "surrogatepass")
        self._spool.write(content)
        self._ends.append(self._ends[-1] + len(content))

    def whole(self) -> None:
        self._spool.flush()
        self._view = mmap.mmap(self._spool.fileno(), 0, access=mmap.ACCESS_READ) if self._ends[-1] else None

    def __getitem__(self, place: int) -> str:
        if not 0 <= place < len(self._ends) - 1:
            raise FileRefusedError("broken")
        first, last = self._ends[place], self._ends[place + 1]
        return self._view[first:last].decode("utf-8", "surrogatepass") if self._view and first < last else ""


class _Book:
    def __init__(self, archive: zipfile.ZipFile, spool: IO[bytes]) -> None:
        self._archive, self._names = archive, set(archive.namelist())
        self._epoch, self._days = _EPOCH_1900, frozenset[int]()
        self._strings = _Strings(spool)

    def sheets(self) -> Iterator[SheetRows]:
        found, targets = self._listed(), self._targets()
        self._days = self._day_styles()
        self._read_strings(targets)
        for name, target in found[:MOST_SHEETS]:
            path = targets.get(target, "")
            if path in self._names:
                yield SheetRows(name, _reading(self._rows(path)))

    def _part(self, path: str, start: Callable[..., None], end: Callable[..., None] | None = None,
              words: Callable[[str], None] | None = None) -> None:  # fmt: skip
        for _ in self._parse(path, start, end, words):
            pass

    def _parse(
        self, path: str, start: Callable[..., None], end: Callable[..., None] | None,
        words: Callable[[str], None] | None,
    ) -> Iterator[None]:  # fmt: skip
        """Read a part piece by piece; after each whoever asked may look at what was found in it."""
        parser = expat.ParserCreate(namespace_separator=" ")
        parser.buffer_text = True
        parser.StartDoctypeDeclHandler = _no_document_type
        parser.StartElementHandler = lambda name, attributes: start(name.rpartition(" ")[2], attributes)
        if end is not None:
            parser.EndElementHandler = lambda name: end(name.rpartition(" ")[2])
        if words is not None:
            parser.CharacterDataHandler = words
        with self._archive.open(path) as stream:
            while piece := stream.read(_PIECE):
                parser.Parse(piece, False)
                yield
        parser.Parse(b"", True)
        yield

    def _listed(self) -> list[tuple[str, str]]:
        """Sheets that are shown, by name and reference; the day with which the workbook's numbers begin."""
        found: list[tuple[str, str]] = []

        def start(name: str, attributes: dict[str, str]) -> None:
            if name == "workbookPr" and attributes.get("date1904") in {"1", "true"}:
                self._epoch = _EPOCH_1904
            if name == "sheet" and attributes.get("state", "visible") == "visible":
                reference = next((value for key, value in attributes.items() if key.endswith(" id")), "")
                found.append((attributes.get("name", ""), reference))

        if "xl/workbook.xml" not in self._names:
            raise FileRefusedError("no_workbook")
        self._part("xl/workbook.xml", start)
        return found

    def _targets(self) -> dict[str, str]:
        """Paths of the parts by their reference, and of the shared texts by `strings`."""
        found: dict[str, str] = {}

        def start(name: str, attributes: dict[str, str]) -> None:
            if name == "Relationship" and attributes.get("TargetMode") != "External":
                target = attributes.get("Target", "")
                path = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
                found[attributes.get("Id", "")] = path
                if attributes.get("Type", "").endswith("/sharedStrings"):
                    found["strings"] = path

        if "xl/_rels/workbook.xml.rels" in self._names:
            self._part("xl/_rels/workbook.xml.rels", start)
        return found

    def _day_styles(self) -> frozenset[int]:
        """Styles of cells whose numbers are days."""
        formats: dict[str, str] = {}
        days: set[int] = set()
        count, within = 0, False

        def start(name: str, attributes: dict[str, str]) -> None:
            nonlocal count, within
            if name == "numFmt":
                formats[attributes.get("numFmtId", "")] = attributes.get("formatCode", "")
            elif name == "cellXfs":
                within = True
            elif name == "xf" and within:
                style = attributes.get("numFmtId", "0")
                if (style.isdecimal() and int(style) in _DATES) or _is_day(formats.get(style, "")):
                    days.add(count)
                count += 1

        def end(name: str) -> None:
            nonlocal within
            within = within and name != "cellXfs"

        if "xl/styles.xml" in self._names:
            self._part("xl/styles.xml", start, end)
        return frozenset(days)

    def _read_strings(self, targets: dict[str, str]) -> None:
        path = targets.get("strings", "xl/sharedStrings.xml")
        collected = _Words()

        def start(name: str, _: dict[str, str]) -> None:
            if name == "si":
                collected.clear()
            collected.enter(name)

        def end(name: str) -> None:
            collected.leave(name)
            if name == "si":
                self._strings.add(_unescaped(collected.text()))

        if path in self._names:
            self._part(path, start, end, collected.hear)
        self._strings.whole()

    def _rows(self, path: str) -> Iterator[tuple[int, dict[int, Cell]]]:
        reader = _SheetReader(self._strings, self._days, self._epoch)
        for _ in self._parse(path, reader.start, reader.end, reader.words.hear):
            yield from reader.ready
            reader.ready.clear()


@dataclass
class _Words:
    """The characters of `t` (text) and `v` (value); phonetic signs (rPh) are left out."""

    parts: list[str] = field(default_factory=list)
    length: int = 0
    wanted: bool = False
    aside: bool = False

    def clear(self) -> None:
        self.parts.clear()
        self.length = 0

    def enter(self, name: str) -> None:
        self.aside = self.aside or name == "rPh"
        self.wanted = name in {"t", "v"} and not self.aside

    def leave(self, name: str) -> None:
        self.wanted = False
        self.aside = self.aside and name != "rPh"

    def hear(self, words: str) -> None:
        if self.wanted:
            self.length += len(words)
            if self.length > MOST_CHARACTERS:
                raise FileRefusedError("cell_too_long", most=MOST_CHARACTERS)
            self.parts.append(words)

    def text(self) -> str:
        return "".join(self.parts)


class _SheetReader:
    """Turns the elements of a sheet into rows. `ready`: those that are whole."""

    def __init__(self, strings: _Strings, days: frozenset[int], epoch: date) -> None:
        self._strings, self._days, self._epoch = strings, days, epoch
        self.ready: list[tuple[int, dict[int, Cell]]] = []
        self.words = _Words()
        self._row, self._place = 0, -1
        self._cells: dict[int, Cell] = {}
        self._attributes: dict[str, str] = {}
        self._formula = False

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if name == "c":
            self._attributes, self._formula = attributes, False
            self._place = _place(attributes.get("r", ""), self._place)
            self.words.clear()
        elif name == "row":
            number = attributes.get("r", "")
            self._row = int(number) if number.isdecimal() and len(number) < 9 else self._row + 1
            self._cells, self._place = {}, -1
        elif name == "f":
            self._formula = True
        self.words.enter(name)

    def end(self, name: str) -> None:
        self.words.leave(name)
        if name == "c":
            if self._place < MOST_COLUMNS and (cell := self._cell()) is not None:
                self._cells[self._place] = cell
        elif name == "row" and self._cells:
            self.ready.append((self._row, self._cells))

    def _cell(self) -> Cell | None:
        kind, text = self._attributes.get("t", "n"), self.words.text()
        if not text:
            return Cell("", "formula") if self._formula else None
        if kind == "s":
            return Cell(self._strings[int(text) if text.isdecimal() else -1])
        if kind in {"str", "inlineStr"}:
            return Cell(_unescaped(text))
        if kind in _OTHERS:
            return Cell(text[:10] if kind == "d" else text, _OTHERS[kind])
        style = self._attributes.get("s", "0")
        return self._number(text, is_day=style.isdecimal() and int(style) in self._days)

    def _number(self, text: str, *, is_day: bool) -> Cell:
        if is_day:
            try:
                return Cell((self._epoch + timedelta(days=int(float(text)))).isoformat(), "day")
            except (ValueError, OverflowError):
                return Cell(text, "number")
        return Cell(text, "number")


def _place(reference: str, before: int) -> int:
    """The column of AB12 from 0; without a reference the next one."""
    found = _REFERENCE.fullmatch(reference)
    if found is None:
        return before + 1
    place = 0
    for letter in found[1]:
        place = place * 26 + ord(letter) - 64
    return place - 1


def _is_day(code: str) -> bool:
    """Whether a format of its own shows days: a y or d beside colours, quoted words and fillers."""
    bare = _UNQUOTED.sub("", code).casefold()
    return "y" in bare or ("d" in bare and "general" not in bare)


def _unescaped(text: str) -> str:
    return _ESCAPED.sub(lambda found: chr(int(found[1], 16)), text) if "_x" in text else text


def _no_document_type(*_: Any) -> None:
    raise FileRefusedError("broken")
