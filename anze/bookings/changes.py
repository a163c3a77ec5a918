"""How a service changes its state and its time, whoever does it: the same rules for both sides and for staff."""

from datetime import datetime

from sqlalchemy.orm import Session

from anze.bookings import claims, store
from anze.bookings.kinds import COMING, ServiceStatus
from anze.bookings.models import Service
from anze.bookings.rules import both_confirmed
from anze.bookings.slots import Slot
from anze.calendar.rules import WorkCalendar
from anze.clock import legal_date
from anze.providers.models import Team
from anze.reminders import usecases as reminders

VISIT, ANSWER = "booking_visit", "booking_confirm"
"""Kinds of reminders: the visit itself, and that the insured has not confirmed it yet."""


def settle(service: Service) -> None:
    """The state that follows from who has confirmed and whether people are named (6.2)."""
    if service.status not in COMING:
        return
    agreed = both_confirmed(service.insured_confirmed_at, service.provider_confirmed_at)
    if agreed is None or service.starts_at is None:
        service.status = ServiceStatus.REQUESTED
    else:
        service.status = ServiceStatus.DISPATCHED if service.people else ServiceStatus.CONFIRMED


def give_time(session: Session, service: Service, slot: Slot) -> None:
    """The half day of a team that the service has now. The provider is to confirm it anew, people are named anew."""
    team = session.get_one(Team, slot.team_id)
    service.team_id, service.provider_id = team.id, team.provider_id
    service.starts_at, service.ends_at = slot.half.starts_at, slot.half.ends_at
    service.provider_confirmed_at = None
    service.people = []
    session.flush()
    # What was loaded before shows the provider that was to come until now.
    session.expire(service, ["provider"])


def take_time(session: Session, service: Service) -> None:
    """The service has no time any more: its half day is free, nobody is confirmed, nobody comes."""
    claims.free(session, service.id)
    service.team_id = service.provider_id = None
    service.starts_at = service.ends_at = None
    service.insured_confirmed_at = service.provider_confirmed_at = None
    service.people = []
    session.flush()
    session.expire(service, ["provider"])


def give_half_day_back(session: Session, service: Service) -> None:
    """A service ended before its time. The half day of a joint session goes on with the next of its services."""
    others = [other for other in store.joint(session, service.id) if other.status in COMING]
    if not others:
        claims.free(session, service.id)
        return
    heir = others[0]
    heir.joint_with_id = None
    for other in others[1:]:
        other.joint_with_id = heir.id
    claims.hand_on(session, service.id, heir.id)
    session.flush()


def remind(session: Session, service: Service, now: datetime, calendar: WorkCalendar, reason: str) -> None:
    """Plan what is said before the visit; what was planned for another day, or for one that is off, is void."""
    subject = f"service:{service.id}"
    if service.status not in COMING or service.starts_at is None:
        reminders.void(session, subject, reason)
        return
    recipients = [f"insured:{service.insured_id}"]
    day = legal_date(service.starts_at)
    reminders.plan(
        session, kind=VISIT, subject=subject, due_on=day, recipients=recipients, now=now, calendar=calendar
    )  # fmt: skip
    if service.insured_confirmed_at is None:
        reminders.plan(
            session, kind=ANSWER, subject=subject, due_on=day, recipients=recipients, now=now, calendar=calendar
        )
    else:
        reminders.void(session, subject, "confirmed", kind=ANSWER)


def void(session: Session, service: Service, reason: str) -> None:
    """Nothing is said any more about the visit."""
    reminders.void(session, f"service:{service.id}", reason)
