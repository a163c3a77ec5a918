"""Reminders that a duty brings by itself (常设提醒): at the start of each week or month every branch with something
pressing has one task, which follows the numbers and ends when nothing is left.

Nobody outside is told by it: from the list a colleague reminds whoever it names.
"""

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import Literal

from sqlalchemy import select
from sqlalchemy.orm import Session

from anze.calendar.rules import WorkCalendar
from anze.clock import SHANGHAI, legal_date
from anze.db import insert_missing
from anze.obligations.query import Query
from anze.obligations.store import Run
from anze.obligations.undone import PROGRAM
from anze.standard.editions import editions
from anze.state import AppState
from anze.tasks.models import Task, TaskKind

_MORNING = time(8)

type Pressing = Mapping[int, Mapping[str, int]]
"""Branch → status → how many"""


def period(standing: Literal["weekly", "monthly"], now: datetime, calendar: WorkCalendar) -> str | None:
    """The week (2026-W48) or month (2026-11) whose round is due at an instant; None before 8:00 of its first working
    day, and in a week without one."""
    today = now.astimezone(SHANGHAI).date()
    if standing == "weekly":
        first, days = today - timedelta(days=today.weekday()), 7
        name = f"{first:%G-W%V}"
    else:
        first = today.replace(day=1)
        days = ((first + timedelta(days=31)).replace(day=1) - first).days
        name = f"{first:%Y-%m}"
    working = (first + timedelta(days=n) for n in range(days))
    begins = next((day for day in working if calendar.is_workday(day)), None)
    return name if begins is not None and now >= datetime.combine(begins, _MORNING, SHANGHAI) else None


def due(session: Session, now: datetime, calendar: WorkCalendar) -> dict[str, str]:
    """Checks whose round is due and was not made yet, each with the name of the period."""
    checks = editions().on(legal_date(now)).check
    periods = {
        key: name
        for key, check in checks.items()
        if check.standing is not None and (name := period(check.standing, now, calendar)) is not None
    }
    known = select(AppState.key, AppState.value).where(AppState.key.in_([_key(one) for one in periods]))
    made = dict(session.execute(known).tuples().all())
    return {key: name for key, name in periods.items() if made.get(_key(key)) != name}


def pressing(session: Session, key: str, today: date, calendar: WorkCalendar) -> Pressing | None:
    """What presses of a duty, branch by branch, 参照 left out; None where its data are not connected."""
    standard = editions().on(today)
    check = standard.check[key]
    return Run(session, PROGRAM, Query(key), standard, today, calendar, editions().course(check)).pressing()


def note(session: Session, key: str, name: str, found: Pressing, now: datetime) -> None:
    """Write the round down: a task for each branch with something pressing, one open at most for a duty and branch."""
    # Whoever comes second waits here for the first, and finds the round made.
    insert_missing(session, AppState, key=_key(key), value="")
    made = session.scalars(select(AppState).where(AppState.key == _key(key)).with_for_update()).one()
    if made.value == name:
        return
    made.value = name
    check = editions().on(legal_date(now)).check[key]
    open_ = select(Task).where(
        Task.kind == TaskKind.DUTY_ROUND, Task.subject.startswith(f"round:{key}:", autoescape=True),
        Task.done_at.is_(None),
    )  # fmt: skip
    waiting = {task.branch_id: task for task in session.scalars(open_)}
    for branch_id, counts in found.items():
        body = {"rule": key, "what": check.name, "counts": dict(counts)}
        task = waiting.pop(branch_id, None)
        if task is not None:
            task.body = body
        else:
            subject = f"round:{key}:{branch_id}:{name}"
            session.add(Task(kind=TaskKind.DUTY_ROUND, subject=subject, branch_id=branch_id, body=body, created_at=now))
    for task in waiting.values():
        task.done_at, task.done_by = now, "program"


def _key(check: str) -> str:
    return f"duty_round:{check}"
