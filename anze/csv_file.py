"""Tables as a CSV file. No cell is ever a formula."""

import csv
import io
from collections.abc import Iterable, Sequence

MIME = "text/csv"
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def csv_file(lines: Iterable[Sequence[str]]) -> bytes:
    """With a mark of UTF-8 for office programs; what could be read as a formula is quoted as text."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerows([[harmless(cell) for cell in line] for line in lines])
    return b"\xef\xbb\xbf" + out.getvalue().encode()


def harmless(cell: str) -> str:
    """A text that no office program reads as a formula."""
    return f"'{cell}" if cell.startswith(_FORMULA) else cell
