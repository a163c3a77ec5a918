"""`anze workday add` and `anze calendar load`."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from anze import commands
from anze.texts import text

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from anze.calendar.data import YearFile
    from anze.calendar.rules import WorkCalendar
    from anze.complaints.recalendar import Change
    from anze.settings import Settings

LIMIT = 2500
"""Ten years of working days."""

workday = typer.Typer(help=text("cli.help.workday"), no_args_is_help=True)
calendar = typer.Typer(help=text("cli.help.calendar"), no_args_is_help=True)


@workday.callback()
def _workday() -> None:
    """Makes the app a group."""


@calendar.callback()
def _calendar() -> None:
    """Makes the app a group."""


@workday.command("add", help=text("cli.help.workday_add"), context_settings={"ignore_unknown_options": True})
def add(
    start: Annotated[str, typer.Argument(metavar="DATE")],
    days: Annotated[int, typer.Argument(metavar="N")],
    as_json: commands.Json = False,
) -> None:
    from anze.calendar.data import CalendarStore, HolidayFileError  # noqa: PLC0415 - loaded when called

    if abs(days) > LIMIT:
        raise commands.RefusedError("days_out_of_range", value=days, limit=LIMIT)
    settings = commands.settings()
    try:
        found = CalendarStore(settings.knowledge, settings.data).calendar().add_workdays(commands.day(start), days)
    except HolidayFileError as error:
        raise commands.RefusedError(line=str(error)) from error
    line = text("holidays.provisional" if found.provisional else "holidays.firm", day=found.date.isoformat())
    commands.say({"date": found.date.isoformat(), "provisional": found.provisional}, [line], as_json=as_json)


@calendar.command("load", help=text("cli.help.calendar_load"))
def load(
    file: Annotated[Path, typer.Argument(metavar="FILE")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help=text("cli.help.calendar_dry_run"))] = False,
    as_json: commands.Json = False,
) -> None:
    from anze.calendar.data import CalendarStore, HolidayFileError, read_year  # noqa: PLC0415 - loaded when called

    settings = commands.settings()
    store = CalendarStore(settings.knowledge, settings.data)
    try:
        old, year = store.calendar(), read_year(file)
        new = old.replaced(year.table())
        with _open_cases(settings, new, dry_run=dry_run) as cases:
            if not dry_run:
                # The rows first: were the file written and they not, their dates would stay wrong until a second run.
                cases.move(settings, year)
                written = store.add(year)
    except HolidayFileError as error:
        raise commands.RefusedError(line=str(error)) from error
    except OSError as error:
        raise commands.RefusedError(line=text("holidays.unwritable", folder=settings.data)) from error
    changed = _changed(old, new, year.year)
    counts = {"year": year.year, "off_days": len(year.off_days), "makeup_workdays": len(year.makeup_workdays)}
    lines = [
        text("holidays.dry_run", **counts) if dry_run else text("holidays.loaded", file=written, **counts),
        text("holidays.changed", count=len(changed)),
        *cases.lines(dry_run=dry_run),
    ]
    result = {
        **counts,
        "notice": year.notice.number if year.notice else None,
        "file": None if dry_run else str(written),
        "dry_run": dry_run,
        "changed": [day.isoformat() for day in changed],
        "cases": None if cases.moving is None else [change.view() for change in cases.moving],
    }
    commands.say(result, lines, as_json=as_json)


@dataclass(frozen=True)
class _Cases:
    """Open cases that move. `moving` None: there is no database yet."""

    session: "Session | None" = None
    moving: "list[Change] | None" = None

    def move(self, settings: "Settings", year: "YearFile") -> None:
        from anze.complaints.recalendar import move  # noqa: PLC0415 - loaded when called

        if self.session is not None and self.moving:
            notice = year.notice.number if year.notice else None
            move(self.session, self.moving, year=year.year, notice=notice, now=commands.now(settings))

    def lines(self, *, dry_run: bool) -> list[str]:
        if self.moving is None:
            return [text("holidays.no_database")]
        if not self.moving:
            return [text("holidays.cases_stay")]
        summary = text("holidays.cases_move" if dry_run else "holidays.cases_moved", count=len(self.moving))
        return [*(change.line() for change in self.moving), summary]


@contextmanager
def _open_cases(settings: "Settings", calendar: "WorkCalendar", *, dry_run: bool) -> Iterator[_Cases]:
    """The cases that move, in one transaction, which a dry run takes back."""
    if settings.database_url is None and not (settings.data / "anze.db").exists():
        yield _Cases()
        return
    from anze.complaints.recalendar import changes  # noqa: PLC0415 - loaded when called

    with (
        commands.database(settings) as database,
        database.read() if dry_run else database.write() as session,
    ):
        yield _Cases(session, changes(session, calendar, commands.editions(settings)))


def _changed(old: "WorkCalendar", new: "WorkCalendar", year: int) -> list[date]:
    """Days that were worked and are not, or the other way round; an unpublished year was Monday to Friday."""
    first, last = date(year - 1, 12, 25), date(year + 1, 1, 5)
    days = (first + timedelta(days=offset) for offset in range((last - first).days + 1))
    return [day for day in days if old.is_workday(day) != new.is_workday(day)]
