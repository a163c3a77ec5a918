"""A service was followed up (回访, 6.3): a step of its own, before it can be filed."""

from datetime import datetime

from sqlalchemy.orm import Session

from anze.bookings.kinds import Step
from anze.bookings.models import Service
from anze.bookings.steps import record


def followed_up(session: Session, service_id: int, at: datetime, actor: str, who: str) -> None:
    """Write the step down. `who` is the name that people are shown. The caller holds the service."""
    record(session, session.get_one(Service, service_id), Step.FOLLOWED_UP, at=at, actor=actor, who=who)
