"""One hazard for staff, with every date, and the insurer's side of the agreement."""

from datetime import date, datetime
from typing import Any

from sqlalchemy.orm import Session

from anze.audit.chain import append, digest
from anze.bookings.models import Service
from anze.calendar.data import CalendarStore
from anze.calendar.words import spoken
from anze.clock import legal_date
from anze.conversations.views import file_view
from anze.errors import DomainError
from anze.hazards import agreement, listing, store, views
from anze.hazards.models import (
    DateState,
    Hazard,
    HazardDate,
    HazardStatus,
    Side,
)
from anze.hazards.overdue import note_breach
from anze.hazards.rules import Bearing
from anze.hazards.telling import branch_fields, tell
from anze.identity.denied import DeniedError
from anze.identity.models import Branch, Role
from anze.identity.speaker import Speaker
from anze.reminders import usecases as reminders
from anze.texts import text as say

DECIDERS = frozenset({Role.SERVICE, Role.SUPERVISOR})
"""Who speaks for the insurer about dates and results."""


def hazard(session: Session, speaker: Speaker, number: str, now: datetime, calendar: CalendarStore) -> dict[str, Any]:
    """One hazard with every date and who agreed. Raises DomainError not_found; DeniedError out of scope."""
    row = _found(session, speaker, number)
    (one,) = views.shown(session, [row], legal_date(now), calendar.calendar())
    service = session.get_one(Service, row.service_id)
    branch = session.get_one(Branch, row.branch_id)
    return listing.row(one) | {
        "basis": row.basis,
        "advice": row.advice,
        "service": service.number,
        "provider": service.provider.name if service.provider else None,
        "branch": branch.name,
        "found_at": row.found_at.isoformat(),
        "found_by": one.who.get(row.found_by),
        "dates": views.date_views(one),
        "rectified_at": row.rectified_at.isoformat() if row.rectified_at else None,
        "rectification": row.rectification,
        "sent_back_at": row.sent_back_at.isoformat() if row.sent_back_at else None,
        "verdict": row.verdict,
        "closed_at": row.closed_at.isoformat() if row.closed_at else None,
        "closed_by": one.who.get(row.closed_by or ""),
        "files": [file_view(file) | {"kind": link.kind} for link, file in store.files(session, row.id)],
    }


def _found(session: Session, speaker: Speaker, number: str) -> Hazard:
    row = store.by_number(session, speaker, number)
    if row is not None:
        return row
    if store.exists(session, number):
        raise DeniedError(speaker.actor, f"hazard:{number}"[:80])
    raise DomainError("not_found", 404)


def _decidable(session: Session, speaker: Speaker, number: str) -> Hazard:
    if speaker.role not in DECIDERS:
        raise DomainError("forbidden", 403)
    return _found(session, speaker, number)


def _waiting(row: Hazard, no: int, state: DateState) -> HazardDate:
    """The date that is to be answered, as the asker saw it."""
    found = agreement.waiting(row)
    if found is None or found.no != no or found.state != state:
        raise DomainError("hazard_no_date", 409)
    return found


def _tell(session: Session, row: Hazard, what: str, now: datetime, step: str, **fields: Any) -> list[str]:
    said = {"number": row.number, "place": row.place} | branch_fields(session, row) | fields
    return tell(session, row, what, say(f"hazard.push.{what}", **said), now, step=step)


def propose(
    session: Session,
    speaker: Speaker,
    number: str,
    due_on: date,
    reason: str | None,
    measures: str | None,
    now: datetime,
) -> list[str]:
    """Our side proposes a date; the insured answers in its talk. Gives the talks that were spoken in.

    Raises DomainError as agreement.propose, forbidden, not_found.
    """
    row = _decidable(session, speaker, number)
    made = agreement.propose(session, row, due_on, reason, measures, side=Side.INSURER, actor=speaker.actor, now=now)
    return _tell(session, row, "proposed", now, f"date-{made.no}", due=spoken(due_on))


def accept(
    session: Session, speaker: Speaker, number: str, no: int, now: datetime, calendar: CalendarStore
) -> list[str]:
    """Our side agrees to the insured's date. Raises DomainError hazard_no_date, hazard_own_date, hazard_day_past."""
    row = _decidable(session, speaker, number)
    date_ = _waiting(row, no, DateState.PROPOSED)
    if date_.proposed_side == Side.INSURER:
        raise DomainError("hazard_own_date", 409)
    agreement.consent(session, row, date_, actor=speaker.actor, now=now, calendar=calendar)
    return _told_of(session, row, date_, now)


