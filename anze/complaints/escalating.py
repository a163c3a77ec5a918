"""Deadlines that come near go to whoever handles the case, those that have passed to the body above, day by day."""

from datetime import date, datetime, time
from itertools import batched
from typing import Any

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from anze.calendar.data import CalendarStore
from anze.calendar.rules import WorkCalendar
from anze.channels.models import OutboxMessage
from anze.channels.text_message import text_message
from anze.clock import SHANGHAI, legal_date
from anze.complaints import remedies
from anze.complaints.models import OPEN, Complaint, ComplaintStatus
from anze.conversations.models import Channel, Conversation
from anze.db import insert_missing
from anze.identity.models import Branch
from anze.tasks.models import Task, TaskKind
from anze.texts import text as say

type Row = dict[str, Any]
AT_ONCE = 500
"""Keys in one question to the database."""
_KEYS = {Task: ("kind", "subject"), OutboxMessage: ("subject", "step", "recipient")}
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
        select(Complaint).where(Complaint.status.in_(OPEN), Complaint.queue_on <= horizon).order_by(Complaint.id)
    )
    tasks = [task for case in due if (task := _near(session, case, today, now, calendar)) is not None]
    unread = select(Complaint, Conversation.channel).join(Conversation, Conversation.id == Complaint.conversation_id)
    decided = session.execute(unread.where(Complaint.status == ComplaintStatus.DECIDED).order_by(Complaint.id))
    nudges = []
    for case, channel in decided:
        assert case.decision is not None
        days = legal_date(case.decision.decided_at)
        by_desk = channel == Channel.DESK
        if case.contact_phone and not by_desk and today >= calendar.nth_after(days, NUDGE_AFTER):
            nudges.append(_nudge(session, case, now))
        if by_desk or today >= calendar.nth_after(days, CALL_AFTER):
            tasks.append(_task(TaskKind.DECISION_UNREAD, case, "unread", case.branch_id, {"number": case.number}, now))
    for nudge in _new(session, OutboxMessage, nudges):
        insert_missing(session, OutboxMessage, **nudge)
    return sum(insert_missing(session, Task, **task) for task in _new(session, Task, tasks))


def _new(session: Session, model: type[Task | OutboxMessage], rows: list[Row]) -> list[Row]:
    """Those that are not there yet: the sweep looks every few seconds and nearly always finds that all of them are."""
    names = _KEYS[model]
    known: set[tuple[str, ...]] = set()
    for some in batched(rows, AT_ONCE):
        columns = select(*(getattr(model, name) for name in names))
        found = session.execute(columns.where(model.subject.in_([row["subject"] for row in some])))
        known |= {tuple(map(str, key)) for key in found}
    return [row for row in rows if tuple(str(row[name]) for name in names) not in known]


def _near(session: Session, case: Complaint, today: date, now: datetime, calendar: WorkCalendar) -> Row | None:
    """The task of the step that the case's date has reached; None: it is further away."""
    assert case.queue_on is not None
    step = step_on(case.queue_on, today, calendar)
    if step is None:
        return None
    branch = session.get_one(Branch, case.branch_id)
    where = remedies.superior(session, branch).id if step in {"T+1", "late"} else case.branch_id
    key = f"{step}:{today:%Y%m%d}" if step == "late" else f"{step}:{case.queue_on:%Y%m%d}"
    body = {"number": case.number, "step": step, "queue_on": str(case.queue_on), "handler": case.handler_id}
    return _task(TaskKind.COMPLAINT_DUE, case, key, where, body, now)


def _task(kind: TaskKind, case: Complaint, key: str, branch_id: int, body: Row, now: datetime) -> Row:
    return {
        "kind": kind,
        "subject": f"complaint:{case.id}:{key}",
        "branch_id": branch_id,
        "body": body,
        "created_at": now,
    }


def _nudge(session: Session, case: Complaint, now: datetime) -> Row:
    """A decision that nobody has opened (6.4 e: the complainant is told, not only written to)."""
    branch = session.get_one(Branch, case.branch_id)
    text = say("complaint.decision_waits", number=case.number, branch=branch.name, hotline=branch.hotline)
    return text_message(
        f"complaint:{case.id}", "decision-unread", str(case.contact_phone), text, number=case.number,
        branch_id=case.branch_id, now=now,
    )  # fmt: skip


def settled(session: Session, case: Complaint, now: datetime, by: str) -> None:
    """The case has ended: what waited about its dates is done."""
    session.execute(
        update(Task)
        .where(Task.kind.in_([TaskKind.COMPLAINT_DUE, TaskKind.DECISION_UNREAD]))
        .where(Task.subject.startswith(f"complaint:{case.id}:"), Task.done_at.is_(None))
        .values(done_at=now, done_by=by)
    )
    asked_no_more(session, case, now, by)


def asked_no_more(session: Session, case: Complaint, now: datetime, by: str) -> None:
    """Nobody is to answer a request for an extension any more: it was answered, or the case is decided or has ended."""
    subjects = [Task.subject.startswith(f"extension:{one.id}:") for one in case.extensions]
    if subjects:
        waiting = update(Task).where(Task.kind == TaskKind.EXTENSION, or_(*subjects), Task.done_at.is_(None))
        session.execute(waiting.values(done_at=now, done_by=by))
