"""Reminders are planned with what they are about, and end with it. Each use case takes an open session.

What a reminder says is not decided here but read when it is said (content.py).
"""

from collections.abc import Iterable
from datetime import date, datetime

from sqlalchemy.orm import Session

from anze.calendar.data import CalendarStore
from anze.calendar.rules import WorkCalendar
from anze.reminders import rules, store
from anze.reminders.models import Reminder, ReminderState
from anze.reminders.person import choose_ahead, choose_days, settings, switch
from anze.reminders.policy import KindPolicy, ReminderPolicy, load_policy
from anze.reminders.rows import MOVED, end, new_row
from anze.reminders.wishes import cancel_wish, follow, wish

__all__ = ["cancel_wish", "choose_ahead", "choose_days", "plan", "settings", "switch", "void", "wish"]


def plan(
    session: Session,
    *,
    kind: str,
    subject: str,
    due_on: date,
    recipients: Iterable[str],
    now: datetime,
    calendar: WorkCalendar | CalendarStore,
    policy: ReminderPolicy | None = None,
) -> None:
    """Write the rows of a kind's steps about `subject` (service:12) for each recipient (insured:3, person:5, branch:2).

    May be called again at any time: what is there stays, what waits for another date or for somebody else ends, what
    was ended and is wanted again waits again, and what was said is not said again for the same date. Steps whose time
    has passed are left out, or of them the latest is said at once, as the policy of the kind has it. One-off wishes
    about the same matter move with its date. Raises KeyError for an unknown kind.
    """
    policy = policy or load_policy()
    recipients = list(dict.fromkeys(recipients))
    days = calendar.calendar() if isinstance(calendar, CalendarStore) else calendar
    rule = policy.kind(kind)
    wanted = {
        (recipient, step): send_at
        for recipient in recipients
        for step, send_at in _steps(session, kind, rule, recipient, due_on, now, days, policy).items()
    }
    known = {}
    for row in store.about(session, kind, subject):
        passed_on = row.body.get("via")
        if row.state in store.OPEN and (row.due_on != due_on or not {row.recipient, passed_on} & set(recipients)):
            end(row, MOVED)
        elif row.due_on == due_on:
            known[row.recipient, row.step] = row
    for key, send_at in wanted.items():
        if (row_there := known.get(key)) is not None:
            _again(row_there, send_at)
    new = [
        new_row(kind, subject, step, recipient, due_on, send_at)
        for (recipient, step), send_at in wanted.items()
        if (recipient, step) not in known
    ]
    store.add_missing(session, new)
    follow(session, subject, due_on, now, days, policy)


def void(session: Session, subject: str, reason: str, kind: str | None = None) -> None:
    """Nothing more is said about `subject` (of one kind only, when it is named). `reason` is a short code."""
    store.void_open(session, subject, kind, reason)


def _again(row: Reminder, send_at: datetime) -> None:
    """A row that is wanted: one that was ended waits again. One that was put off for a form or the night stays so."""
    if row.state == ReminderState.VOID:
        row.state, row.void_reason, row.send_at = ReminderState.WAITING, None, send_at


def _steps(
    session: Session,
    kind: str,
    rule: KindPolicy,
    recipient: str,
    due_on: date,
    now: datetime,
    calendar: WorkCalendar,
    policy: ReminderPolicy,
) -> dict[str, datetime]:
    """The steps for one recipient with their instants, days that its people chose among them."""
    usual: Iterable[str] = rule.steps
    who, _, id_ = recipient.partition(":")
    if who == "branch":
        usual = [step for step in rule.steps if rule.branch_steps is None or step in rule.branch_steps]
        chosen: set[int] = set()
    else:
        persons = [int(id_)] if who == "person" else store.main_contacts(session, [int(id_)]).get(int(id_), [])
        rows = store.settings_of(session, persons).values()
        chosen = {int(day) for row in rows if row.kind == kind for day in row.days_before or []}
    instants = {}
    for step in rules.steps_for(usual, chosen):
        hours = policy.hours_of(kind, step)
        if hours is not None:
            instants[step] = rules.send_instant(due_on, rules.offset(step), hours, calendar)
    return rules.planned(instants, now, legal=rule.legal, missed=rule.missed)
