"""A date for putting a major hazard right: one side proposes, the other consents, now and then a supervisor too.

Every date stays. What a consent means is judged by `rules.counting`; the column `agreed_on` follows it.
"""

from datetime import date, datetime
from typing import Any

from sqlalchemy import update
from sqlalchemy.orm import Session

from anze.audit.chain import append, digest
from anze.calendar.data import CalendarStore
from anze.clock import legal_date
from anze.errors import DomainError
from anze.hazards.models import DateState, Hazard, HazardDate, HazardLevel, HazardStatus, Side
from anze.hazards.rules import Counting, counting, needs_reason, needs_supervisor
from anze.hazards.views import fact_of
from anze.reminders import usecases as reminders
from anze.tasks.models import Task, TaskKind

WAITING = frozenset({DateState.PROPOSED, DateState.SUPERVISOR})


def judged(hazard: Hazard) -> Counting:
    """What the dates of a hazard mean so far."""
    return counting([fact_of(row) for row in hazard.dates])


def waiting(hazard: Hazard) -> HazardDate | None:
    """The date that waits for somebody's consent; there is at most one."""
    return next((row for row in hazard.dates if row.state in WAITING), None)


def propose(
    session: Session,
    hazard: Hazard,
    due_on: date,
    reason: str | None,
    measures: str | None,
    *,
    side: Side,
    actor: str,
    now: datetime,
) -> HazardDate:
    """Propose a date. One that waits already ends: taken back by its own side, or answered by this one from the other.

    Raises DomainError hazard_general, hazard_not_open, hazard_day_past, hazard_needs_reason (one counts already).
    """
    if hazard.level != HazardLevel.MAJOR:
        raise DomainError("hazard_general", 409)
    if hazard.status != HazardStatus.OPEN:
        raise DomainError("hazard_not_open", 409)
    if due_on < legal_date(now):
        raise DomainError("hazard_day_past", 422)
    reason, measures = (reason or "").strip() or None, (measures or "").strip() or None
    if needs_reason(judged(hazard)) and not (reason and measures):
        raise DomainError("hazard_needs_reason", 422)
    open_one = waiting(hazard)
    if open_one is not None:
        answered = open_one.state == DateState.PROPOSED and open_one.proposed_side != side
        _end(session, hazard, open_one, DateState.REFUSED if answered else DateState.WITHDRAWN, actor, now)
    row = HazardDate(
        no=len(hazard.dates) + 1,
        due_on=due_on,
        reason=reason,
        interim_measures=measures,
        state=DateState.PROPOSED,
        proposed_at=now,
        proposed_by=actor,
        proposed_side=side,
    )
    hazard.dates.append(row)
    _changed(session, hazard)
    body = {"no": row.no, "due_on": due_on.isoformat(), "side": side.value}
    words = {f"{k}_sha256": digest(v) for k, v in (("reason", reason), ("measures", measures)) if v}
    _record(session, hazard, "date_proposed", actor, now, body | words)
    if side == Side.INSURED:
        _ask(session, hazard, row, now)
    return row


def consent(
    session: Session, hazard: Hazard, row: HazardDate, *, actor: str, now: datetime, calendar: CalendarStore
) -> None:
    """The other side agrees. From the second new date on it then waits for a supervisor.

    Raises DomainError hazard_day_past when the day itself is over by now.
    """
    if row.due_on < legal_date(now):
        raise DomainError("hazard_day_past", 409)
    supervised = needs_supervisor(judged(hazard))
    row.agreed_at, row.agreed_by = now, actor
    row.state = DateState.SUPERVISOR if supervised else DateState.AGREED
    _settle(session, hazard, row, "date_agreed", actor, now, calendar)
    _answered(session, hazard, row, actor, now)
    if supervised:
        _ask(session, hazard, row, now)


def supervise(
    session: Session, hazard: Hazard, row: HazardDate, *, actor: str, now: datetime, calendar: CalendarStore
) -> None:
    """The supervisor agrees too; the date counts from now, if the old one has not passed."""
    if row.due_on < legal_date(now):
        raise DomainError("hazard_day_past", 409)
    row.supervised_at, row.supervised_by, row.state = now, actor, DateState.AGREED
    _settle(session, hazard, row, "date_supervised", actor, now, calendar)
    _answered(session, hazard, row, actor, now)


