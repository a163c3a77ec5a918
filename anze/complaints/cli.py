"""`anze due complaint`: the date, the reasons, the second clock."""

from itertools import zip_longest
from typing import TYPE_CHECKING, Annotated, Any

import typer

from anze import commands
from anze.texts import text

if TYPE_CHECKING:
    from anze.complaints.reasons import Explanation
    from anze.complaints.rules import ClockState, Pause

due = typer.Typer(help=text("cli.help.due"), no_args_is_help=True)


@due.callback()
def _due() -> None:
    """Makes the app a group."""


@due.command("complaint", help=text("cli.help.due_complaint"))
def complaint(
    received: Annotated[str, typer.Option("--received", metavar="DATE", help=text("cli.help.received"))],
    is_complex: Annotated[bool, typer.Option("--complex", help=text("cli.help.complex"))] = False,
    extended: Annotated[bool, typer.Option("--extended", help=text("cli.help.extended"))] = False,
    pause: Annotated[list[str] | None, typer.Option("--pause", metavar="A..B", help=text("cli.help.pause"))] = None,
    told: Annotated[list[str] | None, typer.Option("--told", metavar="DATE", help=text("cli.help.told"))] = None,
    outside_standard: Annotated[bool, typer.Option("--outside-standard", help=text("cli.help.outside"))] = False,
    as_json: Annotated[bool, typer.Option("--json", help=text("cli.help.json"))] = False,
) -> None:
    from anze.calendar.data import CalendarStore, HolidayFileError  # noqa: PLC0415 - loaded when called
    from anze.complaints.clocks import Approver  # noqa: PLC0415
    from anze.complaints.explain import render, told_dates  # noqa: PLC0415
    from anze.complaints.reasons import explain  # noqa: PLC0415
    from anze.complaints.rules import ComplaintFacts, Complexity, Extension, standing  # noqa: PLC0415
    from anze.settings import Settings  # noqa: PLC0415

    day = commands.day(received)
    facts = ComplaintFacts(
        received=day,
        complexity=Complexity(day, day, day) if is_complex or extended else None,
        extension=Extension(day, Approver.SUPERIOR_BODY, day) if extended else None,
        pauses=_pauses(pause or [], told or []),
        outside_standard=outside_standard,
    )
    settings = Settings()
    try:
        calendar = CalendarStore(settings.knowledge, settings.data).calendar()
    except HolidayFileError as error:
        raise commands.RefusedError(line=str(error)) from error
    known = commands.editions(settings).on(day)
    clocks = known.complaint
    found = standing(facts, day, calendar, clocks)

    def result(clock: "ClockState") -> dict[str, Any]:
        reasons = explain(clock, facts, calendar, edition=known.edition.key, rule_version=clocks.rule_version)
        return {
            "date": clock.due.isoformat() if clock.due else None,
            "provisional": clock.provisional,
            "stopped": clock.stopped,
            "left": [{"days": left.days, "unit": left.unit} for left in clock.deadline.left],
            "explanation": render(reasons),
            **_days(reasons),
        }

    leading, second = result(found.leading), result(found.second)
    data = {
        **leading,
        "second": None if outside_standard else second,
        "working_to": found.working_to.isoformat() if found.working_to else None,
        "told": told_dates(found),
    }
    lines = [*leading["explanation"], *([] if outside_standard else ["", *second["explanation"]]), "", data["told"]]
    commands.say(data, lines, as_json=as_json)


def _days(reasons: "Explanation") -> dict[str, Any]:
    return {
        "counted": [
            {"number": each.number, "date": each.day.isoformat(), "makeup": each.makeup, "clause": term.term.clause}
            for term in reasons.terms
            for each in term.counted
        ],
        "left_out": [
            {"date": each.day.isoformat(), "reason": each.reason, "festival": each.festival}
            for term in reasons.terms
            for each in (*term.left_out, *term.rolled)
        ],
    }


def _pauses(values: list[str], told: list[str]) -> tuple["Pause", ...]:
    """The k-th notice belongs to the k-th pause; `-`: not told; none given: told on the commission day."""
    if len(told) > len(values):
        raise commands.RefusedError("pause_told", told=len(told), pauses=len(values))
    return tuple(_pause(value, notice) for value, notice in zip_longest(values, told))


def _pause(value: str, notice: str | None) -> "Pause":
    from anze.complaints.rules import Pause  # noqa: PLC0415 - loaded when called

    first, dots, last = value.partition("..")
    if not dots or not first:
        raise commands.RefusedError("pause_form", value=value)
    start, end = commands.day(first), commands.day(last) if last else None
    if end is not None and end < start:
        raise commands.RefusedError("pause_order", value=value)
    return Pause(start, end, None if notice == "-" else commands.day(notice) if notice else start)
