"""A year's notice of holidays: taken over as a whole; dates of open complaints that move are told."""

from collections import Counter
from datetime import date
from typing import Any

from pydantic import ValidationError

from anze.calendar.data import Notice, YearFile
from anze.complaints import recalendar
from anze.imports.spool import Decided, Row, Spool
from anze.imports.world import Looked, World
from anze.texts import text

MOST_DAYS = 200


class Holidays:
    """See world.Noun."""

    def look(self, world: World, rows: list[Row], spool: Spool) -> list[Looked]:
        looked = [Looked(Decided(row.no, "new")) for row in rows]
        if len(rows) > MOST_DAYS:
            looked[0].faults.add("day", "holidays_many", most=MOST_DAYS)
            return looked
        try:
            year = _year_file([row.values for row in rows])
        except ValidationError as error:
            _blame(error, rows, looked)
            return looked
        calendar = world.calendar.calendar()
        table, before = year.table(), calendar.tables.get(year.year)
        notice_same = before is not None and before.notice == table.notice
        for row, one in zip(rows, looked, strict=True):
            day = date.fromisoformat(row.values["day"])
            if before is not None:
                kept = "off" if day in before.off_days else "work" if day in before.makeup_workdays else None
                name = before.off_days.get(day)
                same = kept == row.values["what"] and (kept == "work" or name == table.off_days[day])
                old = {} if same else {"what": kept, "festival": name}
                one.decided = Decided(row.no, "same" if same else "changed" if kept else "new", None, old)
        gone = before is not None and (
            bool(before.off_days.keys() - table.off_days.keys()) or bool(before.makeup_workdays - table.makeup_workdays)
        )
        # A run that broke off between the file and the rows is made good by the next: then cases are left to move.
        pending = recalendar.changes(world.session, calendar.replaced(table), world.editions)
        if gone or (before is not None and not notice_same) or pending:
            looked[0].decided.op = "changed" if looked[0].decided.op == "same" else looked[0].decided.op
            looked[0].decided.old |= {"notice": before.notice if before else None}
        return looked

    def write(self, world: World, new: list[Row], changed: list[Row]) -> None:
        """A notice is taken over as a whole, at the end."""

    def finish(self, world: World, spool: Spool) -> None:
        rows = [row for op in ("new", "changed", "same") for piece in spool.of(op) for row in piece]
        if all(row.op == "same" for row in rows):
            return
        year = _year_file([row.values for row in sorted(rows, key=lambda row: row.no)])
        calendar = world.calendar.calendar().replaced(year.table())
        cases = recalendar.changes(world.session, calendar, world.editions)
        notice = year.notice.number if year.notice else None
        recalendar.move(world.session, cases, year=year.year, notice=notice, now=world.now)
        for case in cases:
            world.tell("complaint_dates", str(case.case.number), case.line())
            world.wake.add(case.case.conversation_id)
        # After the rows, as `anze calendar load` does: were the file there and they not, their dates would be wrong.
        world.session.flush()
        world.calendar.add(year)


def _year_file(rows: list[dict[str, Any]]) -> YearFile:
    """The notice of the year in which most of the days lie. Raises ValidationError."""
    days = {date.fromisoformat(row["day"]): row for row in rows}
    year = Counter(day.year for day in days).most_common(1)[0][0]
    number = next((row["notice"] for row in rows if row.get("notice")), None)
    return YearFile(
        year=year,
        notice=Notice(number=number) if number else None,
        off_days={
            day: row.get("festival") or text("holidays.unnamed") for day, row in days.items() if row["what"] == "off"
        },
        makeup_workdays=tuple(sorted(day for day, row in days.items() if row["what"] == "work")),
    )


def _blame(error: ValidationError, rows: list[Row], looked: list[Looked]) -> None:
    """Put each fault where its day stands; what is wrong with the whole stands at the first row."""
    for one in error.errors():
        fields = one.get("ctx", {})
        day = str(fields.get("day", ""))
        at = next((place for place, row in enumerate(rows) if row.values["day"] == day), 0)
        code = one["type"] if one["type"] in {"makeup_not_weekend", "outside_year", "implausible"} else "holidays_wrong"
        known = {name: fields[name] for name in ("day", "year", "off_days", "makeup_workdays") if name in fields}
        looked[at].faults.add("day", code, **known)
