"""Reminders that follow from what is on file and from nobody's action: the end of each policy."""

from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session, selectinload

from anze.calendar.rules import WorkCalendar
from anze.clock import legal_date
from anze.db import insert_missing
from anze.policies.models import Policy
from anze.reminders import usecases
from anze.state import AppState

AHEAD = timedelta(days=60)
"""Policies that end within so many days have their reminders; more than the longest step."""
_DONE = "reminders.standing"
_KIND = "policy_end"


def plan_policy_ends(session: Session, now: datetime, calendar: WorkCalendar) -> bool:
    """Plan the reminders of policies that end soon, once a day; False when this day's work is done already."""
    today = legal_date(now)
    insert_missing(session, AppState, key=_DONE, value="")
    done = session.get_one(AppState, _DONE, with_for_update=True, populate_existing=True)
    if done.value >= today.isoformat():
        return False
    done.value = today.isoformat()
    ending = Policy.end_on > today, Policy.end_on <= today + AHEAD, Policy.ended_early_on.is_(None)
    for policy in session.scalars(select(Policy).where(*ending).options(selectinload(Policy.insureds))):
        _plan(session, policy, now, calendar)
    return True


def plan_again(session: Session) -> None:
    """Policies came or changed: the next round plans what ends soon, though this day's work was done."""
    session.execute(update(AppState).where(AppState.key == _DONE).values(value=""))


def replan(session: Session, policy: Policy, now: datetime, calendar: WorkCalendar) -> None:
    """The reminders about a policy whose end or insureds changed: they follow it, or end with it."""
    subject = f"policy:{policy.id}"
    if policy.ended_early_on is not None:
        usecases.void(session, subject, "ended")
        return
    if session.scalar(select(Policy.id).where(Policy.renews_id == policy.id).limit(1)) is not None:
        usecases.void(session, subject, "renewed", kind=_KIND)
        return
    _plan(session, policy, now, calendar)


def _plan(session: Session, policy: Policy, now: datetime, calendar: WorkCalendar) -> None:
    usecases.plan(
        session,
        kind=_KIND,
        subject=f"policy:{policy.id}",
        due_on=policy.end_on,
        recipients=[f"insured:{insured.id}" for insured in policy.insureds],
        now=now,
        calendar=calendar,
    )
