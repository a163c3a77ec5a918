"""Which service a text about one can only mean."""

from datetime import UTC, date, datetime, time, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from anze.bookings.models import Service, ServiceStatus
from anze.bookings.rules import Candidate, meant
from anze.standard.editions import load

_BACK, _AHEAD = timedelta(days=180), timedelta(days=30)


def meant_service(session: Session, insured_id: int, text: str, day: date) -> Service | None:
    """The one service of an insured that a text about it can only mean; None when several fit or none does."""
    around = datetime.combine(day, time(), UTC)
    services = {
        service.id: service
        for service in session.scalars(
            select(Service)
            .where(
                Service.insured_id == insured_id,
                Service.status != ServiceStatus.CANCELLED,
                Service.starts_at.between(around - _BACK, around + _AHEAD),
            )
            .options(joinedload(Service.provider))
        )
    }
    candidates = [
        Candidate(
            service.id,
            service.item,
            (service.provider.name, service.provider.short_name) if service.provider else (),
            tuple(str(person) for person in service.people),
        )
        for service in services.values()
    ]
    words = {item.letter: (item.name, *item.everyday) for item in load().service_items}
    found = meant(text, candidates, words)
    return services[found] if found is not None else None
