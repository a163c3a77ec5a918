"""How a row of a reminder begins and ends."""

from datetime import date, datetime
from typing import Any

from anze.reminders.models import Reminder, ReminderState

MOVED = "moved"


def new_row(
    kind: str,
    subject: str,
    step: str,
    recipient: str,
    due_on: date,
    send_at: datetime,
    *,
    body: dict[str, Any] | None = None,
    note: str | None = None,
) -> dict[str, Any]:
    """The columns of a row that waits."""
    return {
        "kind": kind,
        "subject": subject,
        "step": step,
        "recipient": recipient,
        "due_on": due_on,
        "send_at": send_at,
        "state": ReminderState.WAITING,
        "body": body or {},
        "note": note,
    }


def end(row: Reminder, reason: str) -> None:
    """It will not be said; `reason` is a short code."""
    row.state, row.void_reason = ReminderState.VOID, reason
    row.claimed_by, row.claimed_until = None, None


def said(row: Reminder, now: datetime) -> None:
    """It was said."""
    row.state, row.sent_at = ReminderState.SENT, now
    row.claimed_by, row.claimed_until = None, None


def later(row: Reminder, send_at: datetime) -> None:
    """It waits for another moment: the morning, the end of a form."""
    row.state, row.send_at = ReminderState.WAITING, send_at
    row.claimed_by, row.claimed_until = None, None
