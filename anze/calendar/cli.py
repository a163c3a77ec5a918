"""`anze workday add` and `anze calendar load`."""

from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from anze import commands
from anze.texts import text

if TYPE_CHECKING:
    from anze.calendar.rules import WorkCalendar

LIMIT = 2500
"""Ten years of working days."""

Json = Annotated[bool, typer.Option("--json", help=text("cli.help.json"))]

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
    as_json: Json = False,
) -> None:
    from anze.calendar.store import CalendarStore, HolidayFileError  # noqa: PLC0415 - loaded when called
    from anze.settings import Settings  # noqa: PLC0415

    if abs(days) > LIMIT:
        raise commands.RefusedError("days_out_of_range", value=days, limit=LIMIT)
    settings = Settings()
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
    as_json: Json = False,
) -> None:
    from anze.calendar.store import CalendarStore, HolidayFileError, read_year  # noqa: PLC0415 - loaded when called
    from anze.settings import Settings  # noqa: PLC0415

    settings = Settings()
    store = CalendarStore(settings.knowledge, settings.data)
    try:
        old, year = store.calendar(), read_year(file)
        new = old.replaced(year.table())
        written = None if dry_run else store.add(year)
    except HolidayFileError as error:
        raise commands.RefusedError(line=str(error)) from error
    except OSError as error:
        raise commands.RefusedError(line=text("holidays.unwritable", folder=settings.data)) from error
    changed = _changed(old, new, year.year)
    counts = {"year": year.year, "off_days": len(year.off_days), "makeup_workdays": len(year.makeup_workdays)}
    lines = [
        text("holidays.dry_run" if dry_run else "holidays.loaded", file=written, **counts),
        text("holidays.changed", count=len(changed)),
    ]
    notice = year.notice.number if year.notice else None
    result = {**counts, "notice": notice, "file": str(written) if written else None, "dry_run": dry_run}
    commands.say({**result, "changed": [day.isoformat() for day in changed]}, lines, as_json=as_json)


def _changed(old: "WorkCalendar", new: "WorkCalendar", year: int) -> list[date]:
    """Days that were worked and are not, or the other way round; an unpublished year was Monday to Friday."""
    first, last = date(year - 1, 12, 25), date(year + 1, 1, 5)
    days = (first + timedelta(days=offset) for offset in range((last - first).days + 1))
    return [day for day in days if old.is_workday(day) != new.is_workday(day)]
