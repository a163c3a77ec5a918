"""One firm at a glance: its policies and what they promise, what is coming, what is due, its files. Reads only.

Each gives {"count", "fields", "table"?, "files"?}: `count` 0 means that there is nothing of this to show.
"""

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from anze.bookings.kinds import ServiceStatus
from anze.bookings.lines import item_name, time_line
from anze.bookings.models import Service
from anze.bookings.rules import Use, used
from anze.calendar.data import CalendarStore
from anze.calendar.rules import WorkCalendar
from anze.calendar.words import spoken
from anze.clock import legal_date
from anze.complaints.dates import ComplaintDates
from anze.conversations.turn import Turn
from anze.hazards.models import Hazard, HazardLevel, HazardStatus
from anze.policies.rules import Contract, Slice
from anze.policies.usecases import contracts
from anze.status import store
from anze.texts import text as say

_RENEWAL_SEEN = 60
"""Days before its end in which a policy is something that is due."""
_HAZARDS_NAMED = 5
"""So many open hazards are named one by one; the count tells of all."""


@dataclass(frozen=True)
class _Promise:
    """What a contract gives of an item in the policy year of today."""

    item: str
    promised: int
    used: int

    @property
    def left(self) -> int:
        return max(0, self.promised - self.used)


@dataclass(frozen=True)
class _Due:
    """Something with a day. `clause`: what makes it due, empty for what the firm itself arranged."""

    on: date
    what: str
    clause: str
    provisional: bool = False


@dataclass(frozen=True)
class _Firm:
    """Everything of the firms that the speaker acts for now."""

    name: str
    contracts: list[Contract]
    services: list[Service]
    ids: list[int]


def _read(session: Session, turn: Turn) -> _Firm:
    firms = store.firms(session, turn.speaker)
    ids = [firm.id for firm in firms]
    name = "、".join(firm.name for firm in firms)
    found = {one.policy_id: one for id_ in ids for one in contracts(session, id_)}
    return _Firm(name, list(found.values()), store.services(session, ids) if ids else [], ids)


def _in_force(firm: _Firm, today: date) -> list[tuple[Contract, Slice]]:
    return [(one, year) for one in firm.contracts if (year := one.year(today)) is not None]


def _promises(firm: _Firm, contract: Contract, year: Slice) -> list[_Promise]:
    found = []
    for item, promised in sorted(contract.promised.items()):
        uses = [
            Use(row.policy_id, ServiceStatus(row.status), row.completed_on or _day(row)) for row in firm.services
            if row.item == item
        ]  # fmt: skip
        found.append(_Promise(item, promised, used(uses, contract.policy_id, year.from_on, year.to_on)))
    return found


def _day(service: Service) -> date | None:
    return legal_date(service.starts_at) if service.starts_at else None


def mine(session: Session, turn: Turn, calendar: CalendarStore, dates: ComplaintDates) -> dict[str, Any]:
    """All of it in a few lines: policies with what is left, the next visit, complaints, hazards."""
    firm, today = _read(session, turn), legal_date(turn.now)
    lines = [*_policy_lines(firm, today), *_visit_lines(firm, turn)]
    lines += _complaint_lines(session, firm, turn, calendar.calendar(), dates)
    lines += _hazard_lines(session, firm, today)
    return {"count": 1, "fields": {"firm": firm.name, "lines": "\n".join(f"· {line}" for line in lines)}}


def _policy_lines(firm: _Firm, today: date) -> list[str]:
    lines = []
    for contract, year in _in_force(firm, today):
        left = "、".join(
            say("status.left", item=item_name(one.item), promised=one.promised, used=one.used, left=one.left)
            for one in _promises(firm, contract, year)
        )
        end = spoken(contract.last_on)
        lines.append(say("status.line.policy", number=contract.number, end=end, left=left or say("status.nothing")))
    return lines or [say("status.line.no_policy")]


def _visit_lines(firm: _Firm, turn: Turn) -> list[str]:
    ahead = [one for one in store.coming(firm.services) if one.starts_at and one.starts_at > turn.now]
    if not ahead:
        return [say("status.line.no_visit")]
    return [say("status.line.visit", **_visit(one)) for one in ahead[:3]]


def _visit(service: Service) -> dict[str, str]:
    return {
        "item": item_name(service.item),
        "when": time_line(service.starts_at, service.ends_at),
        "provider": service.provider.short_name if service.provider else say("booking.no_provider"),
        "people": "、".join(str(person) for person in service.people) or say("booking.no_people"),
        "number": service.number,
    }


