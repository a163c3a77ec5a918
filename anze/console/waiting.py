"""What waits for a role, each as one part of my work: a page of lines, each a link to where its step is taken."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from anze.bookings import desk as bookings
from anze.console.html import section, tag
from anze.console.pager import pager
from anze.console.visit import Visit
from anze.console.words import day, moment, say
from anze.hazards import listing
from anze.identity.models import Role
from anze.identity.speaker import Speaker
from anze.reports import desk as reports
from anze.reports.kinds import CandidateState
from anze.surveys import desk as surveys
from anze.tasks.desk import open_tasks
from anze.tasks.models import TaskKind

SIZE = 10
type Line = tuple[str, str, str, str]
"""Where it leads, its name, what it is about, until or since when"""


@dataclass(frozen=True)
class Part:
    """`read` gives {"items", "total"} of a page; `line` shows one; `roles` are those it waits for."""

    name: str
    roles: frozenset[Role]
    read: Callable[[Visit, Session, Speaker, int], dict[str, Any]]
    line: Callable[[dict[str, Any]], Line]


def _bookings(_: Visit, session: Session, speaker: Speaker, page: int) -> dict[str, Any]:
    return bookings.listed(session, speaker, bookings.Filter(waiting=True, sort="requested_at", page=page, size=SIZE))


def _hazards(which: listing.Filter) -> Callable[[Visit, Session, Speaker, int], dict[str, Any]]:
    def read(visit: Visit, session: Session, speaker: Speaker, page: int) -> dict[str, Any]:
        return listing.hazards(
            session, speaker, which=which, level=None, text="", page=page, size=SIZE, now=visit.now(),
            calendar=visit.services.calendar,
        )  # fmt: skip

    return read


def _surveys(visit: Visit, session: Session, speaker: Speaker, page: int) -> dict[str, Any]:
    return surveys.surveys(session, speaker, which=surveys.Filter.DUE, text="", page=page, size=SIZE, now=visit.now())


def _candidates(state: CandidateState) -> Callable[[Visit, Session, Speaker, int], dict[str, Any]]:
    return lambda _, session, speaker, page: reports.candidates(
        session, speaker, states=(state,), kind=None, page=page, size=SIZE
    )


def _extensions(_: Visit, session: Session, speaker: Speaker, page: int) -> dict[str, Any]:
    return open_tasks(session, speaker, kind=TaskKind.EXTENSION, page=page, size=SIZE)


def _booking(row: dict[str, Any]) -> Line:
    waits = row["waiting"] or {}
    about = f"{row['insured']} · {row['item_name']} · {waits.get('words') or waits.get('why') or row['when']}"
    return f"/staff/bookings/{row['number']}", row["number"], about, say("work.since", at=moment(row["requested_at"]))


def _hazard(row: dict[str, Any]) -> Line:
    about = f"{row['firm']} · {row['level_text']} · {row['place']} · {row['description']}"
    found = say("work.found", day=row["found_on"])
    waits = say(f"work.waits.{row['waits_for']}") if row["waits_for"] else ""
    return f"/staff/hazards/{row['number']}", row["number"], about, f"{found} {waits}".strip()


def _survey(row: dict[str, Any]) -> Line:
    until = say("work.until", day=day(row["due_on"], provisional=row["provisional"]))
    late = f"{until} {say('work.overdue')}" if row["overdue"] else until
    return f"/staff/surveys/{row['service']}", row["service"], f"{row['firm']} · {row['item']}", late


def _candidate(row: dict[str, Any]) -> Line:
    about = f"{row['firm']} · {row['kind_text']}"
    return f"/staff/reports/{row['id']}", row["clause"], about, say("work.since", at=moment(row["found_at"]))


def _extension(row: dict[str, Any]) -> Line:
    number, until = str(row["body"].get("number") or ""), str(row["body"].get("answer_by") or "")
    return f"/staff/complaints/{number}", number, row["branch"], say("work.answer_by", at=until)


_SERVICE = frozenset({Role.SERVICE, Role.SUPERVISOR})
PARTS = (
    Part("extensions", frozenset({Role.SUPERVISOR}), _extensions, _extension),
    Part("to_approve", frozenset({Role.SUPERVISOR}), _candidates(CandidateState.CONFIRMED), _candidate),
    Part("to_supervise", frozenset({Role.SUPERVISOR}), _hazards(listing.Filter.SUPERVISOR), _hazard),
    Part("to_confirm", frozenset({Role.INTAKE, Role.SERVICE}), _candidates(CandidateState.OPEN), _candidate),
    Part("bookings", _SERVICE, _bookings, _booking),
    Part("to_answer", _SERVICE, _hazards(listing.Filter.ANSWER), _hazard),
    Part("to_agree", _SERVICE, _hazards(listing.Filter.TO_AGREE), _hazard),
    Part("reported", _SERVICE, _hazards(listing.Filter.REPORTED), _hazard),
    Part("surveys", _SERVICE, _surveys, _survey),
)


def parts_of(role: str) -> list[Part]:
    return [part for part in PARTS if role in part.roles]


def show(visit: Visit, part: Part, first: dict[str, Any]) -> None:
    """A part with its first page; nothing at all when nothing waits."""
    if not first["total"]:
        return
    with section(say(f"work.part.{part.name}", n=first["total"])):
        shown = tag("div", aria_live="polite")

        async def again(page: int) -> None:
            found = await visit.read(lambda s, me: part.read(visit, s, me, page))
            shown.clear()
            with shown:
                _lines(visit, part, found, page, again)

        with shown:
            _lines(visit, part, first, 1, again)


def _lines(visit: Visit, part: Part, found: dict[str, Any], page: int, again: Callable[[int], Awaitable[None]]) -> None:
    with tag("ul", classes="plain-list waiting"):
        for row in found["items"]:
            where, name, about, when = part.line(row)
            with tag("li"):
                tag("a", name, href=where)
                tag("span", about)
                tag("span", when, "soft")
    pager(visit, page, found["total"], SIZE, again)
