"""`anze when`: what time a Chinese text means."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from anze import commands
from anze.texts import text as words

if TYPE_CHECKING:
    from anze.calendar.when.model import Interval, Stamp, TimeExpression

when = typer.Typer()


@when.command(help=words("calendar.when.help"))
def _when(
    text: Annotated[str, typer.Argument(metavar="TEXT", help=words("calendar.when.help_text"))],
    now: Annotated[str, typer.Option("--now", metavar="ISO", help=words("calendar.when.help_now"))],
    past: Annotated[bool, typer.Option("--past", help=words("calendar.when.help_past"))] = False,
    as_json: Annotated[bool, typer.Option("--json", help=words("cli.help.json"))] = False,
) -> None:
    from anze.calendar.data import CalendarStore, HolidayFileError  # noqa: PLC0415 - loaded when called
    from anze.calendar.when import FIRST_YEAR, LAST_YEAR, first  # noqa: PLC0415
    from anze.clock import parse_instant  # noqa: PLC0415
    from anze.settings import Settings  # noqa: PLC0415

    settings = Settings()
    try:
        calendar = CalendarStore(settings.knowledge, settings.data).calendar()
    except HolidayFileError as error:
        raise commands.RefusedError(line=str(error)) from error
    try:
        found = first(text, parse_instant(now), calendar=calendar, prefer="past" if past else "future")
    except (ValueError, OverflowError) as error:
        line = words("calendar.when.bad_now", value=now, first=FIRST_YEAR, last=LAST_YEAR)
        raise commands.RefusedError(line=line) from error
    commands.say(as_data(found), _lines(found), as_json=as_json)


def as_data(found: "TimeExpression") -> dict[str, Any]:
    """The contract's `kind`, `start`, `end` (ISO; null for `none` and `duration`) and what else is known."""
    return {
        "kind": found.kind,
        "start": _iso(found.start),
        "end": _iso(found.end),
        "text": found.text,
        "span": list(found.span),
        "vague": found.vague,
        "confirm": found.confirm,
        "provisional": found.provisional,
        "alternatives": [{"start": _iso(start), "end": _iso(end)} for start, end in found.alternatives],
        "length": {"count": found.length[0], "unit": found.length[1]} if found.length else None,
        "reason": found.reason,
    }


def _iso(stamp: "Stamp | None") -> str | None:
    return stamp.isoformat() if stamp else None


def _lines(found: "TimeExpression") -> list[str]:
    if found.kind == "none":
        return [words("calendar.when.none", reason=words(f"calendar.when.reasons.{found.reason}"))]
    if found.kind == "duration":
        return [words("calendar.when.duration", text=found.text)]
    lines = [_said((found.start, found.end))]
    if found.provisional:
        lines.append(words("calendar.when.provisional"))
    if found.confirm and found.alternatives:
        lines.append(words("calendar.when.confirm", others="；".join(_said(other) for other in found.alternatives)))
    elif found.confirm:
        lines.append(words("calendar.when.confirm_bare"))
    return lines


def _said(interval: "Interval") -> str:
    start, end = (_plain(stamp) for stamp in interval)
    if end is None:
        return words("calendar.when.since", start=start)
    if start is None:
        return words("calendar.when.until", end=end)
    return words("calendar.when.date" if start == end else "calendar.when.range", start=start, end=end)


def _plain(stamp: "Stamp | None") -> str | None:
    return None if stamp is None else stamp.isoformat().replace("T", " ")[:16]
