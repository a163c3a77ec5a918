"""A case by its number, for staff: within their branch tree, or denied and on record."""

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
