"""All that a firm has with us in a few lines."""

from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from anze.bookings.lines import item_name
from anze.calendar.data import CalendarStore
from anze.calendar.rules import WorkCalendar
from anze.calendar.words import spoken
from anze.clock import legal_date
from anze.complaints.dates import ComplaintDates
from anze.conversations.turn import Turn
from anze.hazards.models import Hazard, HazardLevel, HazardStatus
from anze.status import store
from anze.status.firms import Firms, coming, read, visit_fields
from anze.texts import text as say

_VISITS_NAMED = 3
_HAZARDS_NAMED = 5
"""So many open hazards are named one by one; the count tells of all."""


def mine(session: Session, turn: Turn, calendar: CalendarStore, dates: ComplaintDates) -> dict[str, Any]:
    """Policies with what is used and left, the next visits, open complaints with what is left of their time, hazards.

    {"count": 1, "fields": {"firm", "lines"}}; where there is nothing of a kind, a line says so.
    """
    firms, today = read(session, turn), legal_date(turn.now)
    lines = [*_policies(firms, today), *_visits(firms, turn)]
    lines += _complaints(session, firms, turn, calendar.calendar(), dates)
    lines += _hazards(session, firms, today)
    return {"count": 1, "fields": {"firm": firms.name, "lines": "\n".join(f"· {line}" for line in lines)}}


def _policies(firms: Firms, today: date) -> list[str]:
    lines = []
    for firm in firms.all:
        for contract, year in firm.in_force(today):
            left = "、".join(
                say("status.left", item=item_name(one.item), promised=one.promised, used=one.used, left=one.left)
                for one in firm.promises(contract, year)
            )
            words = say(
                "status.line.policy",
                number=contract.number,
                end=spoken(contract.last_on),
                left=left or say("status.nothing"),
            )
            lines.append(firms.of(firm.id, words))
    return lines or [say("status.line.no_policy")]


def _visits(firms: Firms, turn: Turn) -> list[str]:
    ahead = coming(firms, turn)[:_VISITS_NAMED]
    lines = [firms.of(one.insured_id, say("status.line.visit", **visit_fields(one))) for one in ahead]
    return lines or [say("status.line.no_visit")]


def _complaints(session: Session, firms: Firms, turn: Turn, days: WorkCalendar, dates: ComplaintDates) -> list[str]:
    lines, today = [], legal_date(turn.now)
    for case in store.complaints(session, firms.ids):
        told = dates.told(case, turn.now)
        fields = {"number": case.number, "status": say(f"complaint.status.{case.status}")}
        if told.working_to is None:
            words = say("status.complaint.paused", **fields, left=told.left)
        else:
            late = told.overdue or told.working_to < today
            key = "late" if late else "today" if told.working_to == today else "left"
            words = say(
                f"status.complaint.{key}",
                **fields,
                due=spoken(told.working_to, told.provisional),
                left=days.workdays_between(today, told.working_to),
            )
        lines.append(firms.of(case.insured_id, words))
    return lines


def _hazards(session: Session, firms: Firms, today: date) -> list[str]:
    found = [row for row in store.hazards(session, firms.ids) if row.status == HazardStatus.OPEN]
    if not found:
        return [say("status.line.no_hazard")]
    found.sort(key=lambda row: (row.level != HazardLevel.MAJOR, row.agreed_on or date.min, row.number))
    major = sum(row.level == HazardLevel.MAJOR for row in found)
    named = [firms.of(row.insured_id, _hazard(row, today)) for row in found[:_HAZARDS_NAMED]]
    return [say("status.line.hazards", count=len(found), major=major), *named]


def _hazard(row: Hazard, today: date) -> str:
    """A general hazard has no agreed date (6.2 says 及时); a major one waits for one, or keeps to it, or is late."""
    if row.level != HazardLevel.MAJOR:
        key = "general"
    elif row.agreed_on is None:
        key = "to_agree"
    else:
        key = "late" if row.agreed_on < today else "agreed"
    due = spoken(row.agreed_on) if row.agreed_on else ""
    level = say(f"hazard.level.{row.level}")
    return say(f"status.hazard.{key}", number=row.number, level=level, place=row.place[:20], due=due)