def _complaint_lines(session: Session, firm: _Firm, turn: Turn, days: WorkCalendar, dates: ComplaintDates) -> list[str]:
    lines, today = [], legal_date(turn.now)
    for case in store.complaints(session, firm.ids):
        told = dates.told(case, turn.now)
        late = told.overdue or told.working_to < today
        key = "late" if late else "today" if told.working_to == today else "left"
        status = say(f"complaint.status.{case.status}")
        due = spoken(told.working_to, told.provisional)
        left = days.workdays_between(today, told.working_to)
        lines.append(say(f"status.complaint.{key}", number=case.number, status=status, due=due, left=left))
    return lines


def _hazard_lines(session: Session, firm: _Firm, today: date) -> list[str]:
    found = [row for row in store.hazards(session, firm.ids) if row.status == HazardStatus.OPEN]
    if not found:
        return [say("status.line.no_hazard")]
    found.sort(key=lambda row: (row.level != HazardLevel.MAJOR, row.agreed_on or date.min, row.number))
    major = sum(row.level == HazardLevel.MAJOR for row in found)
    lines = [say("status.line.hazards", count=len(found), major=major)]
    return lines + [_hazard_line(row, today) for row in found[:_HAZARDS_NAMED]]


def _hazard_line(row: Hazard, today: date) -> str:
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


def due(session: Session, turn: Turn, calendar: CalendarStore, dates: ComplaintDates) -> dict[str, Any]:
    """Everything with a day, in the order of the days, what is late first."""
    firm, today = _read(session, turn), legal_date(turn.now)
    found = [*_visits_due(firm, turn), *_complaints_due(session, firm, turn, dates), *_hazards_due(session, firm),
             *_surveys_due(session, firm), *_policies_due(firm, today)]  # fmt: skip
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


def _visits_due(firm: _Firm, turn: Turn) -> list[_Due]:
    return [
        _Due(legal_date(one.starts_at), say("status.due.visit", **_visit(one)), "6.2")
        for one in store.coming(firm.services)
        if one.starts_at is not None and one.starts_at > turn.now
    ]


def _complaints_due(session: Session, firm: _Firm, turn: Turn, dates: ComplaintDates) -> list[_Due]:
    found = []
    for case in store.complaints(session, firm.ids):
        told = dates.told(case, turn.now)
        clause = "、".join(told.clauses[:1]) or say("status.second_clock")
        found.append(_Due(told.working_to, say("status.due.complaint", number=case.number), clause, told.provisional))
    return found


def _hazards_due(session: Session, firm: _Firm) -> list[_Due]:
    return [
        _Due(row.agreed_on, say("status.due.hazard", number=row.number, place=row.place[:20]), "6.2")
        for row in store.hazards(session, firm.ids)
        if row.agreed_on is not None and row.status == HazardStatus.OPEN
    ]


def _surveys_due(session: Session, firm: _Firm) -> list[_Due]:
    return [
        _Due(
            row.due_on,
            say("status.due.survey", item=item_name(row.service.item), number=row.service.number),
            "6.3",
            row.provisional,
        )
        for row in store.surveys(session, firm.ids)
    ]


def _policies_due(firm: _Firm, today: date) -> list[_Due]:
    return [
        _Due(one.last_on, say("status.due.policy", number=one.number), "")
        for one in firm.contracts
        if one.covers(today) and (one.last_on - today).days <= _RENEWAL_SEEN
    ]


def policies(session: Session, turn: Turn, calendar: CalendarStore, dates: ComplaintDates) -> dict[str, Any]:
    """Policies in force with their policy year, and of each promised item what is used and left."""
    firm, today = _read(session, turn), legal_date(turn.now)
    rows = []
    for contract, year in _in_force(firm, today):
        term = say("status.span", first=contract.start_on.isoformat(), last=contract.last_on.isoformat())
        slice_ = say("status.span", first=year.from_on.isoformat(), last=year.to_on.isoformat())
        promises = [
            [item_name(one.item), str(one.promised), str(one.used), str(one.left)]
            for one in _promises(firm, contract, year)
        ]
        rows += [[contract.number, term, slice_, *figures] for figures in promises or [["—"] * 4]]
    columns = [say(f"status.column.{name}") for name in ("policy", "term", "year", "item", "promised", "used", "rest")]
    return {"count": len(rows), "fields": {"firm": firm.name}, "table": {"columns": columns, "rows": rows}}


def files(session: Session, turn: Turn, calendar: CalendarStore, dates: ComplaintDates) -> dict[str, Any]:
    """Reports, photos and letters that the firm may read, the newest first."""
    firm = _read(session, turn)
    found = store.files(session, firm.ids)
    return {"count": len(found), "fields": {}, "files": [one.file_id for one in found]}
