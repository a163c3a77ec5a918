"""Everything of a firm that has a day, in one list."""

from collections.abc import Iterator
from dataclasses import dataclass
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
from anze.hazards.models import HazardStatus
from anze.status import store
from anze.status.firms import Firms, coming, read, visit_fields
from anze.texts import text as say

_RENEWAL_SEEN = 60
"""Days before its end in which a policy is something that is due."""


@dataclass(frozen=True)
class _Due:
    """Something with a day. `clause`: what makes it due, empty for what the firm itself arranged."""

    on: date
    what: str
    clause: str
    provisional: bool = False


def due(session: Session, turn: Turn, calendar: CalendarStore, dates: ComplaintDates) -> dict[str, Any]:
    """Visits, hazards, complaints, follow-ups and ends of policies in the order of their days, what is late first.

    {"count", "fields": {}, "table": {"columns": 日期, 事项, 依据, 还剩工作日; "rows"}}.
    """
    firms, today = read(session, turn), legal_date(turn.now)
    found = [
        *_visits(firms, turn),
        *_complaints(session, firms, turn, dates),
        *_hazards(session, firms),
        *_surveys(session, firms),
        *_policies(firms, today),
    ]
    days = calendar.calendar()
    rows = [
        [spoken(one.on, one.provisional), one.what, one.clause or say("status.no_clause"), _left(days, today, one.on)]
        for one in sorted(found, key=lambda one: (one.on, one.what))
    ]
    columns = [say(f"status.column.{name}") for name in ("day", "what", "clause", "left")]
    return {"count": len(rows), "fields": {}, "table": {"columns": columns, "rows": rows}}


def _left(days: WorkCalendar, today: date, on: date) -> str:
    if on < today:
        return say("status.late")
    return say("status.today") if on == today else str(days.workdays_between(today, on))


def _visits(firms: Firms, turn: Turn) -> Iterator[_Due]:
    for one in coming(firms, turn):
        if one.starts_at is not None:
            what = firms.of(one.insured_id, say("status.due.visit", **visit_fields(one)))
            yield _Due(legal_date(one.starts_at), what, "6.2")


def _complaints(session: Session, firms: Firms, turn: Turn, dates: ComplaintDates) -> Iterator[_Due]:
    for case in store.complaints(session, firms.ids):
        told = dates.told(case, turn.now)
        if told.working_to is None:  # stopped: there is no date until the result is back
            continue
        clause = "、".join(told.clauses[:1]) or say("status.second_clock")
        what = firms.of(case.insured_id, say("status.due.complaint", number=case.number))
        yield _Due(told.working_to, what, clause, told.provisional)


def _hazards(session: Session, firms: Firms) -> Iterator[_Due]:
    for row in store.hazards(session, firms.ids):
        if row.agreed_on is not None and row.status == HazardStatus.OPEN:
            what = say("status.due.hazard", number=row.number, place=row.place[:20])
            yield _Due(row.agreed_on, firms.of(row.insured_id, what), "6.2")


def _surveys(session: Session, firms: Firms) -> Iterator[_Due]:
    for row in store.surveys(session, firms.ids):
        what = say("status.due.survey", item=item_name(row.service.item), number=row.service.number)
        yield _Due(row.due_on, firms.of(row.service.insured_id, what), "6.3", row.provisional)


def _policies(firms: Firms, today: date) -> Iterator[_Due]:
    ending = {
        one.number: one.last_on
        for firm in firms.all
        for one in firm.contracts
        if one.covers(today) and (one.last_on - today).days <= _RENEWAL_SEEN
    }
    for number, last_on in ending.items():
        yield _Due(last_on, say("status.due.policy", number=number), "")
