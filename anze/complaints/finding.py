"""A case by its number, for staff: within their branch tree, or denied and on record."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from anze.complaints import store
from anze.complaints.models import Complaint
from anze.errors import DomainError
from anze.identity.denied import DeniedError
from anze.identity.speaker import Speaker


def found_for_staff(session: Session, speaker: Speaker, number: str, *, lock: bool = False) -> Complaint:
    """The case. Raises DomainError not_found; DeniedError when it is there, out of the speaker's scope."""
    row = store.by_number(session, speaker, number, lock=lock)
    if row is not None:
        return row
    if store.exists(session, number):
        raise DeniedError(speaker.actor, f"complaint:{number}")
    raise DomainError("not_found", 404)


def case_of_talk(session: Session, speaker: Speaker, conversation_id: str, number: str | None) -> Complaint | None:
    """The case with this number that was filed in a talk, without a number its newest; of the speaker's scope."""
    query = select(Complaint).where(
        Complaint.conversation_id == conversation_id, Complaint.number.is_not(None), store.visible(speaker)
    )
    if number:
        query = query.where(Complaint.number == number)
    return session.scalar(query.order_by(Complaint.id.desc()).limit(1))
