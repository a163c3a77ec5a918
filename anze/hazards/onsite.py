"""What a provider's person sees of the hazards of an own order, and photos that came after the words.

On a bad line the words go first: the insured is told without waiting for the pictures (6.2).
"""

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from anze.audit.chain import append
from anze.calendar.rules import WorkCalendar
from anze.clock import legal_date
from anze.errors import DomainError
from anze.hazards import store, views
from anze.hazards.finding import add_files
from anze.hazards.models import HazardStatus
from anze.identity.denied import DeniedError
from anze.identity.speaker import Speaker


def listed(
    session: Session, speaker: Speaker, service_number: str, now: datetime, calendar: WorkCalendar
) -> dict[str, Any]:
    """The hazards of one's own order: {"items": [{"number", "client_id", "level", "place", "description", "state" in
    words, "notified", "photos"}]}; nothing of an order that is another's or is not there."""
    rows = views.shown(session, store.of_service(session, speaker, service_number), legal_date(now), calendar)
    return {"items": [_item(session, one) for one in rows]}


def _item(session: Session, one: views.Shown) -> dict[str, Any]:
    return {
        "number": one.row.number,
        "client_id": one.row.client_id,
        "level": one.row.level,
        "place": one.row.place,
        "description": one.row.description,
        "state": views.state_text(one),
        "notified": one.row.notified_at is not None,
        "photos": sum(link.kind == "found" for link, _ in store.files(session, one.row.id)),
    }


def photos(session: Session, speaker: Speaker, number: str, *, file_ids: list[str], now: datetime) -> dict[str, Any]:
    """Add photos to a hazard of one's own order: {"number", "added"}; what is there already is not added again.

    They become readable for the insured; nothing is pushed, the hazard itself was. Raises DomainError not_found
    (DeniedError for another's), hazard_closed, file_unknown.
    """
    hazard = store.by_number(session, speaker, number)
    if hazard is None:
        if store.exists(session, number):
            raise DeniedError(speaker.actor, f"hazard:{number}"[:80])
        raise DomainError("not_found", 404)
    if hazard.status == HazardStatus.CLOSED:
        raise DomainError("hazard_closed", 409)
    wanted = list(dict.fromkeys(file_ids))
    if store.files_of_staff(session, speaker.staff_id or 0, wanted) != set(wanted):
        raise DomainError("file_unknown", 422)
    added = add_files(session, hazard, wanted, "found", now)
    if added:
        append(
            session,
            at=now,
            kind="hazard.photos",
            subject=f"hazard:{hazard.id}",
            actor=speaker.actor,
            body={"number": hazard.number, "files": added},
        )
    return {"number": hazard.number, "added": len(added)}
