"""Rows of a CSV file: UTF-8, UTF-16 with its mark, or GB 18030 (GBK); read piece by piece."""

import codecs
import csv
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path

from anze.imports.refused import FileRefusedError
from anze.imports.rules import Cell

SEPARATORS = (",", ";", "\t", "|", "，", "；")
_PIECE = 1024 * 1024
_LOOKED_AT = 30
_MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))


def encoding_of(path: Path) -> str:
    """How the file is written. Raises FileRefusedError for NUL bytes and for what is none of them, with the line."""
    with path.open("rb") as file:
        start = file.read(4)
    marked = next((name for mark, name in _MARKS if start.startswith(mark)), None)
    candidates = [marked] if marked else ["utf-8", "gb18030"]
    wrong_line = 0
    for name in candidates:
        line = _undecodable(path, name)
        if line is None:
            return name
        wrong_line = max(wrong_line, line)
    raise FileRefusedError("encoding", line=wrong_line)


def _undecodable(path: Path, encoding: str) -> int | None:
    """The first line that is not written so; None when all are."""
    decoder = codecs.getincrementaldecoder(encoding)()
    lines = 1
    with path.open("rb") as file:
        while True:
            piece = file.read(_PIECE)
            try:
                text = decoder.decode(piece, final=not piece)
            except UnicodeDecodeError as error:
                return lines + bytes(error.object[: error.start]).count(b"\n")
            if "\x00" in text:
                raise FileRefusedError("nul", line=lines + text[: text.index("\x00")].count("\n"))
            lines += text.count("\n")
            if not piece:
                return None


@contextmanager
def opened(path: Path, encoding: str, separator: str) -> Iterator[Iterator[tuple[int, dict[int, Cell]]]]:
    """The rows that are not empty with their numbers. Raises FileRefusedError, also while they are read."""
    with path.open(encoding=encoding, newline="") as file:
        yield _rows(csv.reader(file, delimiter=separator))


def first_rows(path: Path, encoding: str, separator: str) -> list[dict[int, Cell]]:
    """As many as a head is looked for in; fewer where a separator does not fit the file."""
    with opened(path, encoding, separator) as rows:
        try:
            return [cells for _, cells in islice(rows, _LOOKED_AT)]
        except FileRefusedError:
            return []


def _rows(reader: Iterator[list[str]]) -> Iterator[tuple[int, dict[int, Cell]]]:
    number = 0
    while True:
        try:
            line = next(reader, None)
        except csv.Error as error:
            raise FileRefusedError("quotes", line=number + 1) from error
        if line is None:
            return
        number += 1
        if cells := {place: Cell(text) for place, text in enumerate(line) if text and not text.isspace()}:
            yield number, cells
