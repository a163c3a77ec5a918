"""Deadlines that come near go to whoever handles the case, those that have passed to the body above, day by day."""

from datetime import date, datetime, time

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from anze.calendar.data import CalendarStore
from anze.calendar.rules import WorkCalendar
from anze.channels.models import OutboxChannel, OutboxMessage
from anze.clock import SHANGHAI, legal_date
from anze.complaints import remedies, store
from anze.complaints.models import Complaint, ComplaintStatus
from anze.conversations.models import Channel, Conversation
from anze.db import insert_missing
from anze.identity.models import Branch
from anze.tasks.models import Task, TaskKind
from anze.texts import text as say

STEPS = (-5, -3, -1, 0, 1)
"""Working days from the date: T-5, T-3, T-1, T, T+1; from then on every working day."""
BEGIN, END = time(8, 30), time(17, 30)
NUDGE_AFTER, CALL_AFTER = 1, 2
"""Working days after a decision that nobody has opened: a text message, then a task to tell it in another way."""


def step_on(date_: date, today: date, calendar: WorkCalendar) -> str | None:
    """The newest step of a date that has come by today: T-5 … T+1, then late; None: it is further away."""
    reached = [days for days in STEPS if _day(date_, days, calendar) <= today]
    if not reached:
        return None
    if reached[-1] == STEPS[-1] and today > _day(date_, STEPS[-1], calendar):
        return "late"
    return f"T{reached[-1]:+d}" if reached[-1] else "T"


def _day(date_: date, days: int, calendar: WorkCalendar) -> date:
    """T itself is said on the last working day that is not after it."""
    return calendar.last_workday(date_) if days == 0 else calendar.nth_after(date_, days)


def escalate(session: Session, now: datetime, store_: CalendarStore) -> int:
    """Put what came due on the lists, each step of a date once. Working hours only. Gives how many tasks are new."""
    calendar, today = store_.calendar(), legal_date(now)
    if not calendar.is_workday(today) or not BEGIN <= now.astimezone(SHANGHAI).time() < END:
        return 0
    horizon = calendar.nth_after(today, -STEPS[0])
    due = session.scalars(
        select(Complaint).where(Complaint.status.in_(store.OPEN), Complaint.queue_on <= horizon).order_by(Complaint.id)
    )
    new = 0
    for case in due:
        assert case.queue_on is not None
        step = step_on(case.queue_on, today, calendar)
        if step is not None:
            new += _put(session, case, step, today, now)
    return new + _unread(session, today, now, calendar)


def _put(session: Session, case: Complaint, step: str, today: date, now: datetime) -> bool:
    passed = step in {"T+1", "late"}
    branch = session.get_one(Branch, case.branch_id)
    key = f"{step}:{today:%Y%m%d}" if step == "late" else f"{step}:{case.queue_on:%Y%m%d}"
    return insert_missing(
        session,
        Task,
        kind=TaskKind.COMPLAINT_DUE,
        subject=f"complaint:{case.id}:{key}",
        branch_id=remedies.superior(session, branch).id if passed else case.branch_id,
        body={"number": case.number, "step": step, "queue_on": str(case.queue_on), "handler": case.handler_id},
        created_at=now,
    )


def _unread(session: Session, today: date, now: datetime, calendar: WorkCalendar) -> int:
    """Decisions that nobody has opened (6.4 e: the complainant is told, not only written to)."""
    new = 0
    waiting = select(Complaint).where(Complaint.status == ComplaintStatus.DECIDED).order_by(Complaint.id)
    for case in session.scalars(waiting):
        assert case.decision is not None
        decided = legal_date(case.decision.decided_at)
        by_desk = session.get_one(Conversation, case.conversation_id).channel == Channel.DESK
        if case.contact_phone and not by_desk and today >= calendar.nth_after(decided, NUDGE_AFTER):
            _nudge(session, case, now)
        if by_desk or today >= calendar.nth_after(decided, CALL_AFTER):
            new += insert_missing(
                session, Task, kind=TaskKind.DECISION_UNREAD, subject=f"complaint:{case.id}:unread",
                branch_id=case.branch_id, body={"number": case.number}, created_at=now,
            )  # fmt: skip
    return new


def _nudge(session: Session, case: Complaint, now: datetime) -> None:
    branch = session.get_one(Branch, case.branch_id)
    insert_missing(
        session,
        OutboxMessage,
        channel=OutboxChannel.SMS,
        subject=f"complaint:{case.id}",
        step="decision-unread",
        recipient=str(case.contact_phone),
        text=say("complaint.decision_waits", number=case.number, branch=branch.name, hotline=branch.hotline),
        body={"number": case.number},
        due_at=now,
        state="queued",
        tries=0,
        fallback=[{"channel": OutboxChannel.PHONE_TASK.value, "recipient": f"branch:{case.branch_id}"}],
    )


def settled(session: Session, case: Complaint, now: datetime, by: str) -> None:
    """The case has ended: what waited about its dates is done."""
    session.execute(
        update(Task)
        .where(Task.kind.in_([TaskKind.COMPLAINT_DUE, TaskKind.DECISION_UNREAD]))
        .where(Task.subject.startswith(f"complaint:{case.id}:"), Task.done_at.is_(None))
        .values(done_at=now, done_by=by)
    )
