"""A new holiday notice: which open cases' dates move, and moving them, told in the same transaction."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from anze.audit.chain import append
from anze.calendar.rules import WorkCalendar
from anze.calendar.words import spoken
from anze.channels.rasa import MessageOut
from anze.complaints.clocks import ComplaintClocks
from anze.complaints.dates import facts_of
from anze.complaints.models import OPEN, Complaint
from anze.complaints.rules import Shown, moved
from anze.complaints.settling import queue_day
from anze.conversations.outbound import add_out
from anze.standard.editions import Editions
from anze.texts import text as say


@dataclass(frozen=True)
class Change:
    """One open case whose told date is no longer right, or becomes firm (then the days are equal)."""

    case: Complaint
    old: date
    old_provisional: bool
    new: date
    new_provisional: bool

    def view(self) -> dict[str, Any]:
        """For a program."""
        return {
            "number": self.case.number,
            "old": self.old.isoformat(),
            "old_provisional": self.old_provisional,
            "new": self.new.isoformat(),
            "new_provisional": self.new_provisional,
        }

    def line(self) -> str:
        """For an operator."""
        old, new = spoken(self.old, self.old_provisional), spoken(self.new, self.new_provisional)
        return say("holidays.case_moves", number=self.case.number, old=old, new=new)


def changes(session: Session, calendar: WorkCalendar, editions: Editions) -> list[Change]:
    """Open cases that were told another date than this calendar gives, by number."""
    cases = {str(case.id): case for case in _told_and_open(session)}
    found = [
        change
        for edition in {case.edition for case in cases.values()}
        for change in _of_edition(
            {id_: case for id_, case in cases.items() if case.edition == edition},
            calendar,
            editions.get(edition).complaint,
        )
    ]
    return sorted(found, key=lambda change: str(change.case.number))


def _told_and_open(session: Session) -> Iterator[Complaint]:
    # Without a date of the standard there is nothing that a notice could move: the second clock counts every day.
    yield from session.scalars(
        select(Complaint)
        .where(Complaint.status.in_(OPEN), Complaint.due_on.is_not(None))
        .options(joinedload(Complaint.branch))
        .order_by(Complaint.id)
        .with_for_update(of=Complaint)
    )


def _of_edition(cases: dict[str, Complaint], calendar: WorkCalendar, clocks: ComplaintClocks) -> Iterator[Change]:
    told = [(id_, facts_of(case), Shown(case.due_on, case.provisional)) for id_, case in cases.items()]
    for one in moved(told, calendar, clocks):
        if one.old.on is not None and one.new.on is not None:
            yield Change(cases[one.id], one.old.on, one.old.provisional, one.new.on, one.new.provisional)


def move(session: Session, found: list[Change], *, year: int, notice: str | None, now: datetime) -> None:
    """Set the new dates, keep the old ones in the chain, tell each complainant in the own conversation."""
    for change in found:
        case = change.case
        case.due_on, case.provisional = change.new, change.new_provisional
        case.queue_on = queue_day(case)
        case.version += 1
        append(
            session,
            at=now,
            kind="complaint.date_moved",
            subject=f"complaint:{case.id}",
            actor="operator",
            body={**change.view(), "year": year, "notice": notice},
        )
        out = MessageOut(text=_told(change, year, notice), response="utter_complaint_date_moved")
        add_out(session, case.conversation_id, out, now, pushed=True)


def _told(change: Change, year: int, notice: str | None) -> str:
    """Old date, new date, reason, who handles it and the telephone."""
    branch = change.case.branch
    return say(
        "complaint.date_firm" if change.old == change.new else "complaint.date_moved",
        number=change.case.number,
        old=spoken(change.old, change.old_provisional),
        new=spoken(change.new, change.new_provisional),
        year=year,
        notice=f"（{notice}）" if notice else "",
        branch=branch.name,
        hotline=branch.hotline,
    )
