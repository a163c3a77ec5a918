"""Templates to be filled in: a workbook with the heads and a sheet that explains them, or a CSV file."""

import csv
import io
from urllib.parse import quote

from anze.errors import DomainError
from anze.imports.columns import table
from anze.imports.made import Made
from anze.imports.rules import EMPTIED
from anze.imports.usecases import says
from anze.texts import text
from anze.workbook import MIME, Sheet, workbook

_WIDE = 18


def say(key: str, **fields: object) -> str:
    return text(f"imports.template.{key}", **fields)


def template(kind: str, form: str) -> Made:
    """`form`: xlsx or csv. Raises DomainError import_kind."""
    found = table().kind(kind)
    heads = [column.title for column in found.columns]
    name = say("name", name=found.name, ending=form)
    if form == "csv":
        out = io.StringIO()
        csv.writer(out, lineterminator="\r\n").writerow(heads)
        return Made(name, "text/csv; charset=utf-8", b"\xef\xbb\xbf" + out.getvalue().encode())
    if form != "xlsx":
        raise DomainError("bad_request", 422)
    explained = [[say(f"column.{one}") for one in ("title", "name", "needed", "value", "example", "also")]]
    for column in found.columns:
        needed = say("must" if column.needed else "may")
        explained.append([column.title, column.name, needed, says(column), column.example, "、".join(column.also)])
    words = [found.explain, say("empty", word=EMPTIED), say("key", names="、".join(
        column.title for column in found.columns if column.name in found.key
    ))]  # fmt: skip
    sheets = (
        Sheet(say("data"), [heads], widths=(_WIDE,) * len(heads), frozen=True),
        Sheet(say("explained"), explained, widths=(24, 18, 8, 52, 36, 36), frozen=True),
        Sheet(say("about"), [[word] for word in words], widths=(100,), heads=False),
    )
    return Made(name, MIME, workbook(sheets))


def disposition(name: str) -> str:
    """The header by which a browser saves a file under this name."""
    return f"attachment; filename*=UTF-8''{quote(name, safe='')}"