def _told_of(session: Session, row: Hazard, date_: HazardDate, now: datetime) -> list[str]:
    step = f"date-{date_.no}-{date_.state}"
    if date_.state == DateState.SUPERVISOR:
        return _tell(session, row, "waits_for_supervisor", now, step, due=spoken(date_.due_on))
    if agreement.judged(row).bearings[date_.no] == Bearing.COUNTS:
        return _tell(session, row, "agreed", now, step, due=spoken(date_.due_on))
    agreed = spoken(row.agreed_on) if row.agreed_on else ""
    return _tell(session, row, "agreed_late", now, step, due=spoken(date_.due_on), agreed=agreed)


def refuse(session: Session, speaker: Speaker, number: str, no: int, reason: str, now: datetime) -> list[str]:
    """Our side does not agree to the insured's date, and says why."""
    row = _decidable(session, speaker, number)
    date_ = _waiting(row, no, DateState.PROPOSED)
    if date_.proposed_side == Side.INSURER:
        raise DomainError("hazard_own_date", 409)
    agreement.refuse(session, row, date_, actor=speaker.actor, now=now, reason=reason)
    return _tell(session, row, "refused", now, f"date-{no}-refused", due=spoken(date_.due_on), reason=reason)


def supervise(
    session: Session,
    speaker: Speaker,
    number: str,
    no: int,
    *,
    agree: bool,
    reason: str,
    now: datetime,
    calendar: CalendarStore,
) -> list[str]:
    """A supervisor's word on the second new date or a later one; never of whoever spoke for our side before."""
    if speaker.role != Role.SUPERVISOR:
        raise DomainError("forbidden", 403)
    row = _found(session, speaker, number)
    date_ = _waiting(row, no, DateState.SUPERVISOR)
    if speaker.actor in {date_.proposed_by, date_.agreed_by}:
        raise DomainError("four_eyes", 409)
    if not agree:
        agreement.refuse(session, row, date_, actor=speaker.actor, now=now, reason=reason)
        due = spoken(date_.due_on)
        return _tell(session, row, "supervisor_refused", now, f"date-{no}-refused", due=due, reason=reason)
    agreement.supervise(session, row, date_, actor=speaker.actor, now=now, calendar=calendar)
    return _told_of(session, row, date_, now)


def close(session: Session, speaker: Speaker, number: str, result: str, now: datetime) -> list[str]:
    """It was verified and is put right (销号). Without a report the closure itself is the rectification.

    Raises DomainError hazard_closed, forbidden, not_found.
    """
    row = _decidable(session, speaker, number)
    if row.status == HazardStatus.CLOSED:
        raise DomainError("hazard_closed", 409)
    row.rectified_at = row.rectified_at or now
    row.status, row.closed_at, row.closed_by, row.verdict = HazardStatus.CLOSED, now, speaker.actor, result
    open_one = agreement.waiting(row)
    if open_one is not None:
        agreement.withdraw(session, row, open_one, actor=speaker.actor, now=now)
    reminders.void(session, f"hazard:{row.id}", "closed")
    agreement.end_tasks(session, row, speaker.actor, now)
    note_breach(session, row, now)
    _record(session, row, "closed", speaker.actor, now, result)
    return _tell(session, row, "closed", now, f"closed-{row.version}", result=result)


def send_back(
    session: Session, speaker: Speaker, number: str, reason: str, now: datetime, calendar: CalendarStore
) -> list[str]:
    """What was reported is not put right: it is open again, and that report counts for nothing.

    Raises DomainError hazard_not_reported, forbidden, not_found.
    """
    row = _decidable(session, speaker, number)
    if row.status != HazardStatus.REPORTED:
        raise DomainError("hazard_not_reported", 409)
    row.status, row.rectified_at, row.sent_back_at, row.verdict = HazardStatus.OPEN, None, now, reason
    session.flush()
    if row.agreed_on is not None:
        reminders.plan(
            session,
            kind="hazard_date",
            subject=f"hazard:{row.id}",
            due_on=row.agreed_on,
            recipients=[f"insured:{row.insured_id}", f"branch:{row.branch_id}"],
            now=now,
            calendar=calendar,
        )
    note_breach(session, row, now)
    _record(session, row, "sent_back", speaker.actor, now, reason)
    return _tell(session, row, "sent_back", now, f"sent-back-{row.version}", reason=reason)


def _record(session: Session, row: Hazard, what: str, actor: str, now: datetime, words: str) -> None:
    row.version += 1
    session.flush()
    body = {"number": row.number, "words_sha256": digest(words)}
    append(session, at=now, kind=f"hazard.{what}", subject=f"hazard:{row.id}", actor=actor, body=body)