def refuse(
    session: Session, hazard: Hazard, row: HazardDate, *, actor: str, now: datetime, reason: str | None = None
) -> None:
    """The other side, or the supervisor, does not agree."""
    _end(session, hazard, row, DateState.REFUSED, actor, now, reason)


def withdraw(session: Session, hazard: Hazard, row: HazardDate, *, actor: str, now: datetime) -> None:
    """The matter is over before anybody answered."""
    _end(session, hazard, row, DateState.WITHDRAWN, actor, now)


def end_tasks(session: Session, hazard: Hazard, actor: str, now: datetime) -> None:
    """The hazard is closed: nobody has to answer or look after its date any more, whoever asked for that."""
    session.execute(
        update(Task)
        .where(
            Task.kind == TaskKind.HAZARD_DATE,
            Task.subject.startswith(f"hazard:{hazard.id}:", autoescape=True),
            Task.done_at.is_(None),
        )
        .values(done_at=now, done_by=actor[:40])
    )


def _settle(
    session: Session,
    hazard: Hazard,
    row: HazardDate,
    what: str,
    actor: str,
    now: datetime,
    calendar: CalendarStore,
) -> None:
    found = judged(hazard)
    hazard.agreed_on = found.date.due_on if found.date else None
    _changed(session, hazard)
    if found.date is not None and found.date.no == row.no:
        # Before the audit chain, which everybody takes after the reminders.
        reminders.plan(
            session,
            kind="hazard_date",
            subject=f"hazard:{hazard.id}",
            due_on=row.due_on,
            recipients=[f"insured:{hazard.insured_id}", f"branch:{hazard.branch_id}"],
            now=now,
            calendar=calendar,
        )
    bearing = found.bearings[row.no].value
    body = {"no": row.no, "due_on": row.due_on.isoformat(), "bearing": bearing}
    _record(session, hazard, what, actor, now, body)


def _end(
    session: Session,
    hazard: Hazard,
    row: HazardDate,
    state: DateState,
    actor: str,
    now: datetime,
    reason: str | None = None,
) -> None:
    row.state, row.ended_at, row.ended_by, row.end_reason = state, now, actor, reason
    _changed(session, hazard)
    body: dict[str, Any] = {"no": row.no} | ({"reason_sha256": digest(reason)} if reason else {})
    _record(session, hazard, f"date_{state}", actor, now, body)
    _answered(session, hazard, row, actor, now)


def _changed(session: Session, hazard: Hazard) -> None:
    hazard.version += 1
    session.flush()


def _record(session: Session, hazard: Hazard, what: str, actor: str, now: datetime, body: dict[str, Any]) -> None:
    append(session, at=now, kind=f"hazard.{what}", subject=f"hazard:{hazard.id}", actor=actor, body=body)


def _task(hazard: Hazard, row: HazardDate) -> str:
    return f"hazard:{hazard.id}:date:{row.no}:{row.state}"


def _ask(session: Session, hazard: Hazard, row: HazardDate, now: datetime) -> None:
    """A colleague, or the supervisor, is to answer."""
    body = {"number": hazard.number, "no": row.no, "due_on": row.due_on.isoformat(), "waits_for": row.state}
    session.add(
        Task(
            kind=TaskKind.HAZARD_DATE,
            subject=_task(hazard, row),
            branch_id=hazard.branch_id,
            body=body,
            created_at=now,
        )
    )
    session.flush()


def _answered(session: Session, hazard: Hazard, row: HazardDate, actor: str, now: datetime) -> None:
    subjects = [f"hazard:{hazard.id}:date:{row.no}:{state}" for state in WAITING if state != row.state]
    session.execute(
        update(Task)
        .where(Task.kind == TaskKind.HAZARD_DATE, Task.subject.in_(subjects), Task.done_at.is_(None))
        .values(done_at=now, done_by=actor[:40])
    )
