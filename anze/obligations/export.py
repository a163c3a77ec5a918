"""The result of a question as a file: all its rows, its sums, the question itself. No cell is ever a formula."""

from dataclasses import dataclass
from datetime import date, datetime
from urllib.parse import quote

from sqlalchemy.orm import Session

from anze.calendar.rules import WorkCalendar
from anze.csv_file import csv_file
from anze.identity.speaker import Speaker
from anze.obligations import usecases, wording
from anze.obligations.query import Query
from anze.obligations.store import Answer
from anze.obligations.wording import Named, say
from anze.workbook import MIME, Sheet, workbook

_WIDE = 22


@dataclass(frozen=True)
class Made:
    """A file that was made."""

    name: str
    mime: str
    content: bytes
    rows: int

    @property
    def disposition(self) -> str:
        return f"attachment; filename*=UTF-8''{quote(self.name, safe='')}"


def made(
    session: Session,
    speaker: Speaker,
    query: Query,
    now: datetime,
    calendar: WorkCalendar,
    form: str,
    *,
    as_of: date | None = None,
    edition: str | None = None,
) -> Made:
    """`form`: xlsx or csv. Every row that the question asks for as of a day (today), within the speaker's branches."""
    answer = usecases.run(session, speaker, query, now, calendar, as_of=as_of, edition=edition, size=None)
    names = usecases.named(session, speaker)
    name = say("file.name", name=answer.check.name, day=answer.today.isoformat(), ending=form)
    heads = [say(f"column.{column}") for column in wording.columns(answer)] if answer.connected else []
    lines = [wording.cells(answer, row) for row in answer.rows]
    if form == "csv":
        return Made(name, "text/csv; charset=utf-8", csv_file([heads, *lines]), len(lines))
    return Made(name, MIME, _workbook(answer, names, heads, lines, now), len(lines))


def _workbook(answer: Answer, names: Named, heads: list[str], lines: list[list[str]], now: datetime) -> bytes:
    standard = answer.standard
    sums = [[wording.part_name(answer.check, key), str(count)] for key, count in wording.ordered(answer).items()]
    groups = [[one["name"], str(one["found"]), str(one["total"])] for one in usecases.groups(answer, names)]
    clause = standard.checked[answer.check.key].clause
    said = [
        wording.understood(answer.query, answer.check, names),
        f"{clause}：{standard.checked[answer.check.key].verbatim}",
    ]
    said += wording.lines(answer, names, now, standard.edition.cite, clause)
    tables = {
        "sheet": [heads, *lines],
        "sums": [*sums, *([[]] if groups else []), *groups],
        "asked": [[line] for line in said],
    }
    return workbook(
        Sheet(say(f"file.{name}"), table, widths=(_WIDE,) * max(map(len, table), default=0), heads=name == "sheet",
              frozen=name == "sheet")
        for name, table in tables.items()
    )  # fmt: skip
