"""A service is done: its day, its report, and the follow-up that begins with it (6.3). Whoever records it, the same."""

from datetime import date, datetime

from sqlalchemy.orm import Session

from anze.bookings import changes, doubts, steps, telling
from anze.bookings.kinds import ServiceStatus, Step
from anze.bookings.models import Service
from anze.calendar.data import CalendarStore
from anze.calendar.words import spoken
from anze.clock import legal_date
from anze.errors import DomainError
from anze.identity.speaker import Speaker
from anze.surveys import usecases as surveys


def complete(
    session: Session,
    speaker: Speaker,
    service: Service,
    *,
    completed_on: date,
    report_no: str | None,
    process: str | None,
    now: datetime,
    calendar: CalendarStore,
    client_id: str | None = None,
) -> list[str]:
    """Record completion; again, to add what was missing. Gives the conversations that were told.

    Raises DomainError booking_not_started, booking_completed_on.
    """
    if service.started_at is None or service.status not in {ServiceStatus.ONGOING, ServiceStatus.COMPLETED}:
        raise DomainError("booking_not_started", 409)
    if not legal_date(service.started_at) <= completed_on <= legal_date(now):
        raise DomainError("booking_completed_on", 422)
    first = service.status != ServiceStatus.COMPLETED or service.completed_on is None
    service.status = ServiceStatus.COMPLETED
    service.completed_on = completed_on
    service.report_no = report_no or service.report_no
    service.process = process or service.process
    steps.record(
        session,
        service,
        Step.COMPLETED,
        at=now,
        actor=speaker.actor,
        who=steps.who_is(session, speaker),
        body={"completed_on": completed_on.isoformat(), "report_no": service.report_no, "process": process},
        client_id=client_id,
    )
    changes.void(session, service, "completed")
    session.flush()
    doubts.note_same_report(session, service, now)
    surveys.plan(session, service, calendar, now)
    return telling.tell(session, service, "completed", now, day=spoken(completed_on)) if first else []
