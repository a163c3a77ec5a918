"""Numbers of complaints for the branches of who asks: what is due, how old, where, answered in time, and why (8.2)."""

from collections import Counter
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from anze.clock import SHANGHAI, legal_date
from anze.complaints import store
from anze.complaints.causes import causes
from anze.complaints.handling_models import Cause
from anze.complaints.models import OPEN, Complaint, ComplaintStatus
from anze.identity.models import Branch
from anze.identity.speaker import Speaker

WEEK = 7
AGES = (5, 10, 15, 30)
"""Days since receipt; the last group is what is older."""
MONTHS = 12


def figures(session: Session, speaker: Speaker, now: datetime) -> dict[str, Any]:
    """Of the cases that the speaker may see.

    {"open", "overdue", "paused", "due": [{"day", "count"}…7], "ages": [{"up_to" | None, "count"}…],
    "branches": [{"branch", "open", "overdue"}…], "timely": {"closed", "timely", "months": [{"month", "closed",
    "timely"}…12]}, "causes": [{"cause", "name", "count"}…]}. Timely: told on or before the earlier of both dates.
    """
    today = legal_date(now)
    rows = session.execute(
        select(Complaint.queue_on, Complaint.received_at, Complaint.paused, Branch.short_name)
        .join(Branch, Branch.id == Complaint.branch_id)
        .where(store.visible(speaker), Complaint.number.is_not(None), Complaint.status.in_(OPEN))
    ).all()
    days = [row.queue_on for row in rows]
    late = [day is not None and day < today for day in days]
    by_day = Counter(day for day in days if day is not None)
    opened, overdue = Counter(row.short_name for row in rows), Counter(
        row.short_name for row, is_late in zip(rows, late, strict=True) if is_late
    )  # fmt: skip
    week = [today + timedelta(days=n) for n in range(WEEK)]
    return {
        "open": len(rows),
        "overdue": sum(late),
        "paused": sum(1 for row in rows if row.paused),
        "due": [{"day": day.isoformat(), "count": by_day[day]} for day in week],
        "ages": _ages([(today - legal_date(row.received_at)).days for row in rows]),
        "branches": [{"branch": name, "open": n, "overdue": overdue[name]} for name, n in opened.most_common()],
        "timely": _timely(session, speaker, today),
        "causes": _causes(session, speaker, now),
    }


def _earlier(*days: date | None) -> date | None:
    return min((day for day in days if day is not None), default=None)


def _ages(days: list[int]) -> list[dict[str, Any]]:
    counts = [sum(1 for age in days if low < age <= high) for low, high in zip((-1, *AGES), AGES, strict=False)]
    known = [{"up_to": high, "count": count} for high, count in zip(AGES, counts, strict=True)]
    return [*known, {"up_to": None, "count": sum(1 for age in days if age > AGES[-1])}]


def _months(today: date) -> list[date]:
    """First days of the last twelve months, this one last."""
    index = today.year * 12 + today.month - 1
    return [date((index - n) // 12, (index - n) % 12 + 1, 1) for n in reversed(range(MONTHS))]


def _timely(session: Session, speaker: Speaker, today: date) -> dict[str, Any]:
    months = _months(today)
    since = datetime.combine(months[0], time(), SHANGHAI)
    rows = session.execute(
        select(Complaint.closed_at, Complaint.due_on, Complaint.second_due_on).where(
            store.visible(speaker), Complaint.status == ComplaintStatus.TOLD, Complaint.closed_at >= since
        )
    ).all()
    closed: Counter[date] = Counter()
    timely: Counter[date] = Counter()
    for row in rows:
        told = legal_date(row.closed_at)
        by = _earlier(row.due_on, row.second_due_on)
        closed[told.replace(day=1)] += 1
        if by is not None and told <= by:
            timely[told.replace(day=1)] += 1
    return {
        "closed": sum(closed.values()),
        "timely": sum(timely.values()),
        "months": [{"month": f"{m:%Y-%m}", "closed": closed[m], "timely": timely[m]} for m in months],
    }


def _causes(session: Session, speaker: Speaker, now: datetime) -> list[dict[str, Any]]:
    rows = session.execute(
        select(Cause.cause, func.count())
        .join(Complaint, Complaint.id == Cause.complaint_id)
        .where(store.visible(speaker), Cause.at > now - timedelta(days=365))
        .group_by(Cause.cause)
        .order_by(func.count().desc(), Cause.cause)
    )
    return [{"cause": cause, "name": causes().names.get(cause, cause), "count": count} for cause, count in rows]
